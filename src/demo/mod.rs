//! The demo organization: fixed, so that documents and scripts can rely on it.

mod orders;
mod parts;
mod records;

use access::{Signer, digest_client_secret};
use decisions::{Change, Permit, PermittedTo};
use domain::record::{Place, Record};
use domain::{CustomerId, GatewayId, MarketId, Mode, Random, ResourceType, Tenant};
use secrecy::SecretString;
use secrets::{SecretError, WritableSecrets};
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
/// Where the sales channel's customers are sent back to after they have signed in.
pub const REDIRECT_URI: &str = "http://localhost:3000/callback";
/// The customer's user name.
pub const CUSTOMER_EMAIL: &str = "customer@example.com";
/// The customer's password.
pub const CUSTOMER_PASSWORD: &str = "demo-customer";
/// The password as it is stored. It is no secret, and a start does not take the time that hashing takes.
const CUSTOMER_PASSWORD_HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$tb+jizRnMC0uJl4sjWPXfw$Fsv1gpDLbCowjESfaW9Nl8PdZWCWYtO8s+e177/nAdU";
/// The customer's order that has lines and no addresses.
pub const CART: &str = "kVtRwZbQna";
/// A guest's order that has lines and no addresses.
pub const GUESTS_CART: &str = "mLhGpXcYuE";

/// The public keys of the issuer whose tokens the event files carry. Its private key was thrown
/// away. Only this local server trusts it.
const EVENTS_ISSUER: &str = include_str!("events-issuer.json");

/// Leave to make what whoever runs the server starts with.
pub const OPERATOR: &Permit = &Permit::grant(PermittedTo::Operator);

/// The organization, in test mode.
pub fn tenant() -> Tenant {
    Tenant {
        organization: parts::id("enWoxFMOnp"),
        mode: Mode::Test,
    }
}

/// The demo customer's id.
pub fn customer() -> CustomerId {
    CustomerId::new(parts::id("JkPmSnRtVw"))
}

/// What the shop's own order system needs of the demo data to make another order like those: who buys, what, and
/// how it is shipped.
pub fn basket() -> Value {
    let lines = parts::SKUS.map(
        |(code, name, cents)| json!({ "sku_code": code, "name": name, "unit_amount_cents": cents }),
    );
    let methods = parts::METHODS.map(|it| json!({ "source_type": it.2, "id": it.4 }));
    json!({
        "market": parts::MARKET,
        "customer": customer(),
        "shipping_method": parts::SHIPPING_METHOD,
        "payment_methods": methods,
        "address": parts::address_attributes("DE"),
        "lines": lines,
    })
}

/// The issuers that the local server trusts: its own, and the event files'.
pub fn issuers(signer: &Signer) -> String {
    let events: Value = serde_json::from_str(EVENTS_ISSUER).unwrap_or_default();
    json!([signer.as_issuer(), events]).to_string()
}

/// The demo's external gateway: the reference gateway, as its record names it.
#[derive(Debug, Default)]
pub struct ExternalGateway {
    /// Where it listens.
    pub url: String,
    /// What requests to it are signed with.
    pub shared_secret: String,
}

/// The endpoints of an external gateway, by the attributes that name them.
const ENDPOINTS: [(&str, &str); 5] = [
    ("authorize_url", "authorize"),
    ("capture_url", "capture"),
    ("void_url", "void"),
    ("refund_url", "refund"),
    ("token_url", "token"),
];

impl ExternalGateway {
    /// Has the record name the endpoints.
    fn name_endpoints(&self, gateway: &mut Record) {
        for (attribute, path) in ENDPOINTS {
            gateway.set(attribute, format!("{}/{path}", self.url));
        }
    }
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
}

/// Makes the demo data unless it is there, and tells whether it made it. The records are made in two parts, each of
/// them whole, and the clients of the API last: a start that was cut short is made up for by the next.
///
/// # Errors
/// The table or the secrets cannot be written.
pub async fn fill(
    context: &Context,
    secrets: &dyn WritableSecrets,
    external: &ExternalGateway,
) -> Result<bool, DemoError> {
    if context.store.api_client(SALES_CHANNEL).await?.is_some() {
        return Ok(false);
    }
    for (gateway, credentials) in credentials() {
        let name = gateways::credentials_name(tenant(), parts::id(gateway));
        let secret = SecretString::from(credentials.to_string());
        secrets.put(&name, secret).await?;
    }

    let store = &context.store;
    for records in [
        records::shop(context.now(), external),
        records::orders(context.now()),
    ] {
        unless_there(store.create_together(OPERATOR, tenant(), &records).await)?;
    }
    for client in clients() {
        unless_there(store.create_api_client(&client).await)?;
    }
    Ok(true)
}

/// A demo gateway that tells what happens at it.
pub struct EventSource {
    /// The secret key of its account.
    pub key: &'static str,
    /// What it signs its events with.
    pub secret: &'static str,
    /// Where it sends them, at the API.
    pub path: String,
}

