//! Order management: what becomes of an order once it was placed
//! (<https://docs.klarna.com/api/ordermanagement/>). All of it is synchronous.

use http::HeaderName;
use serde_json::{Value, json};

use crate::vendor::Reply;

use super::call::{Done, Received, Work};
use super::decisions::{Decision, decide};
use super::error::ApiError;
use super::names;
use super::objects::order::{Capture, FraudStatus, Order, Refund, Status};
use super::schema::{
    CAPTURE, CUSTOMER_DETAILS, DECISION, MERCHANT_REFERENCES, REFUND, UPDATE_AUTHORIZATION,
};

const CAPTURE_ID: HeaderName = HeaderName::from_static("capture-id");
const REFUND_ID: HeaderName = HeaderName::from_static("refund-id");

/// `GET /ordermanagement/v1/orders/{id}`
pub(super) fn read(work: &mut Work<'_>, call: &Received<'_>) -> Done {
    let now = work.now;
    let order = find(work, call.id)?;
    Ok(Reply::json(200, order.to_json(call.id, now)))
}

/// `POST …/captures`
pub(super) fn capture(work: &mut Work<'_>, call: &Received<'_>) -> Done {
    let fields = call.members_of_order(&[CAPTURE])?;
    let amount = amount(&fields, "captured_amount");
    let (now, id) = (work.now, names::uuid(work.ids));
    let location = location(work, call, "captures", &id);
    let order = find(work, call.id)?;
    let is_accepted = order.fraud_status == FraudStatus::Accepted;
    if !is_accepted || amount > order.remaining(now) {
        return Err(ApiError::not_allowed(
            "CAPTURE_NOT_ALLOWED",
            "Capture not allowed",
        ));
    }
    order.captures.push(Capture {
        id: id.clone(),
        amount,
        at: now,
        fields,
    });
    Ok(made(CAPTURE_ID, id, location))
}

/// `GET …/captures`
pub(super) fn list_captures(work: &mut Work<'_>, call: &Received<'_>) -> Done {
    let order = find(work, call.id)?;
    let captures: Vec<_> = order.captures.iter().map(Capture::to_json).collect();
    Ok(Reply::json(200, json!(captures)))
}

/// `GET …/captures/{capture_id}`
pub(super) fn read_capture(work: &mut Work<'_>, call: &Received<'_>) -> Done {
    let order = find(work, call.id)?;
    let found = order.captures.iter().find(|it| it.id == call.part);
    let found = found.ok_or_else(|| ApiError::no_such("NO_SUCH_CAPTURE", "No such capture"))?;
    Ok(Reply::json(200, found.to_json()))
}

/// `POST …/cancel`
pub(super) fn cancel(work: &mut Work<'_>, call: &Received<'_>) -> Done {
    let now = work.now;
    let order = find(work, call.id)?;
    if order.status(now) != Status::Authorized {
        let message = match order.captured() {
            0 => "Order is closed. Cancel not possible.",
            _ => "Order has previous captures. Cancel not possible",
        };
        return Err(ApiError::not_allowed("CANCEL_NOT_ALLOWED", message));
    }
    order.cancel();
    Ok(Reply::empty(204))
}

/// `POST …/release-remaining-authorization`
pub(super) fn release_remaining(work: &mut Work<'_>, call: &Received<'_>) -> Done {
    let now = work.now;
    let order = find(work, call.id)?;
    if order.status(now) != Status::PartCaptured {
        return Err(ApiError::not_allowed(
            "NOT_ALLOWED",
            "Release of the remaining authorization not allowed",
        ));
    }
    order.release_remaining(now);
    Ok(Reply::empty(204))
}

/// `POST …/refunds`
pub(super) fn refund(work: &mut Work<'_>, call: &Received<'_>) -> Done {
    let fields = call.members_of_order(&[REFUND])?;
    let amount = amount(&fields, "refunded_amount");
    let (now, id) = (work.now, names::uuid(work.ids));
    let location = location(work, call, "refunds", &id);
    let order = find(work, call.id).map_err(|_| not_found())?;
    if amount > order.captured() - order.refunded() {
        return Err(ApiError::not_allowed(
            "REFUND_NOT_ALLOWED",
            "Refund not allowed",
        ));
    }
    order.refunds.push(Refund {
        id: id.clone(),
        amount,
        at: now,
        fields,
    });
    Ok(made(REFUND_ID, id, location))
}

