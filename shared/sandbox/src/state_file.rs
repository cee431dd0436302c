//! A stand-in's state in a file, readable by its owner alone.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Why a state can't be loaded or kept. The path is that of the file.
#[derive(Debug, thiserror::Error)]
pub enum StateFileError {
    /// The file is there but can't be read.
    #[error("cannot read {path}")]
    Read {
        /// The state file.
        path: PathBuf,
        /// The system's own error.
        source: io::Error,
    },
    /// The file isn't a state of this stand-in and version; move it away to start anew.
    #[error("{path} is no state of this stand-in")]
    Content {
        /// The state file.
        path: PathBuf,
        /// The place where the file differs.
        source: serde_json::Error,
    },
    /// The state can't be written: disk full, folder missing, no permission.
    #[error("cannot write {path}")]
    Write {
        /// The state file.
        path: PathBuf,
        /// The system's own error.
        source: io::Error,
    },
}

/// The state in the file; `None` if there is none yet.
pub(crate) fn load<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, StateFileError> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => {
            let path = path.to_owned();
            return Err(StateFileError::Read { path, source });
        }
    };
    serde_json::from_slice(&text)
        .map(Some)
        .map_err(|source| StateFileError::Content {
            path: path.to_owned(),
            source,
        })
}

/// Replaces the file as a whole: who reads it sees the old state or the new one. Not flushed to
/// the disk: it outlives the process, a power cut may cost the last changes.
pub(crate) fn save<T: Serialize>(path: &Path, state: &T) -> Result<(), StateFileError> {
    let text = serde_json::to_vec(state).map_err(|source| StateFileError::Content {
        path: path.to_owned(),
        source,
    })?;
    replace(path, &text).map_err(|source| StateFileError::Write {
        path: path.to_owned(),
        source,
    })
}

fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    let temporary = PathBuf::from(temporary);
    // A leftover of a crash may be anybody's and readable by anybody: it is not written into.
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = create(&temporary)?;
    file.write_all(text)?;
    fs::rename(&temporary, path)
}

#[cfg(unix)]
fn create(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

#[cfg(not(unix))]
fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_saved_is_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stripe.json");
        assert_eq!(load::<Vec<u8>>(&path).unwrap(), None);
        save(&path, &vec![1, 2]).unwrap();
        save(&path, &vec![3]).unwrap();
        assert_eq!(load::<Vec<u8>>(&path).unwrap(), Some(vec![3]));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_reads_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stripe.json");
        fs::write(folder.path().join("stripe.json.new"), "left over").unwrap();
        save(&path, &0).unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn another_file_is_not_overwritten_by_an_empty_state() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stripe.json");
        fs::write(&path, "not a state").unwrap();
        let error = load::<Vec<u8>>(&path).unwrap_err();
        assert!(matches!(error, StateFileError::Content { .. }));
    }
}
