//! What is built once is used by all that is built with it. `cargo test` goes on with what `cargo build` has built: the
//! libraries that tests alone use ask nothing more of those that the server is built with. The functions are built
//! together, and what they are built with is asked for by functions alone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

/// The features of each crate that is built for these kinds of dependencies.
fn features(kinds: &str, selected: &[&str]) -> BTreeMap<String, BTreeSet<String>> {
    let told = Command::new(env!("CARGO"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["tree", "--offline", "--locked", "--prefix", "none"])
        .args(["--edges", kinds, "--format", "{p}|{f}"])
        .args(selected)
        .output()
        .unwrap();
    assert!(
        told.status.success(),
        "{}",
        String::from_utf8_lossy(&told.stderr)
    );
    let mut features = BTreeMap::<_, BTreeSet<_>>::new();
    for line in String::from_utf8_lossy(&told.stdout).lines() {
        let line = line.trim_end_matches(" (*)");
        if let Some((name, of)) = line.split_once('|') {
            features
                .entry(name.to_owned())
                .or_default()
                .insert(of.to_owned());
        }
    }
    features
}

#[test]
fn tests_build_nothing_once_more_that_the_server_is_built_with() {
    let server = features("normal,build", &[]);
    let tests = features(
        "normal,build,dev",
        &["--workspace", "--exclude", "baseline"],
    );
    let differs = server
        .iter()
        .filter(|(name, of)| tests.get(*name) != Some(*of));
    let differs: Vec<_> = differs
        .map(|(name, of)| format!("{name}: {of:?}, {:?}", tests.get(name)))
        .collect();
    assert!(differs.is_empty(), "{}", differs.join("\n"));
}

#[test]
fn functions_are_built_together_with_what_functions_ask_for() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = std::fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let manifest: toml::Value = toml::from_str(&manifest).unwrap();
    let build = &manifest["workspace"]["metadata"]["lambda"]["build"];
    // All binaries of the selection are those of the functions, and made by the first build of any.
    assert_eq!(build["bins"].as_bool(), Some(true));
    assert_eq!(build["workspace"].as_bool(), Some(true));
    let mut together = vec!["--workspace", "--features", "lambda"];
    for left_out in build["exclude"].as_array().unwrap() {
        together.extend(["--exclude", left_out.as_str().unwrap()]);
    }
    let functions = std::fs::read_dir(root.join("functions")).unwrap();
    let functions: Vec<_> = functions
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let mut alone = vec!["--features", "lambda"];
    for function in &functions {
        alone.extend(["--package", function]);
    }

    let together = features("normal,build", &together);
    for (name, of) in features("normal,build", &alone) {
        assert_eq!(together.get(&name), Some(&of), "{name}");
    }
    for never in ["billfold", "dynoxide-rs", "axum"] {
        let built = together
            .keys()
            .find(|it| it.split(' ').next() == Some(never));
        assert_eq!(built, None);
    }
}
