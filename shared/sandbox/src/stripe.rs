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
//! - Not modelled: setup intents, refunds, webhooks, Connect, payment methods other than cards.
//!   A parameter that isn't modelled is refused, not ignored.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::Request;

use crate::answer::{Answer, StandIn};
use crate::faults::{FaultOrder, FaultOrderError, Faults};
use crate::idempotency::KeysInUse;
use crate::ids::{Clock, Ids, Random};
use crate::journal::{Journal, Received};
use crate::state_file::{self, StateFileError};

mod auth;
mod cards;
mod charges;
mod currencies;
mod customers;
mod error;
mod exchange;
mod expand;
mod headers;
mod idempotency;
mod lists;
mod params;
mod payment_intents;
mod payment_methods;
mod reply;
mod routes;
mod state;
mod task;

use state::State;

/// What a stand-in is made of.
pub struct Options {
    /// The time, for `created`, expiry dates and the age of idempotency keys.
    pub clock: Clock,
    /// Where ids and client secrets come from.
    pub random: Random,
    /// Where the state is kept: read now if it is there, written after each change and before the
    /// answer, readable by its owner alone. Without it the state ends with the process.
    pub state_file: Option<PathBuf>,
}

/// A stand-in for Stripe.
#[derive(Clone)]
pub struct Stripe {
    inner: Arc<Inner>,
}

struct Inner {
    clock: Clock,
    ids: Ids,
    state_file: Option<PathBuf>,
    state: Mutex<State>,
    keys_in_use: KeysInUse,
    faults: Faults,
    journal: Journal,
}

impl Stripe {
    /// A stand-in with the state of the file, or an empty one.
    ///
    /// # Errors
    ///
    /// If the state file is there but can't be read or isn't a state.
    pub fn new(options: Options) -> Result<Self, StateFileError> {
        let state: State = match &options.state_file {
            Some(path) => state_file::load(path)?.unwrap_or_default(),
            None => State::default(),
        };
        Ok(Self {
            inner: Arc::new(Inner {
                clock: options.clock,
                ids: Ids::new(options.random, state.ids_made),
                state_file: options.state_file,
                state: Mutex::new(state),
                keys_in_use: KeysInUse::default(),
                faults: Faults::default(),
                journal: Journal::default(),
            }),
        })
    }

    /// Answers one request as Stripe would, faults aside.
    pub async fn answer(&self, request: Request<Bytes>) -> Answer {
        exchange::answer(&self.inner, request).await
    }

    /// Orders a fault.
    ///
    /// # Errors
    ///
    /// If the order would never be carried out, or too many are waiting.
    pub fn order_fault(&self, order: FaultOrder) -> Result<(), FaultOrderError> {
        self.inner.faults.order(order)
    }

    /// Withdraws all orders.
    pub fn withdraw_faults(&self) {
        self.inner.faults.withdraw();
    }

    /// The last 1,000 requests received, oldest first, those below `/_sandbox` left out.
    pub fn requests(&self) -> Vec<Received> {
        self.inner.journal.read()
    }

    /// Forgets the requests received.
    pub fn clear_requests(&self) {
        self.inner.journal.clear();
    }
}

impl StandIn for Stripe {
    async fn answer(&self, request: Request<Bytes>) -> Answer {
        Stripe::answer(self, request).await
    }
}

impl fmt::Debug for Stripe {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Stripe").finish_non_exhaustive()
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes the state down, if it is to be kept.
    fn save(&self, state: &mut State) -> Result<(), StateFileError> {
        let Some(path) = &self.state_file else {
            return Ok(());
        };
        state.ids_made = self.ids.count();
        state_file::save(path, state)
    }
}
