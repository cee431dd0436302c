//! Authorizations: the shopper has agreed to a session, and the page has a token that says so.

use serde_json::{Value, json};

use crate::fields::Members;
use crate::vendor::Reply;

use super::call::{Done, Received, Work};
use super::error::ApiError;
use super::names;
use super::objects::authorization::Authorization;
use super::objects::session::Session;
use super::schema::AUTHORIZE;
use super::sessions;
use super::state::Account;

/// By these the session of an unseen token is found.
const TERMS: &[&str] = &["purchase_country", "purchase_currency", "order_amount"];

/// `POST /payments/v1/sessions/{id}/_authorize`: the shopper agrees, as in Klarna's own script.
pub(super) fn authorize(work: &mut Work<'_>, call: &Received<'_>) -> Done {
    let body = call.members(&[AUTHORIZE])?;
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let token = match text("authorization_token") {
        Some(token) if work.knows(token) => {
            return Err(ApiError::bad_value("authorization_token"));
        }
        Some(token) => token.to_owned(),
        None => names::uuid(work.ids),
    };
    let now = work.now;
    let account = work.account();
    let session = sessions::find(account, call.id, now)?;
    if !session.is_of_page(text("client_token").unwrap_or_default()) {
        return Err(ApiError::bad_value("client_token"));
    }
    if session.is_complete {
        return Err(ApiError::session_completed());
    }
    let authorization = Authorization::of(call.id, session, now);
    account.authorizations.insert(token.clone(), authorization);
    let body = json!({"authorization_token": token, "approved": true});
    Ok(Reply::json(200, body))
}

/// `DELETE /payments/v1/authorizations/{token}`: the shop won't place the order.
pub(super) fn release(work: &mut Work<'_>, call: &Received<'_>) -> Done {
    if names::is_rejected(call.id) {
        return Err(unknown());
    }
    let authorization = find(work, call.id, &Members::new())?;
    if authorization.order.is_some() {
        return Err(consumed());
    }
    authorization.is_released = true;
    Ok(Reply::empty(204))
}

/// The authorization of a token. One that nobody has seen is authorised now, for the open session
/// that `asked` speaks of.
pub(super) fn find<'a>(
    work: &'a mut Work<'_>,
    token: &str,
    asked: &Members,
) -> Result<&'a mut Authorization, ApiError> {
    if names::is_expired(token) {
        return Err(unknown());
    }
    if names::is_rejected(token) {
        return Err(ApiError::rejected());
    }
    let now = work.now;
    let is_unseen = names::may_be_authorization_token(token) && !work.knows(token);
    let account = work.account();
    if is_unseen {
        let (id, session) = session_asked_for(account, asked, now)?;
        let authorization = Authorization::of(id, session, now);
        account
            .authorizations
            .insert(token.to_owned(), authorization);
    }
    account
        .authorizations
        .get_mut(token)
        .filter(|authorization| authorization.is_alive(now))
        .ok_or_else(unknown)
}

/// The newest open session with these terms, one that is not authorised yet before others.
fn session_asked_for<'a>(
    account: &'a Account,
    asked: &Members,
    now: i64,
) -> Result<(&'a str, &'a Session), ApiError> {
    let open = || {
        account
            .sessions
            .iter()
            .filter(|(_, session)| session.is_open(now))
            .map(|(id, session)| (id.as_str(), session))
    };
    let is_authorised = |id: &str| {
        account
            .authorizations
            .values()
            .any(|authorization| authorization.session_id == id && authorization.is_alive(now))
    };
    let found = open()
        .filter(|(_, session)| differences(&session.fields, asked, TERMS).is_empty())
        .max_by_key(|(id, session)| (!is_authorised(id), session.number));
    if let Some(found) = found {
        return Ok(found);
    }
    let newest = open().max_by_key(|(_, session)| session.number);
    Err(newest.map_or_else(unknown, |(_, session)| {
        ApiError::not_matching(&differences(&session.fields, asked, TERMS))
    }))
}

/// Those of the fields that are asked for and not as they were authorised.
pub(super) fn differences<'a>(
    authorised: &Members,
    asked: &Members,
    names: &[&'a str],
) -> Vec<&'a str> {
    let differs = |name: &&str| match (authorised.get(*name), asked.get(*name)) {
        (Some(Value::String(one)), Some(Value::String(other))) => !one.eq_ignore_ascii_case(other),
        (one, other) => other.is_some() && one != other,
    };
    names.iter().copied().filter(differs).collect()
}

pub(super) fn consumed() -> ApiError {
    ApiError::invalid_operation("Authorization token already consumed")
}

fn unknown() -> ApiError {
    ApiError::not_found("Invalid authorization token")
}
