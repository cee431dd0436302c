//! The key sets that issuers publish, each read from its URL and kept.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use access::{JwksUri, KeySet, KeySetError, PublishedKeys};
use domain::{BoxFuture, Clock};

use crate::renewed::{Pace, Renewed};

/// How often a key set is read. A key that its issuer has withdrawn is good for a quarter of an hour here, and a
/// thousand processes ask a host once a second on average. Made-up key ids cost the host a request a minute. After a
/// failure it is left alone for longer: a request waits for it in vain each time.
const PACE: Pace = Pace {
    renewed_every: Duration::from_secs(900),
    look_up_pause: Duration::from_secs(60),
    pause_after_failure: Duration::from_secs(300),
};

/// Reads what an issuer publishes.
pub trait FetchKeySet: Send + Sync {
    /// The text at a URL, with a bounded size and in a bounded time.
    fn fetch(&self, uri: JwksUri) -> BoxFuture<'static, Result<Vec<u8>, FetchError>>;
}

/// Why there is nothing to be had of a URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The host does not answer, or proves not to be itself: the text says how.
    #[error("no answer: {0}")]
    NoAnswer(String),
    /// The answer did not end in time.
    #[error("no answer within {0:?}")]
    TooSlow(Duration),
    /// Another status than 200: redirects are not followed.
    #[error("answered with {0}")]
    Status(u16),
    /// The answer is longer than a key set may be, in bytes.
    #[error("longer than {0} bytes")]
    TooLong(usize),
}

#[derive(Debug, thiserror::Error)]
enum Unreadable {
    #[error("{0}: {1}")]
    Fetch(JwksUri, FetchError),
    #[error("{0}: {1}")]
    KeySet(JwksUri, KeySetError),
}

/// The key sets that issuers publish. A set is read when a token needs it for the first time, so that no start waits
/// for an issuer's host, and kept through the host's outages, whatever becomes of the issuers' configuration.
pub struct KeySets {
    fetch: Arc<dyn FetchKeySet>,
    clock: Arc<dyn Clock>,
    by_uri: Mutex<HashMap<JwksUri, Arc<Renewed<KeySet>>>>,
}

impl fmt::Debug for KeySets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeySets").finish_non_exhaustive()
    }
}

impl KeySets {
    /// Reads sets with `fetch`, none of them yet.
    pub fn new(fetch: Arc<dyn FetchKeySet>, clock: Arc<dyn Clock>) -> Self {
        Self {
            fetch,
            clock,
            by_uri: Mutex::default(),
        }
    }

    /// The set of this URL.
    pub fn at(&self, uri: JwksUri) -> Arc<dyn PublishedKeys> {
        let mut by_uri = self.by_uri.lock().unwrap_or_else(PoisonError::into_inner);
        let set = by_uri.entry(uri.clone());
        Arc::clone(set.or_insert_with(|| Arc::new(self.unread(uri)))) as Arc<dyn PublishedKeys>
    }

    fn unread(&self, uri: JwksUri) -> Renewed<KeySet> {
        let fetch = Arc::clone(&self.fetch);
        let read = move || -> BoxFuture<'static, _> {
            let (fetching, uri) = (fetch.fetch(uri.clone()), uri.clone());
            Box::pin(async move {
                let text = fetching.await;
                let text = text.map_err(|error| Unreadable::Fetch(uri.clone(), error))?;
                KeySet::from_json(&text).map_err(|error| Unreadable::KeySet(uri, error))
            })
        };
        Renewed::unread(KeySet::default(), read, PACE, Arc::clone(&self.clock))
    }
}

impl PublishedKeys for Renewed<KeySet> {
    fn known(&self) -> Arc<KeySet> {
        self.current()
    }

    fn look_up<'a>(&'a self, id: &'a str) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            self.renew_when_old().await;
            self.look_up(|keys| keys.has(id)).await;
        })
    }
}

#[cfg(test)]
mod tests;
