//! The catalogues that a process remembers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::catalog::Catalog;
use domain::{Tenant, Timestamp};

/// How long a process keeps a tenant's catalogue.
const LIFE: Duration = Duration::from_secs(60);

/// The catalogues of tenants, as they were read, none of them for longer than it is used. What was being read while
/// one was written is not remembered: it may be older than what was written.
#[derive(Default)]
pub struct Catalogs(Mutex<Remembered>);

#[derive(Default)]
struct Remembered {
    /// How often this process wrote a catalogue.
    written: u64,
    catalogs: HashMap<Tenant, (Timestamp, Arc<Catalog>)>,
}

/// A catalogue is being read, since so many were written.
#[derive(Clone, Copy)]
pub struct Reading(u64);

impl Catalogs {
    /// The tenant's, while it is young enough.
    pub fn get(&self, tenant: Tenant, now: Timestamp) -> Option<Arc<Catalog>> {
        let remembered = self.lock();
        let (read_at, catalog) = remembered.catalogs.get(&tenant)?;
        (now.since(*read_at) < LIFE).then(|| Arc::clone(catalog))
    }

    /// A catalogue is going to be read.
    pub fn begin(&self) -> Reading {
        Reading(self.lock().written)
    }

    /// It was read.
    pub fn keep(&self, begun: Reading, tenant: Tenant, now: Timestamp, catalog: &Arc<Catalog>) {
        let mut remembered = self.lock();
        if remembered.written == begun.0 {
            let is_young = |read_at: Timestamp| now.since(read_at) < LIFE;
            remembered
                .catalogs
                .retain(|_, (read_at, _)| is_young(*read_at));
            remembered
                .catalogs
                .insert(tenant, (now, Arc::clone(catalog)));
        }
    }

    /// One was written, or may have been.
    pub fn forget(&self, tenant: Tenant) {
        let mut remembered = self.lock();
        remembered.written += 1;
        remembered.catalogs.remove(&tenant);
    }

    fn lock(&self) -> MutexGuard<'_, Remembered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use domain::{Id, Mode};

    use super::*;

    #[test]
    fn what_was_being_read_while_it_was_written_is_not_remembered() {
        let tenant = Tenant {
            organization: Id::derived(&["organization"]),
            mode: Mode::Test,
        };
        let now = Timestamp::from_unix_millis(0);
        let (catalogs, catalog) = (Catalogs::default(), Arc::new(Catalog::from_iter([])));
        let begun = catalogs.begin();
        catalogs.forget(tenant);
        catalogs.keep(begun, tenant, now, &catalog);
        assert!(catalogs.get(tenant, now).is_none());
        catalogs.keep(catalogs.begin(), tenant, now, &catalog);
        assert!(catalogs.get(tenant, now).is_some());
        assert!(catalogs.get(tenant, now.plus(LIFE)).is_none());
        catalogs.forget(tenant);
        assert!(catalogs.get(tenant, now).is_none());
    }

    #[test]
    fn what_is_used_no_more_is_not_kept() {
        let catalogs = Catalogs::default();
        let mut now = Timestamp::from_unix_millis(0);
        for organization in ["one", "another", "a third"] {
            let tenant = Tenant {
                organization: Id::derived(&[organization]),
                mode: Mode::Live,
            };
            let catalog = Arc::new(Catalog::from_iter([]));
            catalogs.keep(catalogs.begin(), tenant, now, &catalog);
            assert_eq!(catalogs.lock().catalogs.len(), 1, "{organization}");
            now = now.plus(LIFE);
        }
    }
}
