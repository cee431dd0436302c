//! A reference external gateway: what a shop's own endpoints answer, to be read before writing them.
//!
//! An external gateway is a few URLs that a shop serves and that its customers' payments go through.
//!
//! | path | the gateway's attribute | is asked | `data` |
//! |---|---|---|---|
//! | `/token` | `token_url` | when a customer saves a payment | `external_payments` |
//! | `/authorize` | `authorize_url` | when an order is placed | `external_payments` |
//! | `/capture` | `capture_url` | when what is held is taken | `authorizations` |
//! | `/void` | `void_url` | when what is held is let go of | `authorizations` |
//! | `/refund` | `refund_url` | when what was taken is given back | `captures` |
//!
//! ```text
//! POST /authorize
//! X-CommerceLayer-Signature: base64(HMAC-SHA256(body, the gateway's shared_secret))
//! Idempotency-Key: …
//!
//! {"data": {"type": "external_payments", "id": "…", "attributes": {"payment_source_token": "…"}},
//!  "included": [{"type": "orders", …}, {"type": "customers", "id": "…", …}]}
//! ```
//!
//! Where money moves, the order's `total_amount_with_taxes_cents` is authorised; a capture is of the
//! authorization's `capture_amount_cents`, a refund of the capture's `refund_amount_cents`, and where they
//! are missing of its `amount_cents`. An authorization and a capture are found by their `token`, the
//! `transaction_token` that was answered when they were made.
//!
//! What it does, in this order:
//!
//! 1. verifies the signature over the bytes as they came, before it believes anything they say;
//!    otherwise 401;
//! 2. finds what it needs, as the token of the payment source and the customer; otherwise 422;
//! 3. answers 200, whether it was done or not: the status says that the request was understood, `success`
//!    says what came of it. Or it answers 202, and says so later in a signed request of its own.
//!
//! ```text
//! {"success": true, "data": {"transaction_token": "…", "amount_cents": 12900, "metadata": {…}}}
//! {"success": true, "data": {"customer_token": "…", "payment_source_token": "…", "metadata": {…},
//!  "payment_instrument": {…}, "fingerprint": "…"}}
//! {"success": false, "data": {"error": {"code": "…", "message": "…"}}}
//! ```
//!
//! A request may come twice, since an answer can get lost: the same payment source of the same customer
//! has the same tokens each time, here because they are computed from it. Where money moves, the request's
//! `Idempotency-Key` is remembered for a day with what was answered, so that it moves once.
//!
//! Beginnings of a `payment_source_token` that make it answer otherwise:
//!
//! | token | answer |
//! |---|---|
//! | `declined…` | `"success": false`, when it is saved and when it is authorised |
//! | `toplevel…` | `customer_token` and `payment_source_token` beside `success` and not in `data` |
//! | `other-card…` | another card |
//! | `no-card…` | tokens and metadata, nothing of the card |
//! | `pending…` | 202 with an `action_id` when it is authorised |
//! | `no-action…` | 202 without one, which nobody can ever settle |
//! | `capture-declined…`, `void-declined…`, `refund-declined…` | what was authorised with it is not captured, … |
//! | `capture-pending…`, … and `capture-no-action…`, … | or that is decided later |
//!
//! [`settle`](External::settle) decides on an action, or `POST /actions/{action_id}/_decide` with
//! `{"success": true}` or false; what the shop is then told waits in an outbox for
//! [`deliver_callbacks`](crate::Sandbox::deliver_callbacks).
//!
//! The journal of requests keeps bodies whole, with the order and the customer in them.

use http::header::ALLOW;
use http::{HeaderName, Method};
use serde_json::{Value, json};

use crate::Fault;
use crate::ids::{Ids, derived};
use crate::test_values::{Paying, TestValue};
use crate::vendor::{Asked, Reply, Sandbox, Stamp, Vendor, Work};

mod ledger;
mod settling;
mod signature;
mod token;
mod transactions;

use ledger::Ledger;

pub use settling::Verdict;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The reference gateway. It is made with its shared secret:
/// `External::with(Api::new(shared_secret), options)`.
pub type External = Sandbox<Api>;

