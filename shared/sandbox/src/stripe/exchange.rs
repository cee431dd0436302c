//! One request's way: authenticate, find the endpoint, check the parameters, look at the
//! idempotency key, run, keep the result, answer.
//!
//! Everything up to the kept result happens under one lock without waiting. Waiting (a delayed
//! answer) comes after, with the key still in use: whoever gives up on the answer has caused the
//! effect all the same, which is what a slow network does.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use serde_json::Value;

use crate::answer::{Answer, json_response};
use crate::control;
use crate::faults::{Fault, Met};
use crate::form::Form;
use crate::idempotency::{Claim, Kept, Known, hash};
use crate::journal::Outcome;

use super::Inner;
use super::auth::{Caller, authenticate, secret_key_required};
use super::error::ApiError;
use super::headers::{self, allow_pages, set};
use super::params::{self, Params};
use super::payment_intents::for_browsers;
use super::routes::{Access, Call, Route, route};
use super::state::{Account, State, Work};
use super::{cards, expand};

/// How long results are kept: Stripe may prune them once they are 24 hours old
/// (<https://docs.stripe.com/api/idempotent_requests>).
const KEPT_FOR_MS: i64 = 24 * 60 * 60 * 1_000;

const LARGE: usize = 10 * 1024 * 1024;

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
    let (answer, outcome) = meet(inner, &request, met).await;
    inner.journal.close(number, outcome);
    answer
}

async fn meet(inner: &Inner, request: &Request<Bytes>, met: Option<Met>) -> (Answer, Outcome) {
    let fault = met.map(|met| met.fault);
    let delay = Duration::from_millis(met.map_or(0, |met| met.delay_ms));
    if fault == Some(Fault::DropBefore) {
        tokio::time::sleep(delay).await;
        return (Answer::Drop, Outcome::Dropped);
    }
    let mut exchange = Exchange::new(inner, request);
    let mut response = exchange.respond(inner, request, fault);
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    match fault {
        Some(Fault::DropAfter) => return (Answer::Drop, Outcome::Dropped),
        Some(Fault::Garbage) => spoil(
            &mut response,
            Bytes::from_static(b"<html><body>Bad gateway</bo"),
        ),
        Some(Fault::LargeBody) => spoil(&mut response, large_body()),
        _ => {}
    }
    let outcome = Outcome::Answered {
        status: response.status().as_u16(),
        replayed: exchange.is_replayed,
    };
    (Answer::Respond(response), outcome)
}

/// What is known of a request while it is answered. Holds the idempotency key until dropped.
struct Exchange {
    request_id: String,
    version: Option<String>,
    key: Option<String>,
    original_request: Option<String>,
    is_replayed: bool,
    _claim: Option<Claim>,
}

/// What goes into the answer.
struct Reply {
    status: StatusCode,
    body: String,
}

impl Exchange {
    fn new(inner: &Inner, request: &Request<Bytes>) -> Self {
        Self {
            request_id: inner.ids.make("req_", 14),
            version: headers::version(request.headers()).ok(),
            key: None,
            original_request: None,
            is_replayed: false,
            _claim: None,
        }
    }

    fn respond(
        &mut self,
        inner: &Inner,
        request: &Request<Bytes>,
        fault: Option<Fault>,
    ) -> Response<Bytes> {
        let reply = match self.reply(inner, request, fault) {
            Ok(reply) => reply,
            Err(error) => Reply::of(&error),
        };
        self.response(reply)
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
        let (method, path) = (request.method(), request.uri().path());
        let form = form_of(request)?;
        let route = route(method, path);
        let mut state = inner.lock();
        let caller = caller(request, &form, route.as_ref(), &state)?;
        let version = headers::version(request.headers())?;
        let route = route.ok_or_else(|| ApiError::unknown_url(method.as_str(), path))?;
        if caller.is_publishable && route.endpoint.access == Access::Secret {
            return Err(secret_key_required());
        }
        let params = Params(&form);
        params::check(&form, route.endpoint.params)?;
        expand::check(params, route.endpoint.expandable)?;

        let key = match *method {
            Method::POST => headers::idempotency_key(request.headers())?,
            _ => None,
        };
        let now = (inner.clock)();
        let endpoint = format!("{method} {path}");
        let parameters = hash(&form.canonical());
        if let Some(key) = &key {
            let claim = inner.keys_in_use.claim(&caller.account, key);
            self._claim = Some(claim.ok_or_else(|| ApiError::key_in_use(key))?);
            self.key = Some(key.clone());
            let account = state.accounts.entry(caller.account.clone()).or_default();
            account.kept_results.prune(now, KEPT_FOR_MS);
            match account.kept_results.find(key, &endpoint, &parameters) {
                Known::No => {}
                Known::Same(kept) => {
                    self.is_replayed = true;
                    self.original_request = Some(kept.request_id.clone());
                    return Ok(Reply::again(kept));
                }
                known => return Err(reused(key, path, &known)),
            }
        }

        let made_before = objects_made(&state, &caller);
        let task = Task {
            caller: &caller,
            route: &route,
            params,
            now,
            version: &version,
            base_url: &headers::base_url(request.headers()),
        };
        let result = match fault {
            Some(Fault::Status500) => Err(ApiError::internal()),
            Some(Fault::Status402) => Err(declined()),
            _ => task.run(inner, &mut state),
        };
        let is_executed = !matches!(&result, Err(error) if !error.executed);
        let reply = match &result {
            Ok(value) => Reply::ok(value),
            Err(error) => Reply::of(error),
        };
        if let Some(key) = &key
            && is_executed
        {
            self.original_request = Some(self.request_id.clone());
            let account = state.accounts.entry(caller.account.clone()).or_default();
            let kept = Kept {
                endpoint,
                parameters,
                at: now,
                request_id: self.request_id.clone(),
                status: reply.status.as_u16(),
                body: reply.body.clone(),
            };
            account.kept_results.keep(key, kept);
        }
        // Reading may make something too: an unknown payment method is taken as a Visa.
        let is_read = *method == Method::GET && made_before == objects_made(&state, &caller);
        if is_read {
            return Ok(reply);
        }
        if let Err(error) = inner.save(&mut state) {
            tracing::error!(error = &error as &dyn std::error::Error, "state not kept");
            return Err(ApiError::internal());
        }
        Ok(reply)
    }

