//! One step of a sweep: an operation that is due, begun and carried on as what it is.

use decisions::commands::Watched;
use decisions::{CallGateway, Permit};
use domain::OrderId;
use domain::gateway::{CallFailure, GatewayAnswer};
use domain::operation::{Operation, Owner, Stuck};
use store::{Owed, StoreError};

use super::lanes::Told;
use super::{CarriedOn, Sweep, Swept};
use crate::load::{self, Wanted};
use crate::operations::{carry_out, report, settle};
use crate::run::run;
use crate::tasks::{OrderOf, OrderTask};
use crate::{Actor, Failure, Precondition, observe, resume};

impl Sweep<'_> {
    /// Carries on one operation, unless another process began it meanwhile.
    ///
    /// # Errors
    /// The table does not answer.
    pub(super) async fn step(&self, owed: &Owed) -> Result<CarriedOn, Failure> {
        let (context, permit) = (self.context, &self.permit);
        let mut carried_on = CarriedOn {
            swept: Swept::default(),
            told: Told::Nothing,
        };
        let begun = match context.store.begin(permit, owed, context.now()).await {
            Ok(begun) => begun,
            Err(StoreError::Conflict) => return Ok(carried_on),
            Err(error) => return Err(error.into()),
        };
        let operation = &begun.operation;
        if let Some(stuck) = &operation.stuck {
            report_stuck(operation, stuck);
            carried_on.swept.stuck = 1;
            return Ok(carried_on);
        }
        let actor = Actor::of_tenant(context, begun.tenant, (self.deadline)());
        let gateways = self.gateways;
        let done = match (resume::is_resumed(operation), operation.owner) {
            (true, Owner::Order(order)) => {
                resume::resume(&actor, gateways, permit, order, operation).await
            }
            (false, Owner::Order(order)) if operation.observes() => {
                observe::after_hold(&actor, gateways, permit, order, operation).await
            }
            (false, Owner::Order(order)) if operation.watches() => {
                watch(&actor, gateways, permit, order, operation).await
            }
            _ => carry_out(&actor, gateways, permit, operation).await,
        };
        carried_on.told = match done.as_ref().is_err_and(is_silence) {
            true => Told::Silent,
            false => Told::Answers,
        };
        carried_on.swept.settled = usize::from(report(operation, done));
        Ok(carried_on)
    }
}

/// Whether the gateway will not answer the next call either.
const fn is_silence(failure: &Failure) -> bool {
    matches!(
        failure,
        Failure::Gateway(
            CallFailure::NotReached(_)
                | CallFailure::TimedOut
                | CallFailure::Throttled
                | CallFailure::CredentialsRefused(_)
                | CallFailure::CredentialsUnusable { .. }
                | CallFailure::CircuitOpen
                | CallFailure::NoTimeLeft
        )
    )
}

/// Operations that are left to people are told of each time that they are due.
fn report_stuck(operation: &Operation, stuck: &Stuck) {
    let (operation_id, reason) = (operation.id.as_str(), stuck.reason.name());
    let detail = stuck.detail.as_str();
    tracing::error!(operation_id, reason, detail, "left to people");
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
        wanted: Wanted::default().to_decide_without_wallet(),
        command: Watched {
            operation: operation.clone(),
            payments,
        },
        precondition: Precondition::NONE,
    };
    run(actor, Some(gateways), &task).await?;
    Ok(operation.watches_no_more(actor.now))
}
