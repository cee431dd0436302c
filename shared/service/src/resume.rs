//! Carrying on what a gateway was to do for an order, and has not answered: a step that was noted before it was
//! asked for, money that is to move, and what the gateway has taken on without deciding it.

use decisions::commands::Resume;
use decisions::{CallGateway, Permit};
use domain::gateway::{GatewayAnswer, GatewayRefusal, GatewayRequest, Outcome};
use domain::operation::{Operation, StuckReason};
use domain::purchase::Purchase;
use domain::till::Till;
use domain::{BoxFuture, OrderId, Timestamp};

use crate::load::{self, Wanted};
use crate::operations::leave_to_people;
use crate::run::{Fresh, run};
use crate::tasks::{OrderOf, OrderTask};
use crate::{Actor, Failure, Precondition};

const PAST_ITS_KEY: &str = "The gateway never answered, and has forgotten the key by which it would know the request again. Look there what came of it, then settle this operation.";

const GONE: &str = "The payment source or its gateway's record is not there any more. Look at the gateway what came of it, then settle this operation.";

/// What carrying on a noted step takes of its order.
const RESUMED_WITH: Wanted = Wanted::of_parts().to_decide();

/// Whether the gateway's answer to an operation is one that its order waits for.
pub fn is_resumed(operation: &Operation) -> bool {
    let reads = matches!(operation.request, GatewayRequest::ReadMoved { .. });
    operation.request.is_noted() || reads
}

/// Asks the gateway again for a step that was noted, with the same key, and lets its answer have the
/// effect that it would have had. False where it is to be asked again.
///
/// # Errors
/// The gateway gives no definitive answer; the table does not answer.
pub fn resume<'a>(
    actor: &'a Actor<'_>,
    gateways: &'a dyn CallGateway,
    permit: &'a Permit,
    order: OrderId,
    operation: &'a Operation,
) -> BoxFuture<'a, Result<bool, Failure>> {
    Box::pin(carry_on(actor, gateways, permit, order, operation))
}

async fn carry_on(
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
    if is_undecided(&operation.request, &answer)
        || may_come_yet(operation, &purchase, &answer, actor.now)?
    {
        return Ok(false);
    }
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

/// Whether a transaction of which the gateway gave no reference may still be made there: it had a fault as it was
/// asked, and what it has not by now is not failed before it has had its time.
fn may_come_yet(
    operation: &Operation,
    purchase: &Purchase,
    answer: &Result<GatewayAnswer, GatewayRefusal>,
    now: Timestamp,
) -> Result<bool, Failure> {
    let is_seen = matches!(
        answer,
        Ok(GatewayAnswer::Moved(moved)) if !matches!(moved.outcome, Outcome::Failed(_))
    );
    if is_seen || !operation.looks_for_it(now) {
        return Ok(false);
    }
    let children = purchase.partition.children.as_deref();
    let till = Till::of(children.unwrap_or_default())?;
    Ok(till
        .get(operation.subject)
        .is_some_and(|it| !it.is_decided()))
}

/// Whether a transaction that the gateway has taken on is still not decided.
fn is_undecided(request: &GatewayRequest, answer: &Result<GatewayAnswer, GatewayRefusal>) -> bool {
    let reads = matches!(request, GatewayRequest::ReadMoved { .. });
    let is_pending = matches!(
        answer,
        Ok(GatewayAnswer::Moved(moved)) if moved.outcome == Outcome::Pending
    );
    reads && is_pending
}
