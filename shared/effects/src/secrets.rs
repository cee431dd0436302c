use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_sdk_secretsmanager::error::ProvideErrorMetadata;
use futures_util::future::BoxFuture;
use tokio::sync::Mutex;

/// A secret's text. Shown nowhere: `Debug` prints `[secret]`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a text as secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// Why a secret could not be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// There is no secret of that name: it has to be made.
    #[error("no secret named {0}")]
    Missing(String),
    /// The place where secrets are kept did not answer, or refused.
    #[error("secrets are unavailable: {0}")]
    Unavailable(String),
    /// The file of secrets cannot be used as it is.
    #[error("{path}: {problem}")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
}

/// Where credentials and keys are kept, by name: `keys/sealing`, `gateways/{organization}/{mode}/{id}`.
pub trait Secrets: Send + Sync {
    /// The secret's text.
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Secret, SecretError>>;

    /// Keeps a text under `name`, in place of what was there.
    fn put<'a>(&'a self, name: &'a str, secret: Secret) -> BoxFuture<'a, Result<(), SecretError>>;
}

/// How long a secret that was read is kept: a function reads the same few at each request, and a key
/// that was rotated has to be taken up without a restart.
const KEPT_FOR: Duration = Duration::from_secs(300);

/// AWS Secrets Manager: the secret `{prefix}/{name}`. What was read is kept for five minutes.
pub struct SecretsManager {
    client: aws_sdk_secretsmanager::Client,
    prefix: String,
    read: Mutex<HashMap<String, (Instant, Secret)>>,
}

impl SecretsManager {
    /// Reads secrets under `prefix` with the account of `config`.
    pub fn new(config: &aws_config::SdkConfig, prefix: impl Into<String>) -> Self {
        Self {
            client: aws_sdk_secretsmanager::Client::new(config),
            prefix: prefix.into(),
            read: Mutex::default(),
        }
    }

    async fn fetch(&self, name: &str) -> Result<Secret, SecretError> {
        let id = format!("{}/{name}", self.prefix);
        let answer = self.client.get_secret_value().secret_id(&id).send().await;
        match answer {
            Ok(output) => output
                .secret_string
                .map(Secret)
                .ok_or(SecretError::Missing(id)),
            Err(error) => match error.into_service_error() {
                refused if refused.is_resource_not_found_exception() => {
                    Err(SecretError::Missing(id))
                }
                other => Err(unavailable(&id, &other)),
            },
        }
    }

    async fn keep(&self, name: &str, secret: &Secret) {
        let kept = (Instant::now(), secret.clone());
        self.read.lock().await.insert(name.to_owned(), kept);
    }

    async fn write(&self, name: &str, secret: &Secret) -> Result<(), SecretError> {
        let id = format!("{}/{name}", self.prefix);
        let replaced = self
            .client
            .put_secret_value()
            .secret_id(&id)
            .secret_string(secret.expose())
            .send()
            .await
            .map_err(aws_sdk_secretsmanager::error::SdkError::into_service_error);
        match replaced {
            Ok(_) => Ok(()),
            Err(refused) if refused.is_resource_not_found_exception() => self
                .client
                .create_secret()
                .name(&id)
                .secret_string(secret.expose())
                .send()
                .await
                .map(|_| ())
                .map_err(|error| unavailable(&id, &error.into_service_error())),
            Err(other) => Err(unavailable(&id, &other)),
        }
    }
}

impl Secrets for SecretsManager {
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Secret, SecretError>> {
        Box::pin(async move {
            if let Some((read_at, secret)) = self.read.lock().await.get(name)
                && read_at.elapsed() < KEPT_FOR
            {
                return Ok(secret.clone());
            }
            let secret = self.fetch(name).await?;
            self.keep(name, &secret).await;
            Ok(secret)
        })
    }

    fn put<'a>(&'a self, name: &'a str, secret: Secret) -> BoxFuture<'a, Result<(), SecretError>> {
        Box::pin(async move {
            self.write(name, &secret).await?;
            self.keep(name, &secret).await;
            Ok(())
        })
    }
}

/// One JSON file of names and texts, readable by its owner alone, or memory where there is no file.
#[derive(Clone)]
pub struct SecretsFile {
    path: Option<PathBuf>,
    secrets: Arc<Mutex<BTreeMap<String, String>>>,
}

impl SecretsFile {
    /// Reads `path`; a file that is not there holds no secrets yet.
    ///
    /// # Errors
    /// The file cannot be read, is not a JSON object of texts, or others than its owner may read it.
    pub fn open(path: &Path) -> Result<Self, SecretError> {
        let secrets = match std::fs::read_to_string(path) {
            Ok(text) => {
                refuse_shared(path)?;
                serde_json::from_str(&text).map_err(|error| file_error(path, &error))?
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(file_error(path, &error)),
        };
        Ok(Self {
            path: Some(path.to_owned()),
            secrets: Arc::new(Mutex::new(secrets)),
        })
    }

    /// Holds secrets in memory alone.
    pub fn in_memory() -> Self {
        Self {
            path: None,
            secrets: Arc::default(),
        }
    }
}

impl Secrets for SecretsFile {
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Secret, SecretError>> {
        Box::pin(async move {
            let secrets = self.secrets.lock().await;
            secrets
                .get(name)
                .map(Secret::new)
                .ok_or_else(|| SecretError::Missing(name.to_owned()))
        })
    }

    fn put<'a>(&'a self, name: &'a str, secret: Secret) -> BoxFuture<'a, Result<(), SecretError>> {
        Box::pin(async move {
            let mut secrets = self.secrets.lock().await;
            secrets.insert(name.to_owned(), secret.0);
            let Some(path) = &self.path else {
                return Ok(());
            };
            let text = serde_json::to_string_pretty(&*secrets)
                .map_err(|error| file_error(path, &error))?;
            write_private(path, &text).map_err(|error| file_error(path, &error))
        })
    }
}

/// What Secrets Manager said, and of which secret.
fn unavailable(id: &str, error: &impl ProvideErrorMetadata) -> SecretError {
    let code = error.code().unwrap_or("no answer");
    let message = error.message().unwrap_or_default();
    SecretError::Unavailable(format!("{id}: {code} {message}"))
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
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
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
        secrets.put("a", Secret::new("hush")).await.unwrap();

        let reopened = SecretsFile::open(&path).unwrap();
        let secret = reopened.get("a").await.unwrap();
        assert_eq!(secret.expose(), "hush");
        assert_eq!(format!("{secret:?}"), "[secret]");
        let missing = reopened.get("b").await.unwrap_err();
        assert!(matches!(missing, SecretError::Missing(_)));
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
