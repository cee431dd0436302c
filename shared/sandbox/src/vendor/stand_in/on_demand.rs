//! What happens at a gateway without a request of the shop's: at its dashboard, at a bank, with time.

use crate::events::Event;
use crate::state_file::StateFileError;
use crate::vendor::{Sandbox, Vendor, Work};

/// Why something cannot be made to happen.
#[derive(Debug, thiserror::Error)]
pub enum NotPossible {
    /// There is nothing of this id.
    #[error("there is none of this id")]
    Unknown,
    /// It is in another state.
    #[error("{0}")]
    State(String),
    /// It happened, and could not be kept in the state file.
    #[error(transparent)]
    NotKept(#[from] StateFileError),
}

impl<V: Vendor> Sandbox<V> {
    /// Lets something happen.
    pub(crate) fn happen<R>(
        &self,
        what: impl FnOnce(&mut Work<'_, V::State>) -> Result<R, NotPossible>,
    ) -> Result<R, NotPossible> {
        let inner = &self.inner;
        let mut memory = inner.lock();
        let mut events: Vec<Event> = Vec::new();
        let mut work = Work {
            state: &mut memory.state,
            account: "",
            ids: &inner.ids,
            now: (inner.clock)(),
            base_url: "http://localhost",
            is_change: true,
            events: &mut events,
            listeners: inner.endpoints.all().len(),
        };
        inner.vendor.pass_time(&mut work);
        let done = what(&mut work);
        inner.note(&mut memory, events);
        inner.save(&mut memory)?;
        done
    }

    /// Does what is due by now, as each request does first.
    ///
    /// # Errors
    /// It is done, and could not be kept in the state file.
    pub fn pass_time(&self) -> Result<(), NotPossible> {
        self.happen(|_| Ok(()))
    }
}
