//! The local server's folder and its files are their owner's alone.
#![cfg(unix)]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use billfold::Options;

use crate::app::App;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|it| it.unwrap().path()).collect()
}

async fn started(folder: &Path) -> App {
    App::start_with(Options {
        data: Some(folder.to_owned()),
        ..Options::in_memory(0)
    })
    .await
}

fn is_closed(folder: &Path) {
    assert_eq!(mode(folder), 0o700);
    let files = files(folder);
    assert!(files.len() >= 2, "{files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[tokio::test]
async fn data_is_its_owners_alone_whatever_it_was() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("data");
    for _ in 0..2 {
        let app = started(&folder).await;
        app.saved_card("pm_card_visa").await;
        is_closed(&folder);
        app.running.stop().await;
        is_closed(&folder);
        for file in files(&folder) {
            fs::set_permissions(file, Permissions::from_mode(0o666)).unwrap();
        }
        fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
    }
}

#[tokio::test]
async fn files_of_others_in_the_folder_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("start.sh");
    fs::write(&script, "#!/bin/sh").unwrap();
    fs::set_permissions(&script, Permissions::from_mode(0o755)).unwrap();
    let app = started(folder.path()).await;
    assert_eq!(mode(&script), 0o755);
    app.running.stop().await;
}
