//! External gateways: a shop's own HTTP endpoints (Commerce Layer, "external payment gateways"). Their
//! URLs are typed by users, so that requests go through the guard, and a gateway that fails time and again
//! is not called any more.
//!
//! Its `token_url` is called when a customer saves a payment source, its `authorize_url` when an order is
//! placed, the others when what is held is captured, voided or refunded. Nothing is opened there, read or
//! forgotten: a shop says by itself what it decides later.

mod answers;
mod authorize_payment;
mod circuit;
mod create_payment;
mod instrument;
mod make_reusable;
mod move_money;
mod requests;
#[cfg(test)]
mod tests;
mod transaction;

use domain::gateway::{GatewayAnswer, GatewayCall, GatewayRequest, NotedRequest};

use crate::exchange::Exchange;
use crate::failure::CallFailure;
use crate::not_done::NotDone;
use crate::refusals::{invalid, unknown};

use authorize_payment::authorize_payment;
use create_payment::create_payment;
use make_reusable::make_reusable;
use move_money::{move_money, read_moved};
pub(crate) use transaction::said;

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
        Ask::AuthorizePayment(payment) => authorize_payment(exchange, payment).await,
        Ask::ReadPayment { payment } if payment.is_empty() => Err(unknown().into()),
        // Shops have no endpoint to be asked at. That is no word on what they hold.
        Ask::ReadPayment { .. } => Err(CallFailure::NoSuchStep("read_payment").into()),
        Ask::UpdatePayment { .. } => Err(CallFailure::NoSuchStep("update_payment").into()),
        Ask::MakeReusable(keep) => make_reusable(exchange, keep).await,
        // Done without a request: nothing was opened, and shops have no endpoint to be told at before
        // an authorisation.
        Ask::Release { payment: None, .. } => Ok(GatewayAnswer::Done),
        // What is held is let go of at the `void_url`, which is told of the authorization.
        Ask::Release { .. } => Err(invalid(
            "The shop's gateway has authorized this payment. It is let go of by voiding the authorization.",
        )
        .into()),
        Ask::Move(asked) => move_money(exchange, asked).await,
        Ask::ReadMoved { reference, .. } => Ok(read_moved(reference.as_deref())),
        Ask::ReadKept { .. } => Err(CallFailure::NoSuchStep("read_kept").into()),
        Ask::Watch { .. } => Err(CallFailure::NoSuchStep("watch").into()),
        // Done without a request: shops have no endpoint that forgets a token. Deleted from the
        // wallet, it is not sent to them again.
        Ask::Forget { .. } => Ok(GatewayAnswer::Done),
    }
}

/// The request of a noted step, as it will be sent.
pub(crate) fn written(asked: &GatewayCall) -> Option<NotedRequest> {
    match &asked.request {
        GatewayRequest::MakeReusable(keep) => {
            requests::noted(asked, requests::Endpoint::Token, keep.customer.as_str())
        }
        GatewayRequest::AuthorizePayment(new) => authorize_payment::written(asked, new),
        GatewayRequest::Move(moving) => move_money::written(asked, moving),
        _ => None,
    }
}
