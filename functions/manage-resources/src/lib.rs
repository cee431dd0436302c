//! What integrations keep around payments: orders and their parts, customers and their address books,
//! what is sold, markets, gateways and methods are created, listed, changed and deleted. One way for all
//! types; what sets them apart is with their declarations.

mod credentials;
mod delete;
mod list;
mod operations;
mod password_resets;
mod shipments;
mod wallet;
mod write;
mod written;

use std::sync::Arc;

use bytes::Bytes;
use domain::graph::Graph;
use domain::record::Record;
use domain::resource::Partition;
use domain::resources::{count_at, types_at};
use domain::{Id, ResourceType};
use http::{Request, Response};
use json_api::{Query, QueryFor, Verb};
use secrets::WritableSecrets;
use service::{Action, Body, Call, Context, Failure, Method, Route, load};

use crate::write::WriteTask;
use crate::written::Written;

const LIST: &str = "/api/{type}";
const RECORD: &str = "/api/{type}/{id}";
const ORGANIZATION: &str = "/api/organization";

const CREATED_AT: &[Partition] = &[
    Partition::Order,
    Partition::OfOrder,
    Partition::Customer,
    Partition::AddressBook,
    Partition::Wallet,
    Partition::Own,
    Partition::Catalog,
];
/// What is created.
const CREATED: &[ResourceType] = &types_at::<{ count_at(CREATED_AT) }>(CREATED_AT);

const CHANGED_AT: &[Partition] = &[
    Partition::OfOrder,
    Partition::Customer,
    Partition::AddressBook,
    Partition::Own,
    Partition::Catalog,
    Partition::Owed,
];
/// What is changed here. Orders and wallet entries have functions of their own.
const CHANGED: &[ResourceType] = &types_at::<{ count_at(CHANGED_AT) }>(CHANGED_AT);

const DELETED_AT: &[Partition] = &[
    Partition::Order,
    Partition::OfOrder,
    Partition::Customer,
    Partition::AddressBook,
    Partition::Own,
    Partition::Catalog,
];
/// What is deleted here.
const DELETED: &[ResourceType] = &types_at::<{ count_at(DELETED_AT) }>(DELETED_AT);

const LISTED_AT: &[Partition] = &[
    Partition::Order,
    Partition::Payment,
    Partition::OfOrder,
    Partition::Transaction,
    Partition::TransactionView,
    Partition::Customer,
    Partition::AddressBook,
    Partition::Own,
    Partition::Catalog,
    Partition::CatalogView,
    Partition::Owed,
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
    secrets: &dyn WritableSecrets,
    request: Request<Bytes>,
) -> Response<Bytes> {
    service::answer(context, request, ROUTES, |call| manage(call, secrets)).await
}

async fn manage(call: Call<'_>, secrets: &dyn WritableSecrets) -> Result<Body, Failure> {
    if call.route_path() == ORGANIZATION {
        let (kind, id) = (ResourceType::Organizations, call.caller.tenant.organization);
        return change(&call, secrets, kind, id).await;
    }
    let kind = call.resource_type()?;
    match (call.method(), kind.declaration().partition) {
        (Method::Get, _) => list::list(&call, kind).await,
        (Method::Post, Partition::Wallet) => wallet::add_entry(&call).await,
        (Method::Post, _) => create(&call, secrets, kind).await,
        (Method::Patch, _) if kind == ResourceType::Shipments => {
            shipments::change(&call, call.id()?).await
        }
        (Method::Patch, _) if kind == ResourceType::CustomerPasswordResets => {
            password_resets::change(&call, secrets, call.id()?).await
        }
        (Method::Patch, Partition::Owed) => operations::change(&call, call.id()?).await,
        (Method::Patch, _) => change(&call, secrets, kind, call.id()?).await,
        (Method::Delete, _) => delete::delete(&call, secrets, kind).await,
    }
}

async fn create(
    call: &Call<'_>,
    secrets: &dyn WritableSecrets,
    kind: ResourceType,
) -> Result<Body, Failure> {
    call.require(creating(kind))?;
    let query = call.query(&[kind], QueryFor::One)?;
    let task = WriteTask {
        call,
        secrets,
        kind,
        id: None,
        document: call.document(kind, Verb::Create)?,
        query: &query,
    };
    let written = service::run(call, None, &task).await?;

    let location = call.site().record_url(written.record.identifier());
    let document = render(call, written, &query).await?;
    Ok(Body::Created { location, document })
}

async fn change(
    call: &Call<'_>,
    secrets: &dyn WritableSecrets,
    kind: ResourceType,
    id: Id,
) -> Result<Body, Failure> {
    call.require(changing(kind))?;
    let query = call.query(&[kind], QueryFor::One)?;
    let task = WriteTask {
        call,
        secrets,
        kind,
        id: Some(id),
        document: call.document(kind, Verb::Update(id))?,
        query: &query,
    };
    let written = service::run(call, None, &task).await?;

    let document = render(call, written, &query).await?;
    Ok(Body::Document(document))
}

/// What a caller asks for who creates a record of this type.
fn creating(kind: ResourceType) -> Action {
    match kind.declaration().partition {
        Partition::AddressBook => Action::CreateOwnRecord,
        Partition::Customer => Action::CreateCustomer,
        Partition::Own if kind == ResourceType::Addresses => Action::CreateAddress,
        Partition::Own if kind == ResourceType::CustomerPasswordResets => {
            Action::CreatePasswordReset
        }
        _ => Action::CreateRecord,
    }
}

/// What a caller asks for who changes a record of this type.
fn changing(kind: ResourceType) -> Action {
    match kind.declaration().partition {
        Partition::Customer | Partition::AddressBook => Action::PatchOwnRecord,
        Partition::Own if kind == ResourceType::Addresses => Action::PatchAddress,
        _ => Action::PatchRecord,
    }
}

async fn render(call: &Call<'_>, written: Written, query: &Query) -> Result<String, Failure> {
    let Record { kind, id, .. } = written.record;
    let (record, graph) = match kind.declaration().partition {
        // Who has signed up signs in to read more; and who asks for another password, or has set one, reads
        // nothing of whose it is.
        Partition::Customer | Partition::Own if load::require_reading(call, kind).is_err() => {
            (written.record, load::around_catalog(call).await?)
        }
        Partition::Catalog | Partition::Token => {
            let catalog = Arc::new(written.catalog);
            let graph = Graph::new(call.caller.clone(), call.now, catalog);
            (written.record, graph)
        }
        _ => shown(call, kind, id).await?,
    };
    call.render(&record, graph, query).await
}

/// A record as it is shown, and what was read around it.
async fn shown(call: &Call<'_>, kind: ResourceType, id: Id) -> Result<(Record, Graph), Failure> {
    match kind.declaration().partition {
        Partition::Token => load::of_token(call, kind).await,
        _ => load::record(call, kind, id).await,
    }
}
