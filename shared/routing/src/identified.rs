use bytes::Bytes;
use domain::Random;
use http::header::CONTENT_LENGTH;
use http::{HeaderValue, Response};
use tracing::Instrument;

use crate::headers::X_REQUEST_ID;

/// Has a request of this method answered under an id of its own, which the answer and every line of
/// the log carry. What `GET` would answer is the answer to `HEAD`, without its body.
pub async fn identified(
    random: &dyn Random,
    method: &http::Method,
    answer: impl Future<Output = Response<Bytes>>,
) -> Response<Bytes> {
    let request_id = random.hex();
    let span = tracing::info_span!("request", request_id);
    let mut response = answer.instrument(span).await;
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert(X_REQUEST_ID, value);
    }
    match *method {
        http::Method::HEAD => without_body(response),
        _ => response,
    }
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
