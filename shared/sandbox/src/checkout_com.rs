//! Checkout.com's API: payments, payment sessions (Flow), stored cards and customers.
//!
//! Requests and answers are those of <https://api-reference.checkout.com>. What a test should know:
//!
//! - Any `sk_sbox_…` is an account of its own; `pk_sbox_X` is the public key of the account of
//!   `sk_sbox_X`. Live keys are refused.
//! - Any `tok_` with 26 letters, digits or underscores is a Visa ending in 4242 that the bank
//!   approves and that expires in December four years on. A token is good for one payment. Tokens
//!   with a name, then an underscore, then anything up to 26 characters
//!   (`tok_declined_12345678901234567`), are
//!
//! | name | what it is |
//! |---|---|
//! | `declined` | 20005, do not honour |
//! | `insufficient_funds` | 20051 |
//! | `expired_card` | 20054 |
//! | `sca_required` | 20154, with or without 3-D Secure |
//! | `later_declined` | approved; 20051 once it is stored |
//! | `redirect` | 202, the bank asks its customer; 20154 without `3ds.enabled`. Stored, it asks again unless `merchant_initiated` |
//! | `slow` | approved, the answer comes a minute late |
//! | `mastercard`, `other_visa` | other cards: Mastercard 4444, Visa 1111 |
//! | `expires_this_month`, `expires_next_year` | the 4242 with another expiry, this month of this or the next year |
//! | `expired_token`, `invalid_token` | 422 |
//!
//! - `POST /payment-sessions/{id}/_pay` with the public key and `{"token": "tok_…"}` is the shopper
//!   in Flow's form; `"consent": true` where the session collects consent to store the card.
//! - `POST /3ds/{sid_… or pay_…}/_authenticate` with `{"success": true}` or `false` is the shopper
//!   at the bank, where `_links.redirect` leads; no key is needed. The answer has the URL that the bank sends the shopper to.
//! - Captures, voids and refunds are accepted (202), and done before the next request; or when a test asks
//!   for it ([`CheckoutCom::hold_actions`], [`CheckoutCom::settle_actions`]), or not at all
//!   ([`CheckoutCom::decline_next`]). A payment with `capture` is answered `Authorized` and is `Captured`
//!   when it is read.
//! - Money is held for seven days; then, or by `POST /payments/{id}/_expire`, the hold ends.
//! - What happens is told to the endpoints that were named with [`Sandbox::send_events_to`], signed, by
//!   [`Sandbox::deliver_events`].
//! - An idempotency key with another request is 422 `idempotency_key_reused`; Checkout.com
//!   documents nothing for it.
//! - `POST /tokens` refuses card data. No card number is ever kept.
//! - `POST /payments/{id}/_dispute` with the secret key has the shopper ask their bank for what was captured: it is
//!   told by an event, and nowhere else.
//! - Not modelled: OAuth, what becomes of disputes, refunds of a certain capture, payment methods other than cards, storing cards
//!   without a payment. A field that isn't modelled is refused, not ignored.

use http::{HeaderName, Method};
use serde_json::Value;

use crate::faults::Fault;
use crate::ids::Ids;
use crate::test_values::TestValue;
use crate::vendor::{Asked, Reply, Reused, Sandbox, Stamp, Vendor};

mod auth;
mod cards;
mod customers;
mod error;
mod events;
mod fields;
mod instruments;
mod objects;
mod on_demand;
mod payments;
mod sessions;
mod spelling;
mod state;

use auth::Access;
use cards::Decline;
use error::{Refusal, too_many};
pub use objects::payment::ActionKind;
use state::{State, Work};

/// A stand-in for Checkout.com.
pub type CheckoutCom = Sandbox<Api>;

/// The beginnings of tokens, and what comes of each at `_authorize`.
pub fn test_values() -> Vec<TestValue> {
    cards::test_values()
}

/// Checkout.com's API.
#[derive(Clone, Copy, Debug, Default)]
pub struct Api;

const REQUEST_ID: HeaderName = HeaderName::from_static("cko-request-id");
const VERSION: HeaderName = HeaderName::from_static("cko-version");

impl Vendor for Api {
    type State = State;
    const KEY_HEADER: Option<&'static str> = Some("cko-idempotency-key");
    const FOR_PAGES: bool = true;
    const EVENT_PAUSES: &'static [i64] = events::PAUSES;

    fn request_id(&self, ids: &Ids) -> String {
        ids.make("0H", 11).to_ascii_uppercase()
    }

    fn account(&self, state: &State, asked: &Asked<'_>) -> Result<String, Reply> {
        let found = match asked.segments().as_slice() {
            ["3ds", id] | ["3ds", id, _] => {
                let owner = state.owner_of_payment(id).map(str::to_owned);
                owner.ok_or(Refusal::NotFound)
            }
            ["tokens"] | ["payment-sessions", _, _] => {
                auth::account(asked, Access::Public).ok_or(Refusal::Unauthorized)
            }
            _ => auth::account(asked, Access::Secret).ok_or(Refusal::Unauthorized),
        };
        found.map_err(|refusal| refusal.reply(&asked.request_id))
    }

