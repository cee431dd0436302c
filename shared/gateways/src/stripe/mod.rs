//! Stripe: payments are PaymentIntents with manual capture, which the shopper's browser confirms;
//! saved sources are PaymentMethods attached to a Customer.
//!
//! Money moves at no call from here: nothing confirms and nothing captures.

mod account;
mod amounts;
mod answers;
mod declines;
mod endpoint;
mod errors;
mod instrument;
mod payment;
mod requests;
mod retry;
mod saving;
mod steps;
#[cfg(test)]
mod tests;

use domain::gateway::{NewPayment, Payment, Reusable, ToKeep};

use crate::call::Call;
use crate::gateway::{Doing, Gateway, PaymentChange, Unwanted};

use account::Account;
#[cfg(test)]
pub(crate) use amounts::UNITS;

/// Stripe's API.
pub(crate) struct Stripe;

impl Gateway for Stripe {
    fn name(&self) -> &'static str {
        "stripe"
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

    fn release<'a>(
        &'a self,
        call: &'a Call<'a>,
        unwanted: Unwanted<'a>,
    ) -> Doing<'a, Option<String>> {
        Box::pin(async move {
            match unwanted.payment {
                Some(payment) => Account::open(call)?.release(payment).await.map(|()| None),
                None => Ok(None),
            }
        })
    }

    fn forget<'a>(&'a self, call: &'a Call<'a>, payment_source_token: &'a str) -> Doing<'a, ()> {
        Box::pin(async move { Account::open(call)?.forget(payment_source_token).await })
    }
}