/// `GET …/refunds/{refund_id}`
pub(super) fn read_refund(work: &mut Work<'_>, call: &Received<'_>) -> Done {
    let order = find(work, call.id).map_err(|_| not_found())?;
    let found = order.refunds.iter().find(|it| it.id == call.part);
    let found = found.ok_or_else(not_found)?;
    Ok(Reply::json(200, found.to_json()))
}

/// `PATCH …/authorization`. To raise an amount takes Klarna's yes, which is never given here.
pub(super) fn update_authorization(work: &mut Work<'_>, call: &Received<'_>) -> Done {
    let fields = call.members_of_order(&[UPDATE_AUTHORIZATION])?;
    let amount = amount(&fields, "order_amount");
    let now = work.now;
    let order = find(work, call.id)?;
    let is_open = matches!(order.status(now), Status::Authorized | Status::PartCaptured);
    if !is_open || amount > order.amount() || amount < order.captured() {
        return Err(ApiError::not_allowed(
            "NOT_ALLOWED",
            "Update of the authorization not allowed",
        ));
    }
    order.reduce(amount, fields.get("order_lines"));
    Ok(Reply::empty(204))
}

/// `POST …/extend-authorization-time`
pub(super) fn extend(work: &mut Work<'_>, call: &Received<'_>) -> Done {
    let now = work.now;
    let order = find(work, call.id)?;
    if !matches!(order.status(now), Status::Authorized | Status::PartCaptured) {
        return Err(ApiError::not_allowed(
            "NOT_ALLOWED",
            "Extension of the authorization time not allowed",
        ));
    }
    order.extend(now);
    Ok(Reply::empty(204))
}

/// `PATCH …/merchant-references`
pub(super) fn change_references(work: &mut Work<'_>, call: &Received<'_>) -> Done {
    change(work, call, MERCHANT_REFERENCES)
}

/// `PATCH …/customer-details`
pub(super) fn change_details(work: &mut Work<'_>, call: &Received<'_>) -> Done {
    change(work, call, CUSTOMER_DETAILS)
}

fn change(work: &mut Work<'_>, call: &Received<'_>, fields: &[crate::fields::Field]) -> Done {
    let changes = call.members_of_order(&[fields])?;
    let now = work.now;
    let order = find(work, call.id)?;
    if order.status(now) == Status::Cancelled {
        return Err(ApiError::not_allowed("NOT_ALLOWED", "Update not allowed"));
    }
    for (name, value) in &changes {
        order.set(name, value);
    }
    Ok(Reply::empty(204))
}

/// `POST …/_decide`, the stand-in's own: Klarna decides on a pending order, or stops one.
pub(super) fn decide_on(work: &mut Work<'_>, call: &Received<'_>) -> Done {
    let fields = call.members(&[DECISION])?;
    let decision = Decision::of(&fields).ok_or_else(|| ApiError::bad_value("event_type"))?;
    let now = work.now;
    find(work, call.id)?;
    match decide(work.state, call.id, decision, now) {
        true => Ok(Reply::empty(204)),
        false => Err(ApiError::not_allowed(
            "NOT_ALLOWED",
            "It is decided on already",
        )),
    }
}

/// `POST …/_expire`, the stand-in's own: the time in which the order can be captured runs out.
pub(super) fn expire(work: &mut Work<'_>, call: &Received<'_>) -> Done {
    let now = work.now;
    find(work, call.id)?.expire(now);
    Ok(Reply::empty(204))
}

fn find<'a>(work: &'a mut Work<'_>, id: &str) -> Result<&'a mut Order, ApiError> {
    let order = work.account().orders.get_mut(id);
    order.ok_or_else(|| ApiError::no_such("NO_SUCH_ORDER", "No such order"))
}

fn not_found() -> ApiError {
    ApiError::no_such("NOT_FOUND", "Not found")
}

fn amount(fields: &crate::fields::Members, name: &str) -> i64 {
    fields.get(name).and_then(Value::as_i64).unwrap_or_default()
}

fn location(work: &Work<'_>, call: &Received<'_>, list: &str, id: &str) -> String {
    let base = work.base_url;
    format!("{base}/ordermanagement/v1/orders/{}/{list}/{id}", call.id)
}

fn made(header: HeaderName, id: String, location: String) -> Reply {
    Reply::empty(201)
        .header(header, id)
        .header(http::header::LOCATION, location)
}
