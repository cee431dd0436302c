//! Attempts, counted from the first of them on for a time: one item each. An attempt takes a place before
//! it is made, and gives it back where it is not to count, so that those that are made at once do not get
//! past the limit together.

use std::time::Duration;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use domain::{Tenant, Timestamp};
use serde::Deserialize;

use crate::item::from_raw;
use crate::keys::{Key, Keys};
use crate::table::TTL;
use crate::{Store, StoreError};

/// How often an attempt that begins to count is overtaken by others before it is given up.
const MOST_TRIES: usize = 4;

/// What is counted, for whom, and how much of it is let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limited {
    /// Whose attempts, named by all these texts together.
    pub who: Vec<String>,
    /// How many may count at a time, one at least.
    pub most: u32,
    /// How long they count, from the first of them on.
    pub within: Duration,
}

/// A place that an attempt has taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptPlace {
    key: Key,
    until: i64,
}

/// What came of asking for a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// The attempt may be made.
    Place(AttemptPlace),
    /// It may not, for so many seconds.
    Full(u64),
}

/// What is stored of attempts.
#[derive(Deserialize)]
struct AttemptsItem {
    until: i64,
    count: i64,
}

impl Store {
    /// Takes a place for an attempt, where there is one. One round trip; two for the first.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn take_place(
        &self,
        tenant: Tenant,
        limited: &Limited,
        now: Timestamp,
    ) -> Result<Taken, StoreError> {
        let who: Vec<_> = limited.who.iter().map(String::as_str).collect();
        let key = Keys::of(tenant).throttle(&self.lookup.hash(&who));
        for _ in 0..MOST_TRIES {
            match self.count_on_attempts(&key, limited.most, now).await? {
                Counting::Counted(until) => return Ok(Taken::Place(AttemptPlace { key, until })),
                Counting::Full(until) => {
                    let wait = until.saturating_sub(now.unix_seconds());
                    return Ok(Taken::Full(u64::try_from(wait).unwrap_or(0).max(1)));
                }
                Counting::Over => {}
            }
            if let Some(until) = self.begin_attempts(&key, limited.within, now).await? {
                return Ok(Taken::Place(AttemptPlace { key, until }));
            }
        }
        Err(StoreError::Conflict)
    }

    /// Gives a place back: the attempt does not count. One round trip.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn give_back(&self, place: &AttemptPlace) -> Result<(), StoreError> {
        let update = self
            .update_attempts(&place.key)
            .update_expression("ADD #count :minus")
            .condition_expression("#until = :until AND #count > :none")
            .expression_attribute_names("#count", "count")
            .expression_attribute_values(":until", number(place.until))
            .expression_attribute_values(":minus", number(-1))
            .expression_attribute_values(":none", number(0));
        match Box::pin(update.send()).await {
            Ok(_) => Ok(()),
            // They count no more in any case.
            Err(error) => failed_condition(error).map(|_| ()),
        }
    }

    async fn count_on_attempts(
        &self,
        key: &Key,
        most: u32,
        now: Timestamp,
    ) -> Result<Counting, StoreError> {
        let update = self
            .update_attempts(key)
            .update_expression("ADD #count :one")
            .condition_expression("#until > :now AND #count < :most")
            .expression_attribute_names("#count", "count")
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":now", number(now.unix_seconds()))
            .expression_attribute_values(":most", number(most))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match Box::pin(update.send()).await {
            Ok(updated) => {
                let item: AttemptsItem = from_raw(updated.attributes.unwrap_or_default())?;
                Ok(Counting::Counted(item.until))
            }
            Err(error) => Ok(match failed_condition(error)? {
                Some(item) if item.until > now.unix_seconds() && item.count >= i64::from(most) => {
                    Counting::Full(item.until)
                }
                _ => Counting::Over,
            }),
        }
    }

    /// Begins to count with one attempt, unless another process has.
    async fn begin_attempts(
        &self,
        key: &Key,
        within: Duration,
        now: Timestamp,
    ) -> Result<Option<i64>, StoreError> {
        let until = now.plus(within).unix_seconds();
        let update = self
            .update_attempts(key)
            .update_expression("SET #until = :until, #count = :one, #type = :type, #ttl = :until")
            .condition_expression("attribute_not_exists(#until) OR #until <= :now")
            .expression_attribute_names("#count", "count")
            .expression_attribute_names("#type", "type")
            .expression_attribute_names("#ttl", TTL)
            .expression_attribute_values(":until", number(until))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":now", number(now.unix_seconds()))
            .expression_attribute_values(":type", AttributeValue::S("attempts".to_owned()));
        match Box::pin(update.send()).await {
            Ok(_) => Ok(Some(until)),
            Err(error) => failed_condition(error).map(|_| None),
        }
    }

    fn update_attempts(&self, key: &Key) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key.attributes()))
            .expression_attribute_names("#until", "until")
    }
}

/// What came of adding one.
enum Counting {
    /// It was added; all count until then.
    Counted(i64),
    /// There are as many as may be, until then.
    Full(i64),
    /// What is stored counts no more, or nothing is.
    Over,
}

/// What is stored where a condition did not hold.
fn failed_condition<R>(
    error: SdkError<UpdateItemError, R>,
) -> Result<Option<AttemptsItem>, StoreError>
where
    R: std::fmt::Debug + 'static,
{
    match error.as_service_error() {
        Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
            let item = failed.item().cloned();
            item.map(from_raw::<AttemptsItem>).transpose()
        }
        _ => Err(error.into()),
    }
}

fn number(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}
