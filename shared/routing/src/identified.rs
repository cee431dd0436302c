use std::time::{Duration, Instant};

use bytes::Bytes;
use domain::refusal::Code;
use domain::{Id, Random};
use http::header::CONTENT_LENGTH;
use http::{HeaderValue, Response};
use json_api::code_of;
use tracing::Instrument;

use crate::headers::X_REQUEST_ID;

/// What an answer is logged with, among its extensions, as far as whoever makes it knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Logged {
    /// The route, as API Gateway writes it: never the path, which may have in it what nobody is to read.
    pub route: Option<&'static str>,
    /// What the caller is.
    pub caller: Option<&'static str>,
    /// The caller's organization.
    pub organization: Option<Id>,
}

/// Has a request of this method answered under an id of its own, which the answer and every line of
/// the log carry, and writes a line of what came of it. What `GET` would answer is the answer to `HEAD`, without
/// its body.
pub async fn identified(
    random: &dyn Random,
    method: &http::Method,
    answer: impl Future<Output = Response<Bytes>>,
) -> Response<Bytes> {
    let request_id = random.hex();
    let span = tracing::info_span!("request", request_id);
    let begun = Instant::now();
    let mut response = answer.instrument(span.clone()).await;
    span.in_scope(|| log(method, &response, begun.elapsed()));
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert(X_REQUEST_ID, value);
    }
    match *method {
        http::Method::HEAD => without_body(response),
        _ => response,
    }
}

/// What came of a request, with nothing personal in it.
fn log(method: &http::Method, response: &Response<Bytes>, took: Duration) {
    let extensions = response.extensions();
    let logged = extensions.get::<Logged>().cloned().unwrap_or_default();
    let code = extensions.get::<Code>().map(|it| code_of(*it));
    tracing::info!(
        method = method.as_str(),
        route = logged.route,
        status = response.status().as_u16(),
        code,
        duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        caller = logged.caller,
        organization = logged.organization.as_ref().map(Id::as_str),
        "request"
    );
}

/// The same response, to `HEAD`: all but its body, whose length it tells (RFC 9110, section 9.3.2).
fn without_body(response: Response<Bytes>) -> Response<Bytes> {
    let (mut parts, body) = response.into_parts();
    if !body.is_empty() {
        let length = HeaderValue::from(body.len());
        parts.headers.insert(CONTENT_LENGTH, length);
    }
    Response::from_parts(parts, Bytes::new())
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;
    use crate::with_body;

    #[test]
    fn what_head_answers_is_what_get_answers_without_its_body() {
        let whole = with_body(StatusCode::OK, "{}".to_owned());
        let head = without_body(whole.clone());
        assert!(head.body().is_empty());
        let length = HeaderValue::from(whole.body().len());
        assert_eq!(head.headers()[CONTENT_LENGTH], length);
        for (name, value) in whole.headers() {
            assert_eq!(head.headers()[name], value, "{name}");
        }
    }
}
