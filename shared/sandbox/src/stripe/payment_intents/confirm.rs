//! Confirming: `POST /v1/payment_intents/{id}/confirm`, and creating with `confirm=true`.

use serde_json::Value;

use super::super::addresses::SHIPPING;
use super::super::call::Received;
use super::super::error::ApiError;
use super::super::fields::{ANYTHING, Field, TEXT, optional, unsettable};
use super::super::named_methods::{check_use, named_method};
use super::super::objects::payment_intent::{PaymentIntent, Status};
use super::super::params::Params;
use super::super::payment_methods;
use super::super::state::Work;
use super::attempt::{Confirmation, attempt};
use super::browser::check_client_secret;
use super::terms::{CAPTURE_METHODS, FUTURE_USAGES};
use crate::fields::Kind;

pub(in super::super) const CONFIRM: &[Field] = &[
    optional("capture_method", Kind::OneOf(CAPTURE_METHODS)),
    optional("client_secret", TEXT),
    optional("client_attribution_metadata", ANYTHING),
    optional("expected_payment_method_type", TEXT),
    optional("mandate_data", ANYTHING),
    optional(
        "off_session",
        Kind::OneOf(&["true", "false", "one_off", "recurring"]),
    ),
    optional("payment_method", TEXT),
    optional("payment_method_data", Kind::Object(payment_methods::CREATE)),
    optional("payment_method_options", ANYTHING),
    optional("radar_options", ANYTHING),
    unsettable("receipt_email", TEXT),
    optional("return_url", TEXT),
    unsettable("setup_future_usage", Kind::OneOf(FUTURE_USAGES)),
    unsettable("shipping", Kind::Object(SHIPPING)),
    optional("use_stripe_sdk", Kind::Flag),
];

pub(in super::super) fn confirm(
    work: &mut Work<'_>,
    call: &Received<'_>,
) -> Result<Value, ApiError> {
    let params = call.params;
    check_client_secret(work, call)?;
    let mut intent = work.account.intent(call.id)?.clone();
    check_status(&intent)?;
    check_future_usage(work, params, &intent)?;
    let refuse = |error: ApiError| error.payment_intent(intent.to_json());
    if let Some(method) = named_method(work, params)? {
        let checked = check_use(
            work.account.payment_method_mut(&method)?,
            intent.customer.as_deref(),
        );
        checked.map_err(refuse)?;
        intent.payment_method = Some(method);
    }
    if let Some(capture_method) = params.text("capture_method") {
        capture_method.clone_into(&mut intent.capture_method);
    }
    params.change_text("receipt_email", &mut intent.receipt_email);
    params.change_text("setup_future_usage", &mut intent.setup_future_usage);
    params.change_object("shipping", &mut intent.shipping);
    params.change_object("payment_method_options", &mut intent.payment_method_options);
    *work.account.intent_mut(call.id)? = intent;
    let confirmation = Confirmation::of(work, params);
    attempt(work, call.id, &confirmation)?;
    Ok(work.account.intent(call.id)?.to_json())
}

fn check_status(intent: &PaymentIntent) -> Result<(), ApiError> {
    let status = intent.status;
    if status.is_open() {
        return Ok(());
    }
    let message = match status {
        Status::Succeeded => "You cannot confirm this PaymentIntent because it has already \
             succeeded after being previously confirmed."
            .to_owned(),
        _ => format!(
            "You cannot confirm this PaymentIntent because it has a status of {}. Only a \
             PaymentIntent with one of the following statuses may be confirmed: \
             requires_confirmation, requires_action, requires_payment_method.",
            status.as_str()
        ),
    };
    Err(ApiError::unexpected_state(message, intent.to_json()))
}

/// A page may only ask for less: from `on_session` to `off_session`
/// (<https://docs.stripe.com/api/payment_intents/confirm#confirm_payment_intent-setup_future_usage>).
fn check_future_usage(
    work: &Work<'_>,
    params: Params<'_>,
    intent: &PaymentIntent,
) -> Result<(), ApiError> {
    if !work.is_publishable || !params.given("setup_future_usage") {
        return Ok(());
    }
    let wanted = params.text("setup_future_usage");
    let current = intent.setup_future_usage.as_deref();
    let is_allowed = current.is_none()
        || current == wanted
        || (current, wanted) == (Some("on_session"), Some("off_session"));
    if is_allowed {
        return Ok(());
    }
    let message = "When using a publishable key, `setup_future_usage` can only be updated from \
         `on_session` to `off_session`.";
    Err(ApiError::parameter("setup_future_usage", message))
}
