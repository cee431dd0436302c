//! Klarna's errors, in our words
//! (<https://docs.klarna.com/resources/error-details/errors-in-klarna-payments>). Its own texts go to
//! the log alone, redacted.

use bytes::Bytes;
use domain::gateway::GatewayRefusal;
use domain::refusal::Code;
use http::{Response, StatusCode};
use outbound::redact;
use serde::Deserialize;

use crate::answers::{Answers, log_garbage, undecided};
use crate::failure::CallFailure;
use crate::not_done::NotDone;
use crate::refusals::{declined, invalid, not_reusable};

/// How Klarna's answers read.
pub(super) const ANSWERS: Answers = Answers {
    is_missing,
    not_done,
};

/// With this header Klarna signs even answers without a body.
const CORRELATION_ID: &str = "klarna-correlation-id";

const LONGEST_CODE: usize = 64;

#[derive(Debug, Default, Deserialize)]
pub(super) struct KlarnaError {
    #[serde(default)]
    error_code: String,
    #[serde(default)]
    error_messages: Vec<String>,
    error_message: Option<String>,
    /// With which a session is opened that lets the shopper go on, where an order for a customer token
    /// needs them.
    #[serde(default)]
    pub step_up_id: Option<String>,
}

impl KlarnaError {
    pub fn of(response: &Response<Bytes>) -> Option<Self> {
        let error: Self = serde_json::from_slice(response.body()).ok()?;
        (!error.error_code.is_empty()).then_some(error)
    }

    pub fn is(&self, code: &str) -> bool {
        self.error_code == code
    }

    /// The code; none where it does not look like one.
    pub fn code(&self) -> Option<&str> {
        let fits = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
        let is_code = (1..=LONGEST_CODE).contains(&self.error_code.len());
        (is_code && self.error_code.bytes().all(fits)).then_some(&self.error_code)
    }

    /// One code stands for several refusals; their wording tells them apart.
    pub fn says(&self, words: &str) -> bool {
        self.messages().any(|it| it.contains(words))
    }

    fn messages(&self) -> impl Iterator<Item = &str> {
        let one = self.error_message.iter();
        self.error_messages.iter().chain(one).map(String::as_str)
    }
}

/// Whether the error is of this status and code.
pub(super) fn is_error(response: &Response<Bytes>, status: StatusCode, code: &str) -> bool {
    response.status() == status && KlarnaError::of(response).is_some_and(|it| it.is(code))
}

/// Whether what was asked about is not there, as Klarna says it: a 404 of somebody else's (a proxy, a
/// wrong base URL) says nothing.
pub(super) fn is_missing(response: &Response<Bytes>) -> bool {
    let is_klarnas = response.headers().contains_key(CORRELATION_ID) && response.body().is_empty();
    response.status() == StatusCode::NOT_FOUND
        && (is_klarnas || KlarnaError::of(response).is_some())
}

/// Whether Klarna makes no customer tokens for this country and payment method.
pub(super) fn refuses_tokens(response: &Response<Bytes>) -> bool {
    response.status() == StatusCode::BAD_REQUEST
        && KlarnaError::of(response)
            .is_some_and(|it| it.says("not valid for creating customer tokens"))
}

/// What an answer that is no success comes to.
pub(super) fn not_done(response: &Response<Bytes>) -> NotDone {
    let status = response.status();
    let error = KlarnaError::of(response);
    log(response, error.as_ref());
    let is_forbidden = status == StatusCode::FORBIDDEN;
    match (undecided(status), error) {
        // Of a payment or a token, not of the credentials.
        (Some(_), Some(error)) if is_forbidden && !error.is("MERCHANT_INACTIVE") => {
            refused(&error).into()
        }
        (Some(failure), _) => failure.into(),
        _ if is_missing(response) => invalid("This is not known at Klarna.").into(),
        (None, Some(error)) if status.is_client_error() => refused(&error).into(),
        _ => CallFailure::NotUnderstood(format!("status {status} without an error of Klarna's"))
            .into(),
    }
}

/// Whether this is a fault that Klarna keeps under the request's idempotency key.
pub(super) fn is_burnt(response: &Response<Bytes>) -> bool {
    let codes = ["INTERNAL_SERVER_ERROR", "UNEXPECTED_ERROR"];
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    codes.iter().any(|code| is_error(response, status, code))
}

/// What Klarna refuses for good: its error, and our words for it.
///
/// # Errors
/// The answer decides nothing.
pub(super) fn refusal(
    response: &Response<Bytes>,
) -> Result<(KlarnaError, GatewayRefusal), CallFailure> {
    match not_done(response) {
        NotDone::Failed(failure) => Err(failure),
        NotDone::Refused(refusal) => {
            let error = KlarnaError::of(response).unwrap_or_default();
            Ok((error, refusal))
        }
    }
}

/// Whether Klarna says that the saved source is of no use any more.
pub(super) fn is_of_no_use(response: &Response<Bytes>) -> bool {
    let is_refusal = response.status().is_client_error() && !is_missing(response);
    let error = KlarnaError::of(response).filter(|_| is_refusal);
    error.is_some_and(|it| refused(&it).code == Code::PaymentSourceNotReusable)
}

fn refused(error: &KlarnaError) -> GatewayRefusal {
    match error.error_code.as_str() {
        "REJECTED" => declined("Klarna declined. Let the shopper pay in another way."),
        "INVALID_OPERATION" => {
            invalid("Klarna does not do this any more. Create a new payment source.")
        }
        code if code.starts_with("TOKEN_") => {
            not_reusable("The saved source cannot be used any more. Let the shopper pay anew.")
        }
        "UNAVAILABLE_PAYMENT_METHOD"
        | "PAYMENT_METHOD_CURRENCY_MISMATCH"
        | "PAYMENT_METHOD_FAILED" => not_reusable(
            "The saved source cannot be used for this payment. Let the shopper pay anew.",
        ),
        _ => invalid(about_value(error)),
    }
}

/// Klarna names the values that it does not take in its messages: `Bad value: purchase_currency`.
fn about_value(error: &KlarnaError) -> &'static str {
    let names = |parts: &[&str]| parts.iter().any(|part| error.says(part));
    if names(&["purchase_country", "purchase_currency"]) {
        "Klarna does not take the order's currency in the buyer's country."
    } else if names(&["billing_address", "shipping_address"]) {
        "Klarna does not take the order's addresses. Correct the billing and the shipping address."
    } else if names(&["order_lines", "order_amount", "order_tax_amount"]) {
        "Klarna does not take the order's line items and amounts."
    } else if names(&["creating customer tokens"]) {
        "Klarna keeps no payment sources in the buyer's country. Create a new payment source."
    } else {
        "Klarna does not take this payment. Check the order's country, currency, addresses and line items."
    }
}

fn log(response: &Response<Bytes>, error: Option<&KlarnaError>) {
    let Some(error) = error else {
        return log_garbage("klarna", response);
    };
    let messages: Vec<_> = error.messages().collect();
    tracing::warn!(
        status = response.status().as_u16(),
        code = %redact(&error.error_code),
        messages = %redact(&messages.join("; ")),
        "klarna refused"
    );
}
