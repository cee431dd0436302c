//! Who hears of events.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A URL that an account's events are sent to, and what they are signed with. Not kept in the state file:
/// who starts the stand-in names it.
#[derive(Clone)]
pub struct EventEndpoint {
    /// Where events are posted.
    pub url: String,
    /// The endpoint's own secret: `whsec_…` at Stripe, the signature key at Checkout.com.
    pub secret: String,
}

impl fmt::Debug for EventEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventEndpoint")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// The key names no account of this gateway's test mode.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the key is none of this gateway's test mode")]
pub struct UnknownAccount;

/// An endpoint of an account.
#[derive(Clone)]
pub(crate) struct Registered {
    pub(crate) account: String,
    pub(crate) endpoint: EventEndpoint,
}

/// The endpoints of all accounts.
#[derive(Default)]
pub(crate) struct Endpoints(Mutex<Vec<Registered>>);

impl Endpoints {
    /// Adds an endpoint; one of the same account and URL takes the place of the former.
    pub(crate) fn register(&self, account: String, endpoint: EventEndpoint) {
        let mut all = self.lock();
        all.retain(|it| it.account != account || it.endpoint.url != endpoint.url);
        all.push(Registered { account, endpoint });
    }

    pub(crate) fn all(&self) -> Vec<Registered> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Registered>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
