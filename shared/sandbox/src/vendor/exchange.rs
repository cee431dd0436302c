//! One request's way: authenticate, check, look at the idempotency key, run, keep the result,
//! answer.
//!
//! Everything up to the kept result happens under one lock without waiting. Waiting (a delayed
//! answer) comes after, with the key still in use: whoever gives up on the answer has caused the
//! effect all the same, which is what a slow network does.

use std::mem;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::control;
use crate::events::Event;
use crate::faults::{Fault, Met};
use crate::idempotency::{Claim, Kept, Known, hash};
use crate::journal::Outcome;

use super::contract::{Asked, Reply, Reused, Stamp, Vendor, Work};
use super::memory::{Inner, Memory};
use super::pages::{self, base_url};
use super::spoil;

/// Results are forgotten once they are 24 hours old, as all the gateways say of theirs.
const KEPT_FOR_MS: i64 = 24 * 60 * 60 * 1_000;

pub(super) async fn answer<V: Vendor>(inner: &Inner<V>, request: Request<Bytes>) -> Answer {
    let events = |secret: &str| signed_events(inner, secret);
    if let Some(response) = control::answer(&request, &inner.faults, &inner.journal, events) {
        return Answer::Respond(response);
    }
    if V::FOR_PAGES && request.method() == Method::OPTIONS {
        return Answer::Respond(pages::preflight());
    }
    let asked = Asked {
        method: request.method(),
        path: request.uri().path(),
        query: request.uri().query(),
        headers: request.headers(),
        raw: request.body(),
        body: serde_json::from_slice(request.body()).ok(),
        request_id: inner.vendor.request_id(&inner.ids),
    };
    let met = inner.faults.meet(asked.method.as_str(), asked.path);
    let number = inner.journal.note(
        (inner.clock)(),
        asked.method,
        request.uri(),
        asked.headers,
        inner.vendor.journal_body(&asked),
    );
    let (answer, outcome) = respond(inner, &asked, met).await;
    inner.journal.close(number, (inner.clock)(), outcome);
    answer
}

/// What happened, each with its body and the headers that sign it with this secret now.
fn signed_events<V: Vendor>(inner: &Inner<V>, secret: &str) -> Value {
    let now = (inner.clock)();
    let events = inner.lock().outbox.events();
    let signed = events.into_iter().map(|event| {
        let headers = inner.vendor.sign_event(secret, &event.body, now);
        let headers = headers
            .into_iter()
            .map(|(name, value)| (name.to_string(), Value::from(value)));
        let headers: Map<_, _> = headers.collect();
        json!({
            "id": event.id, "kind": event.kind, "account": event.account, "at": event.at,
            "headers": headers, "body": event.body,
        })
    });
    signed.collect()
}

async fn respond<V: Vendor>(
    inner: &Inner<V>,
    asked: &Asked<'_>,
    met: Option<Met>,
) -> (Answer, Outcome) {
    let fault = met.map(|met| met.fault);
    let ordered_delay = met.map_or(0, |met| met.delay_ms);
    if fault == Some(Fault::DropBefore) {
        wait(ordered_delay).await;
        return (Answer::Drop, Outcome::Dropped);
    }
    let mut exchange = Exchange::default();
    let said = match exchange.reply(inner, asked, fault) {
        Ok(said) => said,
        Err(refusal) => Said::new(*refusal),
    };
    let delay = ordered_delay.max(said.delay_ms);
    let mut response = exchange.stamped(inner, asked, said);
    wait(delay).await;
    match fault {
        Some(Fault::DropAfter) => return (Answer::Drop, Outcome::Dropped),
        Some(Fault::Garbage) => spoil::garble(&mut response),
        Some(Fault::LargeBody) => spoil::bloat(&mut response),
        _ => {}
    }
    let outcome = Outcome::Answered {
        status: response.status().as_u16(),
        replayed: exchange.is_replayed,
    };
    (Answer::Respond(response), outcome)
}

async fn wait(delay_ms: u64) {
    if delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(delay_ms)).await;
    }
}

/// An answer as text.
struct Said {
    status: StatusCode,
    headers: Vec<(HeaderName, String)>,
    /// JSON, a page, or nothing.
    body: String,
    delay_ms: u64,
}

impl Said {
    fn new(reply: Reply) -> Self {
        Self {
            status: reply.status,
            headers: reply.headers,
            body: match reply.body {
                Some(Value::String(page)) if reply.is_page => page,
                Some(body) => body.to_string(),
                None => String::new(),
            },
            delay_ms: reply.delay_ms,
        }
    }

    fn again(kept: Kept) -> Self {
        Self {
            status: StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK),
            headers: Vec::new(),
            body: kept.body,
            delay_ms: 0,
        }
    }
}

/// The facts about a request while it is answered.
#[derive(Default)]
struct Exchange {
    key: Option<String>,
    /// The request whose result is kept under the key.
    original_request: Option<String>,
    is_replayed: bool,
    /// Keeps the idempotency key in use until the answer.
    _claim: Option<Claim>,
}

