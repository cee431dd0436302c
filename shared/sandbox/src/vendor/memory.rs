//! What a stand-in holds while it runs, and what of it is kept.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::events::{Endpoints, Event, Outbox};
use crate::faults::Faults;
use crate::idempotency::{KeptResults, KeysInUse};
use crate::ids::{Clock, Ids};
use crate::journal::Journal;
use crate::state_file::{self, StateFileError};

use super::contract::Vendor;

/// The parts of a stand-in, shared by its clones.
pub(super) struct Inner<V: Vendor> {
    pub(super) vendor: V,
    pub(super) clock: Clock,
    pub(super) ids: Ids,
    pub(super) state_file: Option<PathBuf>,
    pub(super) memory: Mutex<Memory<V::State>>,
    pub(super) keys_in_use: KeysInUse,
    pub(super) faults: Faults,
    pub(super) journal: Journal,
    pub(super) endpoints: Endpoints,
}

/// Everything, as it is kept in the state file.
#[derive(Default, Deserialize, Serialize)]
pub(super) struct Memory<S> {
    /// The number of ids made, so that none is made twice.
    pub(super) ids_made: u64,
    /// The results kept for idempotency keys, by account.
    #[serde(default)]
    pub(super) results: BTreeMap<String, KeptResults>,
    /// What happened, and who is still to hear of it.
    #[serde(default)]
    pub(super) outbox: Outbox,
    #[serde(flatten)]
    pub(super) state: S,
}

impl<V: Vendor> Inner<V> {
    pub(super) fn lock(&self) -> MutexGuard<'_, Memory<V::State>> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what happened for the endpoints of its account.
    pub(super) fn note(&self, memory: &mut Memory<V::State>, events: Vec<Event>) {
        memory.outbox.note(events, &self.endpoints.all());
    }

    /// Writes everything down, if it is to be kept.
    pub(super) fn save(&self, memory: &mut Memory<V::State>) -> Result<(), StateFileError> {
        let Some(path) = &self.state_file else {
            return Ok(());
        };
        memory.ids_made = self.ids.count();
        state_file::save(path, memory)
    }
}
