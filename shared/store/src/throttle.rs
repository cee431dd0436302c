//! Requests, counted by who makes them: one item each, which holds the minute that runs and the one
//! before. A request adds one by an `UpdateItem` that holds for this minute or a later one; the first of
//! a minute finds that it does not, and begins the minute with what it found. One that the SDK repeats
//! after a lost answer may count twice, which refuses a request early.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use domain::{Tenant, Timestamp};
use gatehouse::throttle::{Counted, INTERVAL, minute_of};
use serde::Deserialize;

use crate::item::{RawItem, from_raw};
use crate::keys::{Key, Keys, throttle};
use crate::table::TTL;
use crate::{Store, StoreError};

/// How often a request that begins a minute is overtaken by others before it is given up.
const MOST_ATTEMPTS: usize = 4;

/// What is stored of who makes requests.
#[derive(Deserialize)]
struct ThrottleItem {
    minute: i64,
    count: u32,
    before: u32,
}

impl From<ThrottleItem> for Counted {
    fn from(item: ThrottleItem) -> Self {
        Self {
            minute: item.minute,
            count: item.count,
            before: item.before,
        }
    }
}

impl Store {
    /// Counts a request of `who`, named by all these texts together; of a tenant's where it is known
    /// whose. One round trip; two more for the first of a minute.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn count_request(
        &self,
        tenant: Option<Tenant>,
        who: &[&str],
        now: Timestamp,
    ) -> Result<Counted, StoreError> {
        let hash = self.lookup.hash(who);
        let key = match tenant {
            Some(tenant) => Keys::of(tenant).throttle(&hash),
            None => throttle(&hash),
        };
        for _ in 0..MOST_ATTEMPTS {
            let stored = match self.count_on(&key, now).await? {
                Counting::Counted(counted) => return Ok(counted),
                Counting::Over(stored) => stored,
            };
            if let Some(counted) = self.begin_minute(&key, stored, now).await? {
                return Ok(counted);
            }
        }
        Err(StoreError::Conflict)
    }

    async fn count_on(&self, key: &Key, now: Timestamp) -> Result<Counting, StoreError> {
        let update = self
            .update_throttle(key, now)
            .update_expression("ADD #count :one")
            // A process whose clock is behind counts on with those that are ahead.
            .condition_expression("#minute >= :minute")
            .expression_attribute_names("#count", "count")
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match Box::pin(update.send()).await {
            Ok(updated) => {
                let item = updated.attributes.unwrap_or_default();
                Ok(Counting::Counted(read(item)?))
            }
            Err(error) => Ok(Counting::Over(failed_condition(error)?)),
        }
    }

    /// Begins the minute with one request, unless another process has.
    async fn begin_minute(
        &self,
        key: &Key,
        stored: Option<Counted>,
        now: Timestamp,
    ) -> Result<Option<Counted>, StoreError> {
        let minute = minute_of(now);
        let before = stored.filter(|it| it.minute == minute.saturating_sub(1));
        let begun = Counted {
            minute,
            count: 1,
            before: before.map_or(0, |it| it.count),
        };
        // It counts until the minute after this one is over.
        let forgotten_at = now.plus(INTERVAL * 3).unix_seconds();
        let update = self
            .update_throttle(key, now)
            .update_expression(
                "SET #minute = :minute, #count = :one, #before = :before, #type = :type, #ttl = :ttl",
            )
            .expression_attribute_names("#count", "count")
            .expression_attribute_names("#before", "before")
            .expression_attribute_names("#type", "type")
            .expression_attribute_names("#ttl", TTL)
            .expression_attribute_values(":before", number(begun.before))
            .expression_attribute_values(":type", AttributeValue::S("throttle".to_owned()))
            .expression_attribute_values(":ttl", number(forgotten_at));
        let update = match stored {
            None => update.condition_expression("attribute_not_exists(#minute)"),
            Some(stored) => update
                .condition_expression("#minute = :stored")
                .expression_attribute_values(":stored", number(stored.minute)),
        };
        match Box::pin(update.send()).await {
            Ok(_) => Ok(Some(begun)),
            Err(error) => failed_condition(error).map(|_| None),
        }
    }

    fn update_throttle(&self, key: &Key, now: Timestamp) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key.attributes()))
            .expression_attribute_names("#minute", "minute")
            .expression_attribute_values(":minute", number(minute_of(now)))
            .expression_attribute_values(":one", number(1))
    }
}

/// What came of adding one.
enum Counting {
    /// It was added.
    Counted(Counted),
    /// What is stored is of an earlier minute, or nothing is.
    Over(Option<Counted>),
}

/// What is stored where a condition did not hold.
fn failed_condition<R>(error: SdkError<UpdateItemError, R>) -> Result<Option<Counted>, StoreError>
where
    R: std::fmt::Debug + 'static,
{
    match error.as_service_error() {
        Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
            failed.item().cloned().map(read).transpose()
        }
        _ => Err(error.into()),
    }
}

fn read(item: RawItem) -> Result<Counted, StoreError> {
    Ok(from_raw::<ThrottleItem>(item)?.into())
}

fn number(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}
