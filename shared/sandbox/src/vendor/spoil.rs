//! Answers that no client can use.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};

const LARGE: usize = 10 * 1024 * 1024;

/// Turns the answer into a 200 that isn't JSON, though it says so.
pub(crate) fn garble(response: &mut Response<Bytes>) {
    replace(response, Bytes::from_static(b"<html><body>Bad gateway</bo"));
}

/// Turns the answer into 10 MiB of JSON.
pub(crate) fn bloat(response: &mut Response<Bytes>) {
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
