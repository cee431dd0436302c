//! The ends of a payment: `POST /v1/payment_intents/{id}/capture` and `/cancel`.

use serde_json::Value;

use super::super::call::Received;
use super::super::error::ApiError;
use super::super::fields::{Field, INTEGER, METADATA, optional, unsettable};
use super::super::objects::payment_intent::{PaymentIntent, Status};
use super::super::state::Work;
use crate::fields::Kind;

const REASONS: &[&str] = &[
    "abandoned",
    "duplicate",
    "fraudulent",
    "requested_by_customer",
];

pub(in super::super) const CAPTURE: &[Field] = &[
    optional("amount_to_capture", INTEGER),
    optional("final_capture", Kind::Flag),
    unsettable("statement_descriptor_suffix", Kind::Text(0, 22)),
    METADATA,
];

pub(in super::super) const CANCEL: &[Field] =
    &[optional("cancellation_reason", Kind::OneOf(REASONS))];

const NO_MULTICAPTURE: &str = "This PaymentIntent does not support multiple captures. To capture more \
     than once, `payment_method_options[card][request_multicapture]` has to be `if_available` when it is \
     confirmed.";

/// Collects what is held, or a part of it; the rest is released.
pub(in super::super) fn capture(
    work: &mut Work<'_>,
    call: &Received<'_>,
) -> Result<Value, ApiError> {
    let mut intent = work.account.intent(call.id)?.clone();
    if intent.status != Status::RequiresCapture {
        return Err(not_to_be_captured(&intent));
    }
    let amount = call
        .params
        .integer("amount_to_capture")
        .unwrap_or(intent.amount_capturable);
    check_captured(amount, &intent)?;
    if call.params.text("final_capture") == Some("false") {
        let error = ApiError::invalid(NO_MULTICAPTURE).param("final_capture");
        return Err(error.payment_intent(intent.to_json()));
    }
    call.params.merge_metadata(&mut intent.metadata)?;
    intent.status = Status::Succeeded;
    intent.amount_capturable = 0;
    intent.amount_received = amount;
    let charge = intent.latest_charge.clone().unwrap_or_default();
    if let Some(charge) = work.account.charges.get_mut(&charge) {
        charge.capture(amount);
    }
    let answer = intent.to_json();
    *work.account.intent_mut(call.id)? = intent;
    work.happened_to_charge("charge.captured", &charge);
    work.happened_to_intent("payment_intent.succeeded", call.id);
    Ok(answer)
}

fn not_to_be_captured(intent: &PaymentIntent) -> ApiError {
    let message = match intent.status {
        Status::Succeeded => "The remaining amount on this PaymentIntent could not be captured \
             because the remainder of the authorized amount has been released."
            .to_owned(),
        status => format!(
            "This PaymentIntent could not be captured because it has a status of {}. Only a \
             PaymentIntent with one of the following statuses may be captured: requires_capture.",
            status.as_str()
        ),
    };
    ApiError::unexpected_state(message, intent.to_json())
}

fn check_captured(amount: i64, intent: &PaymentIntent) -> Result<(), ApiError> {
    let error = if amount < 1 {
        ApiError::invalid("This value must be greater than or equal to 1.")
            .code("parameter_invalid_integer")
            .param("amount_to_capture")
    } else if amount > intent.amount_capturable {
        ApiError::invalid(
            "The payment could not be captured because the requested capture amount is greater \
             than the amount you can capture for this charge. Contact us via \
             https://support.stripe.com/contact/ for help.",
        )
        .code("amount_too_large")
    } else {
        return Ok(());
    };
    Err(error.payment_intent(intent.to_json()))
}

/// Gives the payment up; what is held is released.
pub(in super::super) fn cancel(
    work: &mut Work<'_>,
    call: &Received<'_>,
) -> Result<Value, ApiError> {
    let now = work.seconds();
    let intent = work.account.intent_mut(call.id)?;
    if matches!(intent.status, Status::Succeeded | Status::Canceled) {
        let message = format!(
            "You cannot cancel this PaymentIntent because it has a status of {}. Only a \
             PaymentIntent with one of the following statuses may be canceled: \
             requires_payment_method, requires_capture, requires_confirmation, requires_action, \
             processing.",
            intent.status.as_str()
        );
        return Err(ApiError::unexpected_state(message, intent.to_json()));
    }
    intent.status = Status::Canceled;
    intent.amount_capturable = 0;
    intent.canceled_at = Some(now);
    intent.cancellation_reason = call.params.text("cancellation_reason").map(str::to_owned);
    intent.next_action = None;
    let answer = intent.to_json();
    work.happened("payment_intent.canceled", answer.clone());
    Ok(answer)
}
