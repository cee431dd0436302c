//! Klarna's Payments API, version 1, its Customer Token API and its Order Management API.
//!
//! Requests and answers are those of <https://docs.klarna.com/api/payments/>,
//! <https://docs.klarna.com/api/customertoken/> and <https://docs.klarna.com/api/ordermanagement/>. What a
//! test should know:
//!
//! - HTTP Basic with any user and password. Each user is an account of its own; users that begin
//!   with `live` and live keys (`klarna_live_…`) are refused.
//! - Amounts are checked as Klarna checks them: lines, taxes within ±1, signs, sums. A member that
//!   isn't in the published description is refused, where Klarna ignores it. A currency must be
//!   the country's, for the countries that the stand-in knows.
//! - Customer tokens are made in AT, CH, DE, DK, FI, GB, NL, NO, SE and US; elsewhere a session
//!   with intent `tokenize` or `buy_and_tokenize` is refused.
//! - Klarna's script in the page makes authorization tokens. In its place
//!   `POST /payments/v1/sessions/{id}/_authorize` with `client_token` authorises the session and
//!   answers `authorization_token`; no credentials are needed. It may be given the name of the
//!   token to make: `authorization_token`.
//! - Any authorization token that nobody has seen is authorised when it is first used, for the
//!   newest open session with the country, currency and amount that the request names; sessions
//!   that are not authorised yet come first. If none fits, the answer is 409 with what differs
//!   from the newest open session; without an open session 404.
//! - Names of authorization tokens mean something:
//!
//! | begins with | what it does |
//! |---|---|
//! | `expired-` | 404 `NOT_FOUND` |
//! | `rejected-` | 403 `REJECTED` for an order or a customer token; 404 when released |
//! | `invoice-` | its customer token pays by invoice: no card to show |
//! | `direct-debit-` | its customer token is a bank account |
//! | `suspended-` | its customer token is suspended from the start |
//! | `unavailable-` | orders for its customer token fail with `UNAVAILABLE_PAYMENT_METHOD` |
//! | `step-up-` | the next order for its customer token wants the shopper: a `step_up_id` where the order says `step_up: SUPPORTED`, else `PAYMENT_METHOD_FAILED`. An order in a session that was opened with the id ends that |
//! | `pending-` | its order, and those for its customer token, are `PENDING` |
//!
//! - All other customer tokens are a Visa ending in 1234 that expires in December, four years
//!   after the token was made.
//! - `Klarna-Idempotency-Key` counts on every POST and PATCH. The first result is kept, refusals
//!   included, but for 401 and 429. A key for another request is 409; one in use is 503. In order
//!   management the key alone counts, whatever the body says; a repeat has no `Capture-Id` and no
//!   `Refund-Id`.
//! - A pending order cannot be captured until [`decide`](Klarna::decide) decides on it, or
//!   `POST /ordermanagement/v1/orders/{id}/_decide` with `event_type`: `FRAUD_RISK_ACCEPTED`,
//!   `FRAUD_RISK_REJECTED`, or `FRAUD_RISK_STOPPED` for one that was accepted. Where the order came with
//!   `merchant_urls.notification`, the shop is told, unsigned as Klarna tells it: the request waits in an
//!   outbox for [`deliver_callbacks`](crate::Sandbox::deliver_callbacks).
//! - An order can be captured for 28 days. [`expire_order`](Klarna::expire_order) ends them now, as does
//!   `POST /ordermanagement/v1/orders/{id}/_expire`. Nobody is told.
//! - An order's amount is never raised.
//! - Not modelled: shipping info, due dates, the callbacks `authorization` and `push`.

use http::{HeaderName, Method};

use crate::faults::Fault;
use crate::ids::Ids;
use crate::test_values::TestValue;
use crate::vendor::{Asked, Reply, Reused, Sandbox, Stamp, Vendor, Work};

