//! A gateway's credentials: one secret each, a JSON object of its write-only attributes.

use domain::{GatewayId, Tenant};
use secrecy::{ExposeSecret, SecretString};
use secrets::{SecretError, WritableSecrets, credentials_name};
use serde_json::{Map, Value};

/// Keeps all of a gateway's credentials.
pub async fn keep(
    secrets: &dyn WritableSecrets,
    tenant: Tenant,
    gateway: GatewayId,
    credentials: &Map<String, Value>,
) -> Result<(), SecretError> {
    let name = credentials_name(tenant, gateway.into());
    put(secrets, &name, credentials).await
}

/// Keeps these in place of those of the same name.
pub async fn merge(
    secrets: &dyn WritableSecrets,
    tenant: Tenant,
    gateway: GatewayId,
    given: &Map<String, Value>,
) -> Result<(), SecretError> {
    let name = credentials_name(tenant, gateway.into());
    let mut credentials = match secrets.latest(&name).await {
        Ok(secret) => read(&name, &secret)?,
        Err(SecretError::Missing(_)) => Map::new(),
        Err(error) => return Err(error),
    };
    for (attribute, value) in given {
        credentials.insert(attribute.clone(), value.clone());
    }
    put(secrets, &name, &credentials).await
}

/// Forgets them. The gateway is gone already: a secret that cannot be removed is one that nobody
/// refers to.
pub async fn remove(secrets: &dyn WritableSecrets, tenant: Tenant, gateway: GatewayId) {
    let name = credentials_name(tenant, gateway.into());
    if let Err(error) = secrets.remove(&name).await {
        tracing::error!(%error, "credentials of a deleted gateway are left");
    }
}

fn read(name: &str, secret: &SecretString) -> Result<Map<String, Value>, SecretError> {
    serde_json::from_str(secret.expose_secret())
        .map_err(|_| SecretError::Unavailable(format!("{name}: not a JSON object")))
}

async fn put(
    secrets: &dyn WritableSecrets,
    name: &str,
    credentials: &Map<String, Value>,
) -> Result<(), SecretError> {
    let text = Value::Object(credentials.clone()).to_string();
    secrets.put(name, SecretString::from(text)).await
}
