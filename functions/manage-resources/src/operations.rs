//! What people do about operations that they were left with: have them tried again, or say that they have
//! seen to them.

use domain::operation::StuckReason;
use domain::{Id, OperationId, Refusal, ResourceType};
use json_api::{QueryFor, Verb};
use service::{Action, Body, Call, Failure, load};
use store::{Owed, StoreError};

use crate::written::require_precondition;

const KIND: ResourceType = ResourceType::Operations;
const RETRY: &str = "_retry";
const SETTLE: &str = "_settle";

pub async fn change(call: &Call<'_>, id: Id) -> Result<Body, Failure> {
    call.require(Action::PatchRecord)?;
    let query = call.query(&[KIND], QueryFor::One)?;
    let write = call.document(KIND, Verb::Update(id))?.write(&call.caller)?;
    let (store, tenant) = (&call.context.store, call.caller.tenant);
    let found = store.operation_of_id(tenant, OperationId::new(id)).await?;
    let found = found.filter(|it| !it.operation.watches());
    let found = found.ok_or_else(Refusal::not_found)?;
    require_precondition(call, &found.to_record(), &query).await?;

    let record = match [RETRY, SETTLE].map(|it| write.is_triggered(it)) {
        [true, true] => {
            let detail = "An operation is tried again or settled. Ask for one of them.";
            return Err(Refusal::invalid(detail).at_attribute(RETRY).into());
        }
        [true, false] => retry(call, &found).await?.to_record(),
        [false, true] => {
            settle(call, &found).await?;
            let mut record = found.to_record();
            record.set("status", "settled");
            record
        }
        [false, false] => found.to_record(),
    };
    let graph = load::around_catalog(call).await?;
    let document = call.render(&record, graph, &query).await?;
    Ok(Body::Document(document))
}

/// It is due at once, so that the next sweep carries it on.
async fn retry(call: &Call<'_>, found: &Owed) -> Result<Owed, Failure> {
    let operation = &found.operation;
    let is_past_its_key = operation.is_past_its_key(call.now)
        || matches!(&operation.stuck, Some(it) if it.reason == StuckReason::PastItsKey);
    if is_past_its_key {
        let detail = "The gateway has forgotten the key of this request, so it might be carried out a second time. Look there what came of it, then settle the operation.";
        return Err(Refusal::invalid(detail).at_attribute(RETRY).into());
    }
    let permit = call.permit().await?;
    let taken_up = operation.clone().taken_up(call.now);
    let store = &call.context.store;
    let changed = store.change_operation(&permit, found, taken_up).await;
    changed.map_err(|error| match error {
        // The sweeper begins it at this moment.
        StoreError::Conflict => Failure::Contended,
        error => error.into(),
    })
}

/// Somebody has seen to it: it is owed no more.
async fn settle(call: &Call<'_>, found: &Owed) -> Result<(), Failure> {
    if found.operation.stuck.is_none() {
        let detail = "The operation is still being carried on. It can be settled once it is stuck.";
        return Err(Refusal::invalid(detail).at_attribute(SETTLE).into());
    }
    let permit = call.permit().await?;
    service::settle(call, &permit, &found.operation).await?;
    let operation_id = found.operation.id.as_str();
    tracing::warn!(
        operation_id,
        by = call.caller.client_id,
        "settled by people"
    );
    Ok(())
}
