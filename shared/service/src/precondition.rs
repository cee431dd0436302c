//! Conditional requests (RFC 9110, section 13): what a request demands of the state that it reads or
//! changes.

use domain::graph::Graph;
use domain::purchase::Purchase;
use domain::record::{Identifier, Record};
use domain::refusal::Code;
use domain::wallet::{Entry, Wallet};
use domain::{EntryId, Refusal, ResourceType, SourceId};
use http::HeaderMap;
use http::header::{IF_MATCH, IF_NONE_MATCH};
use json_api::{Query, Renderer};

use crate::entity_tag::{EntityTags, entity_tag};
use crate::{Actor, Failure, load};

/// The conditions that a request's headers set.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Conditions {
    if_match: Option<EntityTags>,
    if_none_match: Option<EntityTags>,
}

/// What comes of conditions for a state that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The state is sent.
    Send,
    /// The caller has it already: 304.
    NotModified,
    /// It is not the one that was demanded: 412.
    Failed,
}

impl Conditions {
    /// Those of a request.
    pub fn of(headers: &HeaderMap) -> Self {
        Self {
            if_match: EntityTags::of(headers, IF_MATCH),
            if_none_match: EntityTags::of(headers, IF_NONE_MATCH),
        }
    }

    const fn is_empty(&self) -> bool {
        self.if_match.is_none() && self.if_none_match.is_none()
    }

    /// For a state with this tag that is read.
    pub fn for_read(&self, tag: &str) -> Outcome {
        let matches = |it: &EntityTags| it.match_strongly(tag);
        let is_known = |it: &EntityTags| it.match_weakly(tag);
        if !self.if_match.as_ref().is_none_or(matches) {
            return Outcome::Failed;
        }
        match self.if_none_match.as_ref().is_some_and(is_known) {
            true => Outcome::NotModified,
            false => Outcome::Send,
        }
    }

    /// For a state with this tag that is to change: `If-None-Match` demands that it is another.
    fn for_write(&self, tag: &str) -> Result<(), Refusal> {
        match self.for_read(tag) {
            Outcome::Send => Ok(()),
            Outcome::Failed => Err(failed("If-Match")),
            Outcome::NotModified => Err(failed("If-None-Match")),
        }
    }
}

/// A state is not the one that the header demands.
pub fn failed(header: &str) -> Refusal {
    let detail = format!(
        "The record is not in the state that {header} demands. Read it again, then decide again."
    );
    Refusal::new(Code::PreconditionFailed, detail).at_header(header)
}

/// What a request demands of the record that it changes: that `GET` of the same URL would answer a
/// state that its `If-Match` names.
///
/// It is looked at each time the record was read for a decision, and what is decided is committed on
/// that very state. What a document includes from elsewhere is compared too, but may change between
/// comparison and commit.
#[derive(Debug, Clone, Copy)]
pub struct Precondition<'a> {
    demanded: Option<Demanded<'a>>,
}

#[derive(Debug, Clone, Copy)]
struct Demanded<'a> {
    conditions: &'a Conditions,
    of: Identifier,
    query: &'a Query,
}

impl<'a> Precondition<'a> {
    /// Nothing is demanded.
    pub const NONE: Self = Self { demanded: None };

    /// What `conditions` demand of the record as a document for this query shows it.
    pub const fn new(conditions: &'a Conditions, of: Identifier, query: &'a Query) -> Self {
        let demanded = Demanded {
            conditions,
            of,
            query,
        };
        match conditions.is_empty() {
            true => Self::NONE,
            false => Self {
                demanded: Some(demanded),
            },
        }
    }

    /// Whether anything is demanded: what is decided is then to be committed on no other state of
    /// the record.
    pub const fn is_set(&self) -> bool {
        self.demanded.is_some()
    }

