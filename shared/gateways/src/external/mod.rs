//! External gateways: a shop's own HTTP endpoints (Commerce Layer, "external payment gateways"). Their
//! URLs are typed by users, so that requests go through the guard, and a gateway that fails time and again
//! is not called any more.
//!
//! One endpoint is called so far, the `token_url`, when a customer saves a payment source. Nothing is
//! opened there, let go of or forgotten.

mod answers;
mod circuit;
mod create_payment;
mod instrument;
mod make_reusable;
mod requests;
#[cfg(test)]
mod tests;

use domain::gateway::{GatewayAnswer, GatewayCall, GatewayRequest, NotedRequest};

use crate::exchange::Exchange;
use crate::failure::CallFailure;
use crate::not_done::NotDone;
use crate::refusals::unknown;

use create_payment::create_payment;
use make_reusable::make_reusable;

/// What a shop's own gateway makes of a request. It has no credentials: its requests are signed with
/// the attribute `shared_secret` of its record.
pub(crate) async fn answer(
    exchange: &Exchange<'_>,
    request: &GatewayRequest,
) -> Result<GatewayAnswer, NotDone> {
    use GatewayRequest as Ask;

    match request {
        Ask::CreateCustomer { .. } => Err(CallFailure::NoSuchStep("create_customer").into()),
        Ask::CreatePayment(payment) => Ok(GatewayAnswer::Payment(create_payment(payment))),
        Ask::AuthorizePayment(_) => Err(CallFailure::NoSuchStep("authorize_payment").into()),
        // No payment of this gateway has a reference that could be asked for.
        Ask::ReadPayment { .. } => Err(unknown().into()),
        Ask::UpdatePayment { .. } => Err(CallFailure::NoSuchStep("update_payment").into()),
        Ask::MakeReusable(keep) => make_reusable(exchange, keep).await,
        // Done without a request: nothing was opened, and shops have no endpoint to be told at before
        // an authorisation.
        Ask::Release { .. } => Ok(GatewayAnswer::Done),
        // Done without a request: shops have no endpoint that forgets a token. Deleted from the
        // wallet, it is not sent to them again.
        Ask::Watch { .. } => Err(CallFailure::NoSuchStep("watch").into()),
        Ask::Forget { .. } => Ok(GatewayAnswer::Done),
    }
}

/// The request of a noted step, as it will be sent.
pub(crate) fn written(asked: &GatewayCall) -> Option<NotedRequest> {
    match &asked.request {
        GatewayRequest::MakeReusable(keep) => {
            requests::noted(asked, requests::Endpoint::Token, keep.customer)
        }
        _ => None,
    }
}
