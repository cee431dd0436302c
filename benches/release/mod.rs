//! The release binaries, which are what is deployed and served: a benchmark's own are built without optimisation over
//! crates.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the programs are, once they are built: together, so that they are built with the same dependencies.
pub fn build<'a>(selected: impl IntoIterator<Item = &'a str>) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let status = Command::new(env!("CARGO"))
        .current_dir(root)
        .args(["build", "--locked", "--release"])
        .args(selected)
        .status();
    assert!(status.unwrap().success(), "the binaries do not build");
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    target
        .unwrap_or_else(|| root.join("target"))
        .join("release")
}
