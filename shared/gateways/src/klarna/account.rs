use bytes::Bytes;
use domain::Mode;
use http::Response;
use serde::Deserialize;
use serde_json::Value;

use super::endpoint::Endpoint;
use crate::bases::Vendor;
use crate::call::{Call, Outcome};
use crate::credentials;
use crate::failure::CallFailure;
use crate::idempotency;
use crate::request::{self, Auth, Body};
use crate::retry::Retry;

/// The longest id that Klarna promises to make.
const LONGEST_ID: usize = 255;

/// One account at Klarna, for one call.
pub(super) struct Account<'a> {
    pub call: &'a Call<'a>,
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

/// A session's id or a token, fit to be part of a path: what is none never becomes another path.
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

impl<'a> Account<'a> {
    /// # Errors
    /// The credentials do not read, or are of the other mode: a test order must never reach live
    /// money, nor the other way round.
    pub fn open(call: &'a Call<'a>) -> Result<Self, CallFailure> {
        let keys: Keys = credentials::parse(call)?;
        let of_other_mode = match call.asked.tenant.mode {
            Mode::Test => "klarna_live_",
            Mode::Live => "klarna_test_",
        };
        let both = [&keys.api_key, &keys.api_secret];
        if both.iter().any(|key| key.starts_with(of_other_mode)) {
            return Err(credentials::unusable(call, "the key is of the other mode"));
        }
        Ok(Self { call, keys })
    }

    /// Asks for something without a body. `about` stands for `{id}` in the endpoint's path.
    pub async fn ask(
        &self,
        endpoint: Endpoint,
        about: Reference<'_>,
    ) -> Result<Response<Bytes>, CallFailure> {
        self.send(endpoint, Some(about), None, endpoint.step())
            .await
    }

    /// Sends JSON. An endpoint that takes a key gets the same for all tries.
    pub async fn tell(
        &self,
        endpoint: Endpoint,
        about: Option<Reference<'_>>,
        body: &Value,
    ) -> Result<Response<Bytes>, CallFailure> {
        self.send(endpoint, about, Some(body), endpoint.step())
            .await
    }

    /// As [`Self::tell`], with a second key that follows from the call as the first does.
    pub async fn tell_again(
        &self,
        endpoint: Endpoint,
        about: Option<Reference<'_>>,
        body: &Value,
    ) -> Result<Response<Bytes>, CallFailure> {
        let key_step = format!("{}_again", endpoint.step());
        self.send(endpoint, about, Some(body), &key_step).await
    }

    async fn send(
        &self,
        endpoint: Endpoint,
        about: Option<Reference<'_>>,
        body: Option<&Value>,
        key_step: &str,
    ) -> Result<Response<Bytes>, CallFailure> {
        let asked = self.call.asked;
        let vendor = match self.keys.country_code {
            Region::Europe => Vendor::KlarnaEurope,
            Region::NorthAmerica => Vendor::KlarnaNorthAmerica,
            Region::Oceania => Vendor::KlarnaOceania,
        };
        let id = about.map_or("", |it| it.0);
        let target = endpoint.template().replace("{id}", id);
        let url = format!("{}{target}", self.call.bases.of(vendor, asked.tenant.mode));
        let auth = Auth::Basic {
            user: &self.keys.api_key,
            password: &self.keys.api_secret,
        };
        let text = body.map(Value::to_string).unwrap_or_default();
        let key = endpoint
            .takes_key()
            .then(|| uuid(&idempotency::key(asked, key_step, &target, &text)));
        let headers: Vec<_> = key
            .iter()
            .map(|key| ("klarna-idempotency-key", key.as_str()))
            .collect();
        let body = body.map_or(Body::None, Body::Json);
        let request = request::write(endpoint.method(), &url, &auth, &headers, &body)?;
        self.call.send(endpoint.step(), &request, retry).await
    }
}

/// Each request may be repeated as it is (docs.klarna.com/api/kn/integration-resilience): a session too
/// many lapses, the mint has an idempotency key, and what was released or cancelled before says so.
fn retry(outcome: &Outcome, retry: u32) -> Retry {
    Retry::of_repeatable(outcome, retry, &[])
}

/// A key as Klarna wants keys: a UUID made of a name, version 5. The digits are the key's own.
fn uuid(key: &str) -> String {
    let digit = |(place, letter): (usize, char)| match (place, letter) {
        (12, _) => '5',
        (16, '0' | '4' | '8' | 'c') => '8',
        (16, '1' | '5' | '9' | 'd') => '9',
        (16, '2' | '6' | 'a' | 'e') => 'a',
        (16, _) => 'b',
        (_, letter) => letter,
    };
    let mut uuid = String::with_capacity(36);
    for (place, letter) in key.chars().take(32).enumerate().map(|it| (it.0, digit(it))) {
        if matches!(place, 8 | 12 | 16 | 20) {
            uuid.push('-');
        }
        uuid.push(letter);
    }
    uuid
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_becomes_a_uuid_of_its_own_digits() {
        let key = "0123456789abcdef".repeat(4);
        assert_eq!(uuid(&key), "01234567-89ab-5def-8123-456789abcdef");
        let other = format!("{}f{}", &key[..31], &key[32..]);
        assert_eq!(uuid(&other), "01234567-89ab-5def-8123-456789abcdef");
        let other = format!("{}0{}", &key[..31], &key[32..]);
        assert_eq!(uuid(&other), "01234567-89ab-5def-8123-456789abcde0");
    }

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
