//! Who is called next, and how fast: a lane for each gateway, in which what is owed to it waits. Without I/O, so
//! that it is tried without any.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use domain::record::Record;
use domain::{GatewayId, Mode, Tenant};

/// A gateway of a tenant.
pub type GatewayOf = (Tenant, GatewayId);

/// The gateway's attribute that says how many calls a sweep begins in a second.
const SETTING: &str = "sweep_calls_per_second";

/// How many calls are made at the same time, of all gateways together.
const MOST_UNDER_WAY: usize = 100;

/// How many calls are made of one gateway at the same time, where its rate needs no more.
const FEWEST_UNDER_WAY: usize = 4;

/// How far a lane's calls may be behind its rate and still catch up with it: a sweep that was held up for a moment
/// loses nothing, and one that was held up for long does not come in a rush.
const CATCHES_UP: Duration = Duration::from_millis(500);

/// How many operations wait for all gateways together before no more are read.
const MOST_WAITING: usize = 10_000;

/// How many calls of a gateway a sweep begins in a second: as its record says, else so few that shoppers find
/// room beside them.
pub fn calls_per_second(gateway: Option<&Record>, mode: Mode) -> u32 {
    let said = gateway.and_then(|it| it.integer(SETTING));
    let said = said.and_then(|it| u32::try_from(it).ok());
    said.filter(|it| *it > 0).unwrap_or(match mode {
        Mode::Live => 10,
        Mode::Test => 5,
    })
}

/// What a call told of its gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// It answers.
    Answers,
    /// It will not answer the next call either.
    Silent,
    /// It was not asked.
    Nothing,
}

/// The lanes of all gateways that something is owed to.
#[derive(Debug)]
pub struct Lanes<T> {
    lanes: BTreeMap<GatewayOf, Lane<T>>,
    under_way: usize,
    waiting: usize,
    turn: u64,
}

#[derive(Debug)]
struct Lane<T> {
    waiting: VecDeque<T>,
    calls_per_second: u32,
    under_way: usize,
    told: Told,
    is_pausing: bool,
    /// From when on the next call is to be made, by the rate; counted from the sweep's beginning.
    next_at: Duration,
    last_turn: u64,
}

/// A call that is to be made now.
#[derive(Debug, PartialEq, Eq)]
pub struct Next<T> {
    /// Of which gateway.
    pub of: GatewayOf,
    /// For what.
    pub owed: T,
    /// How long no other is made of the same gateway.
    pub pause: Duration,
}

impl<T> Lane<T> {
    /// The first call is alone: one that gets no answer is enough. Then there are as many as the rate needs where
    /// an answer takes half a second.
    fn most_under_way(&self) -> usize {
        let needed = usize::try_from(self.calls_per_second / 2).unwrap_or(usize::MAX);
        match self.told {
            Told::Answers => needed.max(FEWEST_UNDER_WAY),
            Told::Nothing => 1,
            Told::Silent => 0,
        }
    }

    fn may_begin(&self) -> bool {
        !self.is_pausing && !self.waiting.is_empty() && self.under_way < self.most_under_way()
    }

    /// How many calls can be made in this time.
    fn room_in(&self, time: Duration) -> usize {
        let millis = time
            .as_millis()
            .saturating_mul(self.calls_per_second.into());
        usize::try_from(millis / 1000).unwrap_or(usize::MAX)
    }
}

impl<T> Lanes<T> {
    /// No gateway is known.
    pub const fn new() -> Self {
        Self {
            lanes: BTreeMap::new(),
            under_way: 0,
            waiting: 0,
            turn: 0,
        }
    }

    /// Has an operation wait for its gateway; one that cannot be begun in the time that is left, or that is owed to
    /// a gateway which does not answer, is left for another sweep.
    pub fn take_in(&mut self, of: GatewayOf, calls_per_second: u32, owed: T, left: Duration) {
        let lane = self.lanes.entry(of).or_insert_with(|| Lane {
            waiting: VecDeque::new(),
            calls_per_second,
            under_way: 0,
            told: Told::Nothing,
            is_pausing: false,
            next_at: Duration::ZERO,
            last_turn: 0,
        });
        if lane.told != Told::Silent && lane.waiting.len() < lane.room_in(left) {
            lane.waiting.push_back(owed);
            self.waiting += 1;
        }
    }

