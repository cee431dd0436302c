//! Responses: status, headers and body of what a request comes to.

use bytes::Bytes;
use domain::Refusal;
use domain::refusal::Code;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderName, LOCATION, VARY,
    WWW_AUTHENTICATE,
};
use http::{HeaderValue, Response, StatusCode};
use json_api::{MEDIA_TYPE, error_document, status_of};
use serde_json::Value;

use crate::entity_tag::entity_tag;
use crate::precondition::{Conditions, Outcome, failed};
use crate::{Failure, Method};

/// What an answer depends on beside its URL. In the cloud the headers for pages of other origins are
/// there only if the request names one.
const VARIES_BY: HeaderValue = HeaderValue::from_static("Accept, Authorization, Origin");

/// Kept by the caller alone, and asked about each time (as Commerce Layer has it).
const ASKED_ABOUT: HeaderValue = HeaderValue::from_static("max-age=0, private, must-revalidate");

const NOT_KEPT: HeaderValue = HeaderValue::from_static("no-store");

/// What an answer shows.
pub enum Body {
    /// 200, with a document.
    Document(Value),
    /// 201, with the document of a new record, and where it is.
    Created {
        /// The record's URL.
        location: String,
        /// Its document.
        document: Value,
    },
    /// 204.
    Nothing,
}

/// The response to a request that was carried out. What `GET` answers, and `PATCH` as the state that
/// `GET` shows from then on, carries an entity tag.
pub fn respond(body: Body, method: Method, conditions: &Conditions) -> Response<Bytes> {
    match body {
        Body::Document(document) if method == Method::Get => read(&document, conditions),
        Body::Document(document) if method == Method::Patch => {
            let text = document.to_string();
            let tag = entity_tag(&text);
            let mut response = with_body(StatusCode::OK, text);
            set(&mut response, ETAG, &tag);
            response
        }
        Body::Document(document) => with_body(StatusCode::OK, document.to_string()),
        Body::Created { location, document } => {
            let mut response = with_body(StatusCode::CREATED, document.to_string());
            set(&mut response, LOCATION, &location);
            response
        }
        Body::Nothing => empty(StatusCode::NO_CONTENT),
    }
}

/// The response that shows a state; none of it but its tag where the caller has it already.
fn read(document: &Value, conditions: &Conditions) -> Response<Bytes> {
    let text = document.to_string();
    let tag = entity_tag(&text);
    let mut response = match conditions.for_read(&tag) {
        Outcome::Send => with_body(StatusCode::OK, text),
        Outcome::NotModified => empty(StatusCode::NOT_MODIFIED),
        Outcome::Failed => return refuse(failed("If-Match").into()),
    };
    set(&mut response, ETAG, &tag);
    response.headers_mut().insert(CACHE_CONTROL, ASKED_ABOUT);
    response
}

/// The response to a request that is not carried out as asked.
pub fn refuse(failure: Failure) -> Response<Bytes> {
    if !matches!(failure, Failure::Refused(_) | Failure::Throttled) {
        let gateway_failure = failure.of_gateway();
        tracing::error!(%failure, gateway_failure, "request failed");
    }
    let refusals = failure.refusals();
    let status = StatusCode::from_u16(status_of(&refusals));
    let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = with_body(status, error_document(&refusals).to_string());
    if status == StatusCode::UNAUTHORIZED {
        let is_token = refusals.iter().any(|it| it.code == Code::InvalidToken);
        let challenge = match is_token {
            true => "Bearer error=\"invalid_token\"",
            false => "Bearer error=\"insufficient_scope\"",
        };
        set(&mut response, WWW_AUTHENTICATE, challenge);
    }
    response
}

/// The same response, to a request that brought no token: it is told no more than what to bring
/// (RFC 6750, section 3.1).
pub fn challenge(mut response: Response<Bytes>) -> Response<Bytes> {
    if response.status() == StatusCode::UNAUTHORIZED {
        set(&mut response, WWW_AUTHENTICATE, "Bearer");
    }
    response
}

/// The response to a request that is for no route: 404, or 405 where its path takes other `methods`.
pub fn no_route(methods: &[Method]) -> Response<Bytes> {
    if methods.is_empty() {
        return refuse(Refusal::not_found().into());
    }
    let detail = "This path does not take this method.";
    let mut response = refuse(Refusal::new(Code::MethodNotAllowed, detail).into());
    response.headers_mut().extend(allow(methods));
    response
}

/// The header that names the methods which are taken.
pub fn allow(methods: &[Method]) -> Option<(HeaderName, HeaderValue)> {
    let methods: Vec<_> = methods.iter().flat_map(|it| it.taken()).copied().collect();
    let value = HeaderValue::from_str(&methods.join(", "));
    value.ok().map(|value| (ALLOW, value))
}

/// The same response, to `HEAD`: all but its body, whose length it tells (RFC 9110, section 9.3.2).
pub fn without_body(response: Response<Bytes>) -> Response<Bytes> {
    let (mut parts, body) = response.into_parts();
    if !body.is_empty() {
        let length = HeaderValue::from(body.len());
        parts.headers.insert(CONTENT_LENGTH, length);
    }
    Response::from_parts(parts, Bytes::new())
}

fn with_body(status: StatusCode, text: String) -> Response<Bytes> {
    let mut response = empty(status).map(|_| Bytes::from(text));
    let media_type = HeaderValue::from_static(MEDIA_TYPE);
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    response
}

fn empty(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(VARY, VARIES_BY);
    headers.insert(CACHE_CONTROL, NOT_KEPT);
    response
}

/// Sets a header to a text; one that no header takes is left out.
fn set(response: &mut Response<Bytes>, name: HeaderName, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        response.headers_mut().insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use http::header::IF_NONE_MATCH;
    use serde_json::json;

    use super::*;

    fn get(conditions: &Conditions) -> Response<Bytes> {
        let document = Body::Document(json!({ "data": null }));
        respond(document, Method::Get, conditions)
    }

    #[test]
    fn a_state_that_the_caller_has_is_answered_without_body() {
        let first = get(&Conditions::default());
        assert_eq!(first.status(), 200);
        assert_eq!(first.headers()[CACHE_CONTROL], ASKED_ABOUT);

        let mut headers = HeaderMap::new();
        headers.insert(IF_NONE_MATCH, first.headers()[ETAG].clone());
        let again = get(&Conditions::of(&headers));
        assert_eq!(again.status(), 304);
        assert!(again.body().is_empty());
        for name in [ETAG, CACHE_CONTROL, VARY] {
            assert_eq!(again.headers()[&name], first.headers()[&name], "{name}");
        }
        assert!(!again.headers().contains_key(CONTENT_TYPE));
    }

    #[test]
    fn what_head_answers_is_what_get_answers_without_its_body() {
        let whole = get(&Conditions::default());
        let head = without_body(whole.clone());
        assert!(head.body().is_empty());
        let length = HeaderValue::from(whole.body().len());
        assert_eq!(head.headers()[CONTENT_LENGTH], length);
        for (name, value) in whole.headers() {
            assert_eq!(head.headers()[name], value, "{name}");
        }
    }

    #[test]
    fn what_is_changed_is_tagged_and_not_kept() {
        let document = Body::Document(json!({ "data": null }));
        let changed = respond(document, Method::Patch, &Conditions::default());
        assert_eq!(changed.headers()[CACHE_CONTROL], NOT_KEPT);
        let read = get(&Conditions::default());
        assert_eq!(changed.headers()[ETAG], read.headers()[ETAG]);
        assert!(
            !refuse(Refusal::not_found().into())
                .headers()
                .contains_key(ETAG)
        );
    }
}
