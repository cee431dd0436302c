//! Every `self` and `related` link that a document prints, where no function of its own answers it:
//! records around an order, and what their relationships lead to.

use bytes::Bytes;
use domain::graph::{Graph, Related};
use domain::record::Record;
use domain::resource::Relationship;
use domain::{CustomerId, Refusal, ResourceType};
use http::{Request, Response};
use json_api::{QueryFor, linkage_document};
use service::{Body, Call, Context, Failure, Route, load};

const RECORD: &str = "/api/{type}/{id}";
const ORGANIZATION: &str = "/api/organization";
const APPLICATION: &str = "/api/application";
const LINKAGE: &str = "/api/{type}/{id}/relationships/{relationship}";

/// A document of no record.
const NOTHING: &str = r#"{"data":null}"#;

/// What this function answers.
pub const ROUTES: &[Route] = &[
    Route::get(RECORD),
    Route::get("/api/{type}/{id}/{relationship}"),
    Route::get(LINKAGE),
    Route::get(ORGANIZATION),
    Route::get(APPLICATION),
];

/// Answers a request.
pub async fn handle(context: &Context, request: Request<Bytes>) -> Response<Bytes> {
    service::answer(context, request, ROUTES, get_related).await
}

async fn get_related(call: Call<'_>) -> Result<Body, Failure> {
    match call.route_path() {
        ORGANIZATION => return of_token(&call, ResourceType::Organizations).await,
        APPLICATION => return of_token(&call, ResourceType::Applications).await,
        _ => {}
    }
    let kind = call.resource_type()?;
    if call.route_path() == RECORD {
        let query = call.query(&[kind], QueryFor::One)?;
        let (record, graph) = load::record(&call, kind, call.id()?).await?;
        let document = call.render(&record, graph, &query).await?;
        return Ok(Body::Document(document));
    }
    let name = call.segment("relationship").unwrap_or_default();
    if let (Some(many), false) = (
        kind.declaration().leads_nowhere(name),
        call.route_path() == LINKAGE,
    ) {
        return nowhere(&call, kind, many).await;
    }
    let declared = kind.declaration().relationship(name);
    let relationship = declared.ok_or_else(Refusal::not_found)?;
    match call.route_path() {
        LINKAGE => linkage(&call, kind, relationship).await,
        _ => related(&call, kind, relationship).await,
    }
}

/// The one record of this type that follows from the token.
async fn of_token(call: &Call<'_>, kind: ResourceType) -> Result<Body, Failure> {
    let query = call.query(&[kind], QueryFor::One)?;
    let (record, graph) = load::of_token(call, kind).await?;
    let document = call.render(&record, graph, &query).await?;
    Ok(Body::Document(document))
}

/// What a relationship leads to whose records are not held here: an empty list, or none.
async fn nowhere(call: &Call<'_>, kind: ResourceType, many: bool) -> Result<Body, Failure> {
    let query = call.query(&[], QueryFor::NotHeld)?;
    let (_, graph) = load::record(call, kind, call.id()?).await?;
    if many {
        let list = call.render_list(Vec::new(), graph, &query).await?;
        return Ok(Body::Document(list));
    }
    Ok(Body::Document(NOTHING.to_owned()))
}

/// The identifiers that a relationship leads to.
async fn linkage(
    call: &Call<'_>,
    kind: ResourceType,
    relationship: &Relationship,
) -> Result<Body, Failure> {
    call.query(relationship.to, QueryFor::Linkage)?;
    let (record, _, related) = follow(call, kind, relationship).await?;
    let (site, of) = (call.site(), record.identifier());
    let document = linkage_document(site, of, relationship.name, &related)?;
    Ok(Body::Document(document))
}

/// The records that a relationship leads to: one or null, or a page of a list.
async fn related(
    call: &Call<'_>,
    kind: ResourceType,
    relationship: &Relationship,
) -> Result<Body, Failure> {
    let endpoint = match relationship.many {
        true => QueryFor::Many,
        false => QueryFor::One,
    };
    let query = call.query(relationship.to, endpoint)?;
    if (kind, relationship.name) == (ResourceType::Customers, "orders") {
        let (customer, _) = load::record(call, kind, call.id()?).await?;
        let document = call
            .render_orders_of(CustomerId::new(customer.id), &query)
            .await?;
        return Ok(Body::Document(document));
    }
    let (_, graph, related) = follow(call, kind, relationship).await?;
    let document = match related {
        Related::Many(records) => call.render_list(records, graph, &query).await?,
        Related::One(Some(record)) => call.render(&record, graph, &query).await?,
        Related::One(None) => NOTHING.to_owned(),
    };
    Ok(Body::Document(document))
}

/// The record at the URL, the graph around it, and where the relationship leads.
async fn follow(
    call: &Call<'_>,
    kind: ResourceType,
    relationship: &Relationship,
) -> Result<(Record, Graph, Related), Failure> {
    let (record, graph) = load::record(call, kind, call.id()?).await?;
    let graph = load::step(call, graph, &record, relationship.name).await?;
    match graph.related(&record, relationship.name) {
        Ok(related) => Ok((record, graph, related)),
        Err(_) => Err(Refusal::not_found().into()),
    }
}
