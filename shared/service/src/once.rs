//! Requests that change something once, however often they are sent: those with an `Idempotency-Key`
//! (draft-ietf-httpapi-idempotency-key-header).
//!
//! What is remembered of such a request is written by the transaction that carries it out. So a request whose
//! answer was lost is known when it comes again, and of two at the same moment one is carried out. What
//! changed nothing (a body that breaks a rule, a gateway that gave no answer, too many requests) is not
//! remembered: its repeat is decided anew.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use decisions::{Change, Commit};
use domain::record::Identifier;
use domain::refusal::{Code, Refusals};
use domain::resources::PAYMENT_GATEWAYS;
use domain::{Caller, KeptRequest, Refusal, ResourceType, Role, Timestamp};
use http::{HeaderMap, HeaderName};
use json_api::QueryFor;
use routing::Method;

use crate::{Actor, Body, Call, Failure, load};

/// By what a caller names a request.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The longest key, in characters.
const LONGEST_KEY: usize = 255;

/// For how long a key is remembered at least.
const REMEMBERED: Duration = Duration::from_hours(24);

/// A request that is carried out once.
#[derive(Debug)]
pub struct Once {
    key: String,
    fingerprint: String,
    /// The record that it changes or deletes; none where it makes one.
    of: Option<Identifier>,
    method: Method,
    kind: ResourceType,
    is_kept: AtomicBool,
}

impl Once {
    /// The request, where it changes something and names a key.
    ///
    /// # Errors
    /// The key is not one of printable ASCII, or too long, or there are several (400).
    pub fn of(call: &Call<'_>, headers: &HeaderMap) -> Result<Option<Self>, Refusal> {
        let named = headers.get_all(IDEMPOTENCY_KEY);
        let mut named = named.iter();
        let (Some(key), Ok(kind)) = (named.next(), call.resource_type()) else {
            return Ok(None);
        };
        let of = call.id().ok().map(|id| Identifier { kind, id });
        let (method, makes_one) = (call.method(), call.method() == Method::Post);
        if method == Method::Get || makes_one == of.is_some() || is_done_alike(method, kind) {
            return Ok(None);
        }
        let key = key.to_str().ok().filter(|it| is_key(it));
        let key = key.filter(|_| named.next().is_none()).ok_or_else(|| {
            let detail = format!(
                "A key is one text of 1 to {LONGEST_KEY} printable ASCII characters, a UUID for instance."
            );
            Refusal::new(Code::BadRequest, detail).at_header("Idempotency-Key")
        })?;
        let Caller {
            client_id, role, ..
        } = &call.caller;
        let role = match role {
            Role::Guest => "guest".to_owned(),
            Role::Integration => "integration".to_owned(),
            Role::Customer(customer) => customer.to_string(),
        };
        let lookup = call.context.store.lookup();
        Ok(Some(Self {
            key: lookup.hash(&[
                "request",
                client_id,
                &role,
                method.as_str(),
                &call.path,
                key,
            ]),
            fingerprint: lookup.hash(&["body", &String::from_utf8_lossy(&call.body)]),
            of,
            method,
            kind,
            is_kept: AtomicBool::new(false),
        }))
    }

    /// What is remembered together with what this request changes, the first time that it changes something.
    /// A record that is made has to be among it: else it is none of what was asked for.
    pub fn kept_with<T>(&self, commit: &Commit<T>, now: Timestamp) -> Option<Change> {
        let made = commit.changes.iter().find_map(|it| match it {
            Change::Put { record, .. } if record.version == 0 && record.kind == self.kind => {
                Some(record.identifier())
            }
            _ => None,
        });
        let subject = match self.method {
            Method::Post => made,
            Method::Patch => self.of,
            Method::Get | Method::Delete => None,
        };
        let refusals = commit.answer.as_ref().err().cloned().map(Refusals::from);
        let is_whole = subject.is_some() || refusals.is_some() || self.method == Method::Delete;
        let is_first = is_whole && !self.is_kept();
        is_first.then(|| {
            let kept = KeptRequest {
                key: self.key.clone(),
                fingerprint: self.fingerprint.clone(),
                subject,
                refusals,
            };
            Change::KeepRequest(kept, now.plus(REMEMBERED))
        })
    }

    /// It was written.
    pub fn was_kept(&self) {
        self.is_kept.store(true, Ordering::Relaxed);
    }

    /// Whether this very request has changed something.
    pub fn is_kept(&self) -> bool {
        self.is_kept.load(Ordering::Relaxed)
    }

    /// What is remembered of an earlier request with the key. One round trip.
    ///
    /// # Errors
    /// Too many requests; the table does not answer.
    pub async fn earlier(&self, actor: &Actor<'_>) -> Result<Option<KeptRequest>, Failure> {
        actor.permit().await?;
        let store = &actor.context.store;
        Ok(store.kept_request(actor.caller.tenant, &self.key).await?)
    }

    /// Refuses the key of another request.
    ///
    /// # Errors
    /// It had another body (422).
    pub fn require_same(&self, earlier: &KeptRequest) -> Result<(), Refusal> {
        if earlier.fingerprint == self.fingerprint {
            return Ok(());
        }
        let detail =
            "Another body was sent with this key before. Each request has a key of its own.";
        Err(Refusal::new(Code::ValidationError, detail).at_header("Idempotency-Key"))
    }

    /// What the repeat of a request is answered with: the record that it made or changed as it is now, or the
    /// refusal that it came to.
    ///
    /// # Errors
    /// It was refused; the record is not there any more (404); the table does not answer.
    pub async fn replay(&self, call: &Call<'_>, earlier: KeptRequest) -> Result<Body, Failure> {
        if let Some(refusals) = earlier.refusals {
            return Err(refusals.into());
        }
        let Some(Identifier { kind, id }) = earlier.subject else {
            return Ok(Body::Nothing);
        };
        let query = call.query(&[kind], QueryFor::One)?;
        let (record, graph) = load::record(call, kind, id).await?;
        let location = call.site().record_url(record.identifier());
        let document = call.render(&record, graph, &query).await?;
        Ok(match self.method {
            Method::Post => Body::Created { location, document },
            _ => Body::Document(document),
        })
    }
}

/// Whether a request is carried out each time that it is sent. A vendor's credentials are kept once the gateway is
/// written: what failed between has to be sent again, and comes to the same. Operations are retried and settled
/// beside the one way to write.
fn is_done_alike(method: Method, kind: ResourceType) -> bool {
    let keeps_credentials =
        PAYMENT_GATEWAYS.contains(&kind) && kind != ResourceType::ExternalGateways;
    method == Method::Patch && (keeps_credentials || kind == ResourceType::Operations)
}

fn is_key(text: &str) -> bool {
    let is_printable = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
    (1..=LONGEST_KEY).contains(&text.len()) && text.bytes().all(is_printable)
}