    fn pass_time(&self, work: &mut Work<'_>) {
        on_demand::pass_time(work);
    }

    fn account_of_key(&self, key: &str) -> Option<String> {
        auth::account_of(key, "sk_sbox_")
    }

    fn sign_event(&self, secret: &str, body: &str, _now: i64) -> Vec<(HeaderName, String)> {
        events::signature(secret, body)
    }

    fn takes_key(&self, asked: &Asked<'_>) -> bool {
        asked.method == Method::POST
            && matches!(
                asked.segments().as_slice(),
                ["payments"] | ["payments", _, "captures" | "refunds" | "voids"]
            )
    }

    fn execute(&self, work: &mut Work<'_>, asked: &Asked<'_>) -> Reply {
        respond(work, asked, None)
    }

    fn ordered(&self, work: &mut Work<'_>, asked: &Asked<'_>, fault: Fault) -> Reply {
        match fault {
            Fault::Status429 => too_many(&asked.request_id, "api_calls_quota_exceeded"),
            Fault::Status402 if makes_payment(asked) => {
                respond(work, asked, Some(Decline::DoNotHonour))
            }
            Fault::Status402 => Refusal::invalid("payment_declined").reply(&asked.request_id),
            _ => Reply::empty(500),
        }
    }

    /// Only successes are kept
    /// (<https://www.checkout.com/docs/payments/manage-payments/idempotency>).
    fn keeps(&self, reply: &Reply) -> bool {
        reply.status.is_success()
    }

    fn key_in_use(&self, asked: &Asked<'_>, _key: &str) -> Reply {
        too_many(&asked.request_id, "duplicate_request_detected")
    }

    fn key_reused(&self, asked: &Asked<'_>, _reused: &Reused<'_>) -> Reply {
        Refusal::invalid("idempotency_key_reused").reply(&asked.request_id)
    }

    fn stamp(&self, asked: &Asked<'_>, _stamp: &Stamp<'_>) -> Vec<(HeaderName, String)> {
        vec![
            (REQUEST_ID, asked.request_id.clone()),
            (VERSION, "3.31.4".to_owned()),
        ]
    }

    /// Without the card's verification code, which nobody may keep.
    fn journal_body(&self, asked: &Asked<'_>) -> Value {
        let mut body = asked.body.clone().unwrap_or_default();
        for place in ["/source/cvv", "/cvv"] {
            if let Some(cvv) = body.pointer_mut(place) {
                *cvv = Value::from("[removed]");
            }
        }
        body
    }
}

fn makes_payment(asked: &Asked<'_>) -> bool {
    asked.method == Method::POST
        && matches!(
            asked.segments().as_slice(),
            ["payments"] | ["payment-sessions", _, "_pay"]
        )
}

fn respond(work: &mut Work<'_>, asked: &Asked<'_>, ordered: Option<Decline>) -> Reply {
    match route(work, asked, ordered) {
        Ok(reply) => reply,
        Err(refusal) => refusal.reply(&asked.request_id),
    }
}

fn route(
    work: &mut Work<'_>,
    asked: &Asked<'_>,
    ordered: Option<Decline>,
) -> Result<Reply, Refusal> {
    match (asked.method.as_str(), asked.segments().as_slice()) {
        ("POST", ["payment-sessions"]) => sessions::create(work, asked),
        ("POST", ["payment-sessions", id, "_pay"]) => sessions::pay(work, asked, id, ordered),
        ("POST", ["tokens"]) => Err(Refusal::invalid("card_data_not_taken")),
        ("POST", ["payments"]) => payments::create(work, asked, ordered),
        ("GET", ["payments"]) => payments::list(work, asked),
        ("GET", ["payments", id]) => payments::read(work, id),
        ("POST", ["payments", id, "captures"]) => payments::capture(work, asked, id),
        ("POST", ["payments", id, "voids"]) => payments::void(work, asked, id),
        ("POST", ["payments", id, "refunds"]) => payments::refund(work, asked, id),
        ("GET", ["payments", id, "actions"]) => payments::actions(work, id),
        ("POST", ["payments", id, "_expire"]) => {
            let account = work.account;
            match on_demand::expire(work, account, id) {
                true => payments::read(work, id),
                false => Err(Refusal::Forbidden),
            }
        }
        ("POST", ["payments", id, "_dispute"]) => match on_demand::dispute(work, id) {
            true => payments::read(work, id),
            false => Err(Refusal::Forbidden),
        },
        ("GET", ["3ds", id]) => payments::challenge(work, asked, id),
        ("POST", ["3ds", id, "_authenticate"]) => payments::authenticate(work, asked, id),
        ("GET", ["instruments", id]) => instruments::read(work, id),
        ("DELETE", ["instruments", id]) => instruments::delete(work, id),
        ("POST", ["customers"]) => customers::create(work, asked),
        ("GET", ["customers", id]) => customers::read(work, id),
        _ => Err(Refusal::NotFound),
    }
}
