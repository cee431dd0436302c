use domain::gateway::GatewayRefusal;

use crate::failure::CallFailure;

/// Why a gateway did not do what was asked. Refusals and failures are kept apart as late as possible, so
/// that a step reads top to bottom with `?`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NotDone {
    /// The gateway will not, however often it is asked.
    Refused(GatewayRefusal),
    /// What became of the request is not known, or not yet.
    Failed(CallFailure),
}

impl From<GatewayRefusal> for NotDone {
    fn from(refusal: GatewayRefusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<CallFailure> for NotDone {
    fn from(failure: CallFailure) -> Self {
        Self::Failed(failure)
    }
}
