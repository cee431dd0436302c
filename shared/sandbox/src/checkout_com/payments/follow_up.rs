//! `POST /payments/{id}/captures` and `POST /payments/{id}/voids`. Accepted is done: no waiting
//! until the payment shows it.

use serde_json::{Value, json};

use crate::vendor::{Asked, Reply};

use super::super::error::Refusal;
use super::super::fields::{self, AMOUNT, FLAT, checked};
use super::super::objects::payment::{Action, ActionKind, Status};
use super::super::spelling::{new_id, without_nulls};
use super::super::state::Work;
use crate::fields::{Field, Kind, Members, optional};

const CAPTURE: &[Field] = &[
    optional("amount", AMOUNT),
    optional("capture_type", Kind::OneOf(&["NonFinal", "Final"])),
    optional("reference", fields::text(50)),
    optional("metadata", FLAT),
];

const VOID: &[Field] = &[
    optional("reference", fields::text(50)),
    optional("metadata", FLAT),
];

/// Captures all that is left, or an amount. After a final capture there is no other.
pub(in super::super) fn capture(
    work: &mut Work<'_>,
    asked: &Asked<'_>,
    id: &str,
) -> Result<Reply, Refusal> {
    let members = checked(asked.body.as_ref(), asked.raw, CAPTURE)?;
    let payment = work.state.account(work.account).payment_mut(id);
    let payment = payment.ok_or(Refusal::NotFound)?;
    let available = payment.available();
    if available == 0 {
        return Err(Refusal::Forbidden);
    }
    let amount = members.get("amount").and_then(Value::as_i64);
    let amount = amount.unwrap_or(available);
    if amount == 0 || amount > available {
        return Err(Refusal::invalid("capture_value_greater_than_authorized"));
    }
    payment.captured += amount;
    payment.is_final = members.get("capture_type") != Some(&json!("NonFinal"));
    payment.status = if payment.captured == payment.amount {
        Status::Captured
    } else {
        Status::PartiallyCaptured
    };
    let action = action(work, ActionKind::Capture, amount);
    accept(work, id, action, members)
}

/// Voids a payment of which nothing was captured.
pub(in super::super) fn void(
    work: &mut Work<'_>,
    asked: &Asked<'_>,
    id: &str,
) -> Result<Reply, Refusal> {
    let members = checked(asked.body.as_ref(), asked.raw, VOID)?;
    let payment = work.state.account(work.account).payment_mut(id);
    let payment = payment.ok_or(Refusal::NotFound)?;
    if payment.status != Status::Authorized {
        return Err(Refusal::Forbidden);
    }
    payment.status = Status::Voided;
    payment.voided = payment.amount;
    let amount = payment.amount;
    let action = action(work, ActionKind::Void, amount);
    accept(work, id, action, members)
}

fn action(work: &Work<'_>, kind: ActionKind, amount: i64) -> Action {
    Action {
        id: new_id(work.ids, "act_"),
        kind,
        amount,
        decline: None,
        at: work.now,
    }
}

fn accept(
    work: &mut Work<'_>,
    id: &str,
    action: Action,
    members: &Members,
) -> Result<Reply, Refusal> {
    let payment = work.state.account(work.account).payment_mut(id);
    let payment = payment.ok_or(Refusal::NotFound)?;
    let body = without_nulls(json!({
        "action_id": action.id,
        "reference": members.get("reference"),
        "_links": {"payment": {"href": format!("{}/payments/{}", work.base_url, payment.id)}},
    }));
    payment.actions.push(action);
    Ok(Reply::json(202, body))
}
