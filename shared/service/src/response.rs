//! Responses: status, headers and body of what a request comes to.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, ETAG, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};
use logging::metrics;
use routing::{Coding, Method, empty, refused, set, with_body};
use store::StoreError;

use crate::Failure;
use crate::entity_tag::{coded_tag, entity_tag};
use crate::precondition::{Conditions, Outcome, failed};

/// Kept by the caller alone, and asked about each time (as Commerce Layer has it).
const ASKED_ABOUT: HeaderValue = HeaderValue::from_static("max-age=0, private, must-revalidate");

/// What an answer shows.
pub enum Body {
    /// 200, with a document as text.
    Document(String),
    /// 201, with the document of a new record, and where it is.
    Created {
        /// The record's URL.
        location: String,
        /// The document of the record that was made.
        document: String,
    },
    /// 204.
    Nothing,
}

/// The response to a request that was carried out, in this coding. What `GET` answers, and `PATCH` as the state
/// that `GET` shows from then on, carries an entity tag.
pub fn respond(
    body: Body,
    method: Method,
    conditions: &Conditions,
    coding: Coding,
) -> Response<Bytes> {
    let response = match body {
        Body::Document(text) if method == Method::Get => read(text, conditions, coding),
        Body::Document(text) if method == Method::Patch => {
            let tag = coded_tag(&entity_tag(&text), coding.of_length(text.len()));
            let mut response = with_body(StatusCode::OK, text);
            set(&mut response, ETAG, &tag);
            response
        }
        Body::Document(text) => with_body(StatusCode::OK, text),
        Body::Created { location, document } => {
            let mut response = with_body(StatusCode::CREATED, document);
            set(&mut response, LOCATION, &location);
            response
        }
        Body::Nothing => empty(StatusCode::NO_CONTENT),
    };
    coding.apply(response)
}

/// The response that shows a state; none of it but its tag where the caller has it already.
fn read(text: String, conditions: &Conditions, coding: Coding) -> Response<Bytes> {
    let tag = entity_tag(&text);
    let coded = coded_tag(&tag, coding.of_length(text.len()));
    let mut response = match conditions.for_read(&tag) {
        Outcome::Send => with_body(StatusCode::OK, text),
        Outcome::NotModified => empty(StatusCode::NOT_MODIFIED),
        Outcome::Failed => return refuse(failed("If-Match").into()),
    };
    set(&mut response, ETAG, &coded);
    response.headers_mut().insert(CACHE_CONTROL, ASKED_ABOUT);
    response
}

/// The response to a request that is not carried out as asked.
pub fn refuse(failure: Failure) -> Response<Bytes> {
    if let Failure::TooManyDeclined { retry_after } = failure {
        tracing::warn!("the gateway has declined too many attempts");
        return crate::throttle::too_many(retry_after);
    }
    let is_busy = matches!(failure, Failure::Store(StoreError::Busy(_)));
    match &failure {
        Failure::Refused(_) | Failure::Throttled => {}
        Failure::Contended => tracing::warn!(%failure, "request not carried out"),
        _ => {
            metrics::request_failed(&failure, failure.of_gateway());
        }
    }
    let mut response = refused(&failure.refusals());
    if is_busy {
        set(&mut response, RETRY_AFTER, "1");
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

#[cfg(test)]
mod tests {
    use domain::Refusal;
    use http::HeaderMap;
    use http::header::{CONTENT_TYPE, IF_NONE_MATCH, VARY};
    use serde_json::json;

    use super::*;

    fn get(conditions: &Conditions) -> Response<Bytes> {
        let document = Body::Document(json!({ "data": null }).to_string());
        respond(document, Method::Get, conditions, Coding::Identity)
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
    fn what_is_changed_is_tagged_and_not_kept() {
        let document = Body::Document(json!({ "data": null }).to_string());
        let changed = respond(
            document,
            Method::Patch,
            &Conditions::default(),
            Coding::Identity,
        );
        assert_eq!(changed.headers()[CACHE_CONTROL], "no-store");
        let read = get(&Conditions::default());
        assert_eq!(changed.headers()[ETAG], read.headers()[ETAG]);
        assert!(
            !refuse(Refusal::not_found().into())
                .headers()
                .contains_key(ETAG)
        );
    }
}
