use bytes::Bytes;
use domain::Mode;
use domain::gateway::{GatewayCall, NotedRequest};
use http::Response;
use serde::Deserialize;
use serde_json::Value;

use super::endpoint::Endpoint;
use crate::bases::Vendor;
use crate::exchange::{Destination, Exchange};
use crate::failure::CallFailure;
use crate::idempotency;
use crate::not_done::NotDone;
use crate::request::{self, Auth, Body};
use crate::retry::{Outcome, Retry};
use crate::{credentials, events};

/// The longest id that Klarna promises to make.
const LONGEST_ID: usize = 255;

/// Speaks to Klarna for one account, in one call.
pub(super) struct KlarnaClient<'a> {
    pub exchange: &'a Exchange<'a>,
    keys: Keys,
}

/// The gateway's write-only attributes, as Commerce Layer names them.
#[derive(Deserialize)]
struct Keys {
    country_code: Region,
    /// The API username.
    api_key: String,
    /// The API password.
    api_secret: String,
}

/// Where the merchant's account is.
#[derive(Clone, Copy, Deserialize)]
enum Region {
    #[serde(rename = "EU")]
    Europe,
    #[serde(rename = "US")]
    NorthAmerica,
    #[serde(rename = "OC")]
    Oceania,
}

/// What Klarna refers to by an id or a token (a session, an authorization, a customer token, an order), fit to be part of a path: what is none never becomes another path.
#[derive(Clone, Copy)]
pub(super) struct Reference<'t>(&'t str);

impl<'t> Reference<'t> {
    /// None where Klarna makes no such ids.
    pub fn of(text: &'t str) -> Option<Self> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let is_id = (1..=LONGEST_ID).contains(&text.len()) && text.bytes().all(fits);
        is_id.then_some(Self(text))
    }
}

impl<'a> KlarnaClient<'a> {
    /// # Errors
    /// The credentials do not read, or are of the other mode: a test order must never reach live
    /// money, nor the other way round.
    pub async fn open(exchange: &'a Exchange<'a>) -> Result<Self, CallFailure> {
        let keys: Keys = credentials::read(exchange).await?;
        let of_other_mode = match exchange.asked.tenant.mode {
            Mode::Test => "klarna_live_",
            Mode::Live => "klarna_test_",
        };
        let both = [&keys.api_key, &keys.api_secret];
        if both.iter().any(|key| key.starts_with(of_other_mode)) {
            return Err(credentials::unusable(
                exchange,
                "the key is of the other mode",
            ));
        }
        Ok(Self { exchange, keys })
    }

    /// Where Klarna tells of an order that it decides on later: under a path that nobody else can guess, since Klarna
    /// signs nothing.
    pub fn notification(&self) -> Option<String> {
        let asked = self.exchange.asked;
        let path = asked.tenant.events_path(asked.gateway);
        let secret = events::klarna::secret(&self.keys.api_secret, &path);
        let base = self.exchange.gateways.public_url.as_deref();
        base.map(|base| format!("{base}{path}/{secret}"))
    }

    /// Asks for something without a body. `about` stands for `{id}` in the endpoint's path.
    pub async fn ask(
        &self,
        endpoint: Endpoint,
        about: Reference<'_>,
    ) -> Result<Response<Bytes>, CallFailure> {
        let target = target(endpoint, Some(about));
        let request = keyed(self.exchange.asked, endpoint.step(), &target, None);
        self.send(endpoint, Some(about), &request).await
    }

    /// Sends JSON, written now.
    pub async fn tell(
        &self,
        endpoint: Endpoint,
        about: Option<Reference<'_>>,
        body: &Value,
    ) -> Result<Response<Bytes>, CallFailure> {
        let target = target(endpoint, about);
        let request = keyed(self.exchange.asked, endpoint.step(), &target, Some(body));
        self.send(endpoint, about, &request).await
    }

