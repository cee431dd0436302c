//! Klarna's codes for what it does not do, as declines.

use domain::gateway::Decline;

use super::errors::KlarnaError;

/// The code of an order whose time to be captured has passed. Klarna says it as a status.
const EXPIRED: &str = "expired";

/// The code of a payment that Klarna does not lend for.
pub(super) const REJECTED: &str = "REJECTED";

const NO_SUCH_ORDER: &str = "NO_SUCH_ORDER";

const UNKNOWN_ORDER: &str = "The order is not known at Klarna.";

/// Why Klarna does not do what was asked.
pub(super) fn decline(error: &KlarnaError) -> Decline {
    let code = error.code();
    let message = match code.unwrap_or_default() {
        REJECTED => "Klarna declined. Let the shopper pay in another way.",
        "CAPTURE_NOT_ALLOWED" => {
            "Klarna does not let this be captured: the order is not decided on yet, was cancelled, has expired, or holds less."
        }
        "CANCEL_NOT_ALLOWED" => {
            "Klarna does not cancel this order: something was captured of it, or it is closed."
        }
        "REFUND_NOT_ALLOWED" => "Klarna refunds no more than was captured.",
        NO_SUCH_ORDER | "NOT_FOUND" => UNKNOWN_ORDER,
        "UNAVAILABLE_PAYMENT_METHOD"
        | "PAYMENT_METHOD_CURRENCY_MISMATCH"
        | "PAYMENT_METHOD_FAILED" => {
            "The saved source cannot be used for this payment. Let the shopper pay anew."
        }
        code if code.starts_with("TOKEN_") => {
            "The saved source cannot be used any more. Let the shopper pay anew."
        }
        _ => "Klarna does not do this.",
    };
    with_code(code, message)
}

/// Klarna does not lend for this payment.
pub(super) fn rejected() -> Decline {
    with_code(
        Some(REJECTED),
        "Klarna declined. Let the shopper pay in another way.",
    )
}

/// Klarna knows no such order.
pub(super) fn no_such_order() -> Decline {
    with_code(Some(NO_SUCH_ORDER), UNKNOWN_ORDER)
}

/// The time in which an order can be captured has passed.
pub(super) fn expired() -> Decline {
    with_code(Some(EXPIRED), "The authorization at Klarna has expired.")
}

/// A decline that Klarna has no code for.
pub(super) fn without_code(message: &str) -> Decline {
    with_code(None, message)
}

fn with_code(code: Option<&str>, message: &str) -> Decline {
    Decline {
        code: code.map(str::to_owned),
        message: message.to_owned(),
    }
}
