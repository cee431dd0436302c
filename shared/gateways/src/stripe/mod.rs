//! Stripe: payments are PaymentIntents with manual capture, which the shopper's browser confirms;
//! saved sources are PaymentMethods attached to a Customer.
//!
//! Money moves at no call from here: nothing confirms and nothing captures.

mod amounts;
mod answers;
mod client;
mod create_customer;
mod create_payment;
mod declines;
mod endpoint;
mod errors;
mod forget;
mod instrument;
mod make_reusable;
mod payment;
mod read_payment;
mod release;
mod requests;
mod retry;
mod saving;
#[cfg(test)]
mod tests;
mod update_payment;

use domain::gateway::{GatewayAnswer, GatewayRequest};

use crate::exchange::Exchange;
use crate::failure::CallFailure;
use crate::not_done::NotDone;

#[cfg(test)]
pub(crate) use amounts::UNITS;
use client::StripeClient;
use create_customer::create_customer;
use create_payment::create_payment;
use forget::forget;
use make_reusable::make_reusable;
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
        // The shopper's browser confirms.
        Ask::AuthorizePayment(_) => Err(CallFailure::NoSuchStep("authorize_payment").into()),
        Ask::ReadPayment { payment } => read_payment(client, payment).await,
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
        Ask::Watch { .. } => Err(CallFailure::NoSuchStep("watch").into()),
        Ask::Forget {
            payment_source_token,
        } => forget(client, payment_source_token).await,
    }
}
