//! Operations: what is owed to gateways is tried at once and then carried on by the sweeper; what was
//! noted before it was asked for, and has no answer yet, is carried on by the sweeper alone.

use domain::commands::Resume;
use domain::decision::{Change, Permit, PermittedTo};
use domain::gateway::CallGateway;
use domain::gateway::{GatewayAnswer, GatewayRequest};
use domain::operation::{Operation, Owner};
use domain::{CustomerId, Deadline, OrderId, SourceId};
use store::StoreError;

use crate::load::{self, Wanted};
use crate::run::{Fresh, run};
use crate::tasks::{OrderOf, OrderTask};
use crate::{Actor, Context, Failure, Precondition};

/// How many operations one sweep takes from each part of their index.
const SWEPT_AT_ONCE: i32 = 25;

/// What carrying on a noted step takes of its order.
const RESUMED_WITH: Wanted = Wanted {
    children: true,
    wallet: true,
    source: None,
};

/// Tries at once what a commit made owed. What does not succeed stays owed, for the sweeper.
pub async fn carry_out_new(
    actor: &Actor<'_>,
    gateways: &dyn CallGateway,
    permit: &Permit,
    changes: &[Change],
) {
    for change in changes {
        if let Change::Owe(operation) = change {
            report(
                operation,
                carry_out(actor, gateways, permit, operation).await,
            );
        }
    }
}

/// Makes the call that is owed and settles it once the gateway answered definitively. False where it
/// is still owed.
async fn carry_out(
    actor: &Actor<'_>,
    gateways: &dyn CallGateway,
    permit: &Permit,
    operation: &Operation,
) -> Result<bool, Failure> {
    let operation_id = operation.id.as_str();
    if is_void(actor, operation).await? {
        settle(actor, permit, operation).await?;
        return Ok(true);
    }
    let catalog = load::catalog(actor).await?;
    let owed = operation.call(actor.caller.tenant, &catalog);
    match gateways.call(permit, &owed, actor.deadline).await? {
        Ok(GatewayAnswer::Kept(token)) => {
            forget_kept(actor, gateways, permit, operation, &token).await?;
        }
        Ok(_) => settle(actor, permit, operation).await?,
        Err(refusal) => {
            tracing::error!(operation_id, ?refusal, "the gateway refused what is owed");
            settle(actor, permit, operation).await?;
        }
    }
    Ok(true)
}

/// An operation is owed no more.
async fn settle(
    actor: &Actor<'_>,
    permit: &Permit,
    operation: &Operation,
) -> Result<(), StoreError> {
    let (store, tenant) = (&actor.context.store, actor.caller.tenant);
    let settled = [Change::Settle(operation.owner, operation.id)];
    store.commit(permit, tenant, &settled).await
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

/// A token that was saved again meanwhile is not forgotten.
async fn is_void(actor: &Actor<'_>, operation: &Operation) -> Result<bool, Failure> {
    let GatewayRequest::Forget {
        payment_source_token,
    } = &operation.request
    else {
        return Ok(false);
    };
    let Owner::Customer(customer) = operation.owner else {
        return Ok(false);
    };
    let (store, tenant) = (&actor.context.store, actor.caller.tenant);
    let head = store.wallet_head(tenant, customer).await?;
    Ok(head.holds(operation.gateway, payment_source_token, store.lookup()))
}

fn report(operation: &Operation, carried_out: Result<bool, Failure>) -> bool {
    let operation_id = operation.id.as_str();
    carried_out.unwrap_or_else(|failure| {
        let gateway_failure = failure.of_gateway();
        tracing::warn!(operation_id, %failure, gateway_failure, "still owed");
        false
    })
}

/// Carries on the operations that are due, and tells how many were settled. One that another
/// process began meanwhile is left to it.
///
/// # Errors
/// The table does not answer.
pub async fn sweep(
    context: &Context,
    gateways: &dyn CallGateway,
    deadline: impl Fn() -> Deadline,
) -> Result<usize, Failure> {
    let permit = Permit::grant(PermittedTo::Sweeper);
    let mut settled = 0;
    for owed in context.store.due(context.now(), SWEPT_AT_ONCE).await? {
        let begun = match context.store.begin(&permit, &owed, context.now()).await {
            Ok(begun) => begun,
            Err(StoreError::Conflict) => continue,
            Err(error) => return Err(error.into()),
        };
        let operation = &begun.operation;
        let actor = Actor::of_tenant(context, begun.tenant, deadline());
        let carried_on = match (operation.request.is_noted(), operation.owner) {
            (true, Owner::Order(order)) => {
                resume(&actor, gateways, &permit, order, operation).await
            }
            _ => carry_out(&actor, gateways, &permit, operation).await,
        };
        settled += usize::from(report(operation, carried_on));
    }
    Ok(settled)
}

/// Asks the gateway again for a step that was noted, with the same key, and lets its answer have the
/// effect that it would have had.
async fn resume(
    actor: &Actor<'_>,
    gateways: &dyn CallGateway,
    permit: &Permit,
    order: OrderId,
    operation: &Operation,
) -> Result<bool, Failure> {
    let operation_id = operation.id.as_str();
    if operation.is_past_its_key() {
        let order = order.as_str();
        tracing::error!(
            operation_id,
            order,
            "too old to be asked again: see at the gateway"
        );
        return Ok(false);
    }
    let purchase = load::purchase(actor, order, RESUMED_WITH).await?;
    let fresh = Fresh::of(actor.context.random.as_ref());
    let Some(call) = Resume::call(operation, &purchase, actor.input(&fresh)) else {
        tracing::error!(operation_id, "noted for what is not there any more");
        settle(actor, permit, operation).await?;
        return Ok(true);
    };
    let answer = gateways.call(permit, &call, actor.deadline).await?;
    let task = OrderTask {
        order: OrderOf::Id(order),
        wanted: RESUMED_WITH,
        command: Resume {
            operation: operation.clone(),
            answer,
        },
        precondition: Precondition::NONE,
    };
    run(actor, Some(gateways), &task).await?;
    Ok(true)
}
