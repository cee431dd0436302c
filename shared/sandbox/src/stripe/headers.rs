//! Headers of Stripe's requests and responses.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, HOST,
};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::error::ApiError;

/// The API version of requests that don't name one.
const DEFAULT_VERSION: &str = "2026-10-28.endive";

pub(super) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
pub(super) const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
pub(super) const ORIGINAL_REQUEST: HeaderName = HeaderName::from_static("original-request");
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
pub(super) const SHOULD_RETRY: HeaderName = HeaderName::from_static("stripe-should-retry");
pub(super) const VERSION: HeaderName = HeaderName::from_static("stripe-version");

/// The API version that the request asks for: a date, in newer ones followed by a name
/// (<https://docs.stripe.com/api/versioning>).
pub(super) fn version(headers: &HeaderMap) -> Result<String, ApiError> {
    let Some(value) = headers.get(&VERSION) else {
        return Ok(DEFAULT_VERSION.to_owned());
    };
    let version = String::from_utf8_lossy(value.as_bytes()).into_owned();
    let is_date = version.len() >= 10
        && version
            .bytes()
            .take(10)
            .enumerate()
            .all(|(place, byte)| match place {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
    let rest = version.get(10..).unwrap_or_default();
    if is_date && (rest.is_empty() || rest.starts_with('.')) {
        return Ok(version);
    }
    let message = format!("Invalid Stripe API version: {version}");
    Err(ApiError::malformed(message))
}

/// The idempotency key, at most 255 characters.
pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let Some(value) = headers.get(&IDEMPOTENCY_KEY) else {
        return Ok(None);
    };
    let key = String::from_utf8_lossy(value.as_bytes()).into_owned();
    if key.chars().count() > 255 {
        let message = "Invalid Idempotency-Key: keys can be at most 255 characters long.";
        return Err(ApiError::key_reused(message));
    }
    Ok(Some(key).filter(|key| !key.is_empty()))
}

/// Where the caller reaches the stand-in.
pub(super) fn base_url(headers: &HeaderMap) -> String {
    let host = headers
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or("localhost");
    format!("http://{host}")
}

/// Sets a header, unless the value can't be one.
pub(super) fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// Lets any page call, as Stripe does: pages confirm payments with the publishable key.
pub(super) fn allow_pages(headers: &mut HeaderMap) {
    for (name, value) in [
        (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (
            ACCESS_CONTROL_ALLOW_METHODS,
            "GET, HEAD, PUT, PATCH, POST, DELETE",
        ),
        (
            ACCESS_CONTROL_ALLOW_HEADERS,
            "authorization, content-type, idempotency-key, stripe-version",
        ),
        (
            ACCESS_CONTROL_EXPOSE_HEADERS,
            "Request-Id, Stripe-Should-Retry",
        ),
        (ACCESS_CONTROL_MAX_AGE, "300"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_a_date_and_maybe_a_name() {
        let asked = |text: &str| {
            let mut headers = HeaderMap::new();
            set(&mut headers, VERSION, text);
            version(&headers)
        };
        assert_eq!(asked("2023-08-16").unwrap(), "2023-08-16");
        assert_eq!(asked("2026-10-28.endive").unwrap(), "2026-10-28.endive");
        for text in ["latest", "2023-8-16", "2023-08-16endive", ""] {
            assert!(asked(text).is_err(), "{text}");
        }
    }
}
