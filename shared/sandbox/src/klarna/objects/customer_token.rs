//! A customer token as it is remembered and shown.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::super::error::ApiError;
use super::super::names::is_pending;

/// Cards expire in December of the fourth year after the token was made.
const CARD_YEARS: i32 = 4;

/// A customer token.
#[derive(Deserialize, Serialize)]
pub(crate) struct CustomerToken {
    pub(crate) status: Status,
    method: Method,
    currency: String,
    /// True if charges with the token are refused though it is active.
    is_unavailable: bool,
    /// True if the shopper is to approve the next order.
    #[serde(default)]
    needs_shopper: bool,
    /// True if Klarna takes hours to decide on its orders.
    #[serde(default)]
    pub(crate) is_pending: bool,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Status {
    Active,
    Cancelled,
    Suspended,
}

/// The way in which the shopper pays Klarna.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Method {
    Card { expiry_year: i32 },
    DirectDebit,
    Invoice,
}

impl CustomerToken {
    /// The token that an authorization makes; the name of the authorization token decides.
    pub(crate) fn of(authorization_token: &str, currency: &str, now: i64) -> Self {
        let is_named = |prefix: &str| authorization_token.starts_with(prefix);
        let method = if is_named("invoice-") {
            Method::Invoice
        } else if is_named("direct-debit-") {
            Method::DirectDebit
        } else {
            let seconds = now.div_euclid(1_000);
            let today = OffsetDateTime::from_unix_timestamp(seconds);
            let year = today.unwrap_or(OffsetDateTime::UNIX_EPOCH).year();
            Method::Card {
                expiry_year: year + CARD_YEARS,
            }
        };
        Self {
            status: if is_named("suspended-") {
                Status::Suspended
            } else {
                Status::Active
            },
            method,
            currency: currency.to_ascii_uppercase(),
            is_unavailable: is_named("unavailable-"),
            needs_shopper: is_named("step-up-"),
            is_pending: is_pending(authorization_token),
        }
    }

    /// Refuses to charge the token in this currency where that can't be.
    pub(crate) fn check_payment(&self, currency: &str) -> Result<(), ApiError> {
        match self.status {
            Status::Cancelled => return Err(cancelled()),
            Status::Suspended => {
                let message = "The customer token is suspended";
                return Err(ApiError::token("TOKEN_SUSPENDED", message));
            }
            Status::Active => {}
        }
        if self.is_unavailable {
            let message = "The payment method is not available";
            return Err(ApiError::token("UNAVAILABLE_PAYMENT_METHOD", message));
        }
        if !self.currency.eq_ignore_ascii_case(currency) {
            let message = "The payment method does not support the currency";
            return Err(ApiError::token("PAYMENT_METHOD_CURRENCY_MISMATCH", message));
        }
        Ok(())
    }

    /// True if the shopper is to approve the next order.
    pub(crate) const fn needs_shopper(&self) -> bool {
        self.needs_shopper
    }

    /// The shopper has approved an order in a session: the way to pay that they chose there is the token's
    /// from now on.
    pub(crate) const fn mend(&mut self) {
        self.needs_shopper = false;
        self.is_unavailable = false;
    }

    pub(crate) fn to_json(&self) -> Value {
        match &self.method {
            Method::Card { expiry_year } => json!({
                "status": self.status,
                "payment_method_type": "CARD",
                "card": {
                    "brand": "VISA",
                    "expiry_date": format!("12/{expiry_year:04}"),
                    "masked_number": "************1234",
                },
            }),
            Method::DirectDebit => json!({
                "status": self.status,
                "payment_method_type": "DIRECT_DEBIT",
                "direct_debit": {"masked_number": "******************5678"},
            }),
            Method::Invoice => json!({
                "status": self.status,
                "payment_method_type": "INVOICE",
            }),
        }
    }
}

/// The refusal of a token that was ended.
pub(crate) fn cancelled() -> ApiError {
    ApiError::token("TOKEN_CANCELLED", "The customer token is cancelled")
}
