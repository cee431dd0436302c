//! The demo organization: fixed, so that documents and scripts can rely on it.

mod records;

use access::{Signer, digest_client_secret, hash_password};
use domain::{Id, Mode, Tenant};
use effects::{Secret, SecretError, Secrets};
use serde_json::{Value, json};
use service::Context;
use store::{ApiClient, ClientKind, StoreError};

/// The organization's slug.
pub const SLUG: &str = "demo";
/// The integration's `client_id`.
pub const INTEGRATION: &str = "demo-integration";
/// The integration's secret.
pub const INTEGRATION_SECRET: &str = "demo-integration-secret";
/// The sales channel's `client_id`; it has no secret.
pub const SALES_CHANNEL: &str = "demo-sales-channel";
/// The sales channel's scope.
pub const SCOPE: &str = "market:code:europe";
/// The customer's user name.
pub const CUSTOMER_EMAIL: &str = "customer@example.com";
/// The customer's password.
pub const CUSTOMER_PASSWORD: &str = "demo-customer";

/// The public keys of the issuer whose tokens the event files carry. Its private key was thrown
/// away. Only this local server trusts it.
const EVENTS_ISSUER: &str = include_str!("events-issuer.json");

/// The organization, in test mode.
pub fn tenant() -> Tenant {
    Tenant {
        organization: records::id("enWoxFMOnp"),
        mode: Mode::Test,
    }
}

/// The demo customer's id.
pub fn customer() -> Id {
    records::id("JkPmSnRtVw")
}

/// The issuers that the local server trusts: its own, and the event files'.
pub fn issuers(signer: &Signer) -> String {
    let events: Value = serde_json::from_str(EVENTS_ISSUER).unwrap_or_default();
    json!([{ "iss": signer.issuer(), "jwks": signer.jwks() }, events]).to_string()
}

/// Why the demo data could not be made.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file of secrets.
    #[error(transparent)]
    Secrets(#[from] SecretError),
    /// A password could not be hashed.
    #[error("the demo customer's password cannot be hashed: {0}")]
    Password(String),
}

/// Makes the demo data unless it is there, and tells whether it made it. The clients of the API are
/// made last: a start that was cut short is made up for by the next.
///
/// # Errors
/// The table or the secrets cannot be written.
pub async fn fill(context: &Context, secrets: &dyn Secrets) -> Result<bool, DemoError> {
    if context.store.api_client(SALES_CHANNEL).await?.is_some() {
        return Ok(false);
    }
    let credentials = json!({ "login": "sk_test_demo", "publishable_key": "pk_test_demo" });
    let name = gateways::credentials_name(tenant(), records::id(records::STRIPE_GATEWAY));
    secrets
        .put(&name, Secret::new(credentials.to_string()))
        .await?;

    let random = context.random.as_ref();
    let password = hash_password(CUSTOMER_PASSWORD, random)
        .map_err(|error| DemoError::Password(error.to_string()))?;
    for (placement, record) in records::all(context.now(), &password) {
        unless_there(context.store.create(tenant(), placement, &record).await)?;
    }
    for client in clients() {
        unless_there(context.store.create_api_client(&client).await)?;
    }
    Ok(true)
}

fn unless_there(made: Result<(), StoreError>) -> Result<(), StoreError> {
    match made {
        Err(StoreError::Conflict) => Ok(()),
        made => made,
    }
}

fn clients() -> [ApiClient; 2] {
    let client = |client_id: &str, id: &str, kind| ApiClient {
        client_id: client_id.to_owned(),
        id: records::id(id),
        tenant: tenant(),
        slug: SLUG.to_owned(),
        kind,
        secret_hash: None,
        markets: Vec::new(),
    };
    let integration = ApiClient {
        secret_hash: Some(digest_client_secret(INTEGRATION_SECRET)),
        ..client(INTEGRATION, "vBnMkLpOiU", ClientKind::Integration)
    };
    let sales_channel = ApiClient {
        markets: vec![("europe".to_owned(), records::id(records::MARKET))],
        ..client(SALES_CHANNEL, "qAzWsXeDcR", ClientKind::SalesChannel)
    };
    [integration, sales_channel]
}