/// The beginnings of payment source tokens, and what comes of each.
pub fn test_values() -> Vec<TestValue> {
    use Paying::{Approved, Declined, Otherwise};

    [
        ("", Approved, "approved; saved, a Visa 4242"),
        ("other-card", Approved, "approved; saved, a Mastercard 4444"),
        ("no-card", Approved, "approved; saved, no card to show"),
        ("declined", Declined, "declined"),
        ("pending", Otherwise, "decided later"),
        (
            "capture-declined",
            Otherwise,
            "approved; the capture is declined",
        ),
        (
            "refund-declined",
            Otherwise,
            "approved; refunds are declined",
        ),
    ]
    .map(|(value, paying, words)| TestValue::beginning(value, paying, words))
    .into()
}

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

impl Vendor for Api {
    type State = Ledger;

    const KEY_HEADER: Option<&'static str> = Some("idempotency-key");

    fn request_id(&self, ids: &Ids) -> String {
        ids.make("req_", 16)
    }

    /// Whoever knows the shared secret is the shop; its tokens are made from its name.
    fn account(&self, _: &Ledger, asked: &Asked<'_>) -> Result<String, Reply> {
        if decided_action(asked.path).is_some() {
            return Ok(derived(&self.shared_secret, 16));
        }
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

    fn takes_key(&self, asked: &Asked<'_>) -> bool {
        transactions::moves_money(asked.path)
    }

    /// The key alone counts: a document that is written anew may tell another time.
    fn parameters(&self, _: &Asked<'_>) -> String {
        String::new()
    }

    fn keeps(&self, reply: &Reply) -> bool {
        reply.status.is_success()
    }

    fn execute(&self, work: &mut Work<'_, Ledger>, asked: &Asked<'_>) -> Reply {
        let action = decided_action(asked.path);
        if let (&Method::POST, Some(id)) = (asked.method, action) {
            let (body, secret) = (asked.body.as_ref(), &self.shared_secret);
            return settling::decide(work.state, id, body, secret);
        }
        let is_path =
            action.is_some() || asked.path == "/token" || transactions::moves_money(asked.path);
        match (asked.method, is_path) {
            (&Method::POST, true) => {
                transactions::answer(work, asked).unwrap_or_else(|| token::answer(work, asked))
            }
            (_, true) => refused(405, "METHOD_NOT_ALLOWED", "Only POST is answered here.")
                .header(ALLOW, "POST"),
            (_, false) => refused(404, "NOT_FOUND", "There is no such endpoint."),
        }
    }

    fn ordered(&self, _: &mut Work<'_, Ledger>, _: &Asked<'_>, fault: Fault) -> Reply {
        match fault {
            Fault::Status402 => declined(),
            Fault::Status429 => refused(429, "TOO_MANY_REQUESTS", "Come back later."),
            _ => refused(500, "INTERNAL_ERROR", "The gateway is out of order."),
        }
    }

    fn stamp(&self, asked: &Asked<'_>, _: &Stamp<'_>) -> Vec<(HeaderName, String)> {
        vec![(REQUEST_ID, asked.request_id.clone())]
    }
}

/// The action that somebody decides on in the gateway's place, who need not sign.
fn decided_action(path: &str) -> Option<&str> {
    path.strip_prefix("/actions/")?.strip_suffix("/_decide")
}

/// A request that is not carried out.
fn refused(status: u16, code: &str, message: &str) -> Reply {
    let error = json!({ "code": code, "message": message });
    Reply::json(status, json!({ "success": false, "error": error }))
}

/// The card is declined.
fn declined() -> Reply {
    let error = json!({ "code": "CARD_DECLINED", "message": "The card was declined." });
    Reply::json(200, json!({ "success": false, "data": { "error": error } }))
}

/// The included resource of this type.
fn included<'d>(document: &'d Value, resource_type: &str) -> Option<&'d Value> {
    let included = document["included"].as_array()?;
    included.iter().find(|it| it["type"] == resource_type)
}

fn text(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| !text.is_empty())
}
