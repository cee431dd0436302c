//! How far a command is, for whoever watches it.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// How often it is told.
const EVERY: Duration = Duration::from_secs(1);

/// Tells on a terminal how many records a command has gone through; elsewhere nothing.
pub struct Progress {
    what: &'static str,
    count: u64,
    told: Instant,
    is_watched: bool,
}

impl Progress {
    /// Begins to count `what` is done.
    pub fn of(what: &'static str) -> Self {
        Self {
            what,
            count: 0,
            told: Instant::now(),
            is_watched: std::io::stderr().is_terminal(),
        }
    }

    /// One more.
    pub fn step(&mut self) {
        self.count += 1;
        if self.is_watched && self.told.elapsed() >= EVERY {
            self.told = Instant::now();
            // A terminal that is gone is no reason to stop.
            let _told = write!(std::io::stderr(), "\r{} {} …", self.count, self.what);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.is_watched {
            let _cleared = write!(std::io::stderr(), "\r\u{1b}[K");
        }
    }
}
