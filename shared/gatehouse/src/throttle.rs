//! How many requests a caller may make: a sliding minute, made of the minute that runs and the one
//! before, of which as much counts as still lies within sixty seconds.

use std::time::Duration;

use domain::Timestamp;

/// The time in which requests are counted.
pub const INTERVAL: Duration = Duration::from_secs(60);

const INTERVAL_MILLIS: u64 = 60_000;

/// Which minute since 1970 it is.
pub const fn minute_of(now: Timestamp) -> i64 {
    now.unix_seconds().div_euclid(60)
}

/// What was counted of a caller's requests, the newest included. Those that were refused count too:
/// who goes on regardless waits longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// The minute since 1970 that it was counted in.
    pub minute: i64,
    /// How many requests it had so far.
    pub count: u32,
    /// How many the minute before had.
    pub before: u32,
}

/// Into how many blocks a limit is cut: a process tells the others of one block of requests at a time.
const BLOCKS: u32 = 60;

/// How many requests towards a limit a process counts by itself for each that it writes down: a sixtieth of
/// the limit, one at least.
pub const fn block_of(limit: u32) -> u32 {
    if limit < BLOCKS { 1 } else { limit / BLOCKS }
}

/// What one process knows of one caller's requests. It counts its own, and writes down a block of them
/// with each that falls on a turn; the first turn is left to chance, so that what is written down by all
/// processes together is neither more nor less than what they counted, in the long run. Of each other
/// process less than a block is unknown, or known too early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    minute: i64,
    own: u32,
    /// What this process wrote down in the minute.
    written: u32,
    /// What others are known to have written down.
    others: u32,
    before: u32,
    until_turn: u32,
}

impl Tally {
    /// Nothing is known yet; the `first`th request is the first that writes down a block, 1 to the block.
    pub const fn new(minute: i64, first: u32) -> Self {
        Self {
            minute,
            own: 0,
            written: 0,
            others: 0,
            before: 0,
            until_turn: first,
        }
    }

    /// Counts a request of this minute. Whether it writes down a block.
    pub fn count(&mut self, minute: i64, block: u32) -> bool {
        if minute > self.minute {
            let follows = minute == self.minute.saturating_add(1);
            let before = if follows { self.counted().count } else { 0 };
            *self = Self {
                before,
                ..Self::new(minute, self.until_turn)
            };
        }
        self.own = self.own.saturating_add(1);
        self.until_turn = self.until_turn.saturating_sub(1);
        let is_turn = self.until_turn == 0;
        if is_turn {
            self.until_turn = block;
        }
        is_turn
    }

    /// Takes in what is written down by all, a block of this process's the newest of it.
    pub fn learn(&mut self, told: Counted, block: u32) {
        if told.minute == self.minute {
            self.written = self.written.saturating_add(block);
            self.others = told.count.saturating_sub(self.written);
            self.before = self.before.max(told.before);
        }
    }

    /// What is known of the caller's requests.
    pub const fn counted(&self) -> Counted {
        Counted {
            minute: self.minute,
            count: self.others.saturating_add(self.own),
            before: self.before,
        }
    }
}

/// How a caller stands towards a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// How many requests are let in within [`INTERVAL`].
    pub limit: u32,
    /// How many more would be let in now.
    pub remaining: u32,
    /// In how many whole seconds, one at least, a request is let in again if none is made until then;
    /// nothing where this one is let in.
    pub retry_after: Option<u64>,
}

/// How the caller of these requests stands towards a limit of at least one.
pub fn standing(limit: u32, counted: Counted, now: Timestamp) -> Standing {
    let left = left_of(counted.minute, now);
    let (most, count) = (u64::from(limit), u64::from(counted.count));
    // The minute before counts as full at most: a flood is paid for once.
    let before = u64::from(counted.before).min(most);
    let used = count * INTERVAL_MILLIS + before * left;
    let free = (most * INTERVAL_MILLIS).checked_sub(used);
    Standing {
        limit,
        remaining: free.map_or(0, |free| {
            u32::try_from(free / INTERVAL_MILLIS).unwrap_or(limit)
        }),
        retry_after: match free {
            Some(_) => None,
            None => Some(wait(most, count, before, left).div_ceil(1000).max(1)),
        },
    }
}

/// How many milliseconds the minute has left; all of them where it is still to come by this clock.
fn left_of(minute: i64, now: Timestamp) -> u64 {
    let begins = minute.saturating_mul(60_000);
    let elapsed = u64::try_from(now.unix_millis().saturating_sub(begins)).unwrap_or(0);
    INTERVAL_MILLIS.saturating_sub(elapsed)
}

