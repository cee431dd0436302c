//! Requests, counted by who makes them. Each process counts its own in memory, and writes down a block of them
//! in one `UpdateItem`, which has no condition and answers what all have written down: an item for each hour
//! has a number for each minute of it. One that the SDK repeats after a lost answer may count twice, which
//! refuses a request early.

use std::collections::HashMap;
use std::sync::{MutexGuard, PoisonError};

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use domain::{Tenant, Timestamp};
use futures_util::future;
use gatehouse::throttle::{Counted, Tally, block_of, minute_of};

use crate::item::RawItem;
use crate::keys::{Key, Keys, throttle};
use crate::table::TTL;
use crate::{Store, StoreError};

/// How many callers a process remembers. One more, and all are forgotten: what is written down stays right,
/// since the first turn of each is left to chance.
const MOST_REMEMBERED: usize = 10_000;

const MINUTES_OF_AN_HOUR: i64 = 60;

/// What a process has counted, by the key of the caller.
pub(crate) type Tallies = HashMap<Key, Tally>;

impl Store {
    /// Counts a request of `who`, named by all these texts together; of a tenant's where it is known
    /// whose. No round trip for most towards a limit of 120 or more; one for each that writes a block down.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn count_request(
        &self,
        tenant: Option<Tenant>,
        who: &[&str],
        limit: u32,
        now: Timestamp,
    ) -> Result<Counted, StoreError> {
        let hash = self.lookup.hash(who);
        let key = match tenant {
            Some(tenant) => Keys::of(tenant).throttle(&hash),
            None => throttle(&hash),
        };
        let (minute, block) = (minute_of(now), block_of(limit));
        // Where each is written down, the table alone knows in which order they came.
        if block == 1 {
            return self.write_down(&key, minute, block).await;
        }
        if let Some(counted) = self.count_in_memory(&key, minute, block) {
            return Ok(counted);
        }
        let told = self.write_down(&key, minute, block).await?;
        let mut tallies = self.tallies();
        Ok(match tallies.get_mut(&key) {
            Some(tally) => {
                tally.learn(told, block);
                tally.counted()
            }
            None => told,
        })
    }

    /// Counts a request in this process's memory; none where it is one that writes a block down.
    fn count_in_memory(&self, key: &Key, minute: i64, block: u32) -> Option<Counted> {
        let mut tallies = self.tallies();
        if tallies.len() >= MOST_REMEMBERED && !tallies.contains_key(key) {
            tallies.clear();
        }
        let tally = tallies
            .entry(key.clone())
            .or_insert_with(|| Tally::new(minute, self.first_turn(block)));
        let is_turn = tally.count(minute, block);
        (!is_turn).then(|| tally.counted())
    }

    /// Adds a block to the minute. In the first minute of an hour the last of the hour before is asked for
    /// as well, at the same time.
    async fn write_down(&self, key: &Key, minute: i64, block: u32) -> Result<Counted, StoreError> {
        let before = minute.saturating_sub(1);
        let begins_hour = minute.rem_euclid(MINUTES_OF_AN_HOUR) == 0;
        let (item, item_before) = future::try_join(self.add(key, minute, block), async {
            match begins_hour {
                true => self.add(key, before, 0).await.map(Some),
                false => Ok(None),
            }
        })
        .await?;
        Ok(Counted {
            minute,
            count: counted_in(&item, minute),
            before: counted_in(item_before.as_ref().unwrap_or(&item), before),
        })
    }

    async fn add(&self, key: &Key, minute: i64, block: u32) -> Result<RawItem, StoreError> {
        let hour = minute.div_euclid(MINUTES_OF_AN_HOUR);
        // It counts until the minute after the hour is over.
        let forgotten_at = (hour + 1) * MINUTES_OF_AN_HOUR * 60 + 120;
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key.of_hour(hour).attributes()))
            .update_expression("ADD #minute :block SET #type = :type, #ttl = :ttl")
            .expression_attribute_names("#minute", name_of(minute))
            .expression_attribute_names("#type", "type")
            .expression_attribute_names("#ttl", TTL)
            .expression_attribute_values(":block", AttributeValue::N(block.to_string()))
            .expression_attribute_values(":type", AttributeValue::S("throttle".to_owned()))
            .expression_attribute_values(":ttl", AttributeValue::N(forgotten_at.to_string()))
            .return_values(ReturnValue::AllNew);
        let updated = Box::pin(update.send()).await?;
        Ok(updated.attributes.unwrap_or_default())
    }

    fn tallies(&self) -> MutexGuard<'_, Tallies> {
        // What is left of a count by a thread that panicked is a count all the same.
        self.tallies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn first_turn(&self, block: u32) -> u32 {
        u32::from_le_bytes(self.random.bytes()) % block + 1
    }
}

/// The name of a minute among those of its hour.
fn name_of(minute: i64) -> String {
    format!("m{}", minute.rem_euclid(MINUTES_OF_AN_HOUR))
}

fn counted_in(item: &RawItem, minute: i64) -> u32 {
    let number = item.get(&name_of(minute)).and_then(|it| it.as_n().ok());
    number.and_then(|it| it.parse().ok()).unwrap_or(0)
}
