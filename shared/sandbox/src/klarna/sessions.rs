//! Payment sessions: what a page is about to ask the shopper for.

use serde_json::{Value, json};

use crate::fields::Members;
use crate::vendor::Reply;

use super::call::{Done, Received, Work};
use super::error::ApiError;
use super::objects::session::{Intent, Session, categories};
use super::schema::{PURCHASE, SESSION};
use super::state::Account;
use super::sums::bad_sums;
use super::{countries, names};

/// `POST /payments/v1/sessions`
pub(super) fn create(work: &mut Work<'_>, call: &Received<'_>) -> Done {
    let fields = call.members(&[PURCHASE, SESSION])?;
    check(&fields)?;
    if let Some(step_up) = fields.get("step_up_id").and_then(Value::as_str)
        && !work.account().step_ups.contains_key(step_up)
    {
        return Err(ApiError::bad_value("step_up_id"));
    }
    let id = names::uuid(work.ids);
    let country = fields.get("purchase_country").and_then(Value::as_str);
    let client_token = names::client_token(work.ids, &id, country.unwrap_or_default());
    let reply = json!({
        "session_id": id,
        "client_token": client_token,
        "payment_method_categories": categories(),
    });
    let now = work.now;
    let account = work.account();
    account.sessions.retain(|_, session| session.is_alive(now));
    account.sessions_made += 1;
    let session = Session {
        number: account.sessions_made,
        client_token,
        created_at: now,
        intent: Intent::of(&fields),
        fields,
        is_complete: false,
    };
    account.sessions.insert(id, session);
    Ok(Reply::json(200, reply))
}

/// `POST /payments/v1/sessions/{id}`: the fields that are sent replace those of the session.
pub(super) fn update(work: &mut Work<'_>, call: &Received<'_>) -> Done {
    let now = work.now;
    let session = find(work.account(), call.id, now)?;
    if session.is_complete {
        return Err(ApiError::session_completed());
    }
    let changes = call.changes(&[PURCHASE, SESSION])?;
    if changes.contains_key("intent") && Intent::of(&changes) != session.intent {
        return Err(ApiError::bad_value("intent"));
    }
    let mut fields = session.fields.clone();
    fields.extend(changes);
    check(&fields)?;
    session.fields = fields;
    Ok(Reply::empty(204))
}

/// `GET /payments/v1/sessions/{id}`
pub(super) fn read(work: &mut Work<'_>, call: &Received<'_>) -> Done {
    let now = work.now;
    let session = find(work.account(), call.id, now)?;
    let body = session.to_json().ok_or_else(ApiError::internal)?;
    Ok(Reply::json(200, body))
}

/// The session, unless it is unknown or over.
pub(super) fn find<'a>(
    account: &'a mut Account,
    id: &str,
    now: i64,
) -> Result<&'a mut Session, ApiError> {
    account
        .sessions
        .get_mut(id)
        .filter(|session| session.is_alive(now))
        .ok_or_else(|| ApiError::not_found("Invalid session id"))
}

/// Refuses what a table of fields can't: amounts, currency and intent that don't go together.
fn check(fields: &Members) -> Result<(), ApiError> {
    let mut bad = bad_sums(fields);
    let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
    let country = text("purchase_country");
    if !countries::is_currency_of(country, text("purchase_currency")) {
        bad.push("purchase_currency".to_owned());
    }
    let intent = Intent::of(fields);
    let is_free = fields.get("order_amount").and_then(Value::as_i64) == Some(0);
    if intent == Intent::BuyAndTokenize && is_free {
        bad.push("order_amount".to_owned());
    }
    if !bad.is_empty() {
        return Err(ApiError::bad_values(bad));
    }
    if intent != Intent::Buy && !countries::has_customer_tokens(country) {
        let country = country.to_ascii_uppercase();
        return Err(ApiError::bad_request(format!(
            "Klarna is not valid for creating customer tokens in {country}"
        )));
    }
    Ok(())
}