impl Exchange {
    /// The answer; an error is a refusal on the way to the endpoint.
    fn reply<V: Vendor>(
        &mut self,
        inner: &Inner<V>,
        asked: &Asked<'_>,
        fault: Option<Fault>,
    ) -> Result<Said, Box<Reply>> {
        let vendor = &inner.vendor;
        let mut memory = inner.lock();
        let account = vendor.account(&memory.state, asked)?;
        let base_url = base_url(asked.headers);
        let now = (inner.clock)();
        let mut events = Vec::new();
        if fault == Some(Fault::Status429) {
            let mut work = work(
                inner,
                &mut memory,
                &account,
                &base_url,
                asked,
                now,
                &mut events,
            );
            return Ok(Said::new(vendor.ordered(
                &mut work,
                asked,
                Fault::Status429,
            )));
        }
        vendor.check(asked)?;

        let keyed = vendor.key(asked)?.map(|key| Keyed::new(vendor, asked, key));
        if let Some(keyed) = &keyed {
            let claim = inner.keys_in_use.claim(&account, &keyed.key);
            self._claim = Some(claim.ok_or_else(|| vendor.key_in_use(asked, &keyed.key))?);
            let kept = keyed.find(vendor, &mut memory, &account, asked, now)?;
            self.key = Some(keyed.key.clone());
            if let Some(kept) = kept {
                self.is_replayed = true;
                self.original_request = Some(kept.request_id.clone());
                return Ok(Said::again(kept));
            }
        }

        let mut work = work(
            inner,
            &mut memory,
            &account,
            &base_url,
            asked,
            now,
            &mut events,
        );
        vendor.pass_time(&mut work);
        let reply = match fault {
            Some(fault @ (Fault::Status500 | Fault::Status402)) => {
                vendor.ordered(&mut work, asked, fault)
            }
            _ => vendor.execute(&mut work, asked),
        };
        let is_change = work.is_change || !work.events.is_empty();
        let is_kept = vendor.keeps(&reply);
        let said = Said::new(reply);
        if let Some(keyed) = keyed
            && is_kept
        {
            self.original_request = Some(asked.request_id.clone());
            keyed.keep(&mut memory, &account, asked, now, &said);
        }
        inner.note(&mut memory, mem::take(&mut events));
        if is_change && let Err(error) = inner.save(&mut memory) {
            tracing::error!(error = &error as &dyn std::error::Error, "state not kept");
            let mut work = self::work(
                inner,
                &mut memory,
                &account,
                &base_url,
                asked,
                now,
                &mut events,
            );
            return Ok(Said::new(vendor.ordered(
                &mut work,
                asked,
                Fault::Status500,
            )));
        }
        Ok(said)
    }

    fn stamped<V: Vendor>(
        &self,
        inner: &Inner<V>,
        asked: &Asked<'_>,
        said: Said,
    ) -> Response<Bytes> {
        let stamp = Stamp {
            status: said.status,
            key: self.key.as_deref(),
            original_request: self.original_request.as_deref(),
            is_replayed: self.is_replayed,
        };
        let mut response = Response::new(Bytes::from(said.body));
        *response.status_mut() = said.status;
        let has_body = !response.body().is_empty();
        let headers = response.headers_mut();
        if has_body {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if V::FOR_PAGES {
            pages::allow(headers);
        }
        for (name, value) in inner
            .vendor
            .stamp(asked, &stamp)
            .into_iter()
            .chain(said.headers)
        {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
        response
    }
}

fn work<'a, V: Vendor>(
    inner: &'a Inner<V>,
    memory: &'a mut Memory<V::State>,
    account: &'a str,
    base_url: &'a str,
    asked: &Asked<'_>,
    now: i64,
    events: &'a mut Vec<Event>,
) -> Work<'a, V::State> {
    let endpoints = inner.endpoints.all();
    Work {
        state: &mut memory.state,
        account,
        ids: &inner.ids,
        now,
        base_url,
        is_change: asked.method != Method::GET,
        events,
        listeners: endpoints.iter().filter(|it| it.account == account).count(),
    }
}

/// A request under a key.
struct Keyed {
    key: String,
    /// Method and path.
    endpoint: String,
    parameters: String,
}

impl Keyed {
    fn new<V: Vendor>(vendor: &V, asked: &Asked<'_>, key: String) -> Self {
        Self {
            key,
            endpoint: format!("{} {}", asked.method, asked.path),
            parameters: hash(&vendor.parameters(asked)),
        }
    }

    /// The result that is kept under the key; the refusal if it is another request's.
    fn find<V: Vendor>(
        &self,
        vendor: &V,
        memory: &mut Memory<V::State>,
        account: &str,
        asked: &Asked<'_>,
        now: i64,
    ) -> Result<Option<Kept>, Box<Reply>> {
        let Some(results) = memory.results.get_mut(account) else {
            return Ok(None);
        };
        results.prune(now, KEPT_FOR_MS);
        let first = match results.find(&self.key, &self.endpoint, &self.parameters) {
            Known::No => return Ok(None),
            Known::Same(kept) => return Ok(Some(kept.clone())),
            Known::OtherParameters => None,
            Known::OtherEndpoint(kept) => Some(kept.endpoint.as_str()),
        };
        let reused = Reused {
            key: &self.key,
            endpoint: &self.endpoint,
            first,
        };
        Err(Box::new(vendor.key_reused(asked, &reused)))
    }

    fn keep<S>(
        self,
        memory: &mut Memory<S>,
        account: &str,
        asked: &Asked<'_>,
        now: i64,
        said: &Said,
    ) {
        let kept = Kept {
            endpoint: self.endpoint,
            parameters: self.parameters,
            at: now,
            request_id: asked.request_id.clone(),
            status: said.status.as_u16(),
            body: said.body.clone(),
        };
        let results = memory.results.entry(account.to_owned()).or_default();
        results.keep(&self.key, kept);
    }
}
