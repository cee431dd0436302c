//! Carrying out commands: the loop of decisions, gateway calls and commits.

use domain::Refusal;
use domain::commands::{Change, Command, Given, Step};
use domain::gateway::Answers;
use domain::purchase::Purchase;
use domain::refusal::Code;
use effects::{Perform, Random};
use store::StoreError;

use crate::load::{self, Wanted};
use crate::{Actor, Failure, Precondition, debts};

/// How often a command that lost against another request is decided anew.
pub const MOST_ATTEMPTS: usize = 4;

/// The most gateway calls that one decision takes; more is a defect.
const MOST_CALLS: usize = 8;

/// Carries out a command on the purchase that was read with what is `wanted`: decides, asks gateways,
/// decides again, commits. Where another request changed the same records first, the purchase is
/// read again and the command decided anew, three times at most; a precondition is checked anew as
/// well.
///
/// # Errors
/// The precondition does not hold; the command is refused; a gateway gives no definitive answer; other requests are always first.
pub async fn settle<C: Command + Sync>(
    actor: &Actor<'_>,
    gateways: &dyn Perform,
    wanted: Wanted,
    read: Purchase,
    command: &C,
    precondition: Precondition<'_>,
) -> Result<Purchase, Failure> {
    let random: &dyn Random = actor.context.random.as_ref();
    let given = actor.given(random.id());
    let mut purchase = read;
    let mut answers = Answers::default();
    for attempt in 1..=MOST_ATTEMPTS {
        precondition.check_purchase(actor, &purchase).await?;
        let deciding = Deciding {
            gateways,
            purchase: &purchase,
            command,
            given,
            holds_order: precondition.is_set(),
        };
        match decide(actor, deciding, &mut answers).await {
            Err(Failure::Store(StoreError::Conflict)) if attempt < MOST_ATTEMPTS => {
                tracing::info!(attempt, "another request was first");
                let order = purchase.order().id();
                purchase = load::purchase(actor, order, wanted).await?;
                answers = answers.into_noted();
            }
            Err(Failure::Store(StoreError::Conflict)) => break,
            settled => return settled,
        }
    }
    Err(Failure::Contended)
}

/// What one attempt decides with.
struct Deciding<'a, C> {
    gateways: &'a dyn Perform,
    purchase: &'a Purchase,
    command: &'a C,
    given: Given<'a>,
    /// Whether nothing is committed unless the order is as it was read.
    holds_order: bool,
}

async fn decide<C: Command + Sync>(
    actor: &Actor<'_>,
    deciding: Deciding<'_, C>,
    answers: &mut Answers,
) -> Result<Purchase, Failure> {
    let Deciding {
        gateways,
        purchase,
        command,
        ..
    } = deciding;
    let (store, tenant) = (&actor.context.store, purchase.tenant);
    for _ in 0..=MOST_CALLS {
        match command.next(purchase, answers, deciding.given) {
            Step::Refuse(refusal) => return Err(contended_or(refusal)),
            Step::Answer(purchase) => return Ok(*purchase),
            Step::Call(ask) => {
                actor.admitted().await?;
                if !ask.noted.is_empty() {
                    store.commit(tenant, &ask.noted).await?;
                }
                let answer = gateways.perform(&ask.call, actor.deadline).await?;
                answers.keep(ask.call.request, answer);
            }
            Step::Commit(mut commit) => {
                actor.admitted().await?;
                if deciding.holds_order {
                    hold_order(&mut commit.changes, purchase);
                }
                store.commit(tenant, &commit.changes).await?;
                debts::pay_new(actor, gateways, tenant, &commit.changes).await;
                return commit.answer.map(|it| *it).map_err(Failure::from);
            }
        }
    }
    Err(Failure::Endless)
}

/// Makes changes that leave the order alone conditional on its version as well.
fn hold_order(changes: &mut Vec<Change>, read: &Purchase) {
    let is_held = |change: &Change| matches!(change, Change::PutOrder(_) | Change::CheckOrder(..));
    if !changes.iter().any(is_held) {
        let order = read.order();
        changes.push(Change::CheckOrder(order.id(), order.record.version));
    }
}

/// A decision that saw two reads of different moments refuses as a conflict: it is made anew.
fn contended_or(refusal: Refusal) -> Failure {
    match refusal.code {
        Code::Conflict => Failure::Store(StoreError::Conflict),
        _ => refusal.into(),
    }
}