    /// The call that is to be made now, so long after the sweep began: of the gateway whose last one is longest
    /// ago; none while all pause or are busy.
    pub fn begin(&mut self, now: Duration) -> Option<Next<T>> {
        if self.under_way >= MOST_UNDER_WAY {
            return None;
        }
        let ready = self.lanes.iter_mut().filter(|(_, lane)| lane.may_begin());
        let (of, lane) = ready.min_by_key(|(_, lane)| lane.last_turn)?;
        let owed = lane.waiting.pop_front()?;
        self.turn += 1;
        lane.last_turn = self.turn;
        lane.under_way += 1;
        lane.is_pausing = true;
        self.under_way += 1;
        self.waiting -= 1;
        let interval = Duration::from_secs(1) / lane.calls_per_second.max(1);
        lane.next_at = lane.next_at.max(now.saturating_sub(CATCHES_UP)) + interval;
        Some(Next {
            of: *of,
            owed,
            pause: lane.next_at.saturating_sub(now),
        })
    }

    /// The pause after a call is over.
    pub fn end_pause(&mut self, of: GatewayOf) {
        if let Some(lane) = self.lanes.get_mut(&of) {
            lane.is_pausing = false;
        }
    }

    /// A call is over.
    pub fn end(&mut self, of: GatewayOf, told: Told) {
        self.under_way = self.under_way.saturating_sub(1);
        let Some(lane) = self.lanes.get_mut(&of) else {
            return;
        };
        lane.under_way = lane.under_way.saturating_sub(1);
        match told {
            Told::Silent => {
                self.waiting -= lane.waiting.len();
                lane.waiting.clear();
                lane.told = Told::Silent;
            }
            Told::Answers if lane.told == Told::Nothing => lane.told = Told::Answers,
            _ => {}
        }
    }

    /// Whether a call is under way.
    pub const fn is_busy(&self) -> bool {
        self.under_way > 0
    }

    /// Whether something waits.
    pub const fn has_waiting(&self) -> bool {
        self.waiting > 0
    }

    /// Whether more may wait.
    pub const fn has_room(&self) -> bool {
        self.waiting < MOST_WAITING
    }
}

#[cfg(test)]
mod tests {
    use domain::{Id, ResourceType, Timestamp};

    use super::*;

    const LONG: Duration = Duration::from_secs(55);

    fn gateway(name: &str) -> GatewayOf {
        let organization: Id = "enWoxFMOnp".parse().unwrap();
        let mode = Mode::Live;
        let of = Tenant { organization, mode };
        (of, GatewayId::new(name.parse().unwrap()))
    }

    /// Lanes of these gateways, with so much owed to each.
    fn lanes(gateways: &[GatewayOf], owed: u32) -> Lanes<u32> {
        let mut lanes = Lanes::new();
        for number in 0..owed {
            for of in gateways {
                lanes.take_in(*of, 10, number, LONG);
            }
        }
        lanes
    }

    /// What is begun now, until nothing can be; no pause takes any time.
    fn begun(lanes: &mut Lanes<u32>) -> Vec<(GatewayOf, u32)> {
        let mut begun = Vec::new();
        while let Some(next) = lanes.begin(Duration::ZERO) {
            lanes.end_pause(next.of);
            begun.push((next.of, next.owed));
        }
        begun
    }

