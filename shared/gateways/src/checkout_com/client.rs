use bytes::Bytes;
use domain::Mode;
use domain::gateway::{GatewayCall, NotedRequest};
use http::{Response, StatusCode};
use serde::Deserialize;
use serde_json::Value;

use super::endpoint::Endpoint;
use crate::bases::Vendor;
use crate::credentials;
use crate::exchange::{Destination, Exchange};
use crate::failure::CallFailure;
use crate::idempotency;
use crate::request::{self, Auth, Body};
use crate::retry::{Outcome, Retry};

/// Speaks to Checkout.com for one account, in one call.
pub(super) struct CheckoutComClient<'a> {
    pub exchange: &'a Exchange<'a>,
    keys: Keys,
    base: String,
}

/// The gateway's write-only attributes, as Commerce Layer names them.
#[derive(Deserialize)]
struct Keys {
    /// `sk_sbox_…`, or `sk_…` in live mode.
    secret_key: String,
    /// The key that browsers use: `pk_sbox_…`, or `pk_…`.
    #[serde(default)]
    public_key: Option<String>,
}

impl<'a> CheckoutComClient<'a> {
    /// # Errors
    /// The credentials do not read, or are of the other mode: a test order must never reach live
    /// cards, nor the other way round. Or the gateway's `account_prefix` is none.
    pub async fn open(exchange: &'a Exchange<'a>) -> Result<Self, CallFailure> {
        let keys: Keys = credentials::read(exchange).await?;
        let mode = exchange.asked.tenant.mode;
        if !is_key(&keys.secret_key, "sk_") {
            return Err(credentials::unusable(exchange, "the secret key is none"));
        }
        let public_key = keys.public_key.as_deref();
        let all_keys = public_key.into_iter().chain([keys.secret_key.as_str()]);
        if all_keys.into_iter().any(|key| mode_of(key) != mode) {
            return Err(credentials::unusable(
                exchange,
                "a key is of the other mode",
            ));
        }
        let prefix = exchange.asked.settings.text("account_prefix");
        let bases = &exchange.gateways.bases;
        let base = bases.of_account(Vendor::CheckoutCom, mode, prefix);
        let base = base.ok_or_else(|| {
            CallFailure::NotWritable("the gateway's account_prefix is none".to_owned())
        })?;
        Ok(Self {
            exchange,
            keys,
            base,
        })
    }

    pub fn public_key(&self) -> Option<&str> {
        self.keys.public_key.as_deref()
    }

    /// `id` is what stands for `{id}` in the path, as a path segment.
    pub async fn send(
        &self,
        endpoint: Endpoint,
        id: &str,
        body: Option<&Value>,
    ) -> Result<Response<Bytes>, CallFailure> {
        let target = endpoint.template().replace("{id}", id);
        let url = format!("{}{target}", self.base);
        let step = endpoint.step();
        let asked = self.exchange.asked;
        let noted = match &asked.noted {
            Some(noted) if endpoint.takes_key() => noted.clone(),
            _ => keyed(asked, endpoint, &target, body),
        };
        let headers: &[_] = match endpoint.takes_key() {
            true => &[("cko-idempotency-key", noted.key.as_str())],
            false => &[],
        };
        let auth = Auth::Bearer(&self.keys.secret_key);
        let body = noted.body.as_deref().map_or(Body::None, Body::Json);
        let request = request::write(endpoint.method(), &url, &auth, headers, &body)?;
        let to = Destination::Vendor;
        self.exchange.send(to, step, &request, retry).await
    }
}

/// A request's key and body.
pub(super) fn keyed(
    asked: &GatewayCall,
    endpoint: Endpoint,
    target: &str,
    body: Option<&Value>,
) -> NotedRequest {
    let body = body.map(Value::to_string);
    let text = body.as_deref().unwrap_or_default();
    NotedRequest {
        key: idempotency::key(asked, endpoint.step(), target, text),
        body,
    }
}

/// The vendor keeps nothing but successes under a key, so that the same request is carried out or found
/// done (checkout.com/docs/payments/manage-payments/idempotency).
fn retry(outcome: &Outcome, retry: u32) -> Retry {
    Retry::of_repeatable(outcome, retry, &[StatusCode::CONFLICT])
}

fn is_key(key: &str, kind: &str) -> bool {
    key.strip_prefix(kind).is_some_and(|rest| !rest.is_empty())
}

fn mode_of(key: &str) -> Mode {
    match key.contains("_sbox_") {
        true => Mode::Test,
        false => Mode::Live,
    }
}
