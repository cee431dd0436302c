//! The paths below `/_sandbox`, the same for every stand-in.

use bytes::Bytes;
use http::header::ORIGIN;
use http::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};

use crate::answer::json_response;
use crate::faults::{FaultOrder, Faults};
use crate::journal::Journal;

/// The answer to a request below `/_sandbox`; `None` for other paths, which are the gateway's.
pub(crate) fn answer(
    request: &Request<Bytes>,
    faults: &Faults,
    journal: &Journal,
    signed_events: impl FnOnce(&str) -> Value,
) -> Option<Response<Bytes>> {
    let path = request.uri().path().strip_prefix("/_sandbox/")?;
    if request.headers().contains_key(ORIGIN) {
        return Some(refuse(StatusCode::FORBIDDEN, "not for browser pages"));
    }
    Some(match (request.method(), path) {
        (&Method::GET, "requests") => ok(&json!({"object": "list", "data": journal.read()})),
        (&Method::GET, "faults") => ok(&json!({"object": "list", "data": faults.waiting()})),
        (&Method::POST, "faults") => order(request.body(), faults),
        (&Method::DELETE, "faults") => {
            faults.withdraw();
            nothing()
        }
        (&Method::GET, "events") => {
            let query = request.uri().query().unwrap_or_default();
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            let secret = pairs.find(|(name, _)| name == "secret");
            let secret = secret.map(|(_, value)| value).unwrap_or_default();
            ok(&json!({"object": "list", "data": signed_events(&secret)}))
        }
        _ => refuse(StatusCode::NOT_FOUND, "no such path below /_sandbox"),
    })
}

fn order(body: &Bytes, faults: &Faults) -> Response<Bytes> {
    let order: FaultOrder = match serde_json::from_slice(body) {
        Ok(order) => order,
        Err(error) => return refuse(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    match faults.order(order.clone()) {
        Ok(()) => json_response(StatusCode::CREATED, json!(order).to_string()),
        Err(error) => refuse(StatusCode::BAD_REQUEST, &error.to_string()),
    }
}

fn ok(body: &serde_json::Value) -> Response<Bytes> {
    json_response(StatusCode::OK, body.to_string())
}

fn nothing() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

fn refuse(status: StatusCode, message: &str) -> Response<Bytes> {
    json_response(status, json!({"error": {"message": message}}).to_string())
}
