//! Answers: status and body, and the headers that Stripe puts around them.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};
use serde_json::Value;

use crate::answer::json_response;
use crate::idempotency::Kept;

use super::error::ApiError;
use super::headers::{self, allow_pages, set};

const LARGE: usize = 10 * 1024 * 1024;

/// What is answered, and kept under an idempotency key.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) body: String,
}

impl Reply {
    pub(super) fn of(result: &Result<Value, ApiError>) -> Self {
        match result {
            Ok(value) => Self {
                status: StatusCode::OK,
                body: value.to_string(),
            },
            Err(error) => Self::error(error),
        }
    }

    pub(super) fn error(error: &ApiError) -> Self {
        Self {
            status: error.status,
            body: error.body().to_string(),
        }
    }

    pub(super) fn again(kept: &Kept) -> Self {
        Self {
            status: StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK),
            body: kept.body.clone(),
        }
    }
}

/// What the headers say about the request.
pub(super) struct Stamp {
    pub(super) request_id: String,
    /// `None` where the request asks for none that there is.
    pub(super) version: Option<String>,
    pub(super) key: Option<String>,
    /// The request whose result is kept under the key: this one, or an earlier one.
    pub(super) original_request: Option<String>,
    pub(super) is_replayed: bool,
}

impl Stamp {
    pub(super) fn put_on(&self, reply: Reply) -> Response<Bytes> {
        let status = reply.status;
        let mut response = json_response(status, reply.body);
        let headers = response.headers_mut();
        allow_pages(headers);
        set(headers, headers::REQUEST_ID, &self.request_id);
        for (name, value) in [
            (headers::VERSION, &self.version),
            (headers::IDEMPOTENCY_KEY, &self.key),
            (headers::ORIGINAL_REQUEST, &self.original_request),
        ] {
            if let Some(value) = value {
                set(headers, name, value);
            }
        }
        if self.is_replayed {
            set(headers, headers::REPLAYED, "true");
        }
        if status == StatusCode::UNAUTHORIZED {
            set(headers, WWW_AUTHENTICATE, "Basic realm=\"Stripe\"");
        }
        // A kept result comes again however often one tries; a key in use is free in a moment.
        if status == StatusCode::CONFLICT {
            set(headers, headers::SHOULD_RETRY, "true");
        } else if self.original_request.is_some() && !status.is_success() {
            set(headers, headers::SHOULD_RETRY, "false");
        }
        response
    }
}

/// Turns the answer into a 200 that isn't JSON, though it says so.
pub(super) fn garble(response: &mut Response<Bytes>) {
    replace(response, Bytes::from_static(b"<html><body>Bad gateway</bo"));
}

/// Turns the answer into 10 MiB of JSON.
pub(super) fn bloat(response: &mut Response<Bytes>) {
    let frame = r#"{"object":"list","padding":""}"#.len();
    let padding = "x".repeat(LARGE - frame);
    let body = format!(r#"{{"object":"list","padding":"{padding}"}}"#);
    replace(response, Bytes::from(body));
}

fn replace(response: &mut Response<Bytes>, body: Bytes) {
    *response.status_mut() = StatusCode::OK;
    *response.body_mut() = body;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
}
