//! Stripe's error objects, in our words. Its own texts go to the log alone, redacted.

use bytes::Bytes;
use domain::gateway::{Decline, GatewayRefusal};
use http::{Response, StatusCode};
use outbound::redact;
use serde::Deserialize;

use super::declines;
use super::retry::is_burnt;
use crate::answers::{Answers, log_garbage, undecided};
use crate::failure::CallFailure;
use crate::not_done::NotDone;
use crate::refusals::{customer_unknown, declined, invalid, not_reusable};

/// How Stripe's answers read.
pub(super) const ANSWERS: Answers = Answers {
    is_missing,
    not_done,
};

#[derive(Debug, Default, Deserialize)]
pub(super) struct StripeError {
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub code: Option<String>,
    pub decline_code: Option<String>,
    pub param: Option<String>,
    pub message: Option<String>,
}

#[derive(Deserialize)]
struct ErrorBody {
    error: StripeError,
}

impl StripeError {
    pub fn of(response: &Response<Bytes>) -> Option<Self> {
        let body: ErrorBody = serde_json::from_slice(response.body()).ok()?;
        Some(body.error)
    }

    fn is(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    /// Stripe gives no code for some refusals; their wording has been the same for years.
    fn says(&self, words: &str) -> bool {
        self.message.as_deref().is_some_and(|it| it.contains(words))
    }
}

/// Whether the object that was asked for is not there, in Stripe's words: a 404 of somebody else's
/// (a proxy, a wrong base URL) says nothing.
pub(super) fn is_missing(response: &Response<Bytes>) -> bool {
    response.status() == StatusCode::NOT_FOUND
        && StripeError::of(response).is_some_and(|error| error.is("resource_missing"))
}

/// Whether Stripe refuses the request as it is, so that the object's state tells whether what was
/// asked had been done before.
pub(super) fn is_refused(response: &Response<Bytes>) -> bool {
    response.status() == StatusCode::BAD_REQUEST
        && StripeError::of(response)
            .is_some_and(|error| error.kind.as_deref() != Some("idempotency_error"))
}

/// Whether Stripe says that it will not do this, so that it is done only if it had been done before.
pub(super) fn is_definitive(response: &Response<Bytes>) -> bool {
    is_refused(response) || is_missing(response) || is_declined(response)
}

/// Whether a bank, or Stripe for it, said no.
pub(super) fn is_declined(response: &Response<Bytes>) -> bool {
    response.status() == StatusCode::PAYMENT_REQUIRED && StripeError::of(response).is_some()
}

/// Why Stripe will not do what was asked.
pub(super) fn reason(response: &Response<Bytes>) -> Decline {
    let error = StripeError::of(response).unwrap_or_default();
    log(response, Some(&error));
    match is_declined(response) {
        true => declines::decline(&error),
        false => Decline {
            message: of_transaction(&error).to_owned(),
            code: error.code,
        },
    }
}

/// Our own sentence for a refusal to move money (docs.stripe.com/error-codes).
fn of_transaction(error: &StripeError) -> &'static str {
    match error.code.as_deref().unwrap_or_default() {
        "amount_too_large" => "More than what is held cannot be captured.",
        "amount_too_small" => "The amount is below the smallest that the gateway takes.",
        "charge_already_captured" => "The payment was captured before.",
        "charge_expired_for_capture" | "capture_charge_authorization_expired" => declines::EXPIRED,
        "charge_already_refunded" => "All that was captured was refunded before.",
        "charge_disputed" | "refund_disputed_payment" => {
            "The shopper asked their bank for the money back, so it cannot be refunded here."
        }
        "balance_insufficient" | "insufficient_funds" => {
            "The shop's balance at the gateway is too low for this refund."
        }
        "payment_intent_unexpected_state" | "intent_invalid_state" => {
            "The payment at the gateway is in a state in which this cannot be done: it was captured or canceled before."
        }
        "resource_missing" => "This is not known at the payment gateway.",
        _ if error.param.as_deref() == Some("amount") => {
            "More than what was captured and not refunded yet cannot be refunded."
        }
        _ => "The gateway does not do this with the payment as it is.",
    }
}

