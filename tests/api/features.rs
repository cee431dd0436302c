//! What `cargo build` builds is what `cargo test` goes on with: the libraries that tests alone use ask nothing more of
//! those that the server is built with.

use std::collections::{BTreeMap, BTreeSet};
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
