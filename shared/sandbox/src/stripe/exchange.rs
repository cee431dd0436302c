//! One request's way: authenticate, find the endpoint, check the parameters, look at the
//! idempotency key, run, keep the result, answer.
//!
//! Everything up to the kept result happens under one lock without waiting. Waiting (a delayed
//! answer) comes after, with the key still in use: whoever gives up on the answer has caused the
//! effect all the same, which is what a slow network does.

use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method, Request, Response};
use serde_json::Value;

use crate::answer::Answer;
use crate::control;
use crate::faults::{Fault, Met};
use crate::form::Form;
use crate::idempotency::Claim;
use crate::journal::Outcome;

use super::Inner;
use super::auth::{Caller, authenticate, secret_key_required};
use super::error::ApiError;
use super::headers::{self, allow_pages};
use super::idempotency::{Keyed, Next};
use super::params::{self, Params};
use super::reply::{Reply, Stamp, bloat, garble};
use super::routes::{Access, Route, route};
use super::state::{Account, State};
use super::task::Task;
use super::{cards, expand};

pub(super) async fn answer(inner: &Inner, request: Request<Bytes>) -> Answer {
    if let Some(response) = control::answer(&request, &inner.faults, &inner.journal) {
        return Answer::Respond(response);
    }
    if request.method() == Method::OPTIONS {
        return Answer::Respond(preflight());
    }
    let method = request.method().as_str();
    let met = inner.faults.meet(method, request.uri().path());
    let number = note(inner, &request);
    let (answer, outcome) = respond(inner, &request, met).await;
    inner.journal.close(number, outcome);
    answer
}

async fn respond(inner: &Inner, request: &Request<Bytes>, met: Option<Met>) -> (Answer, Outcome) {
    let fault = met.map(|met| met.fault);
    let delay = Duration::from_millis(met.map_or(0, |met| met.delay_ms));
    if fault == Some(Fault::DropBefore) {
        tokio::time::sleep(delay).await;
        return (Answer::Drop, Outcome::Dropped);
    }
    let mut exchange = Exchange::new(inner, request);
    let reply = match exchange.reply(inner, request, fault) {
        Ok(reply) => reply,
        Err(error) => Reply::error(&error),
    };
    let mut response = exchange.stamp.put_on(reply);
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    match fault {
        Some(Fault::DropAfter) => return (Answer::Drop, Outcome::Dropped),
        Some(Fault::Garbage) => garble(&mut response),
        Some(Fault::LargeBody) => bloat(&mut response),
        _ => {}
    }
    let outcome = Outcome::Answered {
        status: response.status().as_u16(),
        replayed: exchange.stamp.is_replayed,
    };
    (Answer::Respond(response), outcome)
}

/// What is known of a request while it is answered.
struct Exchange {
    stamp: Stamp,
    /// Keeps the idempotency key in use until the answer.
    _claim: Option<Claim>,
}

impl Exchange {
    fn new(inner: &Inner, request: &Request<Bytes>) -> Self {
        let stamp = Stamp {
            request_id: inner.ids.make("req_", 14),
            version: headers::version(request.headers()).ok(),
            key: None,
            original_request: None,
            is_replayed: false,
        };
        Self {
            stamp,
            _claim: None,
        }
    }

