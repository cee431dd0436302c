//! Stripe: payments are PaymentIntents with manual capture, which the shopper's browser confirms;
//! saved sources are PaymentMethods attached to a Customer.
//!
//! Payments are confirmed while the shopper is there, and money moves where a transaction asks for it.

mod amounts;
mod answers;
mod authorize_payment;
mod client;
mod create_customer;
mod create_payment;
mod declines;
mod endpoint;
mod errors;
mod forget;
mod instrument;
mod make_reusable;
mod move_money;
mod payment;
mod read_kept;
mod read_payment;
mod release;
mod requests;
mod retry;
mod saving;
#[cfg(test)]
mod tests;
mod update_payment;

use domain::gateway::{GatewayAnswer, GatewayCall, GatewayRequest, NotedRequest};

use crate::exchange::Exchange;
use crate::failure::CallFailure;
use crate::not_done::NotDone;

#[cfg(test)]
pub(crate) use amounts::UNITS;
use authorize_payment::authorize_payment;
use client::StripeClient;
use create_customer::create_customer;
use create_payment::create_payment;
use forget::forget;
use make_reusable::make_reusable;
use move_money::{move_money, read_moved};
use read_kept::read_kept;
use read_payment::read_payment;
use release::release;
use update_payment::update_payment;

/// What Stripe makes of a request.
pub(crate) async fn answer(
    exchange: &Exchange<'_>,
    request: &GatewayRequest,
) -> Result<GatewayAnswer, NotDone> {
    use GatewayRequest as Ask;

    let client = &StripeClient::open(exchange).await?;
    match request {
        Ask::CreateCustomer { email, replaces } => {
            create_customer(client, email.as_deref(), replaces.as_deref()).await
        }
        Ask::CreatePayment(payment) => create_payment(client, payment).await,
        Ask::AuthorizePayment(payment) => authorize_payment(client, payment).await,
        Ask::ReadPayment { payment } => read_payment(client, payment).await,
        Ask::ReadKept { kept } => read_kept(client, kept).await,
        Ask::UpdatePayment {
            payment,
            to,
            options,
        } => update_payment(client, payment, to.as_ref(), options.as_ref()).await,
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
        GatewayRequest::Move(moving) => move_money::written(asked, moving),
        _ => None,
    }
}
