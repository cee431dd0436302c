//! `DELETE /api/customer_payment_sources/{id}`: a saved source is gone for every reader at once, and
//! forgotten at its gateway as soon as that answers.

use std::time::Duration;

use bytes::Bytes;
use decisions::CallGateway;
use decisions::commands::DeleteEntry;
use domain::{EntryId, ResourceType};
use http::{Request, Response};
use json_api::QueryFor;
use service::{Action, Body, Call, Context, DeletionTask, Failure, Route, WalletTask, load};

/// What this function answers.
pub const ROUTES: &[Route] = &[Route::delete("/api/customer_payment_sources/{id}")];

/// Answers a request.
pub async fn handle(
    context: &Context,
    gateways: &dyn CallGateway,
    request: Request<Bytes>,
) -> Response<Bytes> {
    service::answer(context, request, ROUTES, |call| delete(call, gateways)).await
}

/// How long gateways have, together, before the answer is given without theirs, the two seconds among it that
/// are kept for commits: what they did not do by then stays owed.
const PATIENCE: Duration = Duration::from_secs(3);

async fn delete(mut call: Call<'_>, gateways: &dyn CallGateway) -> Result<Body, Failure> {
    call.require(Action::DeleteWalletEntry)?;
    let kind = ResourceType::CustomerPaymentSources;
    let id = call.id()?;
    let query = call.query(&[kind], QueryFor::One)?;
    let customer = load::owner_of_entry(&call, EntryId::new(id)).await?;
    call.actor.deadline = call.deadline.or_after(call.now, PATIENCE);
    let task = DeletionTask {
        of_wallet: WalletTask {
            customer,
            command: DeleteEntry {
                id: EntryId::new(id),
            },
            precondition: call.precondition(kind, id, &query),
        },
        gateways,
    };
    service::run(&call, Some(gateways), &task).await?;
    Ok(Body::Nothing)
}