/// What an answer that is no success comes to.
pub(super) fn not_done(response: &Response<Bytes>) -> NotDone {
    let status = response.status();
    let error = StripeError::of(response);
    log(response, error.as_ref());
    if let Some(failure) = undecided(status) {
        return failure.into();
    }
    if [StatusCode::CONFLICT, StatusCode::FAILED_DEPENDENCY].contains(&status) {
        return CallFailure::Unavailable(status.as_u16()).into();
    }
    match error {
        Some(error) if error.kind.as_deref() == Some("idempotency_error") => {
            let problem = "the idempotency key was used for another request";
            CallFailure::NotUnderstood(problem.to_owned()).into()
        }
        // Of a path that Stripe does not know: the base URL is wrong, which no caller can mend.
        Some(error) if status == StatusCode::NOT_FOUND && !error.is("resource_missing") => {
            CallFailure::NotUnderstood("an unknown path".to_owned()).into()
        }
        Some(error) if status.is_client_error() => refusal(status, &error).into(),
        _ => CallFailure::NotUnderstood(format!("status {status} without an error object")).into(),
    }
}

/// What was owed and is not done. A fault under a burnt key is no refusal here, for a refusal would
/// end the debt: each try of it counts, so that the next has a new key by itself.
pub(super) fn still_owed(response: &Response<Bytes>) -> NotDone {
    match is_burnt(response) {
        true => CallFailure::Unavailable(response.status().as_u16()).into(),
        false => not_done(response),
    }
}

fn refusal(status: StatusCode, error: &StripeError) -> GatewayRefusal {
    let is_declined = status == StatusCode::PAYMENT_REQUIRED
        || error.kind.as_deref() == Some("card_error")
        || error.is("payment_method_customer_decline");
    match is_declined {
        true => {
            let code = error.code.as_deref();
            declined(declines::sentence(code, error.decline_code.as_deref()))
        }
        false => invalid_request(error),
    }
}

fn invalid_request(error: &StripeError) -> GatewayRefusal {
    if let Some(sentence) = about_reuse(error) {
        return not_reusable(sentence);
    }
    let param = error.param.as_deref().unwrap_or_default();
    let sentence = match error.code.as_deref().unwrap_or_default() {
        "resource_missing" => match param {
            "payment_method" => {
                "The payment method is not known at the gateway. Give the id of one that was made with this gateway's publishable key."
            }
            "customer" => return customer_unknown(),
            _ => "This is not known at the payment gateway.",
        },
        "amount_too_small" => "The amount is below the smallest that the gateway takes.",
        "amount_too_large" => "The amount is above the largest that the gateway takes.",
        "email_invalid" => "The gateway does not take the e-mail address.",
        "payment_intent_unexpected_state" | "intent_invalid_state" => {
            "The payment is past the point where it can change. Create a new payment source."
        }
        "payment_method_currency_mismatch" => {
            "The payment method does not take the order's currency."
        }
        "customer_max_payment_methods" => {
            "The customer has as many saved payment methods as the gateway keeps. Delete one first."
        }
        _ => match param {
            "amount" => "The gateway does not take the order's amount.",
            "currency" => "The gateway does not take the order's currency.",
            "receipt_email" | "email" => "The gateway does not take the e-mail address.",
            "return_url" => "The gateway does not take the return_url. Give an absolute URL.",
            "setup_future_usage" => "The payment method cannot be saved for future payments.",
            "payment_method" => "The gateway does not take the payment method for this payment.",
            _ => "The gateway does not take this payment. Check the payment source's options.",
        },
    };
    invalid(sentence)
}

fn about_reuse(error: &StripeError) -> Option<&'static str> {
    if error.says("previously used") || error.says("detached from a Customer") {
        Some(
            "The payment method was used or detached before without being saved to a customer, so it cannot be used again. Let the shopper enter it anew.",
        )
    } else if error.says("does not belong to") || error.says("belongs to a different") {
        Some("The payment method belongs to another customer at the gateway.")
    } else if error.says("already been attached") || error.says("belongs to the Customer") {
        Some(
            "The payment method belongs to a customer at the gateway who is not this order's. Let the shopper enter it anew.",
        )
    } else {
        None
    }
}

fn log(response: &Response<Bytes>, error: Option<&StripeError>) {
    let Some(error) = error else {
        return log_garbage("stripe", response);
    };
    tracing::warn!(
        status = response.status().as_u16(),
        kind = error.kind,
        code = error.code,
        decline_code = error.decline_code,
        param = error.param,
        message = %redact(error.message.as_deref().unwrap_or_default()),
        "stripe refused"
    );
}
