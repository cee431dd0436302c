//! Carrying out commands: the loop of decisions, gateway calls and commits, and the sweeper that
//! carries on what is owed.

use domain::commands::{Change, Command, Given, Step};
use domain::gateway::Answers;
use domain::operation::Operation;
use domain::purchase::Purchase;
use domain::{Refusal, Tenant};
use effects::{Deadline, Perform, Random};
use store::StoreError;

use crate::load::{self, Wanted};
use crate::{Call, Context, Failure};

/// How often a command that lost against another request is decided anew.
const MOST_ATTEMPTS: usize = 4;

/// The most gateway calls that one decision takes; more is a defect.
const MOST_CALLS: usize = 8;

/// How many owed operations one sweep takes from each part of their index.
const SWEPT_AT_ONCE: i32 = 25;

/// Carries out a command on the purchase that was read with what is `wanted`: decides, asks gateways,
/// decides again, commits. Where another request changed the same records first, the purchase is
/// read again and the command decided anew, three times at most.
///
/// # Errors
/// The command is refused; a gateway gives no definitive answer; other requests are always first.
pub async fn settle<C: Command + Sync>(
    call: &Call<'_>,
    gateways: &dyn Perform,
    wanted: Wanted,
    read: Purchase,
    command: &C,
) -> Result<Purchase, Failure> {
    let random: &dyn Random = call.context.random.as_ref();
    let given = Given {
        caller: &call.caller,
        now: call.now,
        lookup: call.context.store.lookup(),
        fresh: random.id(),
    };
    let mut purchase = read;
    for attempt in 1..=MOST_ATTEMPTS {
        match decide(call, gateways, &purchase, command, given).await {
            Err(Failure::Store(StoreError::Conflict)) if attempt < MOST_ATTEMPTS => {
                tracing::info!(attempt, "another request was first");
                let order = purchase.order().id();
                purchase = load::purchase(call, order, wanted).await?;
            }
            Err(Failure::Store(StoreError::Conflict)) => break,
            settled => return settled,
        }
    }
    Err(Failure::Contended)
}

async fn decide<C: Command + Sync>(
    call: &Call<'_>,
    gateways: &dyn Perform,
    purchase: &Purchase,
    command: &C,
    given: Given<'_>,
) -> Result<Purchase, Failure> {
    let mut answers = Answers::default();
    for _ in 0..=MOST_CALLS {
        match command.next(purchase, &answers, given) {
            Step::Refuse(refusal) => return Err(contended_or(refusal)),
            Step::Answer(purchase) => return Ok(*purchase),
            Step::Call(asked) => {
                let answer = gateways.perform(&asked, call.deadline).await?;
                answers.keep(asked.request, answer);
            }
            Step::Commit(commit) => {
                let store = &call.context.store;
                store.commit(purchase.tenant, &commit.changes).await?;
                pay_debts(call, gateways, purchase.tenant, &commit.changes).await;
                return commit.answer.map(|it| *it).map_err(Failure::from);
            }
        }
    }
    Err(Failure::Endless)
}

/// A decision that saw two reads of different moments refuses as a conflict: it is made anew.
fn contended_or(refusal: Refusal) -> Failure {
    match refusal.code {
        domain::refusal::Code::Conflict => Failure::Store(StoreError::Conflict),
        _ => refusal.into(),
    }
}

/// Tries at once what a commit made owed. What does not succeed stays owed, for the sweeper.
async fn pay_debts(call: &Call<'_>, gateways: &dyn Perform, tenant: Tenant, changes: &[Change]) {
    for change in changes {
        if let Change::Owe(operation) = change {
            pay(call.context, gateways, tenant, operation, call.deadline).await;
        }
    }
}

/// Makes the call that is owed and settles it once the gateway answered definitively.
async fn pay(
    context: &Context,
    gateways: &dyn Perform,
    tenant: Tenant,
    operation: &Operation,
    deadline: Deadline,
) -> bool {
    let operation_id = operation.id.as_str();
    let Some(owed) = operation.call(tenant) else {
        tracing::error!(operation_id, "owed to a gateway of unknown type");
        return false;
    };
    match gateways.perform(&owed, deadline).await {
        Ok(Ok(_)) => {}
        Ok(Err(refusal)) => {
            tracing::error!(operation_id, ?refusal, "the gateway refused what is owed");
        }
        Err(unanswered) => {
            tracing::warn!(operation_id, %unanswered, "still owed");
            return false;
        }
    }
    match context.store.settle(tenant, operation).await {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(operation_id, %error, "done, but still noted as owed");
            false
        }
    }
}

/// Carries on the operations that are due, and tells how many were settled. One that another
/// process began meanwhile is left to it.
///
/// # Errors
/// The table does not answer.
pub async fn sweep(
    context: &Context,
    gateways: &dyn Perform,
    deadline: impl Fn() -> Deadline,
) -> Result<usize, Failure> {
    let mut settled = 0;
    for owed in context.store.due(context.now(), SWEPT_AT_ONCE).await? {
        match context.store.begin(&owed, context.now()).await {
            Ok(begun) => {
                let (tenant, operation) = (begun.tenant, &begun.operation);
                if pay(context, gateways, tenant, operation, deadline()).await {
                    settled += 1;
                }
            }
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(settled)
}
