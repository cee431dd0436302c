//! Customer tokens: a payment method that the shop may charge again.

use serde_json::{Value, json};

use crate::fields::Members;
use crate::vendor::Reply;

use super::authorizations::{self, differences};
use super::call::{Done, Received, Work};
use super::error::ApiError;
use super::names::{self, redirect_url};
use super::objects::customer_token::{CustomerToken, Status, cancelled};
use super::objects::session::Intent;
use super::schema::{CUSTOMER_TOKEN, TOKEN_STATUS};

/// `POST /payments/v1/authorizations/{token}/customer-token`: once for each authorization, before
/// its order.
pub(super) fn mint(work: &mut Work<'_>, call: &Received<'_>) -> Done {
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
        "redirect_url": redirect_url(work.ids, work.base_url),
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
pub(super) fn read(work: &mut Work<'_>, call: &Received<'_>) -> Done {
    let token = find(work, call.id)?;
    Ok(Reply::json(200, token.to_json()))
}

/// `PATCH /customer-token/v1/tokens/{token}/status`: the end of the token.
pub(super) fn cancel(work: &mut Work<'_>, call: &Received<'_>) -> Done {
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

/// The members of a customer that Klarna gives back.
fn readable(customer: &Members) -> Members {
    customer
        .iter()
        .filter(|(name, _)| matches!(name.as_str(), "date_of_birth" | "gender"))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