    fn response(&self, reply: Reply) -> Response<Bytes> {
        let status = reply.status;
        let mut response = json_response(status, reply.body);
        let headers = response.headers_mut();
        allow_pages(headers);
        set(headers, headers::REQUEST_ID, &self.request_id);
        if let Some(version) = &self.version {
            set(headers, headers::VERSION, version);
        }
        if let Some(key) = &self.key {
            set(headers, headers::IDEMPOTENCY_KEY, key);
        }
        if let Some(original) = &self.original_request {
            set(headers, headers::ORIGINAL_REQUEST, original);
        }
        if self.is_replayed {
            set(headers, headers::REPLAYED, "true");
        }
        if status == StatusCode::UNAUTHORIZED {
            set(headers, WWW_AUTHENTICATE, "Basic realm=\"Stripe\"");
        }
        // A kept result comes again however often one tries; a key in use is free in a moment.
        if status == StatusCode::CONFLICT {
            set(headers, headers::SHOULD_RETRY, "true");
        } else if self.original_request.is_some() && !status.is_success() {
            set(headers, headers::SHOULD_RETRY, "false");
        }
        response
    }
}

impl Reply {
    fn ok(value: &Value) -> Self {
        Self {
            status: StatusCode::OK,
            body: value.to_string(),
        }
    }

    fn of(error: &ApiError) -> Self {
        Self {
            status: error.status,
            body: error.body().to_string(),
        }
    }

    fn again(kept: &Kept) -> Self {
        Self {
            status: StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK),
            body: kept.body.clone(),
        }
    }
}

fn form_of(request: &Request<Bytes>) -> Result<Form, ApiError> {
    let query = request.uri().query().unwrap_or_default();
    let text = if request.method() == Method::POST {
        check_content_type(request.headers())?;
        request.body()
    } else {
        query.as_bytes()
    };
    Form::parse(text).map_err(|error| {
        let mut error = ApiError::invalid(error.to_string());
        error.executed = false;
        error
    })
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
    let mut error = ApiError::invalid(
        "Invalid request (check that your POST content type is \
         application/x-www-form-urlencoded). If you have any questions, we can help at \
         https://support.stripe.com/.",
    );
    error.executed = false;
    Err(error)
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
        .and_then(|route| {
            state
                .accounts
                .iter()
                .find(|(_, account)| account.payment_intents.contains_key(route.id))
        });
    match owner {
        Some((account, _)) => Ok(Caller {
            account: account.clone(),
            is_publishable: true,
        }),
        None => authenticate(request.headers(), form.text("key")),
    }
}

fn objects_made(state: &State, caller: &Caller) -> u64 {
    let account = state.accounts.get(&caller.account);
    account.map_or(0, Account::objects_made)
}

/// A request that is allowed and well formed.
struct Task<'a> {
    caller: &'a Caller,
    route: &'a Route<'a>,
    params: Params<'a>,
    now: i64,
    version: &'a str,
    base_url: &'a str,
}

impl Task<'_> {
    fn run(&self, inner: &Inner, state: &mut State) -> Result<Value, ApiError> {
        let account_id = &self.caller.account;
        // Out of the map while it is worked on, so that the others can be looked at meanwhile.
        let mut account = state.accounts.remove(account_id).unwrap_or_default();
        let mut work = Work {
            account: &mut account,
            account_id,
            others: &state.accounts,
            ids: &inner.ids,
            now: self.now,
            version: self.version,
            is_publishable: self.caller.is_publishable,
            base_url: self.base_url,
        };
        let call = Call {
            id: self.route.id,
            member: self.route.member,
            params: self.params,
        };
        let result = (self.route.endpoint.run)(&mut work, &call).map(|mut value| {
            expand::apply(&mut value, self.params, &work);
            if self.caller.is_publishable {
                for_browsers(value)
            } else {
                value
            }
        });
        state.accounts.insert(account_id.clone(), account);
        result
    }
}

fn reused(key: &str, path: &str, known: &Known<'_>) -> ApiError {
    ApiError::key_reused(match known {
        Known::OtherEndpoint(kept) => {
            let first = kept.endpoint.split(' ').next_back().unwrap_or_default();
            format!(
                "Keys for idempotent requests can only be used for the same endpoint they were \
                 first used for ('{path}' vs '{first}'). Try using a key other than '{key}' if \
                 you meant to execute a different request."
            )
        }
        _ => format!(
            "Keys for idempotent requests can only be used with the same parameters they were \
             first used with. Try using a key other than '{key}' if you meant to execute a \
             different request."
        ),
    })
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

fn spoil(response: &mut Response<Bytes>, body: Bytes) {
    *response.status_mut() = StatusCode::OK;
    *response.body_mut() = body;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
}

fn large_body() -> Bytes {
    let frame = r#"{"object":"list","padding":""}"#.len();
    let padding = "x".repeat(LARGE - frame);
    Bytes::from(format!(r#"{{"object":"list","padding":"{padding}"}}"#))
}
