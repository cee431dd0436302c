//! Orders: placed for an authorization, or for a customer token.

use serde_json::{Value, json};

use crate::fields::Members;
use crate::vendor::Reply;

use super::authorizations::{self, differences};
use super::call::{Done, Received, Work};
use super::customer_tokens;
use super::error::ApiError;
use super::names::{self, redirect_url};
use super::objects::authorization::PlacedOrder;
use super::objects::session::Intent;
use super::schema::{ORDER, PURCHASE, TOKEN_ORDER};
use super::sums::bad_sums;

/// The fields that must be as they were authorised, where the order has them.
const AUTHORISED: &[&str] = &[
    "order_amount",
    "order_tax_amount",
    "order_lines",
    "purchase_country",
    "purchase_currency",
    "billing_address",
    "shipping_address",
];

/// `POST /payments/v1/authorizations/{token}/order`. The same request again gets the same answer.
pub(super) fn place(work: &mut Work<'_>, call: &Received<'_>) -> Done {
    let request = call.members(&[PURCHASE, ORDER])?;
    check_sums(&request)?;
    let order_id = names::uuid(work.ids);
    let redirect_url = redirect_url(work.ids, work.base_url);
    let authorization = authorizations::find(work, call.id, &request)?;
    if let Some(placed) = &authorization.order {
        return match placed.request == request {
            true => Ok(Reply::json(200, placed.answer.clone())),
            false => Err(ApiError::conflict(
                "The order has been already completed with different request body",
            )),
        };
    }
    if authorization.intent == Intent::Tokenize {
        return Err(ApiError::invalid_operation(
            "Not allowed to create order for intent tokenize",
        ));
    }
    let different = differences(&authorization.fields, &request, AUTHORISED);
    if !different.is_empty() {
        return Err(ApiError::not_matching(&different));
    }
    let session_id = authorization.session_id.clone();
    close(work, &session_id)?;
    let answer = json!({
        "order_id": order_id,
        "fraud_status": "ACCEPTED",
        "redirect_url": redirect_url,
        "authorized_payment_method": {"type": "invoice"},
    });
    let placed = PlacedOrder {
        request,
        answer: answer.clone(),
    };
    if let Some(authorization) = work.account().authorizations.get_mut(call.id) {
        authorization.order = Some(placed);
    }
    Ok(Reply::json(200, answer))
}

/// `POST /customer-token/v1/tokens/{token}/order`
pub(super) fn place_with_token(work: &mut Work<'_>, call: &Received<'_>) -> Done {
    let request = call.members(&[TOKEN_ORDER])?;
    check_sums(&request)?;
    let currency = request.get("purchase_currency").and_then(Value::as_str);
    customer_tokens::find(work, call.id)?.check_payment(currency.unwrap_or_default())?;
    let body = json!({
        "order_id": names::uuid(work.ids),
        "fraud_status": "ACCEPTED",
        "redirect_url": redirect_url(work.ids, work.base_url),
    });
    Ok(Reply::json(200, body))
}

/// One order ends the session; another authorization of it comes too late.
fn close(work: &mut Work<'_>, session_id: &str) -> Result<(), ApiError> {
    match work.account().sessions.get_mut(session_id) {
        Some(session) if session.is_complete => Err(ApiError::session_completed()),
        Some(session) => {
            session.is_complete = true;
            Ok(())
        }
        // Over, but authorised in time.
        None => Ok(()),
    }
}

fn check_sums(request: &Members) -> Result<(), ApiError> {
    let bad = bad_sums(request);
    if bad.is_empty() {
        Ok(())
    } else {
        Err(ApiError::bad_values(bad))
    }
}