mod auth;
mod authorizations;
mod call;
mod countries;
mod customer_tokens;
mod decisions;
mod error;
mod exchange;
mod names;
mod objects;
mod order_management;
mod orders;
mod schema;
mod sessions;
mod state;
mod sums;

use error::ApiError;
use state::State;

pub use decisions::Decision;

const CORRELATION_ID: HeaderName = HeaderName::from_static("klarna-correlation-id");

/// The longest idempotency key, in bytes.
const LONGEST_KEY: usize = 255;

/// A stand-in for Klarna.
pub type Klarna = Sandbox<Api>;

/// The beginnings of authorization tokens, and what comes of each when the order is placed.
pub fn test_values() -> Vec<TestValue> {
    names::test_values()
}

/// Klarna's API.
#[derive(Clone, Copy, Debug, Default)]
pub struct Api;

impl Vendor for Api {
    type State = State;

    /// Klarna's script calls from the shop's page.
    const FOR_PAGES: bool = true;
    const KEY_HEADER: Option<&'static str> = Some("klarna-idempotency-key");

    fn request_id(&self, ids: &Ids) -> String {
        names::uuid(ids)
    }

    fn account(&self, state: &State, asked: &Asked<'_>) -> Result<String, Reply> {
        if let Some(session) = exchange::session_of_page(asked) {
            let owner = state.owner_of_session(session).map(str::to_owned);
            let unknown = || ApiError::not_found("Invalid session id").reply(&asked.request_id);
            return owner.ok_or_else(unknown);
        }
        auth::account(asked).ok_or_else(|| Reply::empty(401))
    }

    fn takes_key(&self, asked: &Asked<'_>) -> bool {
        [Method::POST, Method::PATCH].contains(asked.method)
    }

    fn key(&self, asked: &Asked<'_>) -> Result<Option<String>, Reply> {
        let name = Self::KEY_HEADER.filter(|_| self.takes_key(asked));
        let Some(value) = name.and_then(|name| asked.headers.get(name)) else {
            return Ok(None);
        };
        let key = value
            .to_str()
            .ok()
            .filter(|key| (1..=LONGEST_KEY).contains(&key.len()));
        match key {
            Some(key) => Ok(Some(key.to_owned())),
            None => Err(ApiError::bad_value("Klarna-Idempotency-Key").reply(&asked.request_id)),
        }
    }

    fn parameters(&self, asked: &Asked<'_>) -> String {
        match &asked.body {
            _ if exchange::is_order_management(asked.path) => String::new(),
            Some(body) => body.to_string(),
            None => String::from_utf8_lossy(asked.raw).into_owned(),
        }
    }

    fn execute(&self, work: &mut Work<'_, State>, asked: &Asked<'_>) -> Reply {
        exchange::answer(work, asked).unwrap_or_else(|error| error.reply(&asked.request_id))
    }

    fn ordered(&self, _work: &mut Work<'_, State>, asked: &Asked<'_>, fault: Fault) -> Reply {
        let error = match fault {
            Fault::Status429 => ApiError::too_many_requests(),
            Fault::Status402 => ApiError::rejected(),
            _ => ApiError::internal(),
        };
        error.reply(&asked.request_id)
    }

    fn keeps(&self, _reply: &Reply) -> bool {
        true
    }

    fn key_in_use(&self, asked: &Asked<'_>, _key: &str) -> Reply {
        ApiError::unavailable("A request with this Klarna-Idempotency-Key is being processed")
            .reply(&asked.request_id)
    }

    fn key_reused(&self, asked: &Asked<'_>, _reused: &Reused<'_>) -> Reply {
        ApiError::conflict("The Klarna-Idempotency-Key was used for another request")
            .reply(&asked.request_id)
    }

    fn stamp(&self, asked: &Asked<'_>, _stamp: &Stamp<'_>) -> Vec<(HeaderName, String)> {
        vec![(CORRELATION_ID, asked.request_id.clone())]
    }
}
