//! A request that was let in.

use std::ops::Deref;

use bytes::Bytes;
use domain::graph::Graph;
use domain::record::{Identifier, Record};
use domain::refusal::Code;
use domain::{Id, Refusal, ResourceType};
use json_api::{Count, Include, Query, QueryFor, Renderer, RequestDocument, Verb};
use routing::{Captures, Method, Route};

use crate::precondition::{Conditions, Precondition};
use crate::{Actor, Failure};

/// The largest document, in bytes. Lambda answers with 6 MB at most, in a text that has the document as a JSON
/// string: of its quotes and backslashes, which may be all of it, each is escaped once more.
const LARGEST_DOCUMENT: usize = 3_000_000;

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

    /// The document of one record of those in the graph, after what the query includes has been read. What a
    /// change would answer and is too large is left out, since it was made.
    ///
    /// # Errors
    /// What was asked for is too large to be sent (413); the table does not answer.
    pub async fn render(
        &self,
        record: &Record,
        graph: Graph,
        query: &Query,
    ) -> Result<String, Failure> {
        let records = std::slice::from_ref(record);
        let graph = crate::load::expand(self, graph, records, &query.include).await?;
        let renderer = Renderer {
            site: self.site(),
            graph: &graph,
            query,
        };
        let text = renderer.one(record).to_text()?;
        if self.only_reads || text.len() <= LARGEST_DOCUMENT {
            return sendable(text);
        }
        let alone = Query {
            include: Include::default(),
            ..query.clone()
        };
        let renderer = Renderer {
            query: &alone,
            ..renderer
        };
        Ok(renderer.one(record).to_text()?)
    }

    /// The document of a page of those in the graph.
    ///
    /// # Errors
    /// It is too large to be sent (413).
    pub(crate) fn page(
        &self,
        records: &[Record],
        count: Count,
        graph: &Graph,
        query: &Query,
    ) -> Result<String, Failure> {
        let renderer = Renderer {
            site: self.site(),
            graph,
            query,
        };
        let document = renderer.page(records, count, &self.path, &self.query);
        sendable(document.to_text()?)
    }

    /// The document of the page that the query asks for, of those of these records that pass its
    /// filter.
    ///
    /// # Errors
    /// A filter by what the caller may not read (400); the page is too large to be sent (413); the table does not
    /// answer.
    pub async fn render_list(
        &self,
        mut records: Vec<Record>,
        graph: Graph,
        query: &Query,
    ) -> Result<String, Failure> {
        query.filter.apply(&mut records, &graph)?;
        query.sort.apply(&mut records, |record, attribute| {
            graph.attribute(record, attribute).into_owned()
        });
        let count = Count::Exactly(records.len());
        let page = query.page.of(records);
        let graph = crate::load::expand(self, graph, &page, &query.include).await?;
        self.page(&page, count, &graph, query)
    }
}

fn sendable(text: String) -> Result<String, Failure> {
    if text.len() <= LARGEST_DOCUMENT {
        return Ok(text);
    }
    let detail = format!(
        "The answer would have more than {LARGEST_DOCUMENT} bytes. Ask for a smaller page, include less, or name the fields that are needed."
    );
    Err(Refusal::new(Code::PayloadTooLarge, detail).into())
}
