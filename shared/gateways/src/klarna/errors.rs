//! Klarna's errors, in our words
//! (<https://docs.klarna.com/resources/error-details/errors-in-klarna-payments>). Its own texts go to
//! the log alone, redacted.

use bytes::Bytes;
use domain::gateway::GatewayRefusal;
use domain::refusal::Code;
use http::{Response, StatusCode};
use outbound::redact;
use serde::Deserialize;

use crate::failure::GatewayFailure;
use crate::gateway::NotDone;

/// Of a body that is no error of Klarna's, what the log has.
const LOGGED_OF_GARBAGE: usize = 200;

/// With this header Klarna signs even answers without a body.
const CORRELATION_ID: &str = "klarna-correlation-id";

#[derive(Debug, Default, Deserialize)]
pub(super) struct KlarnaError {
    #[serde(default)]
    error_code: String,
    #[serde(default)]
    error_messages: Vec<String>,
    error_message: Option<String>,
}

impl KlarnaError {
    pub fn of(response: &Response<Bytes>) -> Option<Self> {
        let error: Self = serde_json::from_slice(response.body()).ok()?;
        (!error.error_code.is_empty()).then_some(error)
    }

    pub fn is(&self, code: &str) -> bool {
        self.error_code == code
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
    log(status, error.as_ref(), response.body());
    let unavailable = || GatewayFailure::Unavailable(status.as_u16()).into();
    let credentials = || GatewayFailure::CredentialsRefused(status.as_u16()).into();
    match (status, error) {
        (StatusCode::UNAUTHORIZED, _) | (StatusCode::FORBIDDEN, None) => credentials(),
        (StatusCode::FORBIDDEN, Some(error)) if error.is("MERCHANT_INACTIVE") => credentials(),
        (StatusCode::TOO_MANY_REQUESTS, _) => GatewayFailure::Throttled.into(),
        (status, _) if status.is_server_error() => unavailable(),
        (StatusCode::NOT_FOUND, _) if is_missing(response) => {
            refusal(Code::ValidationError, "This is not known at Klarna.").into()
        }
        (status, Some(error)) if status.is_client_error() => {
            let (code, detail) = refused(&error);
            refusal(code, detail).into()
        }
        _ => GatewayFailure::Broken(format!("status {status} without an error of Klarna's")).into(),
    }
}

pub(super) fn refusal(code: Code, detail: &str) -> GatewayRefusal {
    GatewayRefusal {
        code,
        detail: detail.to_owned(),
    }
}

fn refused(error: &KlarnaError) -> (Code, &'static str) {
    match error.error_code.as_str() {
        "REJECTED" => (
            Code::PaymentDeclined,
            "Klarna declined. Let the shopper pay in another way.",
        ),
        "INVALID_OPERATION" => (
            Code::ValidationError,
            "Klarna does not do this any more. Create a new payment source.",
        ),
        code if code.starts_with("TOKEN_") => (
            Code::PaymentSourceNotReusable,
            "The saved source cannot be used any more. Let the shopper pay anew.",
        ),
        "UNAVAILABLE_PAYMENT_METHOD" | "PAYMENT_METHOD_CURRENCY_MISMATCH" => (
            Code::PaymentSourceNotReusable,
            "The saved source cannot be used for this payment. Let the shopper pay anew.",
        ),
        _ => (Code::ValidationError, about_value(error)),
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

fn log(status: StatusCode, error: Option<&KlarnaError>, body: &Bytes) {
    let status = status.as_u16();
    match error {
        Some(error) => {
            let messages: Vec<_> = error.messages().collect();
            tracing::warn!(
                status,
                code = %redact(&error.error_code),
                messages = %redact(&messages.join("; ")),
                "klarna refused"
            );
        }
        None => {
            let start = &body[..body.len().min(LOGGED_OF_GARBAGE)];
            let body = redact(&String::from_utf8_lossy(start));
            tracing::warn!(status, body, "klarna gave no error");
        }
    }
}
