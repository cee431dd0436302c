mod file;

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use aws_sdk_secretsmanager::error::ProvideErrorMetadata;
use domain::{Id, Tenant};
use futures_util::future::BoxFuture;
use tokio::sync::Mutex;

pub use file::SecretsFile;

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

    /// The secret's text as it is kept now, for those who are about to change it: what another
    /// process has put meanwhile is not to be lost.
    fn latest<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Secret, SecretError>> {
        self.get(name)
    }

    /// Keeps a text under `name`, in place of what was there.
    fn put<'a>(&'a self, name: &'a str, secret: Secret) -> BoxFuture<'a, Result<(), SecretError>>;

    /// Keeps nothing under `name` any more. Where nothing was kept, nothing happens.
    fn remove<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<(), SecretError>>;
}

/// The name under which a gateway's credentials are kept: `gateways/{organization}/{mode}/{id}`. The
/// secret is a JSON object of the gateway's write-only attributes; for Stripe
/// `{"login": "sk_…", "publishable_key": "pk_…"}`.
pub fn credentials_name(tenant: Tenant, gateway: Id) -> String {
    let Tenant { organization, mode } = tenant;
    format!("gateways/{organization}/{}/{gateway}", mode.as_str())
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

    /// The secret can be had back for 30 days, as Secrets Manager does by default.
    async fn delete(&self, name: &str) -> Result<(), SecretError> {
        let id = format!("{}/{name}", self.prefix);
        let deleted = self.client.delete_secret().secret_id(&id).send().await;
        match deleted.map_err(aws_sdk_secretsmanager::error::SdkError::into_service_error) {
            Ok(_) => Ok(()),
            Err(refused) if refused.is_resource_not_found_exception() => Ok(()),
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

    fn latest<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Secret, SecretError>> {
        Box::pin(self.fetch(name))
    }

    fn put<'a>(&'a self, name: &'a str, secret: Secret) -> BoxFuture<'a, Result<(), SecretError>> {
        Box::pin(async move {
            self.write(name, &secret).await?;
            self.keep(name, &secret).await;
            Ok(())
        })
    }

    fn remove<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<(), SecretError>> {
        Box::pin(async move {
            self.delete(name).await?;
            self.read.lock().await.remove(name);
            Ok(())
        })
    }
}

/// What Secrets Manager said, and of which secret.
fn unavailable(id: &str, error: &impl ProvideErrorMetadata) -> SecretError {
    let code = error.code().unwrap_or("no answer");
    let message = error.message().unwrap_or_default();
    SecretError::Unavailable(format!("{id}: {code} {message}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_kept_per_organization_mode_and_gateway() {
        let tenant = Tenant {
            organization: "enWoxFMOnp".parse().unwrap(),
            mode: domain::Mode::Live,
        };
        assert_eq!(
            credentials_name(tenant, "WmOodsVPmQ".parse().unwrap()),
            "gateways/enWoxFMOnp/live/WmOodsVPmQ"
        );
    }
}
