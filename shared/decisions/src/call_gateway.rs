use domain::gateway::{CallFailure, GatewayAnswer, GatewayCall, GatewayRefusal, NotedRequest};
use domain::{BoxFuture, Deadline};

use crate::Permit;

/// Makes the calls to gateways that decisions ask for.
pub trait CallGateway: Send + Sync {
    /// The gateway's definitive answer, or refusal, by the deadline. Nobody is asked without a permit.
    fn call<'a>(
        &'a self,
        permit: &'a Permit,
        call: &'a GatewayCall,
        deadline: Deadline,
    ) -> BoxFuture<'a, Result<Result<GatewayAnswer, GatewayRefusal>, CallFailure>>;

    /// The request of a step that is noted before it is asked for, as it will be sent; none where it
    /// cannot be written, which the call itself tells.
    fn written(&self, call: &GatewayCall) -> Option<NotedRequest>;
}
