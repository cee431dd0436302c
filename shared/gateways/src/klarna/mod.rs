//! Klarna: a payment is a session of the Payments API, which the shopper approves in Klarna's script
//! with the session's `client_token`; what the script gives is an authorization token. Saved sources
//! are customer tokens, minted from an authorization while it lives. Either places an order, which is held
//! and then captured, cancelled and refunded by the Order Management API; an order's reference begins with
//! `orders/`, and every other is a session's.

mod answers;
mod authorize_payment;
mod buyer;
mod client;
mod create_payment;
mod declines;
mod endpoint;
mod errors;
mod forget;
mod instrument;
mod lines;
mod make_reusable;
mod move_money;
mod order;
mod payment;
mod read_order;
mod read_payment;
mod read_token;
mod reference;
mod release;
mod requests;
#[cfg(test)]
mod tests;
mod text;
mod update_payment;

use domain::gateway::{GatewayAnswer, GatewayCall, GatewayRequest, NotedRequest};

use crate::exchange::Exchange;
use crate::failure::CallFailure;
use crate::not_done::NotDone;

use authorize_payment::authorize_payment;
use client::KlarnaClient;
use create_payment::create_payment;
use forget::forget;
use make_reusable::make_reusable;
use move_money::{move_money, read_moved};
use read_payment::read_payment;
pub(crate) use reference::of_order as order_reference;
use release::release;
#[cfg(test)]
pub(crate) use requests::UNITS;
use update_payment::update_payment;

/// What Klarna makes of a request.
pub(crate) async fn answer(
    exchange: &Exchange<'_>,
    request: &GatewayRequest,
) -> Result<GatewayAnswer, NotDone> {
    use GatewayRequest as Ask;

    let client = &KlarnaClient::open(exchange).await?;
    match request {
        Ask::CreateCustomer { .. } => Err(CallFailure::NoSuchStep("create_customer").into()),
        Ask::CreatePayment(payment) => create_payment(client, payment).await,
        Ask::AuthorizePayment(payment) => authorize_payment(client, payment).await,
        Ask::ReadPayment { payment } => read_payment(client, payment).await,
        Ask::ReadKept { .. } => Err(CallFailure::NoSuchStep("read_kept").into()),
        Ask::UpdatePayment { payment, to, .. } => {
            update_payment(client, payment, to.as_ref()).await
        }
        Ask::MakeReusable(keep) => make_reusable(client, keep).await,
        Ask::Release {
            payment,
            shopper_token,
        } => release(client, payment.as_deref(), shopper_token.as_deref()).await,
        Ask::Move(asked) => move_money(client, asked).await,
        Ask::ReadMoved { asked, .. } => read_moved(client, asked).await,
        Ask::Watch { .. } => Err(CallFailure::NoSuchStep("watch").into()),
        Ask::Forget {
            payment_source_token,
        } => forget(client, payment_source_token).await,
    }
}

/// The request of a noted step, as it will be sent.
pub(crate) fn written(asked: &GatewayCall) -> Option<NotedRequest> {
    match &asked.request {
        GatewayRequest::AuthorizePayment(new) => authorize_payment::written(asked, new),
        GatewayRequest::MakeReusable(keep) => make_reusable::written(asked, keep),
        GatewayRequest::Move(moving) => move_money::written(asked, moving),
        _ => None,
    }
}
