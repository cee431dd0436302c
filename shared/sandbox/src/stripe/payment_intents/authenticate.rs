//! `POST /v1/payment_intents/{id}/_authenticate`: the shopper has answered the bank.
//!
//! Stripe has no such call: there, the bank's page ends the authentication. Here whoever has the
//! `client_secret` does, with `success=true` or `success=false`; no key is needed.

use serde_json::Value;

use super::super::call::Received;
use super::super::error::ApiError;
use super::super::fields::{Field, TEXT, required};
use super::super::objects::payment_intent::Status;
use super::super::state::Work;
use super::attempt::{authorise, failed};
use super::browser::check_client_secret;
use crate::fields::Kind;

pub(in super::super) const AUTHENTICATE: &[Field] = &[
    required("client_secret", TEXT),
    required("success", Kind::Flag),
];

const FAILED: &str = "We are unable to authenticate your payment method. Please choose a \
     different payment method and try again.";

pub(in super::super) fn authenticate(
    work: &mut Work<'_>,
    call: &Received<'_>,
) -> Result<Value, ApiError> {
    check_client_secret(work, call)?;
    let intent = work.account.intent(call.id)?.clone();
    let (Status::RequiresAction, Some(method)) = (intent.status, &intent.payment_method) else {
        let message = format!(
            "This PaymentIntent awaits no authentication: it has a status of {}.",
            intent.status.as_str()
        );
        return Err(ApiError::unexpected_state(message, intent.to_json()));
    };
    if call.params.is_true("success") {
        authorise(work, call.id)?;
    } else {
        // The answer is the intent, not an error: the page asked for just this.
        let error = ApiError::invalid(FAILED).code("payment_intent_authentication_failure");
        failed(work, call.id, method, error, None)?;
    }
    Ok(work.account.intent(call.id)?.to_json())
}
