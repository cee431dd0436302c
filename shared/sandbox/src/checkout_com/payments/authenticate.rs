//! `/3ds/{id}`, the stand-in's own: what the shopper does at the bank, in a browser or by hand.

use serde_json::{Value, json};

use crate::bank::{self, Question};
use crate::vendor::{Asked, Reply};

use super::super::cards::Decline;
use super::super::error::Refusal;
use super::super::events::Teller;
use super::super::fields::checked;
use super::super::objects::payment::Status;
use super::super::spelling::without_nulls;
use super::super::state::Work;
use super::charge::settle;
use crate::fields::{Field, Kind, required};

const OUTCOME: &[Field] = &[required("success", Kind::Flag)];

/// `GET /3ds/{id}`: the bank's page, or how to go on.
pub(in super::super) fn challenge(
    work: &mut Work<'_>,
    asked: &Asked<'_>,
    id: &str,
) -> Result<Reply, Refusal> {
    let account = work.state.account(work.account);
    let payment = account.payment(id).ok_or(Refusal::NotFound)?;
    let authenticate = format!("{}/3ds/{id}/_authenticate", work.base_url);
    if asked.is_for_a_page() {
        return Ok(bank::page(&Question {
            gateway: "Checkout.com",
            amount: payment.amount,
            currency: &payment.currency,
            action: &authenticate,
            client_secret: None,
            is_open: payment.status == Status::Pending,
        }));
    }
    let body = json!({
        "id": payment.id,
        "status": payment.status,
        "message": format!("POST {{\"success\": true}} or false to {authenticate}"),
    });
    Ok(Reply::json(200, body))
}

/// `POST /3ds/{id}/_authenticate`: ends 3-D Secure. The answer says where the bank sends the shopper.
pub(in super::super) fn authenticate(
    work: &mut Work<'_>,
    asked: &Asked<'_>,
    id: &str,
) -> Result<Reply, Refusal> {
    let form = asked.is_for_a_page().then(|| answer_of_page(asked.raw));
    let members = checked(form.as_ref().or(asked.body.as_ref()), asked.raw, OUTCOME)?;
    let (ids, now) = (work.ids, work.now);
    let account = work.state.account(work.account);
    let id = account.payment(id).ok_or(Refusal::NotFound)?.id.clone();
    // Out of the map while it changes, since approving stores an instrument beside it.
    let mut payment = account.payments.remove(&id).ok_or(Refusal::NotFound)?;
    let is_pending = payment.status == Status::Pending;
    if is_pending {
        match members.get("success").and_then(Value::as_bool) {
            Some(true) => payment.approve(account, ids, now),
            _ => payment.decline(ids, now, Decline::NotAuthenticated),
        }
        settle(&mut payment, ids, now);
        let teller = Teller {
            ids,
            account: work.account,
            now,
        };
        work.events.extend(teller.since(&payment, 0));
    }
    let return_url = payment.return_url();
    let body = without_nulls(json!({
        "id": payment.id,
        "status": payment.status,
        "redirect_url": return_url,
    }));
    account.payments.insert(id, payment);
    if form.is_some() {
        Ok(bank::back_to_shop(return_url))
    } else if is_pending {
        Ok(Reply::json(200, body))
    } else {
        Err(Refusal::Forbidden)
    }
}

/// The form of the bank's page, as the JSON that says the same.
fn answer_of_page(form: &[u8]) -> Value {
    let mut pairs = form_urlencoded::parse(form);
    let answer = pairs.find(|(name, _)| name == "success");
    json!({ "success": answer.is_some_and(|(_, value)| value == "true") })
}
