//! Answers that need nothing but what is refused.

use bytes::Bytes;
use domain::Refusal;
use domain::refusal::{Code, Refusals};
use domain::resources::not_held::NOT_HELD;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName, VARY, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};
use json_api::{MEDIA_TYPE, error_document, status_of};

use crate::{ALL, Method, methods_of};

/// What an answer depends on beside its URL. In the cloud the headers for pages of other origins are
/// there only if the request names one.
const VARIES_BY: HeaderValue =
    HeaderValue::from_static("Accept, Accept-Encoding, Authorization, Origin");

const NOT_KEPT: HeaderValue = HeaderValue::from_static("no-store");

/// The response that says why a request is not carried out.
pub fn refused(refusals: &Refusals) -> Response<Bytes> {
    let status = StatusCode::from_u16(status_of(refusals));
    let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = with_body(status, error_document(refusals).to_string());
    if let Some(first) = refusals.iter().next() {
        response.extensions_mut().insert(first.code);
    }
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
/// methods; 422 where something of Commerce Layer's is to be written that is not held here.
pub fn no_route(method: &str, path: &str) -> Response<Bytes> {
    let written = not_held(path).filter(|_| !Method::Get.taken().contains(&method));
    if let Some(kind) = written {
        let detail = format!("{kind} are not held here.");
        return refused(&Refusal::new(Code::ResourceNotSupported, detail).into());
    }
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

/// The type of Commerce Layer's that a path is of, where none of it is held here.
fn not_held(path: &str) -> Option<&'static str> {
    let kind = path.strip_prefix("/api/")?.split('/').next()?;
    NOT_HELD.iter().copied().find(|it| *it == kind)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_held_is_not_written_and_not_there() {
        let cases = [
            ("POST", "/api/gift_cards", 422),
            ("PATCH", "/api/order_subscriptions/eqkykhjlVw", 422),
            ("DELETE", "/api/returns/eqkykhjlVw", 422),
            ("HEAD", "/api/gift_cards", 404),
            ("POST", "/api/unicorns", 404),
            ("POST", "/gift_cards", 404),
        ];
        for (method, path, status) in cases {
            let response = no_route(method, path);
            assert_eq!(response.status(), status, "{method} {path}");
            let body = String::from_utf8_lossy(response.body()).into_owned();
            let is_named = body.contains("RESOURCE_NOT_SUPPORTED");
            assert_eq!(is_named, status == 422, "{body}");
        }
    }

    #[test]
    fn what_is_not_held_has_no_route() {
        for kind in NOT_HELD {
            let path = format!("/api/{kind}");
            assert!(methods_of(ALL, &path).is_empty(), "{kind}");
        }
    }
}
