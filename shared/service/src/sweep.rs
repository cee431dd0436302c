//! Sweeping: carrying on what is owed to gateways, and what was noted before it was asked for and has no
//! answer yet.

use decisions::CallGateway;
use decisions::commands::{Resume, Watched};
use decisions::{Permit, PermittedTo};
use domain::gateway::GatewayAnswer;
use domain::operation::{Operation, Owner, Stuck, StuckReason};
use domain::{Deadline, OrderId};
use store::StoreError;

use crate::load::{self, Wanted};
use crate::operations::{carry_out, leave_to_people, report, settle};
use crate::run::{Fresh, run};
use crate::tasks::{OrderOf, OrderTask};
use crate::{Actor, Context, Failure, Precondition};

/// How many operations one sweep takes from each part of their index.
const SWEPT_AT_ONCE: i32 = 25;

const PAST_ITS_KEY: &str = "The gateway never answered, and has forgotten the key by which it would know the request again. Look there what came of it, then settle this operation.";

const GONE: &str = "The payment source or its gateway's record is not there any more. Look at the gateway what came of it, then settle this operation.";

/// What carrying on a noted step takes of its order.
const RESUMED_WITH: Wanted = Wanted {
    children: true,
    to_decide: true,
    to_save: false,
    wallet: true,
    source: None,
};

/// What came of a sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// How many operations were settled.
    pub settled: usize,
    /// How many were due that are left to people.
    pub stuck: usize,
}

/// Carries on the operations that are due. One that another process began meanwhile is left to it.
///
/// # Errors
/// The table does not answer.
pub async fn sweep(
    context: &Context,
    gateways: &dyn CallGateway,
    deadline: impl Fn() -> Deadline,
) -> Result<Swept, Failure> {
    let permit = Permit::grant(PermittedTo::Sweeper);
    let mut swept = Swept::default();
    let adopted = context.configuration.adopted_table.as_deref();
    if let Some(copy) = context.store.copy(&permit, adopted).await? {
        let table_id = copy.id;
        tracing::error!(
            table_id,
            "the table is a copy of another: nothing is carried on"
        );
        return Ok(swept);
    }
    for owed in context.store.due(context.now(), SWEPT_AT_ONCE).await? {
        let begun = match context.store.begin(&permit, &owed, context.now()).await {
            Ok(begun) => begun,
            Err(StoreError::Conflict) => continue,
            Err(error) => return Err(error.into()),
        };
        let operation = &begun.operation;
        if let Some(stuck) = &operation.stuck {
            report_stuck(operation, stuck);
            swept.stuck += 1;
            continue;
        }
        let actor = Actor::of_tenant(context, begun.tenant, deadline());
        let carried_on = match (operation.request.is_noted(), operation.owner) {
            (true, Owner::Order(order)) => {
                resume(&actor, gateways, &permit, order, operation).await
            }
            (false, Owner::Order(order)) if operation.watches() => {
                watch(&actor, gateways, &permit, order, operation).await
            }
            _ => carry_out(&actor, gateways, &permit, operation).await,
        };
        swept.settled += usize::from(report(operation, carried_on));
    }
    Ok(swept)
}

/// Operations that are left to people are told of each time that they are due.
fn report_stuck(operation: &Operation, stuck: &Stuck) {
    let (operation_id, reason) = (operation.id.as_str(), stuck.reason.name());
    let detail = stuck.detail.as_str();
    tracing::error!(operation_id, reason, detail, "left to people");
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
    if operation.is_past_its_key(actor.now) {
        let order = order.as_str();
        tracing::error!(
            operation_id,
            order,
            "too old to be asked again: see at the gateway"
        );
        leave_to_people(
            actor,
            permit,
            operation,
            StuckReason::PastItsKey,
            PAST_ITS_KEY,
        )
        .await?;
        return Ok(false);
    }
    let purchase = load::purchase(actor, order, RESUMED_WITH).await?;
    let fresh = Fresh::of(actor).await?;
    let Some(call) = Resume::call(operation, &purchase, actor.input(&fresh)) else {
        tracing::error!(operation_id, "noted for what is not there any more");
        leave_to_people(actor, permit, operation, StuckReason::Gone, GONE).await?;
        return Ok(false);
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

/// Looks at what was paid in a session, and releases what nobody knows of. False where it is to be looked
/// at again.
async fn watch(
    actor: &Actor<'_>,
    gateways: &dyn CallGateway,
    permit: &Permit,
    order: OrderId,
    operation: &Operation,
) -> Result<bool, Failure> {
    let catalog = load::catalog(actor).await?;
    let table = actor.context.store.mark().await?;
    let call = operation.call(actor.caller.tenant, &table, &catalog);
    let looked = gateways.call(permit, &call, actor.deadline).await;
    let payments = match looked {
        Ok(Ok(GatewayAnswer::Payments(payments))) => payments,
        // By then the gateway lets go by itself of what it holds.
        other if operation.has_watched_long_enough(actor.now) => {
            let (operation_id, order) = (operation.id.as_str(), order.as_str());
            tracing::error!(operation_id, order, ?other, "a session was never looked at");
            settle(actor, permit, operation).await?;
            return Ok(true);
        }
        Err(failure) => return Err(failure.into()),
        Ok(other) => {
            let operation_id = operation.id.as_str();
            tracing::error!(operation_id, ?other, "a session cannot be looked at");
            return Ok(false);
        }
    };
    let task = OrderTask {
        order: OrderOf::Id(order),
        wanted: Wanted::default(),
        command: Watched {
            operation: operation.clone(),
            payments,
        },
        precondition: Precondition::NONE,
    };
    run(actor, Some(gateways), &task).await?;
    Ok(operation.watches_no_more(actor.now))
}
