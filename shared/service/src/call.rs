//! A request that was let in.

use std::ops::Deref;

use bytes::Bytes;
use domain::graph::Graph;
use domain::record::{Identifier, Record};
use domain::refusal::Code;
use domain::{Id, Refusal, ResourceType};
use json_api::{Count, Query, QueryFor, Renderer, RequestDocument, Verb};
use routing::{Captures, Method, Route};
use serde_json::Value;

use crate::precondition::{Conditions, Precondition};
use crate::{Actor, Failure};

/// A request that was let in: its caller is known.
#[derive(Clone)]
pub struct Call<'a> {
    /// Who asks, when, and by when it is answered.
    pub actor: Actor<'a>,
    /// The path without the query.
    pub path: String,
    /// The query as it was sent.
    pub query: String,
    pub(crate) route: Route,
    pub(crate) captures: Captures,
    pub(crate) conditions: Conditions,
    pub(crate) body: Bytes,
}

impl<'a> Deref for Call<'a> {
    type Target = Actor<'a>;

    fn deref(&self) -> &Actor<'a> {
        &self.actor
    }
}

impl Call<'_> {
    /// The id in the path.
    ///
    /// # Errors
    /// A text that no id is: there is no such record.
    pub fn id(&self) -> Result<Id, Refusal> {
        self.captures.id("id").ok_or_else(Refusal::not_found)
    }

    /// The method of the route that the request is for.
    pub const fn method(&self) -> Method {
        self.route.method
    }

    /// The path of the route that the request is for: `/api/orders/{id}`.
    pub const fn route_path(&self) -> &'static str {
        self.route.path
    }

    /// A segment of the path.
    pub fn segment(&self, name: &str) -> Option<&str> {
        self.captures.get(name)
    }

    /// The resource type that the path is about: its segment after `/api/`.
    ///
    /// # Errors
    /// There is no such type.
    pub fn resource_type(&self) -> Result<ResourceType, Refusal> {
        let name = self.path.split('/').nth(2).unwrap_or_default();
        ResourceType::named(name).ok_or_else(Refusal::not_found)
    }

    /// The query, for records of these types.
    ///
    /// # Errors
    /// As [`Query::parse`]; a change whose answer would include a customer's orders, which may be any number
    /// (422): that there are too many would be known when it is made.
    pub fn query(&self, kinds: &[ResourceType], endpoint: QueryFor) -> Result<Query, Refusal> {
        let query = Query::parse(&self.query, kinds, endpoint)?;
        if !self.only_reads && query.include.names("orders") {
            let detail = "What a change answers includes no customer's orders. Read them with GET.";
            return Err(Refusal::new(Code::ValidationError, detail).at_parameter("include"));
        }
        Ok(query)
    }

    /// The body, as a document about a record of type `kind`.
    ///
    /// # Errors
    /// As [`RequestDocument::parse`].
    pub fn document(&self, kind: ResourceType, verb: Verb) -> Result<RequestDocument, Refusal> {
        RequestDocument::parse(&self.body, kind, verb)
    }

    /// What the request demands of the record that it changes: its state as `GET` shows it for this
    /// query.
    pub const fn precondition<'c>(
        &'c self,
        kind: ResourceType,
        id: Id,
        query: &'c Query,
    ) -> Precondition<'c> {
        Precondition::new(&self.conditions, Identifier { kind, id }, query)
    }

    /// The document of one record of those in the graph, after what the query includes has been read.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn render(
        &self,
        record: &Record,
        graph: Graph,
        query: &Query,
    ) -> Result<Value, Failure> {
        let records = std::slice::from_ref(record);
        let graph = crate::load::expand(self, graph, records, &query.include).await?;
        let renderer = Renderer {
            site: self.site(),
            graph: &graph,
            query,
        };
        Ok(renderer.one(record))
    }

    /// The document of the page that the query asks for, of those of these records that pass its
    /// filter.
    ///
    /// # Errors
    /// A filter by what the caller may not read (400); the table does not answer.
    pub async fn render_list(
        &self,
        mut records: Vec<Record>,
        graph: Graph,
        query: &Query,
    ) -> Result<Value, Failure> {
        query.filter.apply(&mut records, &graph)?;
        query.sort.apply(&mut records, |record, attribute| {
            graph.attribute(record, attribute)
        });
        let count = Count::Exactly(records.len());
        let page = query.page.of(records);
        let graph = crate::load::expand(self, graph, &page, &query.include).await?;
        let renderer = Renderer {
            site: self.site(),
            graph: &graph,
            query,
        };
        Ok(renderer.page(&page, count, &self.path, &self.query))
    }
}
