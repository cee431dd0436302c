//! `POST /payments/{id}/captures`, `/voids` and `/refunds`. Accepted is not done: that is [`settle`]'s,
//! before the next request or when somebody asks for it.
//!
//! [`settle`]: super::settle

use serde_json::{Value, json};

use crate::vendor::{Asked, Reply};

use super::super::error::Refusal;
use super::super::fields::{self, AMOUNT, FLAT, checked};
use super::super::objects::payment::{Accepted, ActionKind, Payment, Status};
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

const REFUND: &[Field] = &[
    optional("amount", AMOUNT),
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
    let payment = found(work, id)?;
    let available = payment.available();
    let too_much = match payment.captured {
        0 => "capture_value_greater_than_authorized",
        _ => "capture_value_greater_than_remaining_authorized",
    };
    let amount = amount(members, available, too_much)?;
    let is_final = members.get("capture_type") != Some(&json!("NonFinal"));
    accept(work, id, ActionKind::Capture, amount, is_final, members)
}

/// Voids a payment of which nothing was captured.
pub(in super::super) fn void(
    work: &mut Work<'_>,
    asked: &Asked<'_>,
    id: &str,
) -> Result<Reply, Refusal> {
    let members = checked(asked.body.as_ref(), asked.raw, VOID)?;
    let payment = found(work, id)?;
    if payment.status != Status::Authorized {
        return Err(Refusal::Forbidden);
    }
    let amount = payment.amount;
    accept(work, id, ActionKind::Void, amount, true, members)
}

/// Gives back all that was captured, or an amount.
pub(in super::super) fn refund(
    work: &mut Work<'_>,
    asked: &Asked<'_>,
    id: &str,
) -> Result<Reply, Refusal> {
    let members = checked(asked.body.as_ref(), asked.raw, REFUND)?;
    let available = found(work, id)?.refundable();
    let amount = amount(members, available, "refund_amount_exceeds_balance")?;
    accept(work, id, ActionKind::Refund, amount, false, members)
}

fn found<'w>(work: &'w mut Work<'_>, id: &str) -> Result<&'w mut Payment, Refusal> {
    let account = work.state.account(work.account);
    account.payment_mut(id).ok_or(Refusal::NotFound)
}

/// The amount that is asked for, or all of it.
fn amount(members: &Members, available: i64, too_much: &str) -> Result<i64, Refusal> {
    if available == 0 {
        return Err(Refusal::Forbidden);
    }
    let amount = members.get("amount").and_then(Value::as_i64);
    let amount = amount.unwrap_or(available);
    match (1..=available).contains(&amount) {
        true => Ok(amount),
        false => Err(Refusal::invalid(too_much)),
    }
}

fn accept(
    work: &mut Work<'_>,
    id: &str,
    kind: ActionKind,
    amount: i64,
    is_final: bool,
    members: &Members,
) -> Result<Reply, Refusal> {
    let (action, base_url) = (new_id(work.ids, "act_"), work.base_url);
    let payment = found(work, id)?;
    let body = without_nulls(json!({
        "action_id": action,
        "reference": members.get("reference"),
        "_links": {"payment": {"href": format!("{base_url}/payments/{}", payment.id)}},
    }));
    payment.accepted.push(Accepted {
        id: action,
        kind,
        amount,
        is_final,
        reference: members.get("reference").cloned(),
        metadata: members.get("metadata").cloned(),
    });
    Ok(Reply::json(202, body))
}