    /// Refuses unless the record, in the graph around it, is in a state that is demanded.
    ///
    /// # Errors
    /// It is not ([`Code::PreconditionFailed`]); the table does not answer.
    pub async fn check(
        &self,
        actor: &Actor<'_>,
        record: &Record,
        graph: Graph,
    ) -> Result<(), Failure> {
        let Some(Demanded {
            conditions, query, ..
        }) = self.demanded
        else {
            return Ok(());
        };
        let records = std::slice::from_ref(record);
        let graph = load::expand(actor, graph, records, &query.include).await?;
        let renderer = Renderer {
            site: actor.site(),
            graph: &graph,
            query,
        };
        let body = renderer.one(record).to_text()?;
        Ok(conditions.for_write(&entity_tag(&body))?)
    }

    /// As [`Self::check`], of an order or one of its payment sources.
    pub(crate) async fn check_purchase(
        &self,
        actor: &Actor<'_>,
        purchase: &Purchase,
    ) -> Result<(), Failure> {
        let Some(Demanded { of, .. }) = self.demanded else {
            return Ok(());
        };
        let record = match of.kind {
            ResourceType::Orders => Some(purchase.order().to_record()),
            _ => purchase
                .partition
                .source(SourceId::new(of.id))
                .map(|it| it.to_record()),
        };
        // What is gone is for the decision to tell.
        let Some(record) = record else {
            return Ok(());
        };
        let graph = actor.around(purchase.clone());
        self.check(actor, &record, graph).await
    }

    /// As [`Self::check`], of a wallet entry.
    pub(crate) async fn check_wallet(
        &self,
        actor: &Actor<'_>,
        wallet: &Wallet,
    ) -> Result<(), Failure> {
        let Some(Demanded { of, .. }) = self.demanded else {
            return Ok(());
        };
        let Some(record) = wallet.entry(EntryId::new(of.id)).map(Entry::to_record) else {
            return Ok(());
        };
        let mut graph = load::around_catalog(actor).await?;
        graph.add_wallet(wallet.clone());
        self.check(actor, &record, graph).await
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use http::header::HeaderName;

    use super::*;

    const TAG: &str = "\"a\"";

    fn conditions(given: &[(HeaderName, &'static str)]) -> Conditions {
        let mut headers = HeaderMap::new();
        for (name, value) in given {
            headers.append(name, HeaderValue::from_static(value));
        }
        Conditions::of(&headers)
    }

    #[test]
    fn a_state_that_the_caller_has_is_not_sent_again() {
        for known in ["\"a\"", "W/\"a\"", "\"x\", \"a\"", "*"] {
            let outcome = conditions(&[(IF_NONE_MATCH, known)]).for_read(TAG);
            assert_eq!(outcome, Outcome::NotModified, "{known}");
        }
        let other = conditions(&[(IF_NONE_MATCH, "\"x\"")]);
        assert_eq!(other.for_read(TAG), Outcome::Send);
        assert_eq!(conditions(&[]).for_read(TAG), Outcome::Send);
    }

    #[test]
    fn a_change_takes_the_state_that_is_demanded_alone() {
        for demanded in ["\"a\"", "\"x\", \"a\"", "*"] {
            let held = conditions(&[(IF_MATCH, demanded)]).for_write(TAG);
            assert_eq!(held, Ok(()), "{demanded}");
        }
        for demanded in ["\"x\"", "W/\"a\"", "a"] {
            let refused = conditions(&[(IF_MATCH, demanded)]).for_write(TAG);
            assert_eq!(refused.unwrap_err().code, Code::PreconditionFailed);
        }
        let refused = conditions(&[(IF_NONE_MATCH, "*")]).for_write(TAG);
        assert_eq!(refused, Err(failed("If-None-Match")));
    }

    #[test]
    fn a_demanded_state_goes_before_a_known_one() {
        let both = [(IF_MATCH, "\"x\""), (IF_NONE_MATCH, "\"a\"")];
        assert_eq!(conditions(&both).for_read(TAG), Outcome::Failed);
    }
}
