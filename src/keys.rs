//! The machine's own keys, made on the first start.

use domain::Random;
use secrecy::SecretString;
use secrets::{SecretError, Secrets};
use serde_json::json;
use service::KeysError;

/// Makes the keys that are not there yet.
///
/// # Errors
/// The secrets cannot be read or written.
pub async fn make_missing(secrets: &dyn Secrets, random: &dyn Random) -> Result<(), KeysError> {
    let sealing = || json!({ "id": "k1", "secret": random.hex() }).to_string();
    make_unless_there(secrets, service::SEALING, sealing).await?;
    make_unless_there(secrets, service::LOOKUP, || random.hex()).await?;
    Ok(())
}

/// Makes a secret that is not there yet, and gives it.
///
/// # Errors
/// The secrets cannot be read or written.
pub async fn make_unless_there(
    secrets: &dyn Secrets,
    name: &str,
    make: impl FnOnce() -> String,
) -> Result<SecretString, SecretError> {
    match secrets.get(name).await {
        Err(SecretError::Missing(_)) => {
            let made = SecretString::from(make());
            secrets.put(name, made.clone()).await?;
            Ok(made)
        }
        there => there,
    }
}
