//! What the transport met, as the failure of a call.

use outbound::TransportError;

pub use domain::gateway::CallFailure;

/// The failure of a call whose last request met this error.
pub(crate) fn of_transport(error: TransportError) -> CallFailure {
    match error {
        TransportError::Timeout => CallFailure::TimedOut,
        TransportError::TooLarge { .. } => CallFailure::NotUnderstood(error.to_string()),
        TransportError::NotSent(_) | TransportError::Forbidden(_) | TransportError::Broken(_) => {
            CallFailure::NotReached(error.to_string())
        }
    }
}