    fn reply(
        &mut self,
        inner: &Inner,
        request: &Request<Bytes>,
        fault: Option<Fault>,
    ) -> Result<Reply, ApiError> {
        if fault == Some(Fault::Status429) {
            return Err(ApiError::rate_limit());
        }
        let path = request.uri().path();
        let form = form_of(request)?;
        let route = route(request.method(), path);
        let mut state = inner.lock();
        let caller = caller(request, &form, route.as_ref(), &state)?;
        let version = headers::version(request.headers())?;
        let route = route.ok_or_else(|| ApiError::unknown_url(request.method().as_str(), path))?;
        if caller.is_publishable && route.endpoint.access == Access::Secret {
            return Err(secret_key_required());
        }
        params::check(&form, route.endpoint.params)?;
        expand::check(Params(&form), route.endpoint.expandable)?;

        let now = (inner.clock)();
        let keyed = keyed(request, &form)?;
        if let Some(keyed) = &keyed {
            let next = keyed.begin(inner, &mut state, &caller.account, now)?;
            self.stamp.key = Some(keyed.key.clone());
            match next {
                Next::Run(claim) => self._claim = Some(claim),
                Next::Replay(claim, kept) => {
                    self._claim = Some(claim);
                    self.stamp.is_replayed = true;
                    self.stamp.original_request = Some(kept.request_id.clone());
                    return Ok(Reply::again(&kept));
                }
            }
        }

        let made_before = objects_made(&state, &caller);
        let task = Task {
            caller: &caller,
            route: &route,
            params: Params(&form),
            now,
            version: &version,
            base_url: &headers::base_url(request.headers()),
        };
        let result = match fault {
            Some(Fault::Status500) => Err(ApiError::internal()),
            Some(Fault::Status402) => Err(declined()),
            _ => task.run(inner, &mut state),
        };
        let reply = Reply::of(&result);
        let has_begun = !matches!(&result, Err(error) if !error.executed);
        if let Some(keyed) = keyed
            && has_begun
        {
            let id = &self.stamp.request_id;
            self.stamp.original_request = Some(id.clone());
            keyed.keep(&mut state, &caller.account, now, id, &reply);
        }
        // Reading may make something too: an unknown payment method is taken as a Visa.
        let is_change =
            request.method() != Method::GET || made_before != objects_made(&state, &caller);
        if is_change && let Err(error) = inner.save(&mut state) {
            tracing::error!(error = &error as &dyn std::error::Error, "state not kept");
            return Err(ApiError::internal());
        }
        Ok(reply)
    }
}

/// The request's idempotency key, which only a POST has.
fn keyed(request: &Request<Bytes>, form: &Form) -> Result<Option<Keyed>, ApiError> {
    if request.method() != Method::POST {
        return Ok(None);
    }
    let endpoint = format!("{} {}", request.method(), request.uri().path());
    let key = headers::idempotency_key(request.headers())?;
    Ok(key.map(|key| Keyed::new(key, endpoint, &form.canonical())))
}

fn objects_made(state: &State, caller: &Caller) -> u64 {
    let account = state.accounts.get(&caller.account);
    account.map_or(0, Account::objects_made)
}

fn form_of(request: &Request<Bytes>) -> Result<Form, ApiError> {
    let query = request.uri().query().unwrap_or_default();
    let text = if request.method() == Method::POST {
        check_content_type(request.headers())?;
        request.body()
    } else {
        query.as_bytes()
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

/// Who calls. Where the `client_secret` is enough, the account is the one that has the intent.
fn caller(
    request: &Request<Bytes>,
    form: &Form,
    route: Option<&Route<'_>>,
    state: &State,
) -> Result<Caller, ApiError> {
    let owner = route
        .filter(|route| route.endpoint.access == Access::ClientSecret)
        .and_then(|route| state.owner_of_intent(route.id));
    match owner {
        Some(account) => Ok(Caller {
            account: account.to_owned(),
            is_publishable: true,
        }),
        None => authenticate(request.headers(), form.text("key")),
    }
}

fn declined() -> ApiError {
    match cards::find("chargeDeclined").map(|card| card.behaviour) {
        Some(cards::Behaviour::Declined(decline)) => {
            ApiError::card(decline.code, decline.decline_code, decline.message)
        }
        _ => ApiError::internal(),
    }
}

fn note(inner: &Inner, request: &Request<Bytes>) -> u64 {
    let body = match form_of(request) {
        Ok(form) if request.method() == Method::POST => without_secret_key(form.to_journal()),
        _ => Value::Null,
    };
    inner.journal.note(
        (inner.clock)(),
        request.method(),
        request.uri(),
        request.headers(),
        body,
    )
}

/// Only pages send their key among the parameters, and theirs is no secret.
fn without_secret_key(mut body: Value) -> Value {
    if let Some(key) = body.get_mut("key")
        && !key.as_str().is_some_and(|key| key.starts_with("pk_"))
    {
        *key = Value::from("[key removed]");
    }
    body
}

fn preflight() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    allow_pages(response.headers_mut());
    response
}
