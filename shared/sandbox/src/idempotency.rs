//! Idempotency keys: what was answered under a key, and which keys are in use.
//!
//! Gateways agree on the mechanics and differ on what is kept; which results are worth keeping is
//! each stand-in's own rule.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A result kept under a key.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Kept {
    /// Method and path of the first request.
    pub(crate) endpoint: String,
    /// Hash of its parameters.
    pub(crate) parameters: String,
    /// When it came, Unix milliseconds.
    pub(crate) at: i64,
    /// Its request id.
    pub(crate) request_id: String,
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// The results of one account, by key.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(transparent)]
pub(crate) struct KeptResults(BTreeMap<String, Kept>);

/// The knowledge of a key.
#[derive(Debug)]
pub(crate) enum Known<'a> {
    /// No request: this is a new one.
    No,
    /// The result of the same request.
    Same(&'a Kept),
    /// The result of another endpoint that was called with the key.
    OtherEndpoint(&'a Kept),
    /// The same endpoint was called with other parameters.
    OtherParameters,
}

impl KeptResults {
    /// Forgets what is older than `age` milliseconds.
    pub(crate) fn prune(&mut self, now: i64, age: i64) {
        self.0.retain(|_, kept| now.saturating_sub(kept.at) < age);
    }

    pub(crate) fn find(&self, key: &str, endpoint: &str, parameters: &str) -> Known<'_> {
        match self.0.get(key) {
            None => Known::No,
            Some(kept) if kept.endpoint != endpoint => Known::OtherEndpoint(kept),
            Some(kept) if kept.parameters != parameters => Known::OtherParameters,
            Some(kept) => Known::Same(kept),
        }
    }

    pub(crate) fn keep(&mut self, key: &str, kept: Kept) {
        self.0.insert(key.to_owned(), kept);
    }
}

/// The hash by which parameters are compared: what was sent is not kept.
pub(crate) fn hash(parameters: &str) -> String {
    Sha256::digest(parameters.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The keys of requests that are being answered right now.
#[derive(Clone, Default)]
pub(crate) struct KeysInUse(Arc<Mutex<HashSet<(String, String)>>>);

impl KeysInUse {
    /// Takes the key until the claim is dropped; `None` if another request has it.
    pub(crate) fn claim(&self, account: &str, key: &str) -> Option<Claim> {
        let entry = (account.to_owned(), key.to_owned());
        let is_free = self.lock().insert(entry.clone());
        is_free.then(|| Claim {
            keys: self.clone(),
            entry,
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<(String, String)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A key in use, given back when dropped, also when the caller goes away before the answer.
pub(crate) struct Claim {
    keys: KeysInUse,
    entry: (String, String),
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.keys.lock().remove(&self.entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(at: i64) -> Kept {
        Kept {
            endpoint: "POST /v1/customers".to_owned(),
            parameters: hash("email=a"),
            at,
            request_id: "req_1".to_owned(),
            status: 200,
            body: "{}".to_owned(),
        }
    }

    #[test]
    fn a_key_stands_for_one_endpoint_and_its_parameters() {
        let mut results = KeptResults::default();
        results.keep("k", kept(0));
        let find = |endpoint, form| results.find("k", endpoint, &hash(form));
        assert!(matches!(
            find("POST /v1/customers", "email=a"),
            Known::Same(_)
        ));
        assert!(matches!(
            find("POST /v1/customers", "email=b"),
            Known::OtherParameters
        ));
        assert!(matches!(
            find("POST /v1/refunds", "email=a"),
            Known::OtherEndpoint(_)
        ));
    }

    #[test]
    fn results_are_forgotten_at_their_age() {
        let mut results = KeptResults::default();
        results.keep("k", kept(1_000));
        results.prune(1_999, 1_000);
        assert!(results.0.contains_key("k"));
        results.prune(2_000, 1_000);
        assert!(!results.0.contains_key("k"));
    }

    #[test]
    fn a_key_is_in_use_until_its_claim_is_dropped() {
        let keys = KeysInUse::default();
        let claim = keys.claim("acct", "k");
        assert!(claim.is_some());
        assert!(keys.claim("acct", "k").is_none());
        assert!(keys.claim("other", "k").is_some());
        drop(claim);
        assert!(keys.claim("acct", "k").is_some());
    }
}
