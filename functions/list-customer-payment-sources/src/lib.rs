//! The lists of wallet entries: a customer's own, a whole organization's for integrations, one
//! customer's, and those that an order may be paid with.

use bytes::Bytes;
use domain::graph::Graph;
use domain::record::Record;
use domain::wallet::{Entry, Wallet};
use domain::{CustomerId, OrderId, Refusal, ResourceType, Role};
use http::{Request, Response};
use json_api::{Query, QueryFor};
use service::load::{self, Wanted};
use service::{Action, Body, Call, Context, Failure, Route};

const OF_CUSTOMER: &str = "/api/customers/{id}/customer_payment_sources";
const OF_ORDER: &str = "/api/orders/{id}/available_customer_payment_sources";

/// What this function answers.
pub const ROUTES: &[Route] = &[
    Route::get("/api/customer_payment_sources"),
    Route::get(OF_CUSTOMER),
    Route::get(OF_ORDER),
];

/// Answers a request.
pub async fn handle(context: &Context, request: Request<Bytes>) -> Response<Bytes> {
    service::answer(context, request, ROUTES, list).await
}

async fn list(call: Call<'_>) -> Result<Body, Failure> {
    call.require(match call.route_path() {
        OF_ORDER => Action::ListAvailableWalletEntries,
        _ => Action::ListWallet,
    })?;
    let query = call.query(&[ResourceType::CustomerPaymentSources], QueryFor::Many)?;
    match (call.route_path(), call.caller.role) {
        (OF_CUSTOMER, _) => list_of_customer(&call, &query).await,
        (OF_ORDER, _) => list_of_order(&call, &query).await,
        (_, Role::Customer(owner)) => list_wallet(&call, &query, owner).await,
        _ => {
            let kind = ResourceType::CustomerPaymentSources;
            let document = call.render_tenant_list(kind, &query).await?;
            Ok(Body::Document(document))
        }
    }
}

/// Another customer's wallet is not there.
async fn list_of_customer(call: &Call<'_>, query: &Query) -> Result<Body, Failure> {
    let customer = call.id()?;
    match call.caller.role {
        Role::Customer(owner) if owner != customer => Err(Refusal::not_found().into()),
        _ => list_wallet(call, query, CustomerId::new(customer)).await,
    }
}

async fn list_wallet(
    call: &Call<'_>,
    query: &Query,
    customer: CustomerId,
) -> Result<Body, Failure> {
    let (store, tenant) = (&call.context.store, call.caller.tenant);
    let wallet = store.wallet(tenant, customer).await?;
    if wallet.profile.is_none() && call.caller.role == Role::Integration {
        return Err(Refusal::not_found().into());
    }
    let records = wallet.entries.iter().map(Entry::to_record).collect();
    let graph = graph_with(call, [wallet]).await?;
    show(call, query, records, graph).await
}

async fn list_of_order(call: &Call<'_>, query: &Query) -> Result<Body, Failure> {
    let wanted = Wanted {
        wallet: true,
        ..Wanted::default()
    };
    let purchase = load::purchase(call, OrderId::new(call.id()?), wanted).await?;
    let entries = purchase.available_entries(call.now);
    let records = entries.into_iter().map(Entry::to_record).collect();
    let graph = call.around(purchase);
    show(call, query, records, graph).await
}

async fn graph_with(
    call: &Call<'_>,
    wallets: impl IntoIterator<Item = Wallet>,
) -> Result<Graph, Failure> {
    let catalog = load::catalog(call).await?;
    let mut graph = Graph::new(call.caller.clone(), call.now, catalog);
    for wallet in wallets {
        graph.add_wallet(wallet);
    }
    Ok(graph)
}

async fn show(
    call: &Call<'_>,
    query: &Query,
    records: Vec<Record>,
    graph: Graph,
) -> Result<Body, Failure> {
    let document = call.render_list(records, graph, query).await?;
    Ok(Body::Document(document))
}
