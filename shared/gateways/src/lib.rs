//! Payment gateways, one module per vendor: its function `answer` matches what is asked, and each step
//! stands in a file of its own. What vendors have in common (deadline, retries, idempotency keys, log
//! lines, encodings, minor units, the ways to read an answer and to show a card) stands once, beside
//! them.
//!
//! Three kinds of end: an answer and a refusal are definitive and go back to the rules; a
//! [`CallFailure`] is not, and the same call, made again, carries the same idempotency key.

mod answers;
mod bases;
mod card_numbers;
mod checkout_com;
#[cfg(test)]
#[path = "../tests/circuits/mod.rs"]
mod circuits;
mod credentials;
mod events;
mod exchange;
mod external;
mod failure;
mod form;
mod gateways;
mod idempotency;
mod instrument;
mod klarna;
mod members;
mod minor_units;
mod moved;
mod not_done;
#[cfg(test)]
#[path = "../tests/performed/mod.rs"]
mod performed;
mod process;
#[cfg(test)]
mod published_requests;
mod refusals;
mod request;
mod retry;
mod stripe;
#[cfg(test)]
mod testing;

use decisions::CallGateway;
use decisions::Permit;
use domain::Deadline;
use domain::gateway::{GatewayAnswer, GatewayCall, GatewayKind, GatewayRefusal, NotedRequest};
use futures_util::future::BoxFuture;
use logging::metrics;

use crate::exchange::Exchange;
use crate::not_done::NotDone;

pub use crate::bases::{BadBaseUrl, BaseUrls, Vendor};
pub use crate::failure::CallFailure;
pub use crate::gateways::Gateways;
pub use crate::process::BadEnvironment;
pub use secrets::credentials_name;

impl CallGateway for Gateways {
    /// Two seconds of the deadline are left for what follows.
    fn call<'a>(
        &'a self,
        _: &'a Permit,
        call: &'a GatewayCall,
        deadline: Deadline,
    ) -> BoxFuture<'a, Result<Result<GatewayAnswer, GatewayRefusal>, CallFailure>> {
        Box::pin(async move {
            let exchange = &Exchange::new(self, call, deadline);
            let request = &call.request;
            let answered = match call.kind {
                GatewayKind::Stripe => stripe::answer(exchange, request).await,
                GatewayKind::CheckoutCom => checkout_com::answer(exchange, request).await,
                GatewayKind::Klarna => klarna::answer(exchange, request).await,
                GatewayKind::External => external::answer(exchange, request).await,
            };
            match answered {
                Ok(answer) => Ok(Ok(card_numbers::removed(answer))),
                Err(NotDone::Refused(refusal)) => Ok(Err(refusal)),
                Err(NotDone::Failed(failure)) => {
                    metrics::gateway_failed(call.kind.vendor(), failure.kind(), &failure);
                    Err(failure)
                }
            }
        })
    }

    fn written(&self, call: &GatewayCall) -> Option<NotedRequest> {
        match call.kind {
            GatewayKind::Stripe => stripe::written(call),
            GatewayKind::CheckoutCom => checkout_com::written(call),
            GatewayKind::Klarna => klarna::written(call),
            GatewayKind::External => external::written(call),
        }
    }
}
