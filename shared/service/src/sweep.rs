//! Sweeping: carrying on what is owed to gateways, and what was noted before it was asked for and has no
//! answer yet.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use decisions::CallGateway;
use decisions::commands::Watched;
use decisions::{Permit, PermittedTo};
use domain::gateway::{CallFailure, GatewayAnswer};
use domain::operation::{Operation, Owner, Stuck};
use domain::{Deadline, Mode, OrderId};
use futures_util::future;
use store::{DueWalk, Owed, StoreError};

use crate::load::{self, Wanted};
use crate::operations::{carry_out, report, settle};
use crate::run::run;
use crate::tasks::{OrderOf, OrderTask};
use crate::{Actor, Context, Failure, Precondition};
use crate::{observe, resume};

/// How many operations are taken from each part of their index at a time.
const TAKEN_AT_ONCE: i32 = 25;

/// How many gateways are called at the same time.
const GATEWAYS_AT_ONCE: usize = 16;

/// How many calls are made of one gateway at the same time.
const CALLS_AT_ONCE: usize = 4;

/// How many calls are made of one gateway in a second, so that shoppers find room beside them: Stripe allows
/// a hundred with live keys, and 25 with test keys.
const fn calls_in_a_second(mode: Mode) -> u32 {
    match mode {
        Mode::Live => 10,
        Mode::Test => 5,
    }
}

/// What came of a sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// How many operations were settled.
    pub settled: usize,
    /// How many were due that are left to people.
    pub stuck: usize,
}

/// Carries on the operations that are due, those of several gateways at the same time, until nothing is due
/// any more or `until` has come. One that another process began meanwhile is left to it; a gateway that does
/// not answer is left for this sweep, so that it keeps no other waiting.
///
/// # Errors
/// The table does not answer.
pub async fn sweep(
    context: &Context,
    gateways: &dyn CallGateway,
    until: Deadline,
    deadline: impl Fn() -> Deadline + Sync,
) -> Result<Swept, Failure> {
    context.renew_keys().await;
    let sweep = Sweep {
        context,
        gateways,
        permit: Permit::grant(PermittedTo::Sweeper),
        until,
        deadline: &deadline,
    };
    let mut carried_on = CarriedOn::default();
    let adopted = context.configuration.adopted_table.as_deref();
    if let Some(copy) = context.store.copy(&sweep.permit, adopted).await? {
        let table_id = copy.id;
        tracing::error!(
            table_id,
            "the table is a copy of another: nothing is carried on"
        );
        return Ok(carried_on.swept);
    }
    let mut walk = DueWalk::new(context.now(), TAKEN_AT_ONCE);
    let mut silent = BTreeSet::new();
    while !sweep.is_over() {
        let owed = context.store.next_due(&mut walk).await?;
        if owed.is_empty() {
            break;
        }
        let mut by_gateway: BTreeMap<_, Vec<Owed>> = BTreeMap::new();
        for owed in owed {
            let of = (owed.tenant, owed.operation.gateway);
            if !silent.contains(&of) {
                by_gateway.entry(of).or_default().push(owed);
            }
        }
        let by_gateway: Vec<_> = by_gateway.into_iter().collect();
        for some in by_gateway.chunks(GATEWAYS_AT_ONCE) {
            let carried = some.iter().map(|(_, owed)| sweep.carry_on_all(owed));
            // All to their end: one that is dropped half-way may have reached its gateway.
            let carried = future::join_all(carried).await;
            for ((gateway, _), carried) in some.iter().zip(carried) {
                let carried = carried?;
                if carried.is_silent {
                    silent.insert(*gateway);
                }
                carried_on.add(carried);
            }
        }
    }
    Ok(carried_on.swept)
}

/// What a sweep is made with.
struct Sweep<'a> {
    context: &'a Context,
    gateways: &'a dyn CallGateway,
    permit: Permit,
    /// When no more is begun.
    until: Deadline,
    /// When a step that begins now has to be done.
    deadline: &'a (dyn Fn() -> Deadline + Sync),
}

/// What came of a gateway's operations.
#[derive(Default)]
struct CarriedOn {
    swept: Swept,
    /// Whether the gateway does not answer.
    is_silent: bool,
}

impl CarriedOn {
    fn add(&mut self, other: Self) {
        self.swept.settled += other.swept.settled;
        self.swept.stuck += other.swept.stuck;
        self.is_silent |= other.is_silent;
    }
}

impl Sweep<'_> {
    fn is_over(&self) -> bool {
        self.until.remaining(self.context.now()).is_zero()
    }

    /// Carries on operations of one gateway, a few at a time and no faster than it is to be called.
    async fn carry_on_all(&self, owed: &[Owed]) -> Result<CarriedOn, Failure> {
        let mut carried_on = CarriedOn::default();
        for some in owed.chunks(CALLS_AT_ONCE) {
            if self.is_over() || carried_on.is_silent {
                break;
            }
            let all = future::join_all(some.iter().map(|it| self.carry_on(it)));
            let (carried, ()) = future::join(all, self.pause(some)).await;
            for carried in carried {
                carried_on.add(carried?);
            }
        }
        Ok(carried_on)
    }

    /// As long as this many calls are to take.
    async fn pause(&self, calls: &[Owed]) {
        let [first, ..] = calls else {
            return;
        };
        let count = u32::try_from(calls.len()).unwrap_or(u32::MAX);
        let pause = Duration::from_secs(1) * count / calls_in_a_second(first.tenant.mode);
        self.context.sleep.sleep(pause).await;
    }

    async fn carry_on(&self, owed: &Owed) -> Result<CarriedOn, Failure> {
        let (context, permit) = (self.context, &self.permit);
        let mut carried_on = CarriedOn::default();
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
        carried_on.is_silent = done.as_ref().is_err_and(is_silence);
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
