//! `PATCH /api/customer_payment_sources/{id}`: changes what is noted with a wallet entry.

use bytes::Bytes;
use domain::ResourceType;
use domain::commands::patch_entry;
use http::{Request, Response};
use json_api::{Endpoint, Verb};
use service::{Action, Body, Call, Context, Failure, Route, load};

/// What this function answers.
pub const ROUTES: &[Route] = &[Route::patch("/api/customer_payment_sources/{id}")];

/// Answers a request.
pub async fn handle(context: &Context, request: Request<Bytes>) -> Response<Bytes> {
    service::answer_while_counting(context, request, ROUTES, patch).await
}

async fn patch(call: Call<'_>) -> Result<Body, Failure> {
    call.require(Action::PatchWalletEntry)?;
    let kind = ResourceType::CustomerPaymentSources;
    let id = call.id()?;
    let query = call.query(&[kind], Endpoint::One)?;
    let write = call.document(kind, Verb::Update(id))?.write(&call.caller)?;
    let customer = load::owner_of_entry(&call, id).await?;
    let lookup = call.context.store.lookup();
    let decide = |wallet: &_| patch_entry(wallet, id, &write.attributes, lookup, call.now);
    let precondition = call.precondition(kind, id, &query);
    let changed = service::change_wallet(&call, customer, precondition, decide);
    let (wallet, entry) = changed.await?;

    let mut graph = load::around_catalog(&call).await?;
    let record = entry.to_record();
    graph.add_wallet(wallet.with_entry(entry));
    let document = call.render(&record, graph, &query).await?;
    Ok(Body::Document(document))
}
