//! Klarna: a payment is a session of the Payments API, which the shopper approves in Klarna's script
//! with the session's `client_token`; what the script gives is an authorization token. Saved sources
//! are customer tokens, minted from an authorization while it lives.
//!
//! Money moves at no call from here: nothing places an order.

mod account;
mod answers;
mod buyer;
mod endpoint;
mod errors;
mod instrument;
mod lines;
mod minting;
mod payment;
mod requests;
mod steps;
#[cfg(test)]
mod tests;
mod text;

use domain::gateway::{NewPayment, Payment, Reusable, ToKeep};

use crate::call::Call;
use crate::gateway::{Doing, Gateway, PaymentChange, Unwanted};

use account::Account;
#[cfg(test)]
pub(crate) use requests::UNITS;

/// Klarna's API.
pub(crate) struct Klarna;

impl Gateway for Klarna {
    fn name(&self) -> &'static str {
        "klarna"
    }

    fn create_payment<'a>(
        &'a self,
        call: &'a Call<'a>,
        payment: &'a NewPayment,
    ) -> Doing<'a, Payment> {
        Box::pin(async move { Account::open(call)?.create_payment(payment).await })
    }

    fn read_payment<'a>(&'a self, call: &'a Call<'a>, payment: &'a str) -> Doing<'a, Payment> {
        Box::pin(async move { Account::open(call)?.read_payment(payment).await })
    }

    fn update_payment<'a>(
        &'a self,
        call: &'a Call<'a>,
        payment: &'a str,
        change: PaymentChange<'a>,
    ) -> Doing<'a, Payment> {
        Box::pin(async move { Account::open(call)?.update_payment(payment, change).await })
    }

    fn make_reusable<'a>(&'a self, call: &'a Call<'a>, keep: &'a ToKeep) -> Doing<'a, Reusable> {
        Box::pin(async move { Account::open(call)?.make_reusable(keep).await })
    }

    /// A session that nobody approves lapses by itself; only an authorization is released.
    fn release<'a>(
        &'a self,
        call: &'a Call<'a>,
        unwanted: Unwanted<'a>,
    ) -> Doing<'a, Option<String>> {
        Box::pin(async move {
            match unwanted.shopper_token {
                Some(token) => Account::open(call)?.release(token).await.map(|()| None),
                None => Ok(None),
            }
        })
    }

    fn forget<'a>(&'a self, call: &'a Call<'a>, payment_source_token: &'a str) -> Doing<'a, ()> {
        Box::pin(async move { Account::open(call)?.forget(payment_source_token).await })
    }
}
