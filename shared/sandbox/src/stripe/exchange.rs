//! One request's way, as far as it is Stripe's own.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method};
use serde_json::Value;

use crate::form::Form;
use crate::vendor::{Asked, Work};

use super::auth::{Caller, authenticate, secret_key_required};
use super::error::ApiError;
use super::events::Cause;
use super::params::Params;
use super::routes::{Access, Route, route};
use super::state::{Account, State};
use super::task::Task;
use super::{expand, fields, headers};

/// The caller. Where the `client_secret` is enough, the account is the one that has the intent.
pub(super) fn caller(asked: &Asked<'_>, state: &State) -> Result<Caller, ApiError> {
    let form = form_of(asked)?;
    let owner = route(asked.method, asked.path)
        .filter(|route| route.endpoint.access == Access::ClientSecret)
        .and_then(|route| state.owner_of_intent(route.id));
    match owner {
        Some(account) => Ok(Caller {
            account: account.to_owned(),
            is_publishable: true,
        }),
        None => authenticate(asked.headers, form.text("key")),
    }
}

/// Refuses a request for which there is no such endpoint, key or parameter.
pub(super) fn check(asked: &Asked<'_>) -> Result<(), ApiError> {
    let form = form_of(asked)?;
    headers::version(asked.headers)?;
    let route = route_of(asked)?;
    if route.endpoint.access == Access::Secret
        && authenticate(asked.headers, form.text("key"))?.is_publishable
    {
        return Err(secret_key_required());
    }
    fields::check(&form, route.endpoint.params)?;
    expand::check(Params(&form), route.endpoint.expandable)
}

/// Runs the endpoint.
pub(super) fn run(work: &mut Work<'_, State>, asked: &Asked<'_>) -> Result<Value, ApiError> {
    let form = form_of(asked)?;
    let route = route_of(asked)?;
    let caller = caller(asked, work.state)?;
    let made_before = objects_made(work.state, &caller);
    let task = Task {
        caller: &caller,
        route: &route,
        params: Params(&form),
        now: work.now,
        base_url: work.base_url,
    };
    let key = headers::idempotency_key(asked.headers)?;
    let mut happened = Vec::new();
    let result = task.run(work.ids, work.state, &mut happened);
    let cause = Cause {
        request: Some(&asked.request_id),
        key: key.as_deref(),
    };
    let (ids, now, listeners) = (work.ids, work.now, work.listeners);
    let events = happened
        .into_iter()
        .map(|it| it.event(ids, &caller.account, now, listeners, cause));
    work.events.extend(events);
    // Reading may make something too: an unknown payment method is taken as a Visa.
    work.is_change |= made_before != objects_made(work.state, &caller);
    result
}

/// The parameters by which the repeat of a request is told from another request.
pub(super) fn parameters(asked: &Asked<'_>) -> String {
    form_of(asked).map_or_else(|_| String::new(), |form| form.canonical())
}

/// The form as the journal shows it. Only pages send their key among the parameters, and theirs
/// is no secret.
pub(super) fn journal_body(asked: &Asked<'_>) -> Value {
    let mut body = match form_of(asked) {
        Ok(form) if asked.method == Method::POST => form.to_journal(),
        _ => return Value::Null,
    };
    if let Some(key) = body.get_mut("key")
        && !key.as_str().is_some_and(|key| key.starts_with("pk_"))
    {
        *key = Value::from("[key removed]");
    }
    body
}

fn route_of<'a>(asked: &Asked<'a>) -> Result<Route<'a>, ApiError> {
    route(asked.method, asked.path)
        .ok_or_else(|| ApiError::unknown_url(asked.method.as_str(), asked.path))
}

fn objects_made(state: &State, caller: &Caller) -> u64 {
    let account = state.accounts.get(&caller.account);
    account.map_or(0, Account::objects_made)
}

fn form_of(asked: &Asked<'_>) -> Result<Form, ApiError> {
    let text = if asked.method == Method::POST {
        check_content_type(asked.headers)?;
        asked.raw
    } else {
        asked.query.unwrap_or_default().as_bytes()
    };
    Form::parse(text).map_err(|error| ApiError::malformed(error.to_string()))
}

fn check_content_type(headers: &HeaderMap) -> Result<(), ApiError> {
    let is_form = headers.get(CONTENT_TYPE).is_none_or(|value| {
        value
            .as_bytes()
            .starts_with(b"application/x-www-form-urlencoded")
    });
    if is_form {
        return Ok(());
    }
    Err(ApiError::malformed(
        "Invalid request (check that your POST content type is \
         application/x-www-form-urlencoded). If you have any questions, we can help at \
         https://support.stripe.com/.",
    ))
}
