//! Checkout.com: a payment is asked for with the token that the shopper's browser brought, or made by
//! the browser itself in a payment session (Flow); saved sources are instruments of a customer.
//!
//! Every payment is an authorisation: nothing captures.

mod account;
mod amounts;
mod answers;
mod card;
mod endpoint;
mod errors;
mod payment;
mod requests;
mod saving;
mod steps;
#[cfg(test)]
mod tests;

use domain::gateway::{NewPayment, Payment, Reusable, ToKeep};

use crate::call::Call;
use crate::gateway::{Doing, Gateway, Unwanted};

use account::Account;
#[cfg(test)]
pub(crate) use amounts::UNITS;

/// Checkout.com's API.
pub(crate) struct CheckoutCom;

impl Gateway for CheckoutCom {
    fn name(&self) -> &'static str {
        "checkout_com"
    }

    fn create_customer<'a>(
        &'a self,
        call: &'a Call<'a>,
        email: Option<&'a str>,
    ) -> Doing<'a, String> {
        Box::pin(async move { Account::open(call)?.create_customer(email).await })
    }

    fn create_payment<'a>(
        &'a self,
        call: &'a Call<'a>,
        payment: &'a NewPayment,
    ) -> Doing<'a, Payment> {
        Box::pin(async move {
            let account = Account::open(call)?;
            match payment.saved.as_deref() {
                Some(saved) => account.take_saved(payment, saved).await,
                None => account.open_session(payment).await,
            }
        })
    }

    fn authorize_payment<'a>(
        &'a self,
        call: &'a Call<'a>,
        payment: &'a NewPayment,
    ) -> Doing<'a, Payment> {
        Box::pin(async move { Account::open(call)?.authorize(payment).await })
    }

    fn read_payment<'a>(&'a self, call: &'a Call<'a>, payment: &'a str) -> Doing<'a, Payment> {
        Box::pin(async move { Account::open(call)?.read_payment(payment).await })
    }

    fn make_reusable<'a>(&'a self, call: &'a Call<'a>, keep: &'a ToKeep) -> Doing<'a, Reusable> {
        Box::pin(async move { Account::open(call)?.make_reusable(keep).await })
    }

    fn release<'a>(
        &'a self,
        call: &'a Call<'a>,
        unwanted: Unwanted<'a>,
    ) -> Doing<'a, Option<String>> {
        Box::pin(async move {
            match unwanted.payment {
                Some(payment) => Account::open(call)?.release(payment).await,
                None => Ok(None),
            }
        })
    }

    fn forget<'a>(&'a self, call: &'a Call<'a>, payment_source_token: &'a str) -> Doing<'a, ()> {
        Box::pin(async move { Account::open(call)?.forget(payment_source_token).await })
    }
}
