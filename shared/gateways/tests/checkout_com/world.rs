use std::time::Duration;

use domain::Clock;
use domain::Timestamp;
use tokio::time::Instant;

use crate::shop_parts::NOW;

/// The time of tokio's paused clock, which passes when everybody waits.
#[derive(Clone, Copy)]
pub struct PausedTime(Instant);

impl PausedTime {
    pub fn begin() -> Self {
        Self(Instant::now())
    }

    pub fn unix_millis(&self) -> i64 {
        NOW + i64::try_from(self.0.elapsed().as_millis()).unwrap()
    }

    pub async fn pass(&self, days: u64) {
        tokio::time::advance(Duration::from_secs(days * 86_400)).await;
    }
}

impl Clock for PausedTime {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_millis(self.unix_millis())
    }
}
