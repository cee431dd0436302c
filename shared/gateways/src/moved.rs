//! Transactions that a vendor will not make, as answers.

use domain::gateway::{Decline, GatewayAnswer, Moved, Outcome};

use crate::not_done::NotDone;

/// A transaction that failed for this reason.
pub(crate) fn failed_for(decline: Decline) -> Moved {
    Moved::new(Outcome::Failed(decline), None)
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
