//! A reference external gateway: what a shop's own endpoints answer, to be read before writing them.
//!
//! An external gateway is a few URLs that a shop serves and that its customers' payments go through.
//! This one has the one that is called so far, the `token_url`: it is asked when a customer saves an
//! external payment to the wallet.
//!
//! ```text
//! POST /token
//! X-CommerceLayer-Signature: base64(HMAC-SHA256(body, the gateway's shared_secret))
//!
//! {"data": {"type": "external_payments", "id": "…", "attributes": {"payment_source_token": "…"}},
//!  "included": [{"type": "orders", …}, {"type": "customers", "id": "…", …}]}
//! ```
//!
//! What it does, in this order:
//!
//! 1. verifies the signature over the bytes as they came, before it believes anything they say;
//!    otherwise 401;
//! 2. finds the token of the payment source, and the customer; otherwise 422;
//! 3. answers 200, whether the card may be saved or not: the status says that the request was
//!    understood, `success` says what came of it.
//!
//! ```text
//! {"success": true, "data": {"customer_token": "…", "payment_source_token": "…", "metadata": {…},
//!  "payment_instrument": {…}, "fingerprint": "…"}}
//! {"success": false, "data": {"error": {"code": "…", "message": "…"}}}
//! ```
//!
//! A request may come twice, since an answer can get lost: the same payment source of the same customer
//! has the same tokens each time, here because they are computed from it. A gateway that makes a record
//! at each call has to remember the request's `Idempotency-Key` instead.
//!
//! Beginnings of a `payment_source_token` that make it answer otherwise:
//!
//! | token | answer |
//! |---|---|
//! | `declined…` | `"success": false` |
//! | `toplevel…` | `customer_token` and `payment_source_token` beside `success` and not in `data` |
//! | `other-card…` | another card |
//! | `no-card…` | tokens and metadata, nothing of the card |
//!
//! The journal of requests keeps bodies whole, with the order and the customer in them.

use http::header::ALLOW;
use http::{HeaderName, Method};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::Fault;
use crate::ids::{Ids, derived};
use crate::vendor::{Asked, Reply, Sandbox, Stamp, Vendor, Work};

mod signature;
mod token;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The reference gateway. It is made with its shared secret:
/// `External::with(Api::new(shared_secret), options)`.
pub type External = Sandbox<Api>;

/// The reference gateway's endpoints.
pub struct Api {
    shared_secret: String,
}

impl Api {
    /// `shared_secret` is the attribute of that name of the external gateway that calls.
    pub fn new(shared_secret: impl Into<String>) -> Self {
        Self {
            shared_secret: shared_secret.into(),
        }
    }
}

/// The state of a gateway that has nothing to remember.
#[derive(Default, Deserialize, Serialize)]
pub struct Nothing {}

impl Vendor for Api {
    type State = Nothing;

    fn request_id(&self, ids: &Ids) -> String {
        ids.make("req_", 16)
    }

    /// Whoever knows the shared secret is the shop; its tokens are made from its name.
    fn account(&self, _: &Nothing, asked: &Asked<'_>) -> Result<String, Reply> {
        let sent = asked.header(signature::HEADER);
        match signature::is_valid(sent, asked.raw, &self.shared_secret) {
            true => Ok(derived(&self.shared_secret, 16)),
            false => Err(refused(
                401,
                "INVALID_SIGNATURE",
                "X-CommerceLayer-Signature is not the signature of this body.",
            )),
        }
    }

    fn execute(&self, work: &mut Work<'_, Nothing>, asked: &Asked<'_>) -> Reply {
        match (asked.method, asked.path) {
            (&Method::POST, "/token") => token::answer(work, asked),
            (_, "/token") => refused(405, "METHOD_NOT_ALLOWED", "Only POST is answered here.")
                .header(ALLOW, "POST"),
            _ => refused(404, "NOT_FOUND", "There is no such endpoint."),
        }
    }

    fn ordered(&self, _: &mut Work<'_, Nothing>, _: &Asked<'_>, fault: Fault) -> Reply {
        match fault {
            Fault::Status402 => token::declined(),
            Fault::Status429 => refused(429, "TOO_MANY_REQUESTS", "Come back later."),
            _ => refused(500, "INTERNAL_ERROR", "The gateway is out of order."),
        }
    }

    fn stamp(&self, asked: &Asked<'_>, _: &Stamp<'_>) -> Vec<(HeaderName, String)> {
        vec![(REQUEST_ID, asked.request_id.clone())]
    }
}

/// A request that is not carried out.
fn refused(status: u16, code: &str, message: &str) -> Reply {
    let error = json!({ "code": code, "message": message });
    Reply::json(status, json!({ "success": false, "error": error }))
}
