//! What is seen of a stand-in from outside, whichever gateway's it is.

use crate::events::Event;
use crate::faults::{FaultOrder, FaultOrderError};
use crate::journal::Received;
use crate::vendor::{Sandbox, Vendor};

/// A stand-in of any gateway, to look at what it is asked and to have it misbehave.
pub trait Watched: Send + Sync {
    /// The requests that came or ended after this [change](Received::change), the oldest request first.
    fn requests_since(&self, change: u64) -> Vec<Received>;

    /// The events that there were, the oldest first.
    fn events(&self) -> Vec<Event>;

    /// The faults that are still to come.
    fn faults(&self) -> Vec<FaultOrder>;

    /// Orders a fault.
    ///
    /// # Errors
    /// The order would never be carried out, or too many are waiting.
    fn order_fault(&self, order: FaultOrder) -> Result<(), FaultOrderError>;

    /// Withdraws all faults.
    fn withdraw_faults(&self);
}

impl<V: Vendor> Watched for Sandbox<V> {
    fn requests_since(&self, change: u64) -> Vec<Received> {
        self.journal().since(change)
    }

    fn events(&self) -> Vec<Event> {
        Sandbox::events(self)
    }

    fn faults(&self) -> Vec<FaultOrder> {
        self.waiting_faults()
    }

    fn order_fault(&self, order: FaultOrder) -> Result<(), FaultOrderError> {
        Sandbox::order_fault(self, order)
    }

    fn withdraw_faults(&self) {
        Sandbox::withdraw_faults(self);
    }
}
