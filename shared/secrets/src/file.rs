use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::BoxFuture;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{Mutex, MutexGuard};

use crate::{SecretError, Secrets, WritableSecrets};

type Names = BTreeMap<String, String>;

/// One JSON file of names and texts, readable by its owner alone, or memory where there is no file.
#[derive(Clone)]
pub struct SecretsFile {
    path: Option<PathBuf>,
    secrets: Arc<Mutex<Names>>,
}

impl SecretsFile {
    /// Reads `path`; a file that is not there holds no secrets yet.
    ///
    /// # Errors
    /// The file cannot be read, is not a JSON object of texts, or others than its owner may read it.
    pub fn open(path: &Path) -> Result<Self, SecretError> {
        Ok(Self {
            path: Some(path.to_owned()),
            secrets: Arc::new(Mutex::new(read(path)?)),
        })
    }

    /// Holds secrets in memory alone.
    pub fn in_memory() -> Self {
        Self {
            path: None,
            secrets: Arc::default(),
        }
    }

    /// The secrets as they are in the file now: another process may have written it.
    async fn current(&self) -> Result<MutexGuard<'_, Names>, SecretError> {
        let mut secrets = self.secrets.lock().await;
        if let Some(path) = &self.path {
            *secrets = read(path)?;
        }
        Ok(secrets)
    }

    fn write(&self, secrets: &Names) -> Result<(), SecretError> {
        let Some(path) = &self.path else {
            return Ok(());
        };
        let text =
            serde_json::to_string_pretty(secrets).map_err(|error| file_error(path, &error))?;
        write_private(path, &text).map_err(|error| file_error(path, &error))
    }
}

impl Secrets for SecretsFile {
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<SecretString, SecretError>> {
        Box::pin(async move {
            let secrets = self.current().await?;
            secrets
                .get(name)
                .map(|text| SecretString::from(text.as_str()))
                .ok_or_else(|| SecretError::Missing(name.to_owned()))
        })
    }
}

impl WritableSecrets for SecretsFile {
    fn put<'a>(
        &'a self,
        name: &'a str,
        secret: SecretString,
    ) -> BoxFuture<'a, Result<(), SecretError>> {
        Box::pin(async move {
            let mut secrets = self.current().await?;
            secrets.insert(name.to_owned(), secret.expose_secret().to_owned());
            self.write(&secrets)
        })
    }

    fn remove<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<(), SecretError>> {
        Box::pin(async move {
            let mut secrets = self.current().await?;
            match secrets.remove(name) {
                Some(_) => self.write(&secrets),
                None => Ok(()),
            }
        })
    }
}

fn read(path: &Path) -> Result<Names, SecretError> {
    match std::fs::read_to_string(path) {
        Ok(text) => {
            refuse_shared(path)?;
            serde_json::from_str(&text).map_err(|error| file_error(path, &error))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Names::new()),
        Err(error) => Err(file_error(path, &error)),
    }
}

fn file_error(path: &Path, problem: &dyn fmt::Display) -> SecretError {
    SecretError::File {
        path: path.to_owned(),
        problem: problem.to_string(),
    }
}

#[cfg(unix)]
fn refuse_shared(path: &Path) -> Result<(), SecretError> {
    use std::os::unix::fs::PermissionsExt;

    let mode = std::fs::metadata(path)
        .map_err(|error| file_error(path, &error))?
        .permissions()
        .mode();
    if mode & 0o077 == 0 {
        Ok(())
    } else {
        let problem = "others than its owner may read it; run chmod 600 on it";
        Err(file_error(path, &problem))
    }
}

#[cfg(not(unix))]
fn refuse_shared(_: &Path) -> Result<(), SecretError> {
    Ok(())
}

/// Writes a new file beside `path` and puts it in its place, so that a crash leaves the old or the
/// new one whole.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;

    let beside = path.with_extension("new");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // A leftover of a crash may be readable by others: it is not written into.
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = options.open(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(beside, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_secret_survives_in_its_file_and_is_shown_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secrets.json");
        let secrets = SecretsFile::open(&path).unwrap();
        secrets.put("a", SecretString::from("hush")).await.unwrap();

        let reopened = SecretsFile::open(&path).unwrap();
        let secret = reopened.get("a").await.unwrap();
        assert_eq!(secret.expose_secret(), "hush");
        assert!(!format!("{secret:?}").contains("hush"));
        let missing = reopened.get("b").await.unwrap_err();
        assert!(matches!(missing, SecretError::Missing(_)));
    }

    #[tokio::test]
    async fn a_secret_that_was_removed_is_gone_from_its_file_and_may_be_removed_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secrets.json");
        let secrets = SecretsFile::open(&path).unwrap();
        secrets.put("a", SecretString::from("hush")).await.unwrap();
        secrets.put("b", SecretString::from("hush")).await.unwrap();
        for _ in 0..2 {
            secrets.remove("a").await.unwrap();
        }

        let reopened = SecretsFile::open(&path).unwrap();
        let missing = reopened.latest("a").await.unwrap_err();
        assert!(matches!(missing, SecretError::Missing(_)));
        assert!(reopened.get("b").await.is_ok());
    }

    #[tokio::test]
    async fn what_another_process_wrote_is_there_and_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secrets.json");
        let [one, other] = [(); 2].map(|()| SecretsFile::open(&path).unwrap());
        one.put("a", SecretString::from("first")).await.unwrap();
        assert_eq!(other.get("a").await.unwrap().expose_secret(), "first");
        other.put("b", SecretString::from("second")).await.unwrap();
        one.put("c", SecretString::from("third")).await.unwrap();
        assert_eq!(one.get("b").await.unwrap().expose_secret(), "second");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_file_that_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secrets.json");
        std::fs::write(&path, "{}").unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
        let error = SecretsFile::open(&path).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("chmod 600"), "{error}");
    }
}
