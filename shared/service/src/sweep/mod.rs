//! Sweeping: carrying on what is owed to gateways, and what was noted before it was asked for and has no
//! answer yet.

mod lanes;
mod step;

use std::collections::BTreeMap;
use std::time::Duration;

use decisions::CallGateway;
use decisions::{Permit, PermittedTo};
use domain::{BoxFuture, Deadline};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use logging::metrics;
use store::{DueWalk, Owed};

use self::lanes::{GatewayOf, Lanes, Told, calls_per_second};
use crate::{Actor, Context, Failure, load};

/// How many operations are taken from each part of their index at a time.
const TAKEN_AT_ONCE: i32 = 25;

/// How long it is between two times that operations are taken: where very many are due, a sweep looks through
/// some two hundred thousand of them, whatever it can do of them.
const BETWEEN_PAGES: Duration = Duration::from_millis(100);

/// What came of a sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// How many operations were settled.
    pub settled: usize,
    /// How many were due that are owed, or under way. What only waits for a hold or a session to be over is left out.
    pub owed: usize,
    /// How many were due that are left to people.
    pub stuck: usize,
    /// For how long these have been owed, or under way: the longest; none where there are none.
    pub oldest: Option<Duration>,
}

impl Swept {
    fn tell(&self) {
        let oldest = self.oldest.unwrap_or_default();
        metrics::swept(self.settled, self.owed, self.stuck, oldest);
    }
}

/// Carries on the operations that are due until nothing is due any more or `until` has come: those of each gateway
/// by themselves, no faster than [it is to be called](calls_per_second). One that another process began meanwhile
/// is left to it; a gateway that does not answer is left for this sweep.
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
    let adopted = context.configuration.adopted_table.as_deref();
    if let Some(copy) = context.store.copy(&sweep.permit, adopted).await? {
        let table_id = copy.id;
        tracing::error!(
            table_id,
            "the table is a copy of another: nothing is carried on"
        );
        let swept = Swept::default();
        swept.tell();
        return Ok(swept);
    }
    sweep.carry_on_all().await
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

/// What came of an operation.
struct CarriedOn {
    swept: Swept,
    told: Told,
}

/// Some operations that are due, how often their gateways may be called, and where the walk goes on.
struct Page {
    due: Vec<(Owed, u32)>,
    /// For how long those of them have been owed that are owed.
    ages: Vec<Duration>,
    walk: DueWalk,
}

/// What a sweep waits for.
enum Event {
    Found(Result<Page, Failure>),
    PauseIsOver(GatewayOf),
    CarriedOn(GatewayOf, Result<CarriedOn, Failure>),
}

/// The walk over what is due.
enum Walk {
    /// It goes on here.
    At(DueWalk),
    /// A page of it is being read.
    Reading,
    /// There is no more.
    Over,
}

/// How far a sweep is.
struct Progress {
    lanes: Lanes<Owed>,
    walk: Walk,
    swept: Swept,
    failed: Option<Failure>,
}

impl Progress {
    const fn of(walk: DueWalk) -> Self {
        Self {
            lanes: Lanes::new(),
            walk: Walk::At(walk),
            swept: Swept {
                settled: 0,
                owed: 0,
                stuck: 0,
                oldest: None,
            },
            failed: None,
        }
    }

    /// Where more is to be read, if there is more and room for it.
    fn next_page(&mut self) -> Option<DueWalk> {
        if !self.lanes.has_room() {
            return None;
        }
        match std::mem::replace(&mut self.walk, Walk::Reading) {
            Walk::At(walk) => Some(walk),
            other => {
                self.walk = other;
                None
            }
        }
    }

    /// Whether nothing is left to be done, or to be waited for.
    const fn is_done(&self, is_over: bool) -> bool {
        // Calls are waited for: one that is dropped half-way may have reached its gateway.
        let has_more = self.lanes.has_waiting() || !matches!(self.walk, Walk::Over);
        !self.lanes.is_busy() && (is_over || !has_more)
    }

