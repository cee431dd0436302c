//! `PATCH /api/customer_payment_sources/{id}`: changes what is noted with a wallet entry.

use bytes::Bytes;
use decisions::commands::PatchEntry;
use domain::{EntryId, Refusal, ResourceType};
use http::{Request, Response};
use json_api::{QueryFor, Verb};
use service::{Action, Body, Call, Context, Failure, Route, WalletTask, load};

/// What this function answers.
pub const ROUTES: &[Route] = &[Route::patch("/api/customer_payment_sources/{id}")];

/// Answers a request.
pub async fn handle(context: &Context, request: Request<Bytes>) -> Response<Bytes> {
    service::answer(context, request, ROUTES, patch).await
}

async fn patch(call: Call<'_>) -> Result<Body, Failure> {
    call.require(Action::PatchWalletEntry)?;
    let kind = ResourceType::CustomerPaymentSources;
    let id = call.id()?;
    let query = call.query(&[kind], QueryFor::One)?;
    let write = call.document(kind, Verb::Update(id))?.write(&call.caller)?;
    let customer = load::owner_of_entry(&call, EntryId::new(id)).await?;
    let task = WalletTask {
        customer,
        command: PatchEntry {
            id: EntryId::new(id),
            attributes: write.attributes,
        },
        precondition: call.precondition(kind, id, &query),
    };
    // This function calls no gateway: what has become owed is the sweeper's.
    let wallet = service::run(&call, None, &task).await?;

    let mut graph = load::around_catalog(&call).await?;
    let record = wallet
        .entry(EntryId::new(id))
        .ok_or_else(Refusal::not_found)?
        .to_record();
    graph.add_wallet(wallet);
    let document = call.render(&record, graph, &query).await?;
    Ok(Body::Document(document))
}
