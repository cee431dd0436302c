//! `GET /payments/{id}`

use serde_json::{Value, json};

use crate::vendor::{Asked, Reply};

use super::super::customers;
use super::super::error::Refusal;
use super::super::objects::payment::{Action, Payment};
use super::super::spelling::{digits, without_nulls, written};
use super::super::state::{Account, Work};

/// A payment by its id, or by its 3-D Secure session.
pub(in super::super) fn read(work: &mut Work<'_>, id: &str) -> Result<Reply, Refusal> {
    let account = work.state.account(work.account);
    let payment = account.payment(id).ok_or(Refusal::NotFound)?;
    Ok(Reply::json(200, shown(account, payment, work.base_url)))
}

/// `GET /payments/{id}/actions`: what was done, the newest first.
pub(in super::super) fn actions(work: &mut Work<'_>, id: &str) -> Result<Reply, Refusal> {
    let account = work.state.account(work.account);
    let payment = account.payment(id).ok_or(Refusal::NotFound)?;
    let actions = payment.actions.iter().rev().map(Action::to_json);
    Ok(Reply::json(200, actions.collect()))
}

/// `GET /payments`: those with a reference, the newest first
/// (<https://www.checkout.com/docs/payments/manage-payments/get-a-list-of-payments>).
pub(in super::super) fn list(work: &mut Work<'_>, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let query: Vec<_> =
        form_urlencoded::parse(asked.query.unwrap_or_default().as_bytes()).collect();
    let given = |name: &str| query.iter().find(|it| it.0 == name).map(|it| it.1.as_ref());
    let number = |name: &str, default: usize| match given(name).map(str::parse) {
        None => Ok(default),
        Some(Ok(number)) => Ok(number),
        Some(Err(_)) => Err(Refusal::invalid(&format!("{name}_invalid"))),
    };
    let (limit, skip) = (number("limit", 10)?, number("skip", 0)?);
    if !(1..=100).contains(&limit) {
        return Err(Refusal::invalid("limit_invalid"));
    }
    let reference = given("reference").ok_or_else(|| Refusal::invalid("reference_required"))?;
    let account = work.state.account(work.account);
    let has_reference =
        |it: &&Payment| it.given("reference").and_then(Value::as_str) == Some(reference);
    let mut found: Vec<_> = account.payments.values().filter(has_reference).collect();
    found.sort_by_key(|it| std::cmp::Reverse(it.requested_on));
    let page = found.iter().skip(skip).take(limit);
    let data: Vec<_> = page.map(|it| shown(account, it, work.base_url)).collect();
    let body = json!({"limit": limit, "skip": skip, "total_count": found.len(), "data": data});
    Ok(Reply::json(200, body))
}

fn shown(account: &Account, payment: &Payment, base_url: &str) -> Value {
    let actions: Vec<Value> = payment
        .actions
        .iter()
        .map(|action| {
            json!({
                "id": action.id,
                "type": action.kind,
                "response_code": action.response_code(),
                "response_summary": action.response_summary(),
            })
        })
        .collect();
    let three_ds = payment.three_ds.then(|| {
        let enrolled = if payment.authentication.is_some() {
            "Y"
        } else {
            "N"
        };
        json!({"downgraded": false, "enrolled": enrolled})
    });
    let body = json!({
        "id": payment.id,
        "requested_on": written(payment.requested_on),
        "source": payment.source_json(),
        "amount": payment.amount,
        "currency": payment.currency,
        "payment_type": payment.given("payment_type").unwrap_or(&json!("Regular")),
        "reference": payment.given("reference"),
        "description": payment.given("description"),
        "approved": payment.is_approved(),
        "status": payment.status,
        "expires_on": payment.expires_at().map(written),
        "balances": payment.balances(),
        "3ds": three_ds,
        "risk": {"flagged": false},
        "customer": customers::of_payment(account, payment),
        "payment_ip": payment.given("payment_ip"),
        "metadata": payment.given("metadata"),
        "scheme_id": payment.is_approved().then(|| digits(&payment.id, 15)),
        "actions": actions,
        "_links": payment.links(base_url),
    });
    without_nulls(body)
}
