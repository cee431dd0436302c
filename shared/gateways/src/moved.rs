//! Transactions that a vendor will not make, as answers.

use domain::gateway::{Decline, GatewayAnswer, GatewayCall, Moved, Outcome};

use crate::not_done::NotDone;

/// A transaction that failed for this reason.
pub(crate) fn failed_for(decline: Decline) -> Moved {
    Moved::new(Outcome::Failed(decline), None)
}

/// The vendor had a fault that it keeps under the request's key, and has nothing of the transaction yet: it may have
/// done it all the same, so that it is read again later.
pub(crate) fn unknown_yet(gateway: &str, call: &GatewayCall) -> Moved {
    let transaction = call.subject.as_str();
    tracing::warn!(
        gateway,
        transaction,
        "a fault leaves open whether money moved"
    );
    Moved::new(Outcome::Pending, None)
}

/// What was refused failed; what is not known is not.
pub(crate) fn failed(not_done: NotDone) -> Result<GatewayAnswer, NotDone> {
    match not_done {
        NotDone::Refused(refusal) => Ok(GatewayAnswer::Moved(failed_for(Decline {
            code: None,
            message: refusal.detail,
        }))),
        failure @ NotDone::Failed(_) => Err(failure),
    }
}
