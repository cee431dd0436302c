//! Headers of Stripe's requests and responses.

use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, HeaderName, StatusCode};

use crate::vendor::{Asked, Stamp};

use super::error::ApiError;

/// The API version of requests that don't name one.
const DEFAULT_VERSION: &str = "2026-10-28.endive";

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
const ORIGINAL_REQUEST: HeaderName = HeaderName::from_static("original-request");
const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
const SHOULD_RETRY: HeaderName = HeaderName::from_static("stripe-should-retry");
const VERSION: HeaderName = HeaderName::from_static("stripe-version");

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

/// The headers that tell about the request and its answer.
pub(super) fn stamp(asked: &Asked<'_>, stamp: &Stamp<'_>) -> Vec<(HeaderName, String)> {
    let mut headers = vec![(REQUEST_ID, asked.request_id.clone())];
    if let Ok(version) = version(asked.headers) {
        headers.push((VERSION, version));
    }
    if let Some(key) = stamp.key {
        headers.push((IDEMPOTENCY_KEY, key.to_owned()));
    }
    if let Some(request) = stamp.original_request {
        headers.push((ORIGINAL_REQUEST, request.to_owned()));
    }
    if stamp.is_replayed {
        headers.push((REPLAYED, "true".to_owned()));
    }
    if stamp.status == StatusCode::UNAUTHORIZED {
        headers.push((WWW_AUTHENTICATE, "Basic realm=\"Stripe\"".to_owned()));
    }
    // A kept result comes again however often one tries; a key in use is free in a moment.
    if stamp.status == StatusCode::CONFLICT {
        headers.push((SHOULD_RETRY, "true".to_owned()));
    } else if stamp.original_request.is_some() && !stamp.status.is_success() {
        headers.push((SHOULD_RETRY, "false".to_owned()));
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_a_date_and_maybe_a_name() {
        let asked = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(VERSION, text.parse().unwrap());
            version(&headers)
        };
        assert_eq!(asked("2023-08-16").unwrap(), "2023-08-16");
        assert_eq!(asked("2026-10-28.endive").unwrap(), "2026-10-28.endive");
        for text in ["latest", "2023-8-16", "2023-08-16endive", ""] {
            assert!(asked(text).is_err(), "{text}");
        }
    }
}
