use domain::gateway::{GatewayAnswer, GatewayCall, GatewayRefusal};
use futures_util::future::BoxFuture;

use crate::Deadline;

/// Performs the calls to gateways that decisions ask for.
pub trait Perform: Send + Sync {
    /// The gateway's definitive answer, or refusal, by the deadline.
    fn perform<'a>(
        &'a self,
        call: &'a GatewayCall,
        deadline: Deadline,
    ) -> BoxFuture<'a, Result<Result<GatewayAnswer, GatewayRefusal>, Unanswered>>;
}

/// There was no definitive answer: the gateway was not reached, gave up, or answered nonsense. The
/// same call may be made again, with the same idempotency key. The text is for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unanswered(pub String);
