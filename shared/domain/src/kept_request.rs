//! Requests that change something once, however often they are sent (`Idempotency-Key`, as
//! draft-ietf-httpapi-idempotency-key-header has it).

use crate::record::Identifier;
use crate::refusal::Refusals;

/// What is remembered of a request that changed something and named a key, for a day at least.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRequest {
    /// A hash of who asked, for what, by which key.
    pub key: String,
    /// A hash of what was sent: the key with anything else is refused.
    pub fingerprint: String,
    /// The record that the request made or changed: a repeat is answered with it, as it is then. None where it
    /// was deleted.
    pub subject: Option<Identifier>,
    /// Why the request was refused after it had changed something: a repeat is refused alike.
    pub refusals: Option<Refusals>,
}