const STRIPE_KEY: &str = "sk_test_demo";
const STRIPE_EVENTS: &str = "whsec_demo";
const CHECKOUT_COM_KEY: &str = "sk_sbox_demoaaaaaaaaaaaaaaaaaaaaaaa";
const CHECKOUT_COM_EVENTS: &str = "demo-signature-key";

/// Stripe and Checkout.com, as they tell what happens.
pub fn event_sources() -> [EventSource; 2] {
    let source = |key, secret, gateway: &str| EventSource {
        key,
        secret,
        path: events_path(gateway),
    };
    [
        source(STRIPE_KEY, STRIPE_EVENTS, parts::STRIPE_GATEWAY),
        source(
            CHECKOUT_COM_KEY,
            CHECKOUT_COM_EVENTS,
            parts::CHECKOUT_COM_GATEWAY,
        ),
    ]
}

/// Where the demo's external gateway says what it has decided.
pub fn external_events_path() -> String {
    events_path(parts::EXTERNAL_GATEWAY)
}

fn events_path(gateway: &str) -> String {
    tenant().events_path(GatewayId::new(parts::id(gateway)))
}

/// What the stand-ins take: each secret key is an account of its own.
fn credentials() -> [(&'static str, Value); 3] {
    [
        (
            parts::STRIPE_GATEWAY,
            json!({ "login": STRIPE_KEY, "publishable_key": "pk_test_demo", "webhook_endpoint_secret": STRIPE_EVENTS }),
        ),
        (
            parts::CHECKOUT_COM_GATEWAY,
            json!({ "secret_key": CHECKOUT_COM_KEY, "public_key": "pk_sbox_demoaaaaaaaaaaaaaaaaaaaaaaa", "webhook_endpoint_secret": CHECKOUT_COM_EVENTS }),
        ),
        (
            parts::KLARNA_GATEWAY,
            json!({ "country_code": "EU", "api_key": "klarna_test_demo", "api_secret": "demo" }),
        ),
    ]
}

/// What the demo's external gateway signs with: what its record says, or a new secret where there is
/// no record yet.
///
/// # Errors
/// The table does not answer.
pub async fn shared_secret(context: &Context) -> Result<String, DemoError> {
    let catalog = context.store.read_catalog(tenant(), context.now()).await?;
    let gateway = catalog.get(
        ResourceType::ExternalGateways,
        parts::id(parts::EXTERNAL_GATEWAY),
    );
    let known = gateway.and_then(|it| it.text("shared_secret"));
    let random: &dyn Random = context.random.as_ref();
    Ok(known.map_or_else(|| random.hex(), str::to_owned))
}

/// Points the demo's external gateway to the reference gateway, whose port may be another than at the
/// last start.
///
/// # Errors
/// The table does not answer.
pub async fn point_to(context: &Context, external: &ExternalGateway) -> Result<(), DemoError> {
    let store = &context.store;
    let catalog = store.read_catalog(tenant(), context.now()).await?;
    let kind = ResourceType::ExternalGateways;
    let gateway = catalog.get(kind, parts::id(parts::EXTERNAL_GATEWAY));
    let leads_here = |url: &str| url.starts_with("http://127.0.0.1:");
    let Some(gateway) = gateway.filter(|it| it.text("token_url").is_some_and(leads_here)) else {
        return Ok(());
    };
    let mut pointed = gateway.clone();
    external.name_endpoints(&mut pointed);
    if pointed != *gateway {
        let change = Change::put(pointed, Place::Catalog);
        store.commit(OPERATOR, tenant(), &[change]).await?;
    }
    Ok(())
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
        id: parts::id(id),
        tenant: tenant(),
        slug: SLUG.to_owned(),
        kind,
        secret_hash: None,
        markets: Vec::new(),
        redirect_uris: Vec::new(),
    };
    let integration = ApiClient {
        secret_hash: Some(digest_client_secret(INTEGRATION_SECRET)),
        ..client(INTEGRATION, "vBnMkLpOiU", ClientKind::Integration)
    };
    let sales_channel = ApiClient {
        markets: vec![("europe".to_owned(), MarketId::new(parts::id(parts::MARKET)))],
        redirect_uris: vec![REDIRECT_URI.to_owned()],
        ..client(SALES_CHANNEL, "qAzWsXeDcR", ClientKind::SalesChannel)
    };
    [integration, sales_channel]
}

#[cfg(test)]
mod tests {
    use access::{hash_password, verify_password};
    use system::SystemRandom;

    use super::*;

    #[test]
    fn the_customers_password_is_stored_as_any_customers_is() {
        let is_its = verify_password(CUSTOMER_PASSWORD, Some(CUSTOMER_PASSWORD_HASH));
        assert_eq!(is_its, Ok(true));
        let made = hash_password(CUSTOMER_PASSWORD, &SystemRandom).unwrap();
        let settings = |hash| str::split(hash, '$').take(4);
        assert!(
            settings(CUSTOMER_PASSWORD_HASH).eq(settings(&made)),
            "{made}"
        );
    }
}
