//! Checkout.com: a payment is asked for with the token that the shopper's browser brought, or made by
//! the browser itself in a payment session (Flow); saved sources are instruments of a customer.
//!
//! Every payment is an authorisation; what is captured, voided and refunded is so by transactions.

mod amounts;
mod answers;
mod authorize_payment;
mod card;
mod client;
mod create_customer;
mod create_payment;
mod declines;
mod endpoint;
mod errors;
mod forget;
mod list_payments;
mod make_reusable;
mod move_money;
mod payment;
mod read_instrument;
mod read_payment;
mod release;
mod requests;
mod saving;
#[cfg(test)]
mod tests;

use domain::gateway::{GatewayAnswer, GatewayCall, GatewayRequest, NotedRequest};

use crate::exchange::Exchange;
use crate::failure::CallFailure;
use crate::not_done::NotDone;

#[cfg(test)]
pub(crate) use amounts::UNITS;
use authorize_payment::authorize_payment;
use client::CheckoutComClient;
use create_customer::create_customer;
use create_payment::create_payment;
use forget::forget;
use list_payments::list_payments;
use make_reusable::make_reusable;
use move_money::{move_money, read_moved};
use read_payment::read_payment;
use release::release;

/// What Checkout.com makes of a request.
pub(crate) async fn answer(
    exchange: &Exchange<'_>,
    request: &GatewayRequest,
) -> Result<GatewayAnswer, NotDone> {
    use GatewayRequest as Ask;

    let client = &CheckoutComClient::open(exchange).await?;
    match request {
        Ask::CreateCustomer { email, .. } => create_customer(client, email.as_deref()).await,
        Ask::CreatePayment(payment) => create_payment(client, payment).await,
        Ask::AuthorizePayment(payment) => authorize_payment(client, payment).await,
        Ask::ReadPayment { payment } => read_payment(client, payment).await,
        Ask::ReadKept { .. } => Err(CallFailure::NoSuchStep("read_kept").into()),
        // A payment that was asked for cannot change, and a session never does.
        Ask::UpdatePayment { .. } => Err(CallFailure::NoSuchStep("update_payment").into()),
        Ask::MakeReusable(keep) => make_reusable(client, keep).await,
        Ask::Release {
            payment: Some(payment),
            ..
        } => release(client, payment).await,
        Ask::Release { payment: None, .. } => Ok(GatewayAnswer::Done),
        Ask::Move(asked) => move_money(client, asked).await,
        Ask::ReadMoved { asked, reference } => {
            read_moved(client, asked, reference.as_deref()).await
        }
        Ask::Watch { order, .. } => list_payments(client, *order).await,
        Ask::Forget {
            payment_source_token,
        } => forget(client, payment_source_token).await,
    }
}

/// The request of a noted step, as it will be sent.
pub(crate) fn written(asked: &GatewayCall) -> Option<NotedRequest> {
    match &asked.request {
        GatewayRequest::AuthorizePayment(payment) => authorize_payment::written(asked, payment),
        GatewayRequest::Move(moving) => move_money::written(asked, moving),
        _ => None,
    }
}