/// In how many milliseconds one more request fits under `most`, where `left` are left of the minute.
fn wait(most: u64, count: u64, before: u64, left: u64) -> u64 {
    // How much may be left of a minute so that what came before it leaves room.
    let room = |free: u64, before: u64| free * INTERVAL_MILLIS / before.max(1);
    match most.checked_sub(count + 1) {
        Some(free) => left.saturating_sub(room(free, before)),
        None => left + INTERVAL_MILLIS.saturating_sub(room(most - 1, count.min(most))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 29_000_000;

    /// So many seconds into the minute.
    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_millis((MINUTE * 60 + seconds) * 1000)
    }

    fn counted(count: u32, before: u32) -> Counted {
        Counted {
            minute: MINUTE,
            count,
            before,
        }
    }

    fn is_let_in(limit: u32, counted: Counted, now: Timestamp) -> bool {
        standing(limit, counted, now).retry_after.is_none()
    }

    #[test]
    fn as_many_as_the_limit_are_let_in_within_a_minute() {
        assert_eq!(
            standing(3, counted(1, 0), at(0)),
            Standing {
                limit: 3,
                remaining: 2,
                retry_after: None
            }
        );
        assert_eq!(standing(3, counted(3, 0), at(59)).remaining, 0);
        assert!(is_let_in(3, counted(3, 0), at(59)));
        assert!(!is_let_in(3, counted(4, 0), at(59)));
    }

    #[test]
    fn the_minute_before_counts_as_far_as_it_lies_within_sixty_seconds() {
        assert!(!is_let_in(60, counted(1, 60), at(0)));
        assert!(is_let_in(60, counted(30, 60), at(30)));
        assert!(!is_let_in(60, counted(31, 60), at(30)));
        assert_eq!(standing(60, counted(15, 60), at(45)).remaining, 30);
    }

    #[test]
    fn a_flood_counts_as_one_full_minute() {
        assert!(is_let_in(60, counted(30, 100_000), at(30)));
    }

    #[test]
    fn whoever_waits_as_long_as_told_is_let_in() {
        for (limit, count, before, seconds) in [
            (3, 4, 0, 0),
            (3, 4, 3, 59),
            (3, 1, 3, 0),
            (60, 1, 60, 0),
            (60, 31, 60, 30),
            (1, 2, 0, 10),
            (600, 90_000, 90_000, 20),
        ] {
            let refused = standing(limit, counted(count, before), at(seconds));
            let wait = i64::try_from(refused.retry_after.unwrap()).unwrap();
            let asked_at = |seconds: i64| match seconds < 60 {
                true => is_let_in(limit, counted(count + 1, before), at(seconds)),
                false => {
                    let minute = MINUTE + seconds / 60;
                    let before = if seconds < 120 { count } else { 0 };
                    let counted = Counted {
                        minute,
                        count: 1,
                        before,
                    };
                    is_let_in(limit, counted, at(seconds))
                }
            };
            let case = (limit, count, before, seconds, wait);
            assert!(asked_at(seconds + wait), "{case:?}");
            assert!(wait == 1 || !asked_at(seconds + wait - 2), "{case:?}");
        }
    }

    /// How many of `requests` are let in within a minute by processes that know of each other by what they
    /// write down; each request is answered by one of them, as `seed` has it. And how often they wrote.
    fn let_in_by(processes: u32, limit: u32, requests: u32, mut seed: u64) -> (u32, u32) {
        let mut next = |most: u32| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            u32::try_from(seed >> 40).unwrap() % most
        };
        let block = block_of(limit);
        let firsts: Vec<_> = (0..processes).map(|_| next(block) + 1).collect();
        let mut tallies: Vec<_> = firsts.iter().map(|it| Tally::new(MINUTE, *it)).collect();
        let (mut table, mut writes, mut let_in) = (0, 0, 0);
        for _ in 0..requests {
            let tally = &mut tallies[usize::try_from(next(processes)).unwrap()];
            if tally.count(MINUTE, block) {
                table += block;
                writes += 1;
                tally.learn(counted(table, 0), block);
            }
            let_in += u32::from(is_let_in(limit, tally.counted(), at(0)));
        }
        (let_in, writes)
    }

    #[test]
    fn a_process_alone_lets_in_as_many_as_the_limit_and_writes_down_a_tenth() {
        for seed in 0..50 {
            let (let_in, writes) = let_in_by(1, 600, 1_000, seed);
            assert_eq!((let_in, writes), (600, 100));
        }
        assert_eq!(let_in_by(1, 3, 10, 1), (3, 10));
    }

    #[test]
    fn several_processes_err_by_a_block_each_at_most() {
        for limit in [10, 60, 120, 600, 6_000] {
            for processes in [2, 3, 10] {
                for seed in 0..50 {
                    let (let_in, _) = let_in_by(processes, limit, 3 * limit, seed);
                    let error = let_in.abs_diff(limit);
                    let block = block_of(limit);
                    let case = (limit, processes, seed, let_in);
                    assert!(error <= processes * block, "{case:?}");
                }
            }
        }
    }

    #[test]
    fn the_next_minute_knows_what_this_process_counted_in_the_last() {
        let mut tally = Tally::new(MINUTE, 7);
        for _ in 0..5 {
            assert!(!tally.count(MINUTE, 10));
        }
        assert!(!tally.count(MINUTE + 1, 10));
        assert_eq!((tally.counted().count, tally.counted().before), (1, 5));
        assert!(tally.count(MINUTE + 1, 10), "turns go on");
        tally.count(MINUTE + 3, 10);
        assert_eq!((tally.counted().count, tally.counted().before), (1, 0));
    }

    #[test]
    fn a_clock_that_is_behind_sees_the_minute_as_new() {
        let standing = standing(3, counted(3, 0), at(-5));
        assert_eq!((standing.remaining, standing.retry_after), (0, None));
    }
}
