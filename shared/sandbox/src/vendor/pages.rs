//! What a stand-in says to browsers, and how it is reached.

use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, HOST,
};
use http::{HeaderMap, HeaderValue, Response};

/// Lets any page call and read the answer.
pub(super) fn allow(headers: &mut HeaderMap) {
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
        (ACCESS_CONTROL_EXPOSE_HEADERS, "*"),
        (ACCESS_CONTROL_MAX_AGE, "300"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// The answer to a browser that asks whether it may call.
pub(super) fn preflight() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    allow(response.headers_mut());
    response
}

/// The URL at which the caller reaches the stand-in.
pub(crate) fn base_url(headers: &HeaderMap) -> String {
    let host = headers
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or("localhost");
    format!("http://{host}")
}