    /// Takes in what happened, `left` before no more is begun.
    fn take_in(&mut self, event: Event, left: Duration) {
        match event {
            Event::PauseIsOver(of) => self.lanes.end_pause(of),
            Event::Found(Ok(page)) => {
                self.swept.owed += page.ages.len();
                self.swept.oldest = self.swept.oldest.max(page.ages.into_iter().max());
                self.walk = match page.due.is_empty() {
                    true => Walk::Over,
                    false => Walk::At(page.walk),
                };
                for (owed, rate) in page.due {
                    self.lanes.take_in(gateway_of(&owed), rate, owed, left);
                }
            }
            Event::Found(Err(failure)) => {
                self.walk = Walk::Over;
                self.failed.get_or_insert(failure);
            }
            Event::CarriedOn(of, Ok(carried_on)) => {
                self.swept.settled += carried_on.swept.settled;
                self.swept.stuck += carried_on.swept.stuck;
                self.lanes.end(of, carried_on.told);
            }
            Event::CarriedOn(of, Err(failure)) => {
                self.lanes.end(of, Told::Nothing);
                self.failed.get_or_insert(failure);
            }
        }
    }
}

impl Sweep<'_> {
    async fn carry_on_all(&self) -> Result<Swept, Failure> {
        let walk = DueWalk::new(self.context.now(), TAKEN_AT_ONCE);
        let mut progress = Progress::of(walk);
        let mut events = FuturesUnordered::new();
        let mut pause = Duration::ZERO;
        let whole = self.until.remaining(self.context.now());
        loop {
            let left = self.until.remaining(self.context.now());
            let is_over = left.is_zero() || progress.failed.is_some();
            if progress.is_done(is_over) {
                break;
            }
            if !is_over {
                if let Some(walk) = progress.next_page() {
                    events.push(self.find(walk, pause));
                    pause = BETWEEN_PAGES;
                }
                let now = whole.saturating_sub(left);
                while let Some(next) = progress.lanes.begin(now) {
                    events.push(self.pause(next.of, next.pause));
                    events.push(self.carry_on(next.of, next.owed));
                }
            }
            let Some(event) = events.next().await else {
                break;
            };
            progress.take_in(event, left);
        }
        progress.swept.tell();
        match progress.failed {
            Some(failure) => Err(failure),
            None => Ok(progress.swept),
        }
    }

    /// Some more of what is due.
    fn find(&self, walk: DueWalk, pause: Duration) -> BoxFuture<'_, Event> {
        Box::pin(async move {
            self.context.sleep.sleep(pause).await;
            Event::Found(self.page(walk).await)
        })
    }

    async fn page(&self, mut walk: DueWalk) -> Result<Page, Failure> {
        let found = self.context.store.next_due(&mut walk).await?;
        let now = self.context.now();
        let ages = found.iter().filter_map(|it| it.operation.owed_for(now));
        let ages = ages.collect();
        let mut rates = BTreeMap::new();
        let mut due = Vec::with_capacity(found.len());
        for one in found {
            let of = gateway_of(&one);
            let rate = match rates.get(&of) {
                Some(rate) => *rate,
                None => self.calls_per_second(of).await,
            };
            rates.insert(of, rate);
            due.push((one, rate));
        }
        Ok(Page { due, ages, walk })
    }

    /// How many calls of a gateway are begun in a second, as its record says: the catalogue is remembered.
    async fn calls_per_second(&self, (tenant, gateway): GatewayOf) -> u32 {
        let actor = Actor::of_tenant(self.context, tenant, self.until);
        match load::catalog(&actor).await {
            Ok(catalog) => calls_per_second(catalog.gateway_or_retired(gateway), tenant.mode),
            // Then what is owed is not carried on either, and told of one by one; other tenants' is.
            Err(failure) => {
                tracing::warn!(%failure, "a gateway's rate does not read");
                calls_per_second(None, tenant.mode)
            }
        }
    }

    fn pause(&self, of: GatewayOf, pause: Duration) -> BoxFuture<'_, Event> {
        Box::pin(async move {
            self.context.sleep.sleep(pause).await;
            Event::PauseIsOver(of)
        })
    }

    fn carry_on(&self, of: GatewayOf, owed: Owed) -> BoxFuture<'_, Event> {
        Box::pin(async move { Event::CarriedOn(of, self.step(&owed).await) })
    }
}

const fn gateway_of(owed: &Owed) -> GatewayOf {
    (owed.tenant, owed.operation.gateway)
}
