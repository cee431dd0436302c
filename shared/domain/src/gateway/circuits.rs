use crate::catalog::Circuit;
use crate::{BoxFuture, GatewayId, Tenant};

/// Counts the failures of external gateways: an endpoint of a shop's own that is down should not hold
/// up each of its customers. The count is shared by all processes, so that each learns what the others
/// met.
pub trait Circuits: Send + Sync {
    /// The circuit of a gateway; one of which nothing is known is closed.
    fn state(
        &self,
        tenant: Tenant,
        gateway: GatewayId,
    ) -> BoxFuture<'_, Result<Circuit, CircuitUnavailable>>;

    /// Counts a failure. The one that makes [`Circuit::OPENS_AT`] opens the circuit; no more are
    /// counted then.
    fn failed(
        &self,
        tenant: Tenant,
        gateway: GatewayId,
    ) -> BoxFuture<'_, Result<(), CircuitUnavailable>>;

    /// Begins to count anew, unless the circuit is open: a call may have been under way when others
    /// opened it, and its success closes nothing.
    fn succeeded(
        &self,
        tenant: Tenant,
        gateway: GatewayId,
    ) -> BoxFuture<'_, Result<(), CircuitUnavailable>>;
}

/// The count could not be read or written. The text is for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the circuit's state is unavailable: {0}")]
pub struct CircuitUnavailable(pub String);
