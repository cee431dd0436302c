//! `GET /payments/{id}`

use serde_json::{Value, json};

use crate::vendor::Reply;

use super::super::customers;
use super::super::error::Refusal;
use super::super::spelling::{digits, without_nulls, written};
use super::super::state::Work;

/// A payment by its id, or by its 3-D Secure session.
pub(in super::super) fn read(work: &mut Work<'_>, id: &str) -> Result<Reply, Refusal> {
    let account = work.state.account(work.account);
    let payment = account.payment(id).ok_or(Refusal::NotFound)?;
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
        "balances": payment.balances(),
        "3ds": three_ds,
        "risk": {"flagged": false},
        "customer": customers::of_payment(account, payment),
        "payment_ip": payment.given("payment_ip"),
        "metadata": payment.given("metadata"),
        "scheme_id": payment.is_approved().then(|| digits(&payment.id, 15)),
        "actions": actions,
        "_links": payment.links(work.base_url),
    });
    Ok(Reply::json(200, without_nulls(body)))
}
