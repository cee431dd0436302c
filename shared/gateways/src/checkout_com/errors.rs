//! Checkout.com's refusals, in our words. Its own texts go to the log alone, redacted. Its codes are
//! taken as opaque: those that are known say more, all others say what was refused.

use bytes::Bytes;
use domain::refusal::Code;
use http::{Response, StatusCode};
use outbound::redact;
use serde::Deserialize;

use crate::answers::{Answers, log_garbage, undecided};
use crate::failure::CallFailure;
use crate::not_done::NotDone;
use crate::refusals::{CUSTOMER_UNKNOWN, refusal};

/// How Checkout.com's answers read.
pub(super) const ANSWERS: Answers = Answers {
    is_missing,
    not_done,
};

/// In every answer of the vendor's, also in those without a body.
const REQUEST_ID: &str = "cko-request-id";

#[derive(Debug, Default, Deserialize)]
struct ErrorBody {
    request_id: Option<String>,
    error_type: String,
    #[serde(default)]
    error_codes: Vec<String>,
}

/// Whether the vendor says that what was asked about is not there: its 404s have no body, so that
/// the request id has to tell them from a proxy's.
pub(super) fn is_missing(response: &Response<Bytes>) -> bool {
    response.status() == StatusCode::NOT_FOUND && response.headers().contains_key(REQUEST_ID)
}

/// Whether the vendor will not do this to the payment as it is, so that the payment's state tells
/// whether it had been done before.
pub(super) fn is_refused(response: &Response<Bytes>) -> bool {
    let status = response.status();
    let refusing = [StatusCode::FORBIDDEN, StatusCode::UNPROCESSABLE_ENTITY];
    refusing.contains(&status) || is_missing(response)
}

/// Whether the vendor says that what was asked about cannot be anything of its own.
pub(super) fn is_unfit(response: &Response<Bytes>) -> bool {
    let unfit = [StatusCode::BAD_REQUEST, StatusCode::UNPROCESSABLE_ENTITY];
    unfit.contains(&response.status()) && response.headers().contains_key(REQUEST_ID)
}

/// The codes of a refusal.
pub(super) fn codes(response: &Response<Bytes>) -> Vec<String> {
    let error: Option<ErrorBody> = serde_json::from_slice(response.body()).ok();
    error.map(|it| it.error_codes).unwrap_or_default()
}

/// What an answer that is no success comes to.
pub(super) fn not_done(response: &Response<Bytes>) -> NotDone {
    let status = response.status();
    let error: Option<ErrorBody> = serde_json::from_slice(response.body()).ok();
    log(response, error.as_ref());
    if let Some(failure) = undecided(status) {
        return failure.into();
    }
    match status {
        StatusCode::CONFLICT => CallFailure::Unavailable(status.as_u16()).into(),
        StatusCode::UNPROCESSABLE_ENTITY => match error {
            Some(error) => refused(&error),
            None => CallFailure::NotUnderstood("a 422 without an error object".to_owned()).into(),
        },
        status => CallFailure::NotUnderstood(format!("status {status} was not expected")).into(),
    }
}

fn refused(error: &ErrorBody) -> NotDone {
    let is_about = |part: &str| error.error_codes.iter().any(|code| code.contains(part));
    if is_about("idempotency") {
        let problem = "the idempotency key was used for another request";
        return CallFailure::NotUnderstood(problem.to_owned()).into();
    }
    if is_about("processing_channel") {
        let problem = "the gateway's processing_channel_id is refused";
        return CallFailure::NotUnderstood(problem.to_owned()).into();
    }
    let known = KNOWN.iter().find(|(part, ..)| is_about(part));
    let (code, detail) = known.map_or((Code::ValidationError, UNKNOWN), |(_, code, detail)| {
        (*code, *detail)
    });
    refusal(code, detail).into()
}

const UNKNOWN: &str = "The gateway does not take this payment. Check the payment source's attributes, or let the shopper enter the card again.";

/// Parts of error codes; the first that is found decides.
const KNOWN: &[(&str, Code, &str)] = &[
    (
        "capture_value_greater_than",
        Code::ValidationError,
        "More than what is held cannot be captured.",
    ),
    (
        "refund_amount",
        Code::ValidationError,
        "More than what was captured and not refunded yet cannot be refunded.",
    ),
    (
        "source_id",
        Code::PaymentSourceNotReusable,
        "The saved card is not the customer's at the gateway any more. Let the shopper enter the card again.",
    ),
    (
        "instrument",
        Code::PaymentSourceNotReusable,
        "The saved card is not known at the gateway any more. Let the shopper enter the card again.",
    ),
    (
        "card_not_found",
        Code::PaymentSourceNotReusable,
        "The saved card is not known at the gateway any more. Let the shopper enter the card again.",
    ),
    (
        "token_expired",
        Code::ValidationError,
        "The card's token has expired: a token is good for 15 minutes. Ask the shopper to enter the card again.",
    ),
    (
        "token_used",
        Code::ValidationError,
        "The card's token was used before: a token is good for one payment. Ask the shopper to enter the card again.",
    ),
    (
        "token",
        Code::ValidationError,
        "The card's token is not known at the gateway. Ask the shopper to enter the card again, with this gateway's public key.",
    ),
    (
        "card_expired",
        Code::PaymentDeclined,
        "The payment was declined: the card has expired. The shopper should pay with another.",
    ),
    (
        "card_",
        Code::PaymentDeclined,
        "The payment was declined: the card cannot be used. The shopper should pay with another.",
    ),
    (
        "declined",
        Code::PaymentDeclined,
        "The payment was declined. The shopper should ask their bank, or pay in another way.",
    ),
    (
        "email",
        Code::ValidationError,
        "The gateway does not take the customer's e-mail address.",
    ),
    ("customer", Code::GatewayCustomerUnknown, CUSTOMER_UNKNOWN),
    (
        "amount",
        Code::ValidationError,
        "The gateway does not take the order's amount.",
    ),
    (
        "currency",
        Code::ValidationError,
        "The gateway does not take the order's currency.",
    ),
    (
        "country",
        Code::ValidationError,
        "The gateway does not take the country of the order's billing address.",
    ),
    (
        "success_url",
        Code::ValidationError,
        "The gateway does not take success_url.",
    ),
    (
        "failure_url",
        Code::ValidationError,
        "The gateway does not take failure_url.",
    ),
];

fn log(response: &Response<Bytes>, error: Option<&ErrorBody>) {
    let Some(error) = error else {
        return log_garbage("checkout_com", response);
    };
    tracing::warn!(
        status = response.status().as_u16(),
        request_id = error.request_id.as_deref().map(redact),
        kind = redact(&error.error_type),
        codes = redact(&error.error_codes.join(" ")),
        "checkout.com refused"
    );
}
