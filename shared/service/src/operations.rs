//! What is owed to gateways: tried at once after the commit that made it owed, then carried on by the
//! sweeper.

use decisions::CallGateway;
use decisions::{Change, Permit};
use domain::gateway::GatewayAnswer;
use domain::operation::{Operation, Owner, StuckReason};
use domain::{CustomerId, SourceId};
use store::StoreError;

use crate::forgetting::{self, Begun};
use crate::{Actor, Failure, load, resume};

/// Tries at once what a commit made owed. What does not succeed stays owed, for the sweeper.
pub async fn carry_out_new(
    actor: &Actor<'_>,
    gateways: &dyn CallGateway,
    permit: &Permit,
    changes: &[Change],
) {
    for change in changes {
        let Change::Owe(operation) = change else {
            continue;
        };
        let done = match operation.owner {
            // What is to be read later is.
            _ if operation.watches() || operation.reads_later() => continue,
            _ if operation.due_at > Operation::first_due(actor.context.now()) => continue,
            Owner::Order(order) if resume::is_resumed(operation) => {
                resume::resume(actor, gateways, permit, order, operation).await
            }
            _ => carry_out(actor, gateways, permit, operation).await,
        };
        report(operation, done);
    }
}

/// Makes the call that is owed and settles it once the gateway answered definitively. False where it
/// is still owed.
pub async fn carry_out(
    actor: &Actor<'_>,
    gateways: &dyn CallGateway,
    permit: &Permit,
    operation: &Operation,
) -> Result<bool, Failure> {
    let operation_id = operation.id.as_str();
    let head = match forgetting::begin(actor, permit, operation).await? {
        Begun::GoesOn(head) => head,
        Begun::Void => {
            settle(actor, permit, operation).await?;
            return Ok(true);
        }
    };
    let catalog = load::catalog(actor).await?;
    let table = actor.context.store.mark().await?;
    let owed = operation.call(actor.caller.tenant, &table, &catalog);
    match gateways.call(permit, &owed, actor.deadline).await? {
        Ok(GatewayAnswer::Kept(token)) => {
            forget_kept(actor, gateways, permit, operation, &token).await?;
        }
        Ok(_) => forgetting::end(actor, permit, operation, head).await?,
        Err(refusal) => {
            tracing::error!(operation_id, ?refusal, "the gateway refused what is owed");
            leave_to_people(
                actor,
                permit,
                operation,
                StuckReason::Refused,
                refusal.detail,
            )
            .await?;
            return Ok(false);
        }
    }
    Ok(true)
}

/// Nothing more is done for an operation until people say so.
pub async fn leave_to_people(
    actor: &Actor<'_>,
    permit: &Permit,
    operation: &Operation,
    reason: StuckReason,
    detail: impl Into<String>,
) -> Result<(), StoreError> {
    let (store, tenant) = (&actor.context.store, actor.caller.tenant);
    let found = store.operation(tenant, operation.owner, operation.id);
    // One that is gone by now was settled meanwhile.
    let Some(found) = found.await? else {
        return Ok(());
    };
    let stuck = found.operation.clone();
    let stuck = stuck.left_to_people(reason, detail.into(), actor.now);
    store.change_operation(permit, &found, stuck).await?;
    Ok(())
}

/// An operation is owed no more.
///
/// # Errors
/// The table does not answer; others always change the customer's wallet first.
pub async fn settle(
    actor: &Actor<'_>,
    permit: &Permit,
    operation: &Operation,
) -> Result<(), StoreError> {
    forgetting::end(actor, permit, operation, None).await
}

/// What paid a payment that was let go of is kept by the gateway: it is forgotten too, unless that was
/// known when the payment was dropped, or the customer saved it.
async fn forget_kept(
    actor: &Actor<'_>,
    gateways: &dyn CallGateway,
    permit: &Permit,
    released: &Operation,
    token: &str,
) -> Result<(), Failure> {
    let Some(customer) = kept_for(actor, released, token).await? else {
        return Ok(settle(actor, permit, released).await?);
    };
    let (gateway, kind) = (released.gateway, released.gateway_kind);
    let forget = Operation::forget(customer, gateway, kind, token, actor.now);
    let changes = [
        Change::Settle(released.owner, released.id),
        Change::Owe(forget.clone()),
    ];
    let (store, tenant) = (&actor.context.store, actor.caller.tenant);
    store.commit(permit, tenant, &changes).await?;
    let forgotten = Box::pin(carry_out(actor, gateways, permit, &forget)).await;
    report(&forget, forgotten);
    Ok(())
}

/// The customer for whom a released payment's gateway keeps what paid; none where the drop has dealt
/// with that already.
async fn kept_for(
    actor: &Actor<'_>,
    released: &Operation,
    token: &str,
) -> Result<Option<CustomerId>, Failure> {
    let Owner::Order(order) = released.owner else {
        return Ok(None);
    };
    let kind = released.gateway_kind.source_type();
    let (store, tenant) = (&actor.context.store, actor.caller.tenant);
    let source = released.subject;
    let Some(partition) = store
        .order_with_source(tenant, order, kind, SourceId::new(source))
        .await?
    else {
        return Ok(None);
    };
    Ok(
        match partition.source(SourceId::new(source)).map(|it| &it.state) {
            Some(state) if state.entry.is_some() => None,
            Some(state) if state.instrument.as_ref().is_some_and(|it| it == token) => None,
            Some(state) => state.customer,
            None => partition.order.customer(),
        },
    )
}

pub fn report(operation: &Operation, carried_out: Result<bool, Failure>) -> bool {
    let operation_id = operation.id.as_str();
    carried_out.unwrap_or_else(|failure| {
        let gateway_failure = failure.of_gateway();
        tracing::warn!(operation_id, %failure, gateway_failure, "still owed");
        false
    })
}
