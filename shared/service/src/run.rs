//! The one loop that carries out what is asked for: reads, decides, asks gateways, decides again,
//! commits.

use std::future::{Future, ready};
use std::time::Duration;

use decisions::CallGateway;
use decisions::{Answers, Ask, Change, Commit, Input, Milestone, Permit, State, Step, milestones};
use domain::gateway::{CallFailure, GatewayKind};
use domain::operation::Operation;
use domain::{Id, Random, TableMark};
use logging::metrics;
use store::StoreError;

use crate::attempts::Attempt;
use crate::{Actor, Failure, load, operations};

/// How often something that lost against another request is decided anew, and once before.
const MOST_ATTEMPTS: u32 = 4;

/// The longest pause before the first of these; the next may take twice as long each.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The most gateway calls that one decision takes; more is a defect.
pub(crate) const MOST_CALLS: usize = 8;

/// Something to be carried out: what its decision rests on, what the request demands of that, and what
/// is decided.
pub trait Task: Sync {
    /// What the decision rests on.
    type State: State + Send + Sync;
    /// What the caller is answered with.
    type Answer: Send + Sync;

    /// Reads what the decision rests on.
    fn read(&self, actor: &Actor<'_>) -> impl Future<Output = Result<Self::State, Failure>> + Send;

    /// Refuses unless the state is one that the request demands.
    fn check(
        &self,
        actor: &Actor<'_>,
        state: &Self::State,
    ) -> impl Future<Output = Result<(), Failure>> + Send;

    /// The next step.
    fn decide(
        &self,
        state: &Self::State,
        answers: &Answers,
        input: Input<'_>,
    ) -> Step<Self::Answer>;

    /// Does what has to be done elsewhere before the changes are written.
    fn before_commit(
        &self,
        _: &Actor<'_>,
        _: &Permit,
        _: &Self::State,
        _: &Commit<Self::Answer>,
    ) -> impl Future<Output = Result<(), Failure>> + Send {
        ready(Ok(()))
    }

    /// Does what has to be done elsewhere once the changes are written.
    fn after_commit(
        &self,
        _: &Actor<'_>,
        _: &Permit,
        _: &Commit<Self::Answer>,
    ) -> impl Future<Output = Result<(), Failure>> + Send {
        ready(Ok(()))
    }
}

/// What only this run knows, the same however often it is decided anew; and which table it is about.
pub struct Fresh {
    /// An id that no record has yet.
    pub id: Id,
    /// A secret that nobody knows yet, 32 hexadecimal digits.
    pub secret: String,
    /// The table.
    pub table: TableMark,
}

impl Fresh {
    /// Made by chance. One round trip for the first of a process.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn of(actor: &Actor<'_>) -> Result<Self, StoreError> {
        let random: &dyn Random = actor.context.random.as_ref();
        Ok(Self {
            id: random.id(),
            secret: random.hex(),
            table: actor.context.store.mark().await?,
        })
    }
}

/// Carries out a task. Where another request changed the same records first, what the decision rests on
/// is read again, what the request demands of it is checked anew, and it is decided anew, three times at
/// most, after a pause whose length is left to chance: those who wait for each other must not come back
/// together. The same where the table has no room for it.
///
/// Without `gateways` what is owed after the commit is left to the sweeper.
///
/// # Errors
/// What the request demands does not hold; it is refused; a gateway gives no definitive answer; other
/// requests are always first.
pub async fn run<T: Task>(
    actor: &Actor<'_>,
    gateways: Option<&dyn CallGateway>,
    task: &T,
) -> Result<T::Answer, Failure> {
    let random: &dyn Random = actor.context.random.as_ref();
    let fresh = Fresh::of(actor).await?;
    let mut answers = Answers::default();
    for attempt in 1..=MOST_ATTEMPTS {
        match Box::pin(try_once(actor, gateways, task, &fresh, &mut answers)).await {
            Err(Failure::Store(StoreError::Busy(problem))) if attempt < MOST_ATTEMPTS => {
                tracing::info!(attempt, problem, "the table is busy");
                answers = answers.into_noted();
                actor.context.sleep.sleep(pause(random, attempt)).await;
            }
            Err(Failure::Store(StoreError::Conflict)) => {
                tracing::info!(attempt, "another request was first");
                answers = answers.into_noted();
                if is_carried_out(actor).await? {
                    return Err(Failure::Contended);
                }
                if attempt < MOST_ATTEMPTS {
                    actor.context.sleep.sleep(pause(random, attempt)).await;
                }
            }
            done => return done,
        }
    }
    Err(Failure::Contended)
}

/// Whether the request that was first was this one, sent twice.
async fn is_carried_out(actor: &Actor<'_>) -> Result<bool, Failure> {
    match &actor.once {
        Some(once) if !once.is_kept() => Ok(once.earlier(actor).await?.is_some()),
        _ => Ok(false),
    }
}

/// Any time up to twice as much as the time before.
fn pause(random: &dyn Random, attempt: u32) -> Duration {
    let [byte] = random.bytes();
    let longest = FIRST_PAUSE * 2_u32.saturating_pow(attempt.saturating_sub(1));
    longest * u32::from(byte) / u32::from(u8::MAX)
}

