//! Where gateways differ.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::events::Event;
use crate::faults::Fault;
use crate::ids::Ids;

/// A gateway's API, as far as stand-ins differ.
///
/// A request's way: [`account`](Vendor::account), an ordered 429, [`check`](Vendor::check),
/// [`key`](Vendor::key), [`execute`](Vendor::execute), [`keeps`](Vendor::keeps),
/// [`stamp`](Vendor::stamp). A reply given on the way ends it.
pub trait Vendor: Send + Sync + 'static {
    /// The gateway's memory; kept in the state file. A struct or a map with text keys, whose
    /// members are not named `ids_made`, `results` or `outbox`.
    type State: Default + Serialize + DeserializeOwned + Send + 'static;

    /// The request header that carries an idempotency key, in lower case; none where the gateway
    /// knows none.
    const KEY_HEADER: Option<&'static str> = None;

    /// True where pages of any origin may call, as they call the gateway itself.
    const FOR_PAGES: bool = false;

    /// How long to wait, in milliseconds, before an event that was not taken is sent again; after the last
    /// it is given up.
    const EVENT_PAUSES: &'static [i64] = &[];

    /// An id for a request, as the gateway makes them.
    fn request_id(&self, ids: &Ids) -> String;

    /// The account whose request it is: the one that the credentials name; else the refusal (401).
    fn account(&self, state: &Self::State, asked: &Asked<'_>) -> Result<String, Reply>;

    /// The refusal of a request before its idempotency key is looked at.
    fn check(&self, _asked: &Asked<'_>) -> Result<(), Reply> {
        Ok(())
    }

    /// True where an idempotency key on this request means anything.
    fn takes_key(&self, _asked: &Asked<'_>) -> bool {
        Self::KEY_HEADER.is_some()
    }

    /// The idempotency key, or the refusal of one that can't be.
    fn key(&self, asked: &Asked<'_>) -> Result<Option<String>, Reply> {
        let key = Self::KEY_HEADER
            .filter(|_| self.takes_key(asked))
            .and_then(|name| asked.header(name))
            .filter(|key| !key.is_empty());
        Ok(key.map(str::to_owned))
    }

    /// The parameters by which the repeat of a request is told from another request: JSON without
    /// its white space, else the body as it came.
    fn parameters(&self, asked: &Asked<'_>) -> String {
        match &asked.body {
            Some(body) => body.to_string(),
            None => String::from_utf8_lossy(asked.raw).into_owned(),
        }
    }

    /// Carries the request out.
    fn execute(&self, work: &mut Work<'_, Self::State>, asked: &Asked<'_>) -> Reply;

    /// The gateway's own answer in the place of executing the request: to an ordered
    /// `Status429`, `Status500` or `Status402` (a decline), and a `Status500` where the state can't
    /// be kept.
    fn ordered(&self, work: &mut Work<'_, Self::State>, asked: &Asked<'_>, fault: Fault) -> Reply;

    /// True for a result that is kept for its key, to be answered again for a day.
    fn keeps(&self, _reply: &Reply) -> bool {
        false
    }

    /// The answer while another request with the key is being answered.
    fn key_in_use(&self, _asked: &Asked<'_>, _key: &str) -> Reply {
        Reply::empty(409)
    }

    /// The answer where the key came with other parameters or for another endpoint.
    fn key_reused(&self, _asked: &Asked<'_>, _reused: &Reused<'_>) -> Reply {
        Reply::empty(409)
    }

    /// Does what is due by now: holds that run out, money that moves after it was accepted. Before each
    /// request, and before events are delivered.
    fn pass_time(&self, _work: &mut Work<'_, Self::State>) {}

    /// The account that a secret key belongs to, where events are sent of it.
    fn account_of_key(&self, _key: &str) -> Option<String> {
        None
    }

    /// The headers with which an event is signed, at this time in Unix milliseconds.
    fn sign_event(&self, _secret: &str, _body: &str, _now: i64) -> Vec<(HeaderName, String)> {
        Vec::new()
    }

    /// Headers of every answer, such as the request's id.
    fn stamp(&self, _asked: &Asked<'_>, _stamp: &Stamp<'_>) -> Vec<(HeaderName, String)> {
        Vec::new()
    }

    /// The body as the journal shows it; card numbers are removed later.
    fn journal_body(&self, asked: &Asked<'_>) -> Value {
        asked.body.clone().unwrap_or_default()
    }
}

/// The state and the circumstances that an endpoint works with.
pub struct Work<'a, S> {
    /// The state of all accounts.
    pub(crate) state: &'a mut S,
    /// The caller's account.
    pub(crate) account: &'a str,
    pub(crate) ids: &'a Ids,
    /// Unix milliseconds.
    pub(crate) now: i64,
    /// The URL at which the stand-in is reached, for the links it makes; without a slash at the end.
    pub(crate) base_url: &'a str,
    /// True if the state is to be written down: so for all but GET. An endpoint that makes
    /// something while it reads says so here.
    pub(crate) is_change: bool,
    /// What happened, for those who are told.
    pub(crate) events: &'a mut Vec<Event>,
    /// How many endpoints hear of what happens in the caller's account.
    pub(crate) listeners: usize,
}

