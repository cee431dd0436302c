//! `POST /v1/payment_intents/{id}`.

use serde_json::Value;

use super::super::addresses::SHIPPING;
use super::super::call::Received;
use super::super::currencies::{check_amount, check_currency};
use super::super::error::{ApiError, NamedIn};
use super::super::fields::{ANYTHING, Field, INTEGER, METADATA, TEXT, optional, unsettable};
use super::super::named_methods::{check_use, named_method};
use super::super::objects::payment_intent::{PaymentIntent, Status};
use super::super::params::Params;
use super::super::payment_methods;
use super::super::state::Work;
use super::attempt::check_type;
use super::terms::{CAPTURE_METHODS, FUTURE_USAGES};
use crate::fields::Kind;

pub(in super::super) const UPDATE: &[Field] = &[
    optional("amount", INTEGER),
    optional("capture_method", Kind::OneOf(CAPTURE_METHODS)),
    optional("currency", TEXT),
    optional("customer", TEXT),
    unsettable("description", Kind::Text(0, 1_000)),
    METADATA,
    optional("payment_method", TEXT),
    optional("payment_method_data", Kind::Object(payment_methods::CREATE)),
    optional("payment_method_options", ANYTHING),
    unsettable("receipt_email", TEXT),
    unsettable("setup_future_usage", Kind::OneOf(FUTURE_USAGES)),
    unsettable("shipping", Kind::Object(SHIPPING)),
];

/// The parameters that make another payment of an intent: they are fixed once money is held or the
/// intent has ended.
const FIXED_LATER: &[&str] = &[
    "amount",
    "capture_method",
    "currency",
    "customer",
    "payment_method",
    "payment_method_data",
    "setup_future_usage",
];

pub(in super::super) fn update(
    work: &mut Work<'_>,
    call: &Received<'_>,
) -> Result<Value, ApiError> {
    let params = call.params;
    let mut intent = work.account.intent(call.id)?.clone();
    check_status(params, &intent)?;
    change_amount(params, &mut intent)?;
    change_customer(work, params, &mut intent)?;
    if let Some(method) = named_method(work, params)? {
        check_type(&intent)?;
        intent.payment_method = Some(method);
        intent.status = Status::RequiresConfirmation;
        intent.next_action = None;
    }
    let is_matched_anew = params.given("customer") || params.given("payment_method");
    if let Some(method) = &intent.payment_method
        && is_matched_anew
    {
        check_use(
            work.account.payment_method_mut(method)?,
            intent.customer.as_deref(),
        )?;
    }
    change_the_rest(params, &mut intent)?;
    let answer = intent.to_json();
    *work.account.intent_mut(call.id)? = intent;
    Ok(answer)
}

fn check_status(params: Params<'_>, intent: &PaymentIntent) -> Result<(), ApiError> {
    if intent.status.is_open() {
        return Ok(());
    }
    let Some(name) = FIXED_LATER.iter().find(|name| params.given(name)) else {
        return Ok(());
    };
    let message = format!(
        "This PaymentIntent's {name} could not be updated because it has a status of {}. You may \
         only update the {name} of a PaymentIntent with one of the following statuses: \
         requires_payment_method, requires_confirmation, requires_action.",
        intent.status.as_str()
    );
    Err(ApiError::unexpected_state(message, intent.to_json()).param(name))
}

fn change_amount(params: Params<'_>, intent: &mut PaymentIntent) -> Result<(), ApiError> {
    if let Some(currency) = params.text("currency") {
        check_currency(currency)?;
        currency.clone_into(&mut intent.currency);
    }
    if let Some(amount) = params.integer("amount") {
        intent.amount = amount;
    }
    if params.given("amount") || params.given("currency") {
        check_amount(intent.amount, &intent.currency)?;
    }
    Ok(())
}

fn change_customer(
    work: &Work<'_>,
    params: Params<'_>,
    intent: &mut PaymentIntent,
) -> Result<(), ApiError> {
    let Some(customer) = params.text("customer") else {
        return Ok(());
    };
    work.account
        .customer(customer, NamedIn::Parameter("customer"))?;
    if intent
        .customer
        .as_deref()
        .is_some_and(|current| current != customer)
    {
        let message = "You cannot modify `customer` on a PaymentIntent once it already has been \
             set. To fulfill a payment with a different Customer, cancel this PaymentIntent and \
             create a new one.";
        return Err(ApiError::unexpected_state(message, intent.to_json()).param("customer"));
    }
    intent.customer = Some(customer.to_owned());
    Ok(())
}

fn change_the_rest(params: Params<'_>, intent: &mut PaymentIntent) -> Result<(), ApiError> {
    params.merge_metadata(&mut intent.metadata)?;
    params.change_text("description", &mut intent.description);
    params.change_text("receipt_email", &mut intent.receipt_email);
    params.change_text("setup_future_usage", &mut intent.setup_future_usage);
    params.change_object("shipping", &mut intent.shipping);
    params.change_object("payment_method_options", &mut intent.payment_method_options);
    if let Some(capture_method) = params.text("capture_method") {
        capture_method.clone_into(&mut intent.capture_method);
    }
    intent.last_payment_error = None;
    Ok(())
}