async fn try_once<T: Task>(
    actor: &Actor<'_>,
    gateways: Option<&dyn CallGateway>,
    task: &T,
    fresh: &Fresh,
    answers: &mut Answers,
) -> Result<T::Answer, Failure> {
    let state = task.read(actor).await?;
    task.check(actor, &state).await?;
    for _ in 0..=MOST_CALLS {
        let step = task.decide(&state, answers, actor.input(fresh));
        match step.resting_on(&state) {
            Step::Ask(ask) => ask_gateway(actor, gateways, *ask, answers).await?,
            Step::Commit(decided) => {
                return commit(actor, gateways, task, &state, *decided).await;
            }
            Step::Answer(answer) => return Ok(*answer),
            Step::Refuse(refusals) => return Err(refusals.into()),
            Step::ReadAgain => return Err(StoreError::Conflict.into()),
        }
    }
    Err(Failure::Endless)
}

/// Asks for a step that a decision waits for, and keeps the answer.
async fn ask_gateway(
    actor: &Actor<'_>,
    gateways: Option<&dyn CallGateway>,
    mut ask: Ask,
    answers: &mut Answers,
) -> Result<(), Failure> {
    let gateways = gateways.ok_or(Failure::NoGateways)?;
    let permit = actor.permit().await?;
    let attempt = Attempt::begin(actor, &ask.call.request).await?;
    let answer = match note(actor, gateways, &permit, &mut ask).await {
        Ok(()) => {
            let asked = gateways.call(&permit, &ask.call, actor.deadline);
            asked.await.map_err(Failure::from)
        }
        Err(failure) => Err(failure),
    };
    attempt.end(actor, &answer).await;
    answers.keep(ask.call.request, answer?);
    Ok(())
}

/// Notes the step, where it must not be taken twice. One that is noted already, by a request whose answer
/// was lost, is asked for as it was then, and its note stays as it is: how often it was tried, and since
/// when. After the gateway has forgotten its key it is not asked for: it might be taken a second time.
async fn note(
    actor: &Actor<'_>,
    gateways: &dyn CallGateway,
    permit: &Permit,
    ask: &mut Ask,
) -> Result<(), Failure> {
    let (store, tenant) = (&actor.context.store, actor.caller.tenant);
    let Some(operation) = ask.noted_operation() else {
        return Ok(());
    };
    let (owner, id) = (operation.owner, operation.id);
    let written = gateways.written(&ask.call);
    ask.write(written);
    match store.commit(permit, tenant, &ask.noted).await {
        Err(StoreError::Conflict) => {}
        noted => return Ok(noted?),
    }
    let noted = store.operation(tenant, owner, id).await?;
    let noted = noted.ok_or(StoreError::Conflict)?.operation;
    if noted.is_past_its_key(actor.now) {
        return Err(CallFailure::InProgress.into());
    }
    ask.call.noted = noted.noted;
    Ok(())
}

/// Money that is to move is owed together with the request as it will be sent, so that it is asked for with the
/// same bytes however often.
async fn write_owed(
    actor: &Actor<'_>,
    gateways: &dyn CallGateway,
    changes: &mut [Change],
) -> Result<(), Failure> {
    let is_unwritten = |it: &Operation| it.request.is_noted() && it.noted.is_none();
    for change in changes {
        if let Change::Owe(operation) = change
            && is_unwritten(operation)
        {
            let catalog = load::catalog(actor).await?;
            let table = actor.context.store.mark().await?;
            let call = operation.call(actor.caller.tenant, &table, &catalog);
            operation.noted = gateways.written(&call);
        }
    }
    Ok(())
}

/// Counts what was brought about.
fn tell(actor: &Actor<'_>, changes: &[Change]) {
    for Milestone { what, gateway } in milestones(changes, actor.now) {
        metrics::milestone(what.name(), gateway.map(GatewayKind::vendor));
    }
}

async fn commit<T: Task>(
    actor: &Actor<'_>,
    gateways: Option<&dyn CallGateway>,
    task: &T,
    state: &T::State,
    mut decided: Commit<T::Answer>,
) -> Result<T::Answer, Failure> {
    let permit = actor.permit().await?;
    if let Some(gateways) = gateways {
        write_owed(actor, gateways, &mut decided.changes).await?;
    }
    task.before_commit(actor, &permit, state, &decided).await?;
    let kept = actor
        .once
        .as_ref()
        .and_then(|it| it.kept_with(&decided, actor.now));
    let is_kept = kept.is_some();
    decided.changes.extend(kept);
    let (store, tenant) = (&actor.context.store, actor.caller.tenant);
    store.commit(&permit, tenant, &decided.changes).await?;
    tell(actor, &decided.changes);
    if let Some(once) = actor.once.as_ref().filter(|_| is_kept) {
        once.was_kept();
    }
    task.after_commit(actor, &permit, &decided).await?;
    if let Some(gateways) = gateways {
        operations::carry_out_new(actor, gateways, &permit, &decided.changes).await;
    }
    decided.answer.map(|it| *it).map_err(Failure::from)
}
