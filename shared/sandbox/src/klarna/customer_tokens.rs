//! Customer tokens: a payment method that the shop may charge again.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::fields::Members;
use crate::vendor::Reply;

use super::authorizations::{self, differences};
use super::error::ApiError;
use super::exchange::{Call, Done, Work};
use super::names;
use super::orders::redirect_url;
use super::schema::{CUSTOMER_TOKEN, TOKEN_STATUS};
use super::sessions::Intent;

/// Cards expire in December of the fourth year after the token was made.
const CARD_YEARS: i32 = 4;

/// A customer token.
#[derive(Deserialize, Serialize)]
pub(super) struct CustomerToken {
    status: Status,
    method: Method,
    currency: String,
    /// Whether charges with it are refused though it is active.
    is_unavailable: bool,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
enum Status {
    Active,
    Cancelled,
    Suspended,
}

/// How the shopper pays Klarna.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Method {
    Card { expiry_year: i32 },
    DirectDebit,
    Invoice,
}

impl CustomerToken {
    /// The token that an authorization makes; the name of the authorization token decides.
    fn of(authorization_token: &str, currency: &str, now: i64) -> Self {
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
        }
    }

    /// Whether it may be charged in this currency.
    pub(super) fn check_payment(&self, currency: &str) -> Result<(), ApiError> {
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

    fn to_json(&self) -> Value {
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

/// `POST /payments/v1/authorizations/{token}/customer-token`: once for each authorization, before
/// its order.
pub(super) fn mint(work: &mut Work<'_>, call: &Call<'_>) -> Done {
    let request = call.members(&[CUSTOMER_TOKEN])?;
    let now = work.now;
    let authorization = authorizations::find(work, call.id, &request)?;
    let terms = &["purchase_country", "purchase_currency"];
    let different = differences(&authorization.fields, &request, terms);
    if !different.is_empty() {
        return Err(ApiError::not_matching(&different));
    }
    if authorization.intent == Intent::Buy {
        return Err(ApiError::invalid_operation(
            "Not allowed to create customer token for intent buy",
        ));
    }
    if authorization.has_customer_token || authorization.order.is_some() {
        return Err(authorizations::consumed());
    }
    authorization.has_customer_token = true;

    let currency = request.get("purchase_currency").and_then(Value::as_str);
    let token = CustomerToken::of(call.id, currency.unwrap_or_default(), now);
    let token_id = names::uuid(work.ids);
    let mut answer = json!({
        "token_id": token_id,
        "redirect_url": redirect_url(work),
        "payment_method_reference": names::uuid(work.ids),
    });
    if let Some(address) = request.get("billing_address") {
        answer["billing_address"] = address.clone();
    }
    if let Some(Value::Object(customer)) = request.get("customer") {
        answer["customer"] = Value::Object(readable(customer));
    }
    work.account().customer_tokens.insert(token_id, token);
    Ok(Reply::json(200, answer))
}

/// `GET /customer-token/v1/tokens/{token}`
pub(super) fn read(work: &mut Work<'_>, call: &Call<'_>) -> Done {
    let token = find(work, call.id)?;
    Ok(Reply::json(200, token.to_json()))
}

/// `PATCH /customer-token/v1/tokens/{token}/status`: the end of the token.
pub(super) fn cancel(work: &mut Work<'_>, call: &Call<'_>) -> Done {
    call.members(&[TOKEN_STATUS])?;
    let token = find(work, call.id)?;
    if token.status == Status::Cancelled {
        return Err(cancelled());
    }
    token.status = Status::Cancelled;
    Ok(Reply::empty(202))
}

pub(super) fn find<'a>(
    work: &'a mut Work<'_>,
    id: &str,
) -> Result<&'a mut CustomerToken, ApiError> {
    work.account()
        .customer_tokens
        .get_mut(id)
        .ok_or_else(ApiError::token_not_found)
}

/// What Klarna gives back of a customer.
fn readable(customer: &Members) -> Members {
    customer
        .iter()
        .filter(|(name, _)| matches!(name.as_str(), "date_of_birth" | "gender"))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn cancelled() -> ApiError {
    ApiError::token("TOKEN_CANCELLED", "The customer token is cancelled")
}
