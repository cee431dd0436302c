//! `GET /v1/payment_intents` and `GET /v1/payment_intents/{id}`.

use serde_json::Value;

use super::super::call::Received;
use super::super::error::ApiError;
use super::super::expand::listed_customer;
use super::super::fields::{Field, TEXT, optional};
use super::super::lists::{LIMIT, STARTING_AFTER, page};
use super::super::objects::payment_intent::PaymentIntent;
use super::super::state::Work;
use super::browser::check_client_secret;

pub(in super::super) const LIST: &[Field] = &[optional("customer", TEXT), LIMIT, STARTING_AFTER];

pub(in super::super) fn retrieve(
    work: &mut Work<'_>,
    call: &Received<'_>,
) -> Result<Value, ApiError> {
    check_client_secret(work, call)?;
    Ok(work.account.intent(call.id)?.to_json())
}

pub(in super::super) fn list(work: &mut Work<'_>, call: &Received<'_>) -> Result<Value, ApiError> {
    let customer = listed_customer(call.params, work)?;
    let mut intents: Vec<&PaymentIntent> = work
        .account
        .payment_intents
        .values()
        .filter(|intent| customer.is_none() || intent.customer.as_deref() == customer)
        .collect();
    intents.sort_by_key(|intent| std::cmp::Reverse(intent.place));
    page(
        "/v1/payment_intents",
        call.params,
        &intents,
        "payment_intent",
        |intent| &intent.id,
        PaymentIntent::to_json,
    )
}
