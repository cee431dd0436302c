//! Time, as the rules and those who carry them out ask for it.

use std::time::Duration;

use crate::{BoxFuture, Timestamp};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;
}

/// Waits.
pub trait Sleep: Send + Sync {
    /// Resolves when `duration` has passed.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
}

/// The instant by which a request is to be answered, shared by all the calls that it makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline(Timestamp);

impl Deadline {
    /// `budget` from `now` on.
    pub fn after(now: Timestamp, budget: Duration) -> Self {
        Self(now.plus(budget))
    }

    /// `budget` from `now` on, or this one, if that is sooner.
    #[must_use]
    pub fn or_after(self, now: Timestamp, budget: Duration) -> Self {
        Self(self.0.min(Self::after(now, budget).0))
    }

    /// What is left of it at `now`; nothing once it has passed.
    pub fn remaining(self, now: Timestamp) -> Duration {
        self.0.since(now)
    }

    /// The same deadline, `reserve` earlier: what is kept for the work that follows a call.
    pub fn less(self, reserve: Duration) -> Self {
        let millis = i64::try_from(reserve.as_millis()).unwrap_or(i64::MAX);
        Self(Timestamp::from_unix_millis(
            self.0.unix_millis().saturating_sub(millis),
        ))
    }
}
