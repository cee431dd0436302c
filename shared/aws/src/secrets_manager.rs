use std::collections::HashMap;
use std::time::{Duration, Instant};

use aws_sdk_secretsmanager::error::ProvideErrorMetadata;
use domain::BoxFuture;
use secrecy::{ExposeSecret, SecretString};
use secrets::{SecretError, Secrets, WritableSecrets};
use tokio::sync::Mutex;

/// How long a secret that was read is kept: a function reads the same few at each request, and a key
/// that was rotated has to be taken up without a restart.
const KEPT_FOR: Duration = Duration::from_secs(300);

/// AWS Secrets Manager: the secret `{prefix}/{name}`. What was read is kept for five minutes.
pub struct SecretsManager {
    client: aws_sdk_secretsmanager::Client,
    prefix: String,
    read: Mutex<HashMap<String, (Instant, SecretString)>>,
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

    async fn fetch(&self, name: &str) -> Result<SecretString, SecretError> {
        let id = format!("{}/{name}", self.prefix);
        let answer = self.client.get_secret_value().secret_id(&id).send().await;
        match answer {
            Ok(output) => output
                .secret_string
                .map(SecretString::from)
                .ok_or(SecretError::Missing(id)),
            Err(error) => match error.into_service_error() {
                refused if refused.is_resource_not_found_exception() => {
                    Err(SecretError::Missing(id))
                }
                other => Err(unavailable(&id, &other)),
            },
        }
    }

    async fn keep(&self, name: &str, secret: &SecretString) {
        let kept = (Instant::now(), secret.clone());
        self.read.lock().await.insert(name.to_owned(), kept);
    }

    /// A secret that is not there has no ARN, so that a role that may replace the secrets of a prefix may not replace
    /// it: whether it is there is told by making it.
    async fn write(&self, name: &str, secret: &SecretString) -> Result<(), SecretError> {
        let id = format!("{}/{name}", self.prefix);
        let created = self
            .client
            .create_secret()
            .name(&id)
            .secret_string(secret.expose_secret())
            .send()
            .await
            .map_err(aws_sdk_secretsmanager::error::SdkError::into_service_error);
        match created {
            Ok(_) => Ok(()),
            Err(refused) if refused.is_resource_exists_exception() => self
                .client
                .put_secret_value()
                .secret_id(&id)
                .secret_string(secret.expose_secret())
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
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<SecretString, SecretError>> {
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

    fn latest<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<SecretString, SecretError>> {
        Box::pin(self.fetch(name))
    }
}

impl WritableSecrets for SecretsManager {
    fn put<'a>(
        &'a self,
        name: &'a str,
        secret: SecretString,
    ) -> BoxFuture<'a, Result<(), SecretError>> {
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
