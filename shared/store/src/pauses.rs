//! Pauses between tries that fail: the first few have none, then each is twice as long as the one before, up
//! to a longest. One item each, counted from before a try, so that tries at the same time count together.

use std::time::Duration;

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Tenant, Timestamp};
use serde::Deserialize;

use crate::item::from_raw;
use crate::keys::{Key, Keys};
use crate::table::TTL;
use crate::{Store, StoreError};

/// How long tries that failed are remembered after the last of them and its pause.
const REMEMBERED: Duration = Duration::from_secs(24 * 3600);

/// How often a try that begins is overtaken by others before it waits for them.
const MOST_TRIES: usize = 4;

/// Between which tries there are pauses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paused {
    /// How many may fail one after another without a pause.
    pub free: u32,
    /// The longest pause.
    pub longest: Duration,
}

/// What is stored of tries, as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    key: Key,
    tries: Tries,
}

impl Seen {
    /// How many seconds the next try is to wait, where it is.
    pub fn wait(&self, now: Timestamp) -> Option<u64> {
        let wait = self.tries.until.saturating_sub(now.unix_seconds());
        u64::try_from(wait).ok().filter(|it| *it > 0)
    }

    /// Whether this is [noted](Store::note), still.
    pub fn is_noted(&self, now: Timestamp) -> bool {
        self.wait(now).is_some()
    }
}

/// A try that has begun: it counts as one that failed until it is said that it has not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Try {
    key: Key,
    before: Tries,
    after: Tries,
}

/// What is stored of tries: how many have failed, and until when the next waits, in seconds since 1970.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
struct Tries {
    count: u32,
    until: i64,
}

/// What came of asking for a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// It may be made.
    Try(Try),
    /// It may not, for so many seconds.
    Wait(u64),
}

impl Paused {
    /// How long the next try waits after this many have failed.
    fn after(&self, failed: u32) -> Duration {
        match failed.checked_sub(self.free.saturating_add(1)) {
            None => Duration::ZERO,
            Some(doublings) => {
                let seconds = 1_u64.checked_shl(doublings).unwrap_or(u64::MAX);
                Duration::from_secs(seconds.max(1)).min(self.longest)
            }
        }
    }
}

impl Store {
    /// What is stored under this name. One round trip.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn see(&self, tenant: Tenant, who: &[String]) -> Result<Seen, StoreError> {
        self.see_again(self.throttle_key(tenant, who)).await
    }

    async fn see_again(&self, key: Key) -> Result<Seen, StoreError> {
        let item = self.item(key.clone()).await?;
        let tries = item.map(from_raw::<Tries>).transpose()?.unwrap_or_default();
        Ok(Seen { key, tries })
    }

    /// Begins a try, where none is to be waited for. One round trip; two more each time that others begin one at
    /// the same moment.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn begin_try(
        &self,
        mut seen: Seen,
        paused: &Paused,
        now: Timestamp,
    ) -> Result<Begun, StoreError> {
        let seconds = now.unix_seconds();
        for _ in 0..MOST_TRIES {
            if let Some(wait) = seen.wait(now) {
                return Ok(Begun::Wait(wait));
            }
            let Seen { key, tries: before } = seen;
            let forgotten = before.until.saturating_add(seconds_of(REMEMBERED)) <= seconds;
            let count = match forgotten {
                true => 1,
                false => before.count.saturating_add(1),
            };
            let after = Tries {
                count,
                until: now.plus(paused.after(count)).unix_seconds(),
            };
            if self.put_tries(&key, before, after).await? {
                let begun = Try { key, before, after };
                return Ok(Begun::Try(begun));
            }
            seen = self.see_again(key).await?;
        }
        Ok(Begun::Wait(1))
    }

    /// The try has not failed: those before it are forgotten, unless others have begun since. One round
    /// trip.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn forget_tries(&self, begun: &Try) -> Result<(), StoreError> {
        let none = Tries {
            until: begun.before.until,
            count: 0,
        };
        self.put_tries(&begun.key, begun.after, none)
            .await
            .map(|_| ())
    }

    /// The try has not failed, and does not count; those before it do. One round trip.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn take_back(&self, begun: &Try) -> Result<(), StoreError> {
        let written = self.put_tries(&begun.key, begun.after, begun.before);
        written.await.map(|_| ())
    }

    /// Notes this for a time, unless others have since it was read. One round trip.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn note(&self, seen: &Seen, until: Timestamp) -> Result<(), StoreError> {
        let after = Tries {
            count: 0,
            until: until.unix_seconds(),
        };
        self.put_tries(&seen.key, seen.tries, after)
            .await
            .map(|_| ())
    }

    fn throttle_key(&self, tenant: Tenant, who: &[String]) -> Key {
        let who: Vec<_> = who.iter().map(String::as_str).collect();
        Keys::of(tenant).throttle(&self.lookup.hash(&who))
    }

    /// Writes tries unless others have begun since they were read.
    async fn put_tries(&self, key: &Key, before: Tries, after: Tries) -> Result<bool, StoreError> {
        let number = |number: i64| AttributeValue::N(number.to_string());
        let ttl = after.until.saturating_add(seconds_of(REMEMBERED));
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key.attributes()))
            .update_expression("SET #until = :until, #count = :count, #type = :type, #ttl = :ttl")
            .condition_expression(match before == Tries::default() {
                true => "attribute_not_exists(#count) OR (#count = :seen AND #until = :seen_until)",
                false => "#count = :seen AND #until = :seen_until",
            })
            .expression_attribute_names("#until", "until")
            .expression_attribute_names("#count", "count")
            .expression_attribute_names("#type", "type")
            .expression_attribute_names("#ttl", TTL)
            .expression_attribute_values(":until", number(after.until))
            .expression_attribute_values(":count", number(after.count.into()))
            .expression_attribute_values(":ttl", number(ttl))
            .expression_attribute_values(":seen", number(before.count.into()))
            .expression_attribute_values(":seen_until", number(before.until))
            .expression_attribute_values(":type", AttributeValue::S("tries".to_owned()));
        match Box::pin(update.send()).await {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(false),
                _ => Err(error.into()),
            },
        }
    }
}

fn seconds_of(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let paused = Paused {
            free: 5,
            longest: Duration::from_secs(900),
        };
        let after = |failed| paused.after(failed).as_secs();
        assert_eq!((0..=5).map(after).max(), Some(0));
        assert_eq!([6, 7, 8, 15, 16, 17].map(after), [1, 2, 4, 512, 900, 900]);
        assert_eq!(after(u32::MAX), 900);
    }
}