    /// The request of a step, with its key: as it was noted, where it was; else with what `body` writes
    /// now.
    ///
    /// # Errors
    /// Those of `body`.
    pub fn noted(
        &self,
        endpoint: Endpoint,
        about: Reference<'_>,
        body: impl FnOnce() -> Result<Option<Value>, NotDone>,
    ) -> Result<NotedRequest, NotDone> {
        let asked = self.exchange.asked;
        let noted = asked.noted.clone();
        if let Some(noted) = noted.clone().filter(|it| it.body.is_some()) {
            return Ok(noted);
        }
        let target = target(endpoint, Some(about));
        let written = keyed(asked, endpoint.step(), &target, body()?.as_ref());
        Ok(NotedRequest {
            key: noted.map_or(written.key, |it| it.key),
            body: written.body,
        })
    }

    /// Sends a request as it is. An endpoint that takes a key gets the same for all tries.
    pub async fn send(
        &self,
        endpoint: Endpoint,
        about: Option<Reference<'_>>,
        written: &NotedRequest,
    ) -> Result<Response<Bytes>, CallFailure> {
        let asked = self.exchange.asked;
        let vendor = match self.keys.country_code {
            Region::Europe => Vendor::KlarnaEurope,
            Region::NorthAmerica => Vendor::KlarnaNorthAmerica,
            Region::Oceania => Vendor::KlarnaOceania,
        };
        let base = self.exchange.gateways.bases.of(vendor, asked.tenant.mode);
        let url = format!("{base}{}", target(endpoint, about));
        let auth = Auth::Basic {
            user: &self.keys.api_key,
            password: &self.keys.api_secret,
        };
        let headers: &[_] = match endpoint.takes_key() {
            true => &[("klarna-idempotency-key", written.key.as_str())],
            false => &[],
        };
        let body = written.body.as_deref().map_or(Body::None, Body::Json);
        let request = request::write(endpoint.method(), &url, &auth, headers, &body)?;
        let (to, step) = (Destination::Vendor, endpoint.step());
        self.exchange.send(to, step, &request, retry).await
    }

    /// Sends a request with a second key, which follows from the first.
    pub async fn send_again(
        &self,
        endpoint: Endpoint,
        about: Reference<'_>,
        written: &NotedRequest,
    ) -> Result<Response<Bytes>, CallFailure> {
        let again = NotedRequest {
            key: idempotency::again(&written.key).to_string(),
            body: written.body.clone(),
        };
        self.send(endpoint, Some(about), &again).await
    }
}

/// The path of a request.
pub(super) fn target(endpoint: Endpoint, about: Option<Reference<'_>>) -> String {
    let id = about.map_or("", |it| it.0);
    endpoint.template().replace("{id}", id)
}

/// A request's key and body.
pub(super) fn keyed(
    asked: &GatewayCall,
    key_step: &str,
    target: &str,
    body: Option<&Value>,
) -> NotedRequest {
    let body = body.map(Value::to_string);
    let text = body.as_deref().unwrap_or_default();
    NotedRequest {
        key: idempotency::uuid(asked, key_step, target, text).to_string(),
        body,
    }
}

/// Each request may be repeated as it is (docs.klarna.com/api/kn/integration-resilience): a session too
/// many lapses, an order is one of its authorization, what moves money or mints has an idempotency key, and
/// what was released or cancelled before says so.
fn retry(outcome: &Outcome, retry: u32) -> Retry {
    Retry::of_repeatable(outcome, retry, &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_klarna_makes_no_ids_of_is_none() {
        let longest = "x".repeat(255);
        for id in ["0b1d9815-165e-42e2-8867-35bc03789e00", "a_1", &longest] {
            assert!(Reference::of(id).is_some(), "{id}");
        }
        let too_long = "x".repeat(256);
        for text in [
            "", "..", "a/b", "a?b", "a b", "a%2Fb", "é", "a\n", &too_long,
        ] {
            assert!(Reference::of(text).is_none(), "{text}");
        }
    }
}
