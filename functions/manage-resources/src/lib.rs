//! What integrations keep around payments: orders and their parts, customers and their address books,
//! what is sold, markets, gateways and methods are created, listed, changed and deleted. One way for all
//! types; what sets them apart is with their declarations.

mod commit;
mod credentials;
mod delete;
mod list;
mod request;
mod wallet;

use std::sync::Arc;

use bytes::Bytes;
use domain::catalog::Catalog;
use domain::graph::Graph;
use domain::manage;
use domain::record::{Identifier, Place, Placed, Record};
use domain::resource::Home;
use domain::resources::{count_at, types_at};
use domain::{Id, Refusal, ResourceType};
use effects::Secrets;
use http::{Request, Response};
use json_api::{Endpoint, Query, Verb};
use serde_json::Value;
use service::{Action, Body, Call, Context, Failure, Method, Route, load};
use store::StoreError;

use crate::commit::{Committed, commit};
use crate::request::Asked;

const LIST: &str = "/api/{type}";
const RECORD: &str = "/api/{type}/{id}";
const ORGANIZATION: &str = "/api/organization";

const CREATED_AT: &[Home] = &[
    Home::Order,
    Home::OfOrder,
    Home::Customer,
    Home::AddressBook,
    Home::Wallet,
    Home::Own,
    Home::Catalog,
];
/// What is created.
const CREATED: &[ResourceType] = &types_at::<{ count_at(CREATED_AT) }>(CREATED_AT);

const CHANGED_AT: &[Home] = &[
    Home::OfOrder,
    Home::Customer,
    Home::AddressBook,
    Home::Own,
    Home::Catalog,
];
/// What is changed here. Orders and wallet entries have functions of their own.
const CHANGED: &[ResourceType] = &types_at::<{ count_at(CHANGED_AT) }>(CHANGED_AT);

const DELETED_AT: &[Home] = &[
    Home::Order,
    Home::OfOrder,
    Home::Customer,
    Home::AddressBook,
    Home::Own,
    Home::Catalog,
];
/// What is deleted here.
const DELETED: &[ResourceType] = &types_at::<{ count_at(DELETED_AT) }>(DELETED_AT);

const LISTED_AT: &[Home] = &[
    Home::Order,
    Home::Payment,
    Home::OfOrder,
    Home::Customer,
    Home::AddressBook,
    Home::Own,
    Home::Catalog,
    Home::CatalogView,
];
/// What is listed here. One record is read where every `self` link is.
const LISTED: &[ResourceType] = &types_at::<{ count_at(LISTED_AT) }>(LISTED_AT);

/// What this function answers.
pub const ROUTES: &[Route] = &[
    Route::get(LIST).of(LISTED),
    Route::post(LIST).of(CREATED),
    Route::patch(RECORD).of(CHANGED),
    Route::delete(RECORD).of(DELETED),
    Route::patch(ORGANIZATION),
];

/// Answers a request.
pub async fn handle(
    context: &Context,
    secrets: &dyn Secrets,
    request: Request<Bytes>,
) -> Response<Bytes> {
    service::answer_while_counting(context, request, ROUTES, |call| manage(call, secrets)).await
}

async fn manage(call: Call<'_>, secrets: &dyn Secrets) -> Result<Body, Failure> {
    if call.route_path() == ORGANIZATION {
        let (kind, id) = (ResourceType::Organizations, call.caller.tenant.organization);
        return change(&call, secrets, kind, id).await;
    }
    let kind = call.resource_type()?;
    match (call.method(), kind.declaration().home) {
        (Method::Get, _) => list::list(&call, kind).await,
        (Method::Post, Home::Wallet) => wallet::add_entry(&call).await,
        (Method::Post, _) => create(&call, secrets, kind).await,
        (Method::Patch, _) => change(&call, secrets, kind, call.id()?).await,
        (Method::Delete, _) => delete::delete(&call, secrets, kind).await,
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

    let asked = Asked::of(call, kind, write)?;
    let committed = commit(call, secrets, kind, || async {
        let around = asked.look_around(call, None, None).await?;
        let decision = manage::create(kind, &around.write, asked.given(call, &around));
        around.conclude(decision)
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
    id: Id,
) -> Result<Body, Failure> {
    call.require(Action::PatchRecord)?;
    let query = call.query(&[kind], Endpoint::One)?;
    let write = call.document(kind, Verb::Update(id))?;

    let first = read(call, kind, id).await?;
    let asked = Asked::of(call, kind, write.write(&call.caller)?)?;
    let mut read_before = Some(first);
    let committed = commit(call, secrets, kind, || {
        let known = read_before.take();
        let (asked, query) = (&asked, &query);
        async move {
            let (placed, catalog) = match known {
                Some(known) => known,
                None => read(call, kind, id).await?,
            };
            require_precondition(call, &placed.record, query).await?;
            let around = asked.look_around(call, Some(id), catalog).await?;
            let decision = manage::change(placed, &around.write, asked.given(call, &around));
            around.conclude(decision)
        }
    })
    .await?;

    let document = render(call, committed, &query).await?;
    Ok(Body::Document(document))
}

/// A record as it is in the table, and where it stands; and the catalogue, where that is what was read.
async fn read(
    call: &Call<'_>,
    kind: ResourceType,
    id: Id,
) -> Result<(Placed, Option<Arc<Catalog>>), Failure> {
    let (store, tenant) = (&call.context.store, call.caller.tenant);
    let (record, catalog) = match kind.declaration().home {
        Home::Catalog => {
            let catalog = load::reread_catalog(call).await?;
            (catalog.get(kind, id).cloned(), Some(catalog))
        }
        Home::Token => {
            let catalog = load::reread_catalog(call).await?;
            let (record, _) = load::of_token(call, kind).await?;
            (Some(record), Some(catalog))
        }
        _ => {
            let placed = store.placed(tenant, Identifier { kind, id }).await?;
            return Ok((placed.ok_or_else(Refusal::not_found)?, None));
        }
    };
    let record = record.ok_or_else(Refusal::not_found)?;
    let place = Place::Catalog;
    Ok((Placed { record, place }, catalog))
}

/// What the request demands of the record that it changes holds for the very state that was read.
async fn require_precondition(
    call: &Call<'_>,
    read: &Record,
    query: &Query,
) -> Result<(), Failure> {
    let Record { kind, id, .. } = *read;
    let precondition = call.precondition(kind, id, query);
    if !precondition.is_set() {
        return Ok(());
    }
    let (record, graph) = shown(call, kind, id).await?;
    if record.version != read.version {
        return Err(StoreError::Conflict.into());
    }
    precondition.check(call, &record, graph).await
}

async fn render(call: &Call<'_>, committed: Committed, query: &Query) -> Result<Value, Failure> {
    let Record { kind, id, .. } = committed.record;
    let (record, graph) = match kind.declaration().home {
        Home::Catalog | Home::Token => {
            let catalog = Arc::new(committed.catalog);
            let graph = Graph::new(call.caller.clone(), call.now, catalog);
            (committed.record, graph)
        }
        _ => shown(call, kind, id).await?,
    };
    call.render(&record, graph, query).await
}

/// A record as it is shown, and what was read around it.
async fn shown(call: &Call<'_>, kind: ResourceType, id: Id) -> Result<(Record, Graph), Failure> {
    match kind.declaration().home {
        Home::Token => load::of_token(call, kind).await,
        _ => load::record(call, kind, id).await,
    }
}
