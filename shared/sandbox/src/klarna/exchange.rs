//! Which request is which endpoint, and what an endpoint works with.

use http::header::CONTENT_TYPE;
use serde_json::Value;

use crate::fields::{Encoding, Field, Finding, Members, Problem, findings};
use crate::ids::Ids;
use crate::vendor::{self, Asked, Reply};

use super::error::ApiError;
use super::state::{Account, State};
use super::{authorizations, customer_tokens, orders, sessions};

pub(super) type Done = Result<Reply, ApiError>;

type Run = fn(&mut Work<'_>, &Call<'_>) -> Done;

/// What an endpoint works with.
pub(super) struct Work<'a> {
    state: &'a mut State,
    account: &'a str,
    pub(super) ids: &'a Ids,
    /// Unix milliseconds.
    pub(super) now: i64,
    /// Where the stand-in is reached.
    pub(super) base_url: &'a str,
}

impl Work<'_> {
    /// The caller's objects.
    pub(super) fn account(&mut self) -> &mut Account {
        self.state
            .accounts
            .entry(self.account.to_owned())
            .or_default()
    }

    /// Whether anybody has an object of this name.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.state.knows(name)
    }
}

/// A request to an endpoint.
pub(super) struct Call<'a> {
    /// The id or token in the path, or nothing.
    pub(super) id: &'a str,
    asked: &'a Asked<'a>,
}

impl Call<'_> {
    /// The body's members, checked. Those that are null are left out, at every depth: to Klarna
    /// they are absent.
    pub(super) fn members(&self, tables: &[&[Field]]) -> Result<Members, ApiError> {
        self.checked(tables, |_| true)
    }

    /// The members of a body that changes something: what is absent stays as it is.
    pub(super) fn changes(&self, tables: &[&[Field]]) -> Result<Members, ApiError> {
        let stays = |finding: &Finding<'_>| {
            finding.path.is_top() && matches!(finding.problem, Problem::Missing)
        };
        self.checked(tables, |finding| !stays(finding))
    }

    fn checked(
        &self,
        tables: &[&[Field]],
        counts: impl Fn(&Finding<'_>) -> bool,
    ) -> Result<Members, ApiError> {
        let content_type = self.asked.header(CONTENT_TYPE.as_str()).unwrap_or_default();
        if !content_type.starts_with("application/json") {
            return Err(ApiError::unsupported_media_type());
        }
        let Some(Value::Object(members)) = &self.asked.body else {
            return Err(ApiError::bad_request("The body is not a JSON object"));
        };
        let members = without_nulls(members);
        let bad: Vec<String> = findings(&members, tables, Encoding::Json)
            .iter()
            .filter(|finding| counts(finding))
            .map(|finding| finding.path.spelled(".", ""))
            .collect();
        if bad.is_empty() {
            Ok(members)
        } else {
            Err(ApiError::bad_values(bad))
        }
    }
}

fn without_nulls(members: &Members) -> Members {
    members
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name.clone(), value_without_nulls(value)))
        .collect()
}

fn value_without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(without_nulls(members)),
        Value::Array(items) => items.iter().map(value_without_nulls).collect(),
        other => other.clone(),
    }
}

/// Does what is asked.
pub(super) fn answer(work: &mut vendor::Work<'_, State>, asked: &Asked<'_>) -> Done {
    let Some((run, id)) = route(asked.method.as_str(), asked.path) else {
        let message = format!("No endpoint: {} {}", asked.method, asked.path);
        return Err(ApiError::not_found(message));
    };
    let mut work = Work {
        state: work.state,
        account: work.account,
        ids: work.ids,
        now: work.now,
        base_url: work.base_url,
    };
    run(&mut work, &Call { id, asked })
}

/// The session that a page authorises: the page has no credentials but its client token.
pub(super) fn session_of_page<'a>(asked: &Asked<'a>) -> Option<&'a str> {
    let path = asked.path.strip_prefix("/payments/v1/sessions/")?;
    path.strip_suffix("/_authorize")
}

fn route<'a>(method: &str, path: &'a str) -> Option<(Run, &'a str)> {
    let segments: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
    if segments.contains(&"") {
        return None;
    }
    Some(match (method, segments.as_slice()) {
        (_, ["payments", "v1", rest @ ..]) => payments_route(method, rest)?,
        (_, ["customer-token", "v1", "tokens", rest @ ..]) => tokens_route(method, rest)?,
        _ => return None,
    })
}

fn payments_route<'a>(method: &str, path: &[&'a str]) -> Option<(Run, &'a str)> {
    Some(match (method, path) {
        ("POST", ["sessions"]) => (sessions::create, ""),
        ("GET", ["sessions", id]) => (sessions::read, id),
        ("POST", ["sessions", id]) => (sessions::update, id),
        ("POST", ["sessions", id, "_authorize"]) => (authorizations::authorize, id),
        ("DELETE", ["authorizations", token]) => (authorizations::release, token),
        ("POST", ["authorizations", token, "order"]) => (orders::place, token),
        ("POST", ["authorizations", token, "customer-token"]) => (customer_tokens::mint, token),
        _ => return None,
    })
}

fn tokens_route<'a>(method: &str, path: &[&'a str]) -> Option<(Run, &'a str)> {
    Some(match (method, path) {
        ("GET", [token]) => (customer_tokens::read, token),
        ("POST", [token, "order"]) => (orders::place_with_token, token),
        ("PATCH", [token, "status"]) => (customer_tokens::cancel, token),
        _ => return None,
    })
}
