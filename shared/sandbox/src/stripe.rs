//! Stripe's API, version 1: customers, payment methods (cards) and payment intents.
//!
//! Requests and answers are those of <https://docs.stripe.com/api>. What a test should know:
//!
//! - Any `sk_test_…` is an account of its own; `pk_test_X` is the publishable key of the account
//!   of `sk_test_X`. Live keys are refused.
//! - `pm_card_visa` and the other names of <https://docs.stripe.com/testing> make a new payment
//!   method at each use, as do `card[token]=tok_visa` and the like. Any other `pm_…` that nobody
//!   has is taken as a Visa ending in 4242, under that very id; `pm_missing…` is never there.
//! - Cards expire in December four years after they were entered; `POST /v1/payment_methods/{id}`
//!   with `card[exp_year]` makes one expire earlier.
//! - `POST /v1/payment_intents/{id}/_authenticate` with `client_secret` and `success=true` or
//!   `false` ends 3-D Secure; no key is needed.
//! - Card numbers are refused, as Stripe refuses them by default. None is ever kept.
//! - Money is held for seven days; then, or by `POST /v1/payment_intents/{id}/_expire`, the hold runs
//!   out.
//! - Refunds succeed at once; those to `pm_card_pendingRefund` and `pm_card_refundFail` succeed and fail
//!   an hour later. `POST /v1/refunds/{id}/_settle` with `status=succeeded` or `failed` does it now, to
//!   any refund. `POST /v1/charges/{id}/_dispute` opens a dispute.
//! - What happens is told to the endpoints that were named with [`Sandbox::send_events_to`], signed, by
//!   [`Sandbox::deliver_events`].
//! - Not modelled: setup intents, what becomes of disputes, several captures of one intent, Connect,
//!   payment methods other than cards.
//!   A parameter that isn't modelled is refused, not ignored.

use http::{HeaderName, Method};
use serde_json::Value;

use crate::faults::Fault;
use crate::ids::Ids;
use crate::test_values::TestValue;
pub use crate::vendor::Options;
use crate::vendor::{self, Asked, Reply, Reused, Sandbox, Stamp, Vendor};

mod addresses;
mod auth;
mod call;
mod cards;
mod charges;
mod currencies;
mod customers;
mod error;
mod events;
mod exchange;
mod expand;
mod fields;
mod headers;
mod idempotency;
mod lists;
mod named_methods;
mod objects;
mod on_demand;
mod params;
mod payment_intents;
mod payment_methods;
mod refunds;
mod routes;
mod state;
mod task;

use error::ApiError;
use state::State;

/// A stand-in for Stripe.
pub type Stripe = Sandbox<Api>;

/// The test cards, and what comes of each once the browser confirms.
pub fn test_values() -> Vec<TestValue> {
    cards::test_values()
}

/// Stripe's API.
#[derive(Clone, Copy, Debug, Default)]
pub struct Api;

impl Vendor for Api {
    type State = State;
    const KEY_HEADER: Option<&'static str> = Some("idempotency-key");
    const FOR_PAGES: bool = true;
    const EVENT_PAUSES: &'static [i64] = events::PAUSES;

    fn request_id(&self, ids: &Ids) -> String {
        ids.make("req_", 14)
    }

    fn pass_time(&self, work: &mut vendor::Work<'_, State>) {
        on_demand::pass_time(work);
    }

    fn account_of_key(&self, key: &str) -> Option<String> {
        let caller = auth::caller(key)?;
        (!caller.is_publishable).then_some(caller.account)
    }

    fn sign_event(&self, secret: &str, body: &str, now: i64) -> Vec<(HeaderName, String)> {
        events::signature(secret, body, now)
    }

    fn account(&self, state: &State, asked: &Asked<'_>) -> Result<String, Reply> {
        let caller = exchange::caller(asked, state);
        caller.map(|caller| caller.account).map_err(ApiError::reply)
    }

    fn check(&self, asked: &Asked<'_>) -> Result<(), Reply> {
        exchange::check(asked).map_err(ApiError::reply)
    }

    fn takes_key(&self, asked: &Asked<'_>) -> bool {
        asked.method == Method::POST
    }

    fn key(&self, asked: &Asked<'_>) -> Result<Option<String>, Reply> {
        if !self.takes_key(asked) {
            return Ok(None);
        }
        headers::idempotency_key(asked.headers).map_err(ApiError::reply)
    }

    fn parameters(&self, asked: &Asked<'_>) -> String {
        exchange::parameters(asked)
    }

    fn execute(&self, work: &mut vendor::Work<'_, State>, asked: &Asked<'_>) -> Reply {
        let visit = payment_intents::Visit::of(asked, work.state);
        match (exchange::run(work, asked), visit) {
            (Ok(intent), Some(visit)) => visit.answer(&intent),
            (Ok(value), None) => Reply::json(200, value),
            (Err(error), _) => error.reply(),
        }
    }

    fn ordered(
        &self,
        _work: &mut vendor::Work<'_, State>,
        _asked: &Asked<'_>,
        fault: Fault,
    ) -> Reply {
        let error = match fault {
            Fault::Status429 => ApiError::rate_limit(),
            Fault::Status402 => ApiError::declined(),
            _ => ApiError::internal(),
        };
        error.reply()
    }

    fn keeps(&self, reply: &Reply) -> bool {
        reply.has_begun
    }

    fn key_in_use(&self, _asked: &Asked<'_>, key: &str) -> Reply {
        ApiError::key_in_use(key).reply()
    }

    fn key_reused(&self, _asked: &Asked<'_>, reused: &Reused<'_>) -> Reply {
        idempotency::refusal(reused).reply()
    }

    fn stamp(&self, asked: &Asked<'_>, stamp: &Stamp<'_>) -> Vec<(HeaderName, String)> {
        headers::stamp(asked, stamp)
    }

    fn journal_body(&self, asked: &Asked<'_>) -> Value {
        exchange::journal_body(asked)
    }
}
