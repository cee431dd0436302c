//! Refusals: the sentences are our own, and say what a caller can do about them.

use domain::gateway::GatewayRefusal;
use domain::refusal::Code;

/// What is asked cannot be done as it is.
pub(crate) fn invalid(detail: impl Into<String>) -> GatewayRefusal {
    refusal(Code::ValidationError, detail)
}

/// The bank, or the vendor itself, does not let this be paid.
pub(crate) fn declined(detail: impl Into<String>) -> GatewayRefusal {
    refusal(Code::PaymentDeclined, detail)
}

/// What pays cannot be saved yet; a step of the shopper's is missing.
pub(crate) fn not_ready(detail: impl Into<String>) -> GatewayRefusal {
    refusal(Code::PaymentSourceNotReady, detail)
}

/// What pays, or what is saved, can be used for no other payment.
pub(crate) fn not_reusable(detail: impl Into<String>) -> GatewayRefusal {
    refusal(Code::PaymentSourceNotReusable, detail)
}

/// The gateway does not know its record of the customer: what was kept with it does not pay any more, and
/// a new record has to be made.
pub(crate) fn customer_unknown() -> GatewayRefusal {
    refusal(Code::GatewayCustomerUnknown, CUSTOMER_UNKNOWN)
}

/// The sentence of [`customer_unknown`].
pub(crate) const CUSTOMER_UNKNOWN: &str = "The gateway does not know the customer any more, and what it kept for them. Let the shopper enter the card again.";

/// What is asked about is none of the vendor's.
pub(crate) fn unknown() -> GatewayRefusal {
    invalid("This is not known at the payment gateway.")
}

/// A payment that cannot be let go of any more.
pub(crate) fn captured() -> GatewayRefusal {
    invalid("The payment was captured at the gateway, so it can only be refunded.")
}

/// A fault that the vendor keeps under the idempotency key of a request that makes something. The same
/// key would only bring the same fault again, so this counts as an answer: it ends the attempt, and the
/// next has a new key. What may have been made all the same is nothing that anybody pays with.
pub(crate) fn burnt_key() -> GatewayRefusal {
    refusal(
        Code::GatewayError,
        "The payment gateway had a fault and could not do this. Try again.",
    )
}

/// A refusal of any kind.
pub(crate) fn refusal(code: Code, detail: impl Into<String>) -> GatewayRefusal {
    let detail = detail.into();
    GatewayRefusal { code, detail }
}
