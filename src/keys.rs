//! The machine's own keys, made on the first start.

use std::sync::Arc;

use access::{Issuers, Signer};
use aws::HttpsKeySets;
use domain::{BoxFuture, Clock, Random};
use secrecy::SecretString;
use secrets::{SecretError, Secrets, WritableSecrets};
use serde_json::json;
use service::{KeySets, Renewed};

use crate::demo;
use crate::starting::StartError;

/// Makes the keys that are not there yet; `signing_key` is the one that signs tokens, unless there is one.
///
/// # Errors
/// The secrets cannot be read or written.
pub async fn make_missing(
    secrets: &dyn WritableSecrets,
    random: &dyn Random,
    signing_key: Option<SecretString>,
) -> Result<(), StartError> {
    let sealing = || json!({ "id": "k1", "secret": random.hex() }).to_string();
    make_unless_there(secrets, service::SEALING, sealing).await?;
    make_unless_there(secrets, service::LOOKUP, || random.hex()).await?;
    if let Err(SecretError::Missing(_)) = secrets.get(service::SIGNING).await {
        let key = match signing_key {
            Some(key) => key,
            None => access::generate_key().map_err(|it| StartError::Signing(it.to_string()))?,
        };
        secrets.put(service::SIGNING, key).await?;
    }
    Ok(())
}

/// What signs tokens, in the name of this issuer; read again while the server runs.
///
/// # Errors
/// The keys cannot be read.
pub async fn signer(
    secrets: &Arc<dyn Secrets>,
    issuer: &str,
    clock: Arc<dyn Clock>,
) -> Result<Renewed<Signer>, StartError> {
    let (secrets, issuer) = (Arc::clone(secrets), issuer.to_owned());
    let read =
        move || -> BoxFuture<'static, _> { Box::pin(read_signer(secrets.clone(), issuer.clone())) };
    Renewed::first(read, clock).await
}

/// Whose tokens are taken: whatever key of the signer's has signed them, and the event files'. Read again
/// while the server runs.
///
/// # Errors
/// The keys cannot be read.
pub async fn issuers(
    secrets: &Arc<dyn Secrets>,
    issuer: &str,
    clock: Arc<dyn Clock>,
) -> Result<Renewed<Issuers>, StartError> {
    let (secrets, issuer) = (Arc::clone(secrets), issuer.to_owned());
    let key_sets = KeySets::new(Arc::new(HttpsKeySets::default()), clock.clone());
    let key_sets = Arc::new(key_sets);
    let read = move || -> BoxFuture<'static, _> {
        let (secrets, issuer) = (Arc::clone(&secrets), issuer.clone());
        let key_sets = Arc::clone(&key_sets);
        Box::pin(async move {
            let signer = read_signer(secrets, issuer).await?;
            let issuers = Issuers::from_json(&demo::issuers(&signer), |uri| key_sets.at(uri));
            issuers.map_err(|error| StartError::Signing(error.to_string()))
        })
    };
    Renewed::first(read, clock).await
}

async fn read_signer(secrets: Arc<dyn Secrets>, issuer: String) -> Result<Signer, StartError> {
    let pem = secrets.latest(service::SIGNING).await?;
    let signer = Signer::from_pem(&pem, issuer);
    signer.map_err(|error| StartError::Signing(error.to_string()))
}

/// Makes a secret that is not there yet, and gives it.
///
/// # Errors
/// The secrets cannot be read or written.
pub async fn make_unless_there(
    secrets: &dyn WritableSecrets,
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
