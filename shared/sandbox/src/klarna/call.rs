//! What an endpoint works with: the state, and the request with its body checked.

use http::header::CONTENT_TYPE;
use serde_json::Value;

use crate::fields::{Encoding, Field, Finding, Members, Problem, findings};
use crate::ids::Ids;
use crate::vendor::{Asked, Reply};

use super::error::ApiError;
use super::state::{Account, State};

/// The result of a request: the answer, or a refusal.
pub(super) type Done = Result<Reply, ApiError>;

/// The state and the circumstances that an endpoint works with.
pub(super) struct Work<'a> {
    pub(super) state: &'a mut State,
    pub(super) account_name: &'a str,
    pub(super) ids: &'a Ids,
    /// Unix milliseconds.
    pub(super) now: i64,
    /// The URL at which the stand-in is reached.
    pub(super) base_url: &'a str,
}

impl Work<'_> {
    /// The caller's objects.
    pub(super) fn account(&mut self) -> &mut Account {
        self.state
            .accounts
            .entry(self.account_name.to_owned())
            .or_default()
    }

    /// True if anybody has an object of this name.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.state.knows(name)
    }
}

/// A request to an endpoint.
pub(super) struct Received<'a> {
    /// The id or token in the path, or nothing.
    pub(super) id: &'a str,
    /// The id of a part of what has that id, where the path goes on.
    pub(super) part: &'a str,
    pub(super) asked: &'a Asked<'a>,
}

impl Received<'_> {
    /// The body's members, checked. Those that are null are left out, at every depth: to Klarna
    /// they are absent.
    pub(super) fn members(&self, tables: &[&[Field]]) -> Result<Members, ApiError> {
        self.checked(tables, |_| true)
    }

    /// As [`Self::members`], with the refusal of order management.
    pub(super) fn members_of_order(&self, tables: &[&[Field]]) -> Result<Members, ApiError> {
        let (members, bad) = self.read(tables, |_| true)?;
        match bad.is_empty() {
            true => Ok(members),
            false => Err(ApiError::unprocessable(bad)),
        }
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
        let (members, bad) = self.read(tables, counts)?;
        match bad.is_empty() {
            true => Ok(members),
            false => Err(ApiError::bad_values(bad)),
        }
    }

    /// The body's members, and the paths of those that are not as declared.
    fn read(
        &self,
        tables: &[&[Field]],
        counts: impl Fn(&Finding<'_>) -> bool,
    ) -> Result<(Members, Vec<String>), ApiError> {
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
        Ok((members, bad))
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
