//! The circuit breaker around calls to external gateways (Commerce Layer, "external resources").

use domain::Id;
use domain::catalog::Circuit;

use crate::exchange::Exchange;
use crate::failure::CallFailure;
use crate::not_done::NotDone;

/// Asks the gateway unless its circuit is open, and counts what comes of it: whatever is no definitive
/// answer is a failure. Reading the circuit is one round trip to the table before each call; writing it
/// is another after a failure, and after the answer that ends a row of failures.
///
/// # Errors
/// [`CallFailure::CircuitOpen`] where the gateway was not asked; else what asking it came to.
pub(super) async fn around<T>(
    exchange: &Exchange<'_>,
    asking: impl Future<Output = Result<T, NotDone>>,
) -> Result<T, NotDone> {
    let (tenant, gateway) = (exchange.asked.tenant, exchange.asked.gateway);
    let circuits = &exchange.gateways.circuits;
    let circuit = circuits.state(tenant, gateway).await;
    let circuit = circuit.map_err(|error| CallFailure::CircuitUnknown(error.to_string()))?;
    if circuit.is_open() {
        return Err(CallFailure::CircuitOpen.into());
    }

    let asked = asking.await;
    let counted = match &asked {
        // The request had no time left before the gateway was asked.
        Err(NotDone::Failed(CallFailure::NoTimeLeft)) => Ok(()),
        Err(NotDone::Failed(_)) => {
            warn_of_opening(gateway.into(), circuit);
            circuits.failed(tenant, gateway).await
        }
        Ok(_) | Err(NotDone::Refused(_)) => match circuit.failures {
            0 => Ok(()),
            _ => circuits.succeeded(tenant, gateway).await,
        },
    };
    if let Err(error) = counted {
        // The gateway's answer counts for more than the count.
        tracing::error!(%gateway, %error, "gateway call not counted");
    }
    asked
}

fn warn_of_opening(gateway: Id, circuit: Circuit) {
    if circuit.failures + 1 == Circuit::OPENS_AT {
        tracing::error!(%gateway, "circuit opens, _reset_circuit closes it");
    }
}
