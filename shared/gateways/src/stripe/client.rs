use bytes::Bytes;
use domain::Mode;
use domain::gateway::{GatewayCall, NotedRequest};
use http::Response;
use serde::Deserialize;

use super::endpoint::Endpoint;
use super::retry;
use crate::bases::Vendor;
use crate::credentials;
use crate::exchange::{Destination, Exchange};
use crate::failure::CallFailure;
use crate::form::Form;
use crate::idempotency;
use crate::request::{self, Auth, Body};

/// The version that answers are read as. Pinned, since without it each account's own default applies
/// and the same code would meet answers of different shapes; a newer one is taken up by changing this
/// line and running the tests against it.
const VERSION: &str = "2026-10-28.endive";

/// Speaks to Stripe for one account, in one call.
pub(super) struct StripeClient<'a> {
    pub exchange: &'a Exchange<'a>,
    keys: Keys,
}

/// The gateway's write-only attributes, as Commerce Layer names them.
#[derive(Deserialize)]
struct Keys {
    /// The secret key, `sk_…`, or a restricted one, `rk_…`.
    login: String,
    /// The key that browsers use, `pk_…`.
    #[serde(default)]
    publishable_key: Option<String>,
}

impl<'a> StripeClient<'a> {
    /// # Errors
    /// The credentials do not read, or are of the other mode: a test order must never reach live
    /// cards, nor the other way round.
    pub async fn open(exchange: &'a Exchange<'a>) -> Result<Self, CallFailure> {
        let keys: Keys = credentials::read(exchange).await?;
        let of_other_mode = match exchange.asked.tenant.mode {
            Mode::Test => "_live_",
            Mode::Live => "_test_",
        };
        if keys.login.contains(of_other_mode) {
            return Err(credentials::unusable(
                exchange,
                "the key is of the other mode",
            ));
        }
        Ok(Self { exchange, keys })
    }

    pub fn publishable_key(&self) -> Option<&str> {
        self.keys.publishable_key.as_deref()
    }

    /// Every POST has an idempotency key, the same for all its tries.
    pub async fn send(
        &self,
        endpoint: Endpoint,
        id: &str,
        form: Option<&Form>,
    ) -> Result<Response<Bytes>, CallFailure> {
        let attempt = self.exchange.asked.attempt;
        self.send_as(endpoint, id, form, endpoint.step(), attempt)
            .await
    }

    /// As [`Self::send`], under the key of this step and attempt.
    pub async fn send_as(
        &self,
        endpoint: Endpoint,
        id: &str,
        form: Option<&Form>,
        step: &'static str,
        attempt: u32,
    ) -> Result<Response<Bytes>, CallFailure> {
        let mode = self.exchange.asked.tenant.mode;
        let target = endpoint.target(id);
        let url = format!(
            "{}{target}",
            self.exchange.gateways.bases.of(Vendor::Stripe, mode)
        );
        let auth = Auth::Bearer(&self.keys.login);
        let version = ("stripe-version", VERSION);
        let method = endpoint.method();
        let request = match form {
            None => request::write(method, &url, &auth, &[version], &Body::None)?,
            Some(form) => {
                let asked = GatewayCall {
                    attempt,
                    ..self.exchange.asked.clone()
                };
                let noted = asked.noted.as_ref().filter(|_| endpoint.is_noted());
                let written = keyed(&asked, step, &target, form);
                let key = noted.map_or(&written.key, |it| &it.key);
                let body = noted
                    .and_then(|it| it.body.as_ref())
                    .or(written.body.as_ref());
                let body = Body::Form(body.map_or("", String::as_str));
                let headers = [version, ("idempotency-key", key.as_str())];
                request::write(method, &url, &auth, &headers, &body)?
            }
        };
        let to = Destination::Vendor;
        self.exchange.send(to, step, &request, retry::rule).await
    }
}

/// A request's key and body.
pub(super) fn keyed(asked: &GatewayCall, step: &str, target: &str, form: &Form) -> NotedRequest {
    let body = form.encode();
    NotedRequest {
        key: idempotency::key(asked, step, target, &body),
        body: Some(body),
    }
}
