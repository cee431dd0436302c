//! A stand-in of any vendor.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::Request;

use crate::answer::{Answer, StandIn};
use crate::events::Endpoints;
use crate::faults::{FaultOrder, FaultOrderError, Faults};
use crate::idempotency::KeysInUse;
use crate::ids::{Clock, Ids, Random};
use crate::journal::{Journal, Received};
use crate::state_file::{self, StateFileError};

use super::contract::Vendor;
use super::exchange;
use super::memory::{Inner, Memory};

mod on_demand;
mod telling;

pub use on_demand::NotPossible;

/// The parts that a stand-in is made of.
pub struct Options {
    /// The time, for `created`, expiry dates and the age of idempotency keys.
    pub clock: Clock,
    /// The source of ids and client secrets.
    pub random: Random,
    /// The file that keeps the state: read now if it is there, written after each change and before the
    /// answer, readable by its owner alone. Without it the state ends with the process.
    pub state_file: Option<PathBuf>,
}

/// A stand-in for a gateway. Cloning is cheap and shares the state.
pub struct Sandbox<V: Vendor> {
    inner: Arc<Inner<V>>,
}

impl<V: Vendor + Default> Sandbox<V> {
    /// A stand-in with the state of the file, or an empty one.
    ///
    /// # Errors
    ///
    /// If the state file is there but can't be read or isn't a state.
    pub fn new(options: Options) -> Result<Self, StateFileError> {
        Self::with(V::default(), options)
    }
}

impl<V: Vendor> Sandbox<V> {
    /// A stand-in for this gateway with the state of the file, or an empty one.
    ///
    /// # Errors
    ///
    /// If the state file is there but can't be read or isn't a state.
    pub fn with(vendor: V, options: Options) -> Result<Self, StateFileError> {
        let memory: Memory<V::State> = match &options.state_file {
            Some(path) => state_file::load(path)?.unwrap_or_default(),
            None => Memory::default(),
        };
        Ok(Self {
            inner: Arc::new(Inner {
                vendor,
                clock: options.clock,
                ids: Ids::new(options.random, memory.ids_made),
                state_file: options.state_file,
                memory: Mutex::new(memory),
                keys_in_use: KeysInUse::default(),
                faults: Faults::default(),
                journal: Journal::default(),
                endpoints: Endpoints::default(),
            }),
        })
    }

    /// The gateway.
    pub(crate) fn vendor(&self) -> &V {
        &self.inner.vendor
    }

    /// Answers one request as the gateway would, faults aside.
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

    /// The orders that are still to be carried out, the oldest first.
    pub(crate) fn waiting_faults(&self) -> Vec<FaultOrder> {
        self.inner.faults.waiting()
    }

    /// The requests received.
    pub(crate) fn journal(&self) -> &Journal {
        &self.inner.journal
    }

    /// Withdraws all orders.
    pub fn withdraw_faults(&self) {
        self.inner.faults.withdraw();
    }

    /// What is read of the state.
    pub(crate) fn look<R>(&self, look: impl FnOnce(&mut V::State) -> R) -> R {
        look(&mut self.inner.lock().state)
    }

    /// Changes the state, at this time in Unix milliseconds, as no request does.
    ///
    /// # Errors
    /// It is changed, and could not be kept in the state file.
    pub(crate) fn change<R>(
        &self,
        change: impl FnOnce(&mut V::State, i64) -> R,
    ) -> Result<R, StateFileError> {
        let now = (self.inner.clock)();
        let mut memory = self.inner.lock();
        let changed = change(&mut memory.state, now);
        self.inner.save(&mut memory)?;
        Ok(changed)
    }

    /// The last 1,000 requests received, oldest first, those below `/_sandbox` left out.
    pub fn requests(&self) -> Vec<Received> {
        self.inner.journal.read()
    }
}

impl<V: Vendor> StandIn for Sandbox<V> {
    async fn answer(&self, request: Request<Bytes>) -> Answer {
        Sandbox::answer(self, request).await
    }
}

impl<V: Vendor> Clone for Sandbox<V> {
    fn clone(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
        }
    }
}

impl<V: Vendor> fmt::Debug for Sandbox<V> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Sandbox").finish_non_exhaustive()
    }
}
