//! A request that was let in, and the way in and out.

use std::future::Future;
use std::ops::Deref;

use access::from_authorization_header;
use bytes::Bytes;
use domain::graph::Graph;
use domain::record::Record;
use domain::refusal::Code;
use domain::{Caller, Id, Refusal, ResourceType, Timestamp};
use effects::Random;
use http::header::{
    ACCEPT, ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HOST, LOCATION, VARY,
};
use http::{HeaderMap, HeaderValue, Request, Response};
use json_api::{
    Endpoint, MEDIA_TYPE, Query, Renderer, RequestDocument, Verb, check_accept, check_content_type,
    error_document,
};
use serde_json::Value;
use tracing::Instrument;

use crate::route::{Captures, Found};
use crate::{Actor, Context, Failure, Method, Route, find};

/// The largest body, in bytes.
const LARGEST_BODY: usize = 256 * 1024;

/// A request that was let in: its caller is known.
pub struct Call<'a> {
    /// Who asks, when, and by when it is answered.
    pub actor: Actor<'a>,
    /// The path without the query.
    pub path: String,
    /// The query as it was sent.
    pub query: String,
    route: Route,
    captures: Captures,
    body: Bytes,
}

/// What an answer shows.
pub enum Body {
    /// 200, with a document.
    Document(Value),
    /// 201, with the document of a new record, and where it is.
    Created {
        /// The record's URL.
        location: String,
        /// Its document.
        document: Value,
    },
    /// 204.
    Nothing,
}

/// Answers a request for one of `routes`: lets it in, has it handled, and makes a response of what
/// comes of it.
pub async fn answer<'a, H, F>(
    context: &'a Context,
    request: Request<Bytes>,
    routes: &[Route],
    handle: H,
) -> Response<Bytes>
where
    H: FnOnce(Call<'a>) -> F,
    F: Future<Output = Result<Body, Failure>>,
{
    let random: &dyn Random = context.random.as_ref();
    let request_id = random.hex();
    let span = tracing::info_span!("request", request_id);
    let mut response = async {
        let (method, path) = (request.method().as_str(), request.uri().path());
        let (route, captures) = match find(routes, method, path) {
            Found::Route(route, captures) => (route, captures),
            Found::OtherMethods(methods) => return no_route(&methods),
            Found::Nothing => return no_route(&[]),
        };
        let handled = match let_in(context, request, route, captures) {
            Ok(call) => handle(call).await,
            Err(refused) => Err(refused),
        };
        match handled {
            Ok(body) => respond(body),
            Err(failure) => refuse(failure),
        }
    }
    .instrument(span)
    .await;
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}

/// Finds out who asks, and refuses bodies that no endpoint takes.
fn let_in<'a>(
    context: &'a Context,
    request: Request<Bytes>,
    route: Route,
    captures: Captures,
) -> Result<Call<'a>, Failure> {
    let (parts, body) = request.into_parts();
    check_accept(text(&parts.headers, ACCEPT))?;
    let now = context.now();
    let caller = authenticate(context, &parts.headers, now)?;
    if matches!(route.method, Method::Post | Method::Patch) {
        check_content_type(text(&parts.headers, CONTENT_TYPE))?;
    }
    if body.len() > LARGEST_BODY {
        let detail = format!("A body has at most {LARGEST_BODY} bytes.");
        return Err(Refusal::new(Code::PayloadTooLarge, detail).into());
    }
    Ok(Call {
        actor: Actor {
            context,
            caller,
            now,
            deadline: context.deadline(),
        },
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        route,
        captures,
        body,
    })
}

/// The caller that the bearer token names; on a host that carries an organization's slug, that
/// organization's.
fn authenticate(context: &Context, headers: &HeaderMap, now: Timestamp) -> Result<Caller, Refusal> {
    let invalid = || {
        Refusal::new(
            Code::InvalidToken,
            "The access token you provided is invalid.",
        )
    };
    let caller = from_authorization_header(text(headers, AUTHORIZATION))
        .and_then(|bearer| context.issuers.verify(bearer, now))
        .map_err(|problem| {
            tracing::info!(%problem, "token refused");
            invalid()
        })?;
    let slug = text(headers, HOST).and_then(|host| context.configuration.slug_of(host));
    match slug {
        Some(slug) if slug != caller.slug => Err(invalid()),
        _ => Ok(caller),
    }
}

fn text(headers: &HeaderMap, name: http::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
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
    /// As [`Query::parse`].
    pub fn query(&self, kinds: &[ResourceType], endpoint: Endpoint) -> Result<Query, Refusal> {
        Query::parse(&self.query, kinds, endpoint)
    }

    /// The body, as a document about a record of type `kind`.
    ///
    /// # Errors
    /// As [`RequestDocument::parse`].
    pub fn document(&self, kind: ResourceType, verb: Verb) -> Result<RequestDocument, Refusal> {
        RequestDocument::parse(&self.body, kind, verb)
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
        let count = records.len();
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

fn respond(body: Body) -> Response<Bytes> {
    match body {
        Body::Document(document) => document_response(200, &document),
        Body::Created { location, document } => {
            let mut response = document_response(201, &document);
            if let Ok(location) = HeaderValue::from_str(&location) {
                response.headers_mut().insert(LOCATION, location);
            }
            response
        }
        Body::Nothing => {
            let mut response = Response::new(Bytes::new());
            *response.status_mut() = http::StatusCode::NO_CONTENT;
            response
        }
    }
}

fn refuse(failure: Failure) -> Response<Bytes> {
    if !matches!(failure, Failure::Refused(_)) {
        tracing::error!(%failure, "request failed");
    }
    let refusals = failure.refusals();
    document_response(refusals.status(), &error_document(&refusals))
}

/// The response to a request that is for no route: 404, or 405 where its path takes other `methods`.
pub fn no_route(methods: &[Method]) -> Response<Bytes> {
    if methods.is_empty() {
        return refuse(Refusal::not_found().into());
    }
    let detail = "This path does not take this method.";
    let mut response = refuse(Refusal::new(Code::MethodNotAllowed, detail).into());
    let methods: Vec<_> = methods.iter().map(|it| it.as_str()).collect();
    if let Ok(allow) = HeaderValue::from_str(&methods.join(", ")) {
        response.headers_mut().insert(ALLOW, allow);
    }
    response
}

fn document_response(status: u16, document: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(document.to_string()));
    *response.status_mut() =
        http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    headers.insert(VARY, HeaderValue::from_static("Accept, Authorization"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