    #[test]
    fn a_gateway_is_called_at_its_rate() {
        let mut record = Record::new(
            ResourceType::StripeGateways,
            gateway("bkPlhXmQzc").1.into(),
            Timestamp::from_unix_millis(0),
        );
        assert_eq!(calls_per_second(Some(&record), Mode::Live), 10);
        assert_eq!(calls_per_second(Some(&record), Mode::Test), 5);
        assert_eq!(calls_per_second(None, Mode::Live), 10);
        record.set(SETTING, 25);
        assert_eq!(calls_per_second(Some(&record), Mode::Test), 25);

        let of = gateway("bkPlhXmQzc");
        let mut lanes = lanes(&[of], 2);
        let next = lanes.begin(Duration::ZERO).unwrap();
        assert_eq!(next.pause, Duration::from_millis(100));
        lanes.end(of, Told::Answers);
        assert_eq!(lanes.begin(Duration::ZERO), None, "it pauses");
        lanes.end_pause(of);
        assert_eq!(lanes.begin(Duration::ZERO).unwrap().owed, 1);
    }

    #[test]
    fn what_was_late_is_caught_up_with_but_not_in_a_rush() {
        let of = gateway("bkPlhXmQzc");
        let mut lanes = lanes(&[of], 100);
        let mut pause_at = |millis: u64| {
            let pause = lanes.begin(Duration::from_millis(millis)).unwrap().pause;
            lanes.end(of, Told::Answers);
            lanes.end_pause(of);
            u64::try_from(pause.as_millis()).unwrap()
        };
        assert_eq!(pause_at(0), 100);
        assert_eq!(pause_at(130), 70, "30 ms late");
        assert_eq!(pause_at(200), 100);
        // Five calls at once after a long time, and no more.
        let after_long = [10_000; 7].map(&mut pause_at);
        assert_eq!(after_long, [0, 0, 0, 0, 0, 100, 200]);
    }

    #[test]
    fn the_first_call_of_a_gateway_is_alone() {
        let of = gateway("bkPlhXmQzc");
        let mut lanes = lanes(&[of], 20);
        assert_eq!(begun(&mut lanes), [(of, 0)]);
        lanes.end(of, Told::Nothing);
        assert_eq!(begun(&mut lanes), [(of, 1)], "it is still not known");
        lanes.end(of, Told::Answers);
        assert_eq!(begun(&mut lanes).len(), 5);
    }

    #[test]
    fn a_gateway_that_does_not_answer_is_left_and_keeps_no_other_waiting() {
        let (silent, other) = (gateway("bkPlhXmQzc"), gateway("dRWnfTqVjs"));
        let mut lanes = lanes(&[silent, other], 3);
        assert_eq!(begun(&mut lanes), [(silent, 0), (other, 0)]);
        for number in 1..3 {
            lanes.end(other, Told::Answers);
            assert_eq!(
                begun(&mut lanes).first(),
                (number == 1).then_some(&(other, 1))
            );
        }
        assert!(lanes.is_busy() && lanes.has_waiting());
        lanes.end(silent, Told::Silent);
        assert!(!lanes.has_waiting());
        lanes.take_in(silent, 10, 9, LONG);
        lanes.end(silent, Told::Answers);
        assert_eq!(
            begun(&mut lanes),
            [],
            "whatever a call that came before it tells"
        );
    }

    #[test]
    fn those_that_waited_longest_are_first_where_there_are_too_many() {
        let names = |number: usize| {
            let letters = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
            let (tens, ones) = (letters[number / 10 % 10], letters[number % 10]);
            gateway(&format!("bkPlhXm{}{tens}{ones}", letters[number / 100]))
        };
        let gateways: Vec<_> = (0..150).map(names).collect();
        let mut lanes = lanes(&gateways, 2);
        let first = begun(&mut lanes);
        assert_eq!(first.len(), MOST_UNDER_WAY);
        for (of, _) in &first[..60] {
            lanes.end(*of, Told::Answers);
        }
        let next = begun(&mut lanes);
        assert!(
            next[..50].iter().all(|it| it.1 == 0),
            "those that had no turn"
        );
        assert!(next[50..].iter().all(|it| it.1 == 1));
    }

    #[test]
    fn no_more_waits_than_can_be_begun() {
        let of = gateway("bkPlhXmQzc");
        let mut lanes = lanes(&[of], 10_000);
        assert_eq!(lanes.waiting, 550);
        assert!(lanes.has_room());
        lanes.end(of, Told::Silent);
        assert!(!lanes.has_waiting());
    }
}