/// A request as it came.
pub struct Asked<'a> {
    pub(crate) method: &'a Method,
    /// The path without the query.
    pub(crate) path: &'a str,
    pub(crate) query: Option<&'a str>,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) raw: &'a Bytes,
    /// The body, where it is JSON.
    pub(crate) body: Option<Value>,
    /// The stand-in's id for it.
    pub(crate) request_id: String,
}

impl Asked<'_> {
    /// True for a browser that goes to a page, or sends its form.
    pub(crate) fn is_for_a_page(&self) -> bool {
        let accept = self.header("accept");
        accept.is_some_and(|it| it.contains("text/html"))
    }

    /// A header's value, unless it isn't text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The path's segments: `/payments/pay_1` has two. A path with an empty one is no endpoint's.
    pub(crate) fn segments(&self) -> Vec<&str> {
        self.path.trim_start_matches('/').split('/').collect()
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    pub(crate) status: StatusCode,
    /// Beside those of [`Vendor::stamp`]. Not kept for an idempotency key.
    pub(crate) headers: Vec<(HeaderName, String)>,
    /// JSON, a page's text, or nothing at all.
    pub(crate) body: Option<Value>,
    /// True where the body is a page for a browser.
    pub(crate) is_page: bool,
    /// The delay of the answer; the request has taken effect at once.
    pub(crate) delay_ms: u64,
    /// True once the endpoint had begun its work. A gateway that keeps refusals for their keys keeps
    /// only those of such requests.
    pub(crate) has_begun: bool,
}

impl Reply {
    /// An answer with a body. A status that is none is a 500.
    pub(crate) fn json(status: u16, body: Value) -> Self {
        Self {
            body: Some(body),
            ..Self::empty(status)
        }
    }

    /// An answer without a body.
    pub(crate) fn empty(status: u16) -> Self {
        Self {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            headers: Vec::new(),
            body: None,
            is_page: false,
            delay_ms: 0,
            has_begun: true,
        }
    }

    /// This answer with one more header.
    pub(crate) fn header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// This answer, late by this many milliseconds.
    pub(crate) fn late(mut self, delay_ms: u64) -> Self {
        self.delay_ms = delay_ms;
        self
    }
}

/// A key that stands for another request.
pub struct Reused<'a> {
    pub(crate) key: &'a str,
    /// Method and path of this request.
    pub(crate) endpoint: &'a str,
    /// Method and path of the first request, where they are others; `None` where only the
    /// parameters are.
    pub(crate) first: Option<&'a str>,
}

/// The facts about an answer that its headers tell.
pub struct Stamp<'a> {
    pub(crate) status: StatusCode,
    pub(crate) key: Option<&'a str>,
    /// The request whose result is kept under the key: this one, or an earlier one.
    pub(crate) original_request: Option<&'a str>,
    pub(crate) is_replayed: bool,
}
