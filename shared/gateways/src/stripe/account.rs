use bytes::Bytes;
use domain::Mode;
use domain::gateway::GatewayCall;
use http::Response;
use serde::Deserialize;

use super::endpoint::Endpoint;
use super::retry;
use crate::bases::Vendor;
use crate::call::Call;
use crate::credentials;
use crate::failure::CallFailure;
use crate::form::Form;
use crate::idempotency;
use crate::request::{self, Auth, Body};

/// The version that answers are read as. Pinned, since without it each account's own default applies
/// and the same code would meet answers of different shapes; a newer one is taken up by changing this
/// line and running the tests against it.
const VERSION: &str = "2026-10-28.endive";

/// One account at Stripe, for one call.
pub(super) struct Account<'a> {
    pub call: &'a Call<'a>,
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

impl<'a> Account<'a> {
    /// # Errors
    /// The credentials do not read, or are of the other mode: a test order must never reach live
    /// cards, nor the other way round.
    pub fn open(call: &'a Call<'a>) -> Result<Self, CallFailure> {
        let keys: Keys = credentials::parse(call)?;
        let of_other_mode = match call.asked.tenant.mode {
            Mode::Test => "_live_",
            Mode::Live => "_test_",
        };
        if keys.login.contains(of_other_mode) {
            return Err(credentials::unusable(call, "the key is of the other mode"));
        }
        Ok(Self { call, keys })
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
        let attempt = self.call.asked.attempt;
        self.send_as(endpoint, id, form, endpoint.step(), attempt)
            .await
    }

    /// As [`Self::send`], under the key of this step and attempt.
    pub async fn send_as(
        &self,
        endpoint: Endpoint,
        id: &str,
        form: Option<&Form>,
        step: &str,
        attempt: u32,
    ) -> Result<Response<Bytes>, CallFailure> {
        let mode = self.call.asked.tenant.mode;
        let target = endpoint.target(id);
        let url = format!("{}{target}", self.call.bases.of(Vendor::Stripe, mode));
        let auth = Auth::Bearer(&self.keys.login);
        let version = ("stripe-version", VERSION);
        let method = endpoint.method();
        let request = match form {
            None => request::write(method, &url, &auth, &[version], &Body::None)?,
            Some(form) => {
                let asked = GatewayCall {
                    attempt,
                    ..self.call.asked.clone()
                };
                let key = idempotency::key(&asked, step, &target, &form.encode());
                let headers = [version, ("idempotency-key", key.as_str())];
                request::write(method, &url, &auth, &headers, &Body::Form(form))?
            }
        };
        self.call.send(step, &request, retry::rule).await
    }
}
