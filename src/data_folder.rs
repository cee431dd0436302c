//! The folder where the local server keeps its data: its owner's alone, whatever it was before.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;

use crate::starting::StartError;

/// The file of secrets.
pub const SECRETS: &str = "secrets.json";
/// The file of the table. The engine makes others beside it, with the same access.
pub const TABLE: &str = "table.sqlite";
/// The file of the certificate that a domain is served with, without its key.
pub const CERTIFICATE: &str = "certificate.pem";

/// Files that the server keeps in the folder, and what their names end with while they are written.
const FILES: &[&str] = &[
    SECRETS,
    TABLE,
    CERTIFICATE,
    "stripe.json",
    "checkout-com.json",
    "klarna.json",
    "external.json",
];
const ENDINGS: &[&str] = &["", ".new", "-wal", "-shm", "-journal"];

/// Makes the folder and the file of the table, where they are not there, and takes folder and files from
/// everybody but their owner. Other files in the folder are left alone.
///
/// # Errors
/// Something cannot be made or changed; the text says what.
pub fn prepare(folder: &Path) -> Result<(), StartError> {
    at(folder, make(folder))?;
    let files = FILES
        .iter()
        .flat_map(|name| ENDINGS.iter().map(move |ending| format!("{name}{ending}")));
    for path in files
        .chain(["secrets.new".to_owned()])
        .map(|it| folder.join(it))
    {
        at(&path, close_file(&path))?;
    }
    let table = folder.join(TABLE);
    at(&table, make_file(&table))
}

/// Writes a file of the folder, for its owner alone.
///
/// # Errors
/// It cannot be written.
pub fn write(path: &Path, text: &str) -> Result<(), StartError> {
    at(path, make_file(path).and_then(|()| fs::write(path, text)))
}

fn at(path: &Path, made: io::Result<()>) -> Result<(), StartError> {
    made.map_err(|problem| StartError::Folder {
        path: path.to_owned(),
        problem,
    })
}

fn make(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    close(folder, 0o700)
}

/// For its owner alone, where others would be let read it.
fn make_file(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(|_| ())
}

fn close_file(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(there) if there.is_file() => close(path, 0o600),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
fn close(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;

    let is_closed = fs::metadata(path)?.permissions().mode() & 0o777 == mode;
    match is_closed {
        true => Ok(()),
        false => fs::set_permissions(path, fs::Permissions::from_mode(mode)),
    }
}

#[cfg(not(unix))]
fn close(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}
