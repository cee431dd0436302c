//! Klarna: a payment is a session of the Payments API, which the shopper approves in Klarna's script
//! with the session's `client_token`; what the script gives is an authorization token. Saved sources
//! are customer tokens, minted from an authorization while it lives.
//!
//! Money moves at no call from here: nothing places an order.

mod answers;
mod buyer;
mod client;
mod create_payment;
mod endpoint;
mod errors;
mod forget;
mod instrument;
mod lines;
mod make_reusable;
mod payment;
mod read_payment;
mod read_token;
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

use client::KlarnaClient;
use create_payment::create_payment;
use forget::forget;
use make_reusable::make_reusable;
use read_payment::read_payment;
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
        Ask::AuthorizePayment(_) => Err(CallFailure::NoSuchStep("authorize_payment").into()),
        Ask::ReadPayment { payment } => read_payment(client, payment).await,
        Ask::UpdatePayment { payment, to, .. } => {
            update_payment(client, payment, to.as_ref()).await
        }
        Ask::MakeReusable(keep) => make_reusable(client, keep).await,
        Ask::Release {
            shopper_token: Some(token),
            ..
        } => release(client, token).await,
        // A session that nobody approves lapses by itself; only an authorization is released.
        Ask::Release {
            shopper_token: None,
            ..
        } => Ok(GatewayAnswer::Done),
        Ask::Watch { .. } => Err(CallFailure::NoSuchStep("watch").into()),
        Ask::Forget {
            payment_source_token,
        } => forget(client, payment_source_token).await,
    }
}

/// The request of a noted step, as it will be sent.
pub(crate) fn written(asked: &GatewayCall) -> Option<NotedRequest> {
    match &asked.request {
        GatewayRequest::MakeReusable(keep) => make_reusable::written(asked, keep),
        _ => None,
    }
}
