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
use super::objects::order::{FraudStatus, Order};
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
    let step_up = authorization.fields.get("step_up_id").cloned();
    let urls = authorization.fields.get("merchant_urls").cloned();
    close(work, &session_id)?;
    let fraud_status = fraud_status(names::is_pending(call.id));
    let now = work.now;
    let mut order = Order::placed(request.clone(), Some(session_id), fraud_status, now);
    if let (None, Some(urls)) = (request.get("merchant_urls"), urls) {
        order.set("merchant_urls", &urls);
    }
    let account = work.account();
    account.orders.insert(order_id.clone(), order);
    if let Some(step_up) = step_up.as_ref().and_then(Value::as_str)
        && let Some(token) = account.step_ups.remove(step_up)
        && let Some(token) = account.customer_tokens.get_mut(&token)
    {
        token.mend();
    }
    let answer = json!({
        "order_id": order_id,
        "fraud_status": fraud_status,
        "redirect_url": redirect_url,
        "authorized_payment_method": {"type": "invoice"},
    });
    let placed = PlacedOrder {
        request,
        answer: answer.clone(),
    };
    if let Some(authorization) = account.authorizations.get_mut(call.id) {
        authorization.order = Some(placed);
    }
    Ok(Reply::json(200, answer))
}

/// `POST /customer-token/v1/tokens/{token}/order`
pub(super) fn place_with_token(work: &mut Work<'_>, call: &Received<'_>) -> Done {
    let request = call.members(&[TOKEN_ORDER])?;
    check_sums(&request)?;
    let currency = request.get("purchase_currency").and_then(Value::as_str);
    let token = customer_tokens::find(work, call.id)?;
    token.check_payment(currency.unwrap_or_default())?;
    let fraud_status = fraud_status(token.is_pending);
    if token.needs_shopper() {
        return Err(step_up(work, call.id, &request));
    }
    let (now, order_id) = (work.now, names::uuid(work.ids));
    let redirect_url = redirect_url(work.ids, work.base_url);
    let order = Order::placed(request, None, fraud_status, now);
    work.account().orders.insert(order_id.clone(), order);
    let body = json!({
        "order_id": order_id,
        "fraud_status": fraud_status,
        "redirect_url": redirect_url,
    });
    Ok(Reply::json(200, body))
}

/// The shopper is to approve the order: in a session, where the shop has said that it can open one.
fn step_up(work: &mut Work<'_>, token: &str, request: &Members) -> ApiError {
    if request.get("step_up").and_then(Value::as_str) != Some("SUPPORTED") {
        let message = "The payment method failed";
        return ApiError::token("PAYMENT_METHOD_FAILED", message);
    }
    let id = names::uuid(work.ids);
    work.account().step_ups.insert(id.clone(), token.to_owned());
    ApiError::step_up(id)
}

const fn fraud_status(is_pending: bool) -> FraudStatus {
    match is_pending {
        true => FraudStatus::Pending,
        false => FraudStatus::Accepted,
    }
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
