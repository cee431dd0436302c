//! What integrations keep around an order: gateways and payment methods are created, listed, changed
//! and deleted. One way for all types; what sets them apart is with their declarations.

mod commit;
mod credentials;

use bytes::Bytes;
use domain::catalog::Catalog;
use domain::graph::Graph;
use domain::manage::{self, Given};
use domain::record::Record;
use domain::{Id, Refusal, ResourceType};
use effects::{Random, Secrets};
use http::{Request, Response};
use json_api::{Endpoint, Query, Verb};
use serde_json::Value;
use service::{Action, Body, Call, Context, Failure, Method, Route, load};

use crate::commit::{Committed, commit};

const LIST: &str = "/api/{type}";
const RECORD: &str = "/api/{type}/{id}";

/// What is created, changed and deleted.
const KEPT: &[ResourceType] = &[
    ResourceType::PaymentMethods,
    ResourceType::StripeGateways,
    ResourceType::CheckoutComGateways,
    ResourceType::KlarnaGateways,
    ResourceType::ExternalGateways,
];

/// What is listed. One record is read where every `self` link is.
const LISTED: &[ResourceType] = &[
    ResourceType::PaymentMethods,
    ResourceType::StripeGateways,
    ResourceType::CheckoutComGateways,
    ResourceType::KlarnaGateways,
    ResourceType::ExternalGateways,
    ResourceType::PaymentGateways,
];

/// What this function answers.
pub const ROUTES: &[Route] = &[
    Route::get(LIST).of(LISTED),
    Route::post(LIST).of(KEPT),
    Route::patch(RECORD).of(KEPT),
    Route::delete(RECORD).of(KEPT),
];

/// Answers a request.
pub async fn handle(
    context: &Context,
    secrets: &dyn Secrets,
    request: Request<Bytes>,
) -> Response<Bytes> {
    service::answer(context, request, ROUTES, |call| manage(call, secrets)).await
}

async fn manage(call: Call<'_>, secrets: &dyn Secrets) -> Result<Body, Failure> {
    let kind = call.resource_type()?;
    match call.method() {
        Method::Get => list(&call, kind).await,
        Method::Post => create(&call, secrets, kind).await,
        Method::Patch => change(&call, secrets, kind).await,
        Method::Delete => delete(&call, secrets, kind).await,
    }
}

async fn list(call: &Call<'_>, kind: ResourceType) -> Result<Body, Failure> {
    call.require(listing(kind))?;
    let query = call.query(&[kind], Endpoint::Many)?;

    let catalog = load::catalog_itself(call).await?;
    let mut records = catalog.list(kind);
    records.retain(|record| catalog.shows(record, &call.caller));
    let graph = Graph::new(call.caller.clone(), call.now, catalog);
    let document = call.render_list(records, graph, &query).await?;
    Ok(Body::Document(document))
}

/// What a caller asks for who lists records of this type: shoppers choose from payment methods.
const fn listing(kind: ResourceType) -> Action {
    match kind {
        ResourceType::PaymentMethods => Action::GetCatalogRecord,
        _ => Action::ListRecords,
    }
}

async fn create(
    call: &Call<'_>,
    secrets: &dyn Secrets,
    kind: ResourceType,
) -> Result<Body, Failure> {
    call.require(Action::CreateRecord)?;
    let query = call.query(&[kind], Endpoint::One)?;
    let write = call.document(kind, Verb::Create)?.write(&call.caller)?;

    let fresh = Fresh::of(call);
    let committed = commit(call, secrets, |catalog| {
        manage::create(kind, &write, fresh.given(call, catalog)).map_err(refused)
    })
    .await?;

    let location = call.site().record_url(committed.record.identifier());
    let document = render(call, committed, &query).await?;
    Ok(Body::Created { location, document })
}

async fn change(
    call: &Call<'_>,
    secrets: &dyn Secrets,
    kind: ResourceType,
) -> Result<Body, Failure> {
    call.require(Action::PatchRecord)?;
    let id = call.id()?;
    let query = call.query(&[kind], Endpoint::One)?;
    let document = call.document(kind, Verb::Update(id))?;

    let fresh = Fresh::of(call);
    let committed = commit(call, secrets, |catalog| {
        let record = read(catalog, kind, id)?;
        let write = document.write(&call.caller)?;
        manage::change(record, &write, fresh.given(call, catalog)).map_err(refused)
    })
    .await?;

    let document = render(call, committed, &query).await?;
    Ok(Body::Document(document))
}

async fn delete(
    call: &Call<'_>,
    secrets: &dyn Secrets,
    kind: ResourceType,
) -> Result<Body, Failure> {
    call.require(Action::DeleteRecord)?;
    let id = call.id()?;
    commit(call, secrets, |catalog| {
        let record = read(catalog, kind, id)?;
        Ok(manage::delete(record, catalog)?)
    })
    .await?;
    Ok(Body::Nothing)
}

fn read(catalog: &Catalog, kind: ResourceType, id: Id) -> Result<Record, Refusal> {
    let record = catalog.get(kind, id).cloned();
    record.ok_or_else(Refusal::not_found)
}

fn refused(refusals: Vec<Refusal>) -> Failure {
    Failure::Refused(refusals.into())
}

async fn render(call: &Call<'_>, committed: Committed, query: &Query) -> Result<Value, Failure> {
    let Committed { record, catalog } = committed;
    let graph = Graph::new(call.caller.clone(), call.now, catalog);
    call.render(&record, graph, query).await
}

/// What only this request knows: the same, however often it is decided anew.
struct Fresh {
    id: Id,
    secret: String,
}

impl Fresh {
    fn of(call: &Call<'_>) -> Self {
        let random: &dyn Random = call.context.random.as_ref();
        Self {
            id: random.id(),
            secret: random.hex(),
        }
    }

    fn given<'a>(&'a self, call: &'a Call<'_>, catalog: &'a Catalog) -> Given<'a> {
        Given {
            catalog,
            mode: call.caller.tenant.mode,
            now: call.now,
            fresh: self.id,
            secret: &self.secret,
            trusted_origins: &call.context.configuration.trusted_origins,
        }
    }
}
