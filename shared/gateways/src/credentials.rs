use domain::{Id, Tenant};
use secrecy::{ExposeSecret, SecretString};
use secrets::{Secrets, credentials_name};
use serde::de::DeserializeOwned;

use crate::call::Call;
use crate::failure::CallFailure;

pub(crate) async fn load(
    secrets: &dyn Secrets,
    tenant: Tenant,
    gateway: Id,
) -> Result<SecretString, CallFailure> {
    let name = credentials_name(tenant, gateway);
    let loaded = secrets.get(&name).await;
    loaded.map_err(|error| CallFailure::CredentialsUnusable {
        problem: error.to_string(),
        name,
    })
}

/// Reads the credentials as the vendor's own keys. What does not read is not repeated.
pub(crate) fn parse<T: DeserializeOwned>(call: &Call<'_>) -> Result<T, CallFailure> {
    let secret = call.credentials.map_or("", SecretString::expose_secret);
    serde_json::from_str(secret)
        .map_err(|_| unusable(call, "not a JSON object with this gateway's keys"))
}

/// These credentials cannot be used.
pub(crate) fn unusable(call: &Call<'_>, problem: &str) -> CallFailure {
    CallFailure::CredentialsUnusable {
        name: credentials_name(call.asked.tenant, call.asked.gateway),
        problem: problem.to_owned(),
    }
}
