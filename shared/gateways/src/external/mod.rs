//! External gateways: a shop's own HTTP endpoints (Commerce Layer, "external payment gateways"). Their
//! URLs are typed by users, so that requests go through the guard, and a gateway that fails time and again
//! is not called any more.
//!
//! One endpoint is called so far, the `token_url`, when a customer saves a payment source. Nothing is
//! opened there, let go of or forgotten.

mod answers;
mod circuit;
mod instrument;
mod requests;
#[cfg(test)]
mod tests;

use std::future::ready;

use domain::gateway::{NewPayment, Payment, Progress, Reusable, ToKeep};
use serde_json::{Map, Value, json};

use crate::call::Call;
use crate::failure::CallFailure;
use crate::gateway::{Doing, Gateway, NotDone, Unwanted};
use crate::refusals::unknown;

use requests::Endpoint;

/// A shop's own gateway.
pub(crate) struct External;

impl Gateway for External {
    fn name(&self) -> &'static str {
        "external"
    }

    /// What its requests are signed with is the attribute `shared_secret` of its record.
    fn has_credentials(&self) -> bool {
        false
    }

    /// Nothing is sent: the shopper's token, or the saved one, is what the shop is asked to authorise
    /// once the order is placed.
    fn create_payment<'a>(
        &'a self,
        _: &'a Call<'a>,
        payment: &'a NewPayment,
    ) -> Doing<'a, Payment> {
        Box::pin(ready(Ok(open_payment(payment))))
    }

    /// No payment of this gateway has a reference that could be asked for.
    fn read_payment<'a>(&'a self, _: &'a Call<'a>, _: &'a str) -> Doing<'a, Payment> {
        Box::pin(ready(Err(unknown().into())))
    }

    fn make_reusable<'a>(&'a self, call: &'a Call<'a>, keep: &'a ToKeep) -> Doing<'a, Reusable> {
        Box::pin(make_reusable(call, keep))
    }

    /// Done without a request: nothing was opened, and shops have no endpoint to be told at before an
    /// authorisation.
    fn release<'a>(&'a self, _: &'a Call<'a>, _: Unwanted<'a>) -> Doing<'a, Option<String>> {
        Box::pin(ready(Ok(None)))
    }

    /// Done without a request: shops have no endpoint that forgets a token. Deleted from the wallet,
    /// it is not sent to them again.
    fn forget<'a>(&'a self, _: &'a Call<'a>, _: &'a str) -> Doing<'a, ()> {
        Box::pin(ready(Ok(())))
    }
}

fn open_payment(payment: &NewPayment) -> Payment {
    let mut attributes = Map::new();
    if let Some(token) = &payment.saved {
        attributes.insert(
            "payment_source_token".to_owned(),
            Value::from(token.clone()),
        );
    }
    Payment {
        reference: None,
        order: None,
        amount: payment.amount,
        customer_token: None,
        progress: Progress::Open,
        instrument: None,
        attributes,
        details: json!({ "type": "external_payment" }),
    }
}

async fn make_reusable(call: &Call<'_>, keep: &ToKeep) -> Result<Reusable, NotDone> {
    let document = keep.document.as_ref().ok_or_else(|| {
        CallFailure::NotWritable("there is no document to ask the gateway with".to_owned())
    })?;
    let request = requests::write(call, Endpoint::Token, keep.customer, document)?;
    circuit::around(call, async {
        let step = Endpoint::Token.step();
        let response = call
            .send_to_user_url(step, &request, requests::rule)
            .await?;
        answers::read(&response)
    })
    .await
}
