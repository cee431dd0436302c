use secrecy::ExposeSecret;
use secrets::credentials_name;
use serde::de::DeserializeOwned;

use crate::exchange::Exchange;
use crate::failure::CallFailure;

/// Reads the gateway's credentials as the vendor's own keys. What does not read is not repeated.
///
/// # Errors
/// There are none, or they are no JSON object with these keys.
pub(crate) async fn read<T: DeserializeOwned>(exchange: &Exchange<'_>) -> Result<T, CallFailure> {
    let name = credentials_name(exchange.asked.tenant, exchange.asked.gateway.into());
    let secret = exchange.gateways.secrets.get(&name).await;
    let secret = secret.map_err(|error| unusable(exchange, &error.to_string()))?;
    serde_json::from_str(secret.expose_secret())
        .map_err(|_| unusable(exchange, "not a JSON object with this gateway's keys"))
}

/// The failure of a call whose gateway's credentials cannot be used.
pub(crate) fn unusable(exchange: &Exchange<'_>, problem: &str) -> CallFailure {
    CallFailure::CredentialsUnusable {
        name: credentials_name(exchange.asked.tenant, exchange.asked.gateway.into()),
        problem: problem.to_owned(),
    }
}
