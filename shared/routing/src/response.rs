//! Answers that need nothing but what is refused.

use bytes::Bytes;
use domain::Refusal;
use domain::refusal::{Code, Refusals};
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName, VARY, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};
use json_api::{MEDIA_TYPE, error_document, status_of};

use crate::{ALL, methods_of};

/// What an answer depends on beside its URL. In the cloud the headers for pages of other origins are
/// there only if the request names one.
const VARIES_BY: HeaderValue = HeaderValue::from_static("Accept, Authorization, Origin");

const NOT_KEPT: HeaderValue = HeaderValue::from_static("no-store");

/// The response that says why a request is not carried out.
pub fn refused(refusals: &Refusals) -> Response<Bytes> {
    let status = StatusCode::from_u16(status_of(refusals));
    let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = with_body(status, error_document(refusals).to_string());
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

/// The response to a request that no function has a route for: 404, or 405 where its path takes other
/// methods.
pub fn no_route(path: &str) -> Response<Bytes> {
    let methods = methods_of(ALL, path);
    if methods.is_empty() {
        return refused(&Refusal::not_found().into());
    }
    let detail = "This path does not take this method.";
    let mut response = refused(&Refusal::new(Code::MethodNotAllowed, detail).into());
    let taken: Vec<_> = methods.iter().flat_map(|it| it.taken()).copied().collect();
    set(&mut response, ALLOW, &taken.join(", "));
    response
}

/// A JSON:API document under this status.
pub fn with_body(status: StatusCode, text: String) -> Response<Bytes> {
    let mut response = empty(status).map(|_| Bytes::from(text));
    let media_type = HeaderValue::from_static(MEDIA_TYPE);
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    response
}

/// A response without a body, which nobody keeps.
pub fn empty(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(VARY, VARIES_BY);
    headers.insert(CACHE_CONTROL, NOT_KEPT);
    response
}

/// Sets a header to a text; one that no header takes is left out.
pub fn set(response: &mut Response<Bytes>, name: HeaderName, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        response.headers_mut().insert(name, value);
    }
}
