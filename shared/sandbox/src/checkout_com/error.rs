//! Checkout.com's refusals
//! (<https://www.checkout.com/docs/developer-resources/codes/error-codes>). Most have no body.

use serde_json::{Value, json};

use crate::vendor::Reply;

/// Why a request is not done.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Refusal {
    /// 400: the body is no JSON object.
    Malformed,
    /// 401: nobody, or nobody known.
    Unauthorized,
    /// 403: the payment is not in a state that allows it.
    Forbidden,
    /// 404: not there, or another account's.
    NotFound,
    /// 422: these are the `error_codes`.
    Invalid(Vec<String>),
}

impl Refusal {
    /// A refusal with one code.
    pub(super) fn invalid(code: &str) -> Self {
        Self::Invalid(vec![code.to_owned()])
    }

    /// The answer to the request with this id.
    pub(super) fn reply(&self, request_id: &str) -> Reply {
        match self {
            Self::Malformed => {
                let body = json!({"request_id": request_id, "error_type": "request_malformed"});
                Reply::json(400, body)
            }
            Self::Unauthorized => Reply::empty(401),
            Self::Forbidden => Reply::empty(403),
            Self::NotFound => Reply::empty(404),
            Self::Invalid(codes) => Reply::json(422, body(request_id, codes)),
        }
    }
}

/// 429, for too many requests and for two with one idempotency key at a time.
pub(super) fn too_many(request_id: &str, code: &str) -> Reply {
    let body = json!({
        "request_id": request_id,
        "error_type": "too_many_requests",
        "error_codes": [code],
    });
    Reply::json(429, body)
}

fn body(request_id: &str, codes: &[String]) -> Value {
    json!({
        "request_id": request_id,
        "error_type": "request_invalid",
        "error_codes": codes,
    })
}
