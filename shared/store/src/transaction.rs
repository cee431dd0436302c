//! Writes of one transaction, each on its condition.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure,
    TransactWriteItem,
};
use domain::Id;

use crate::claims::is_payment_taken;
use crate::item::RawItem;
use crate::keys::Key;
use crate::table::PK;
use crate::{Store, StoreError};

/// On what a write depends.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Condition {
    /// The item is not there.
    Absent,
    /// The item is not there, or refers to this record.
    AbsentOrOwnedBy(Id),
    /// The item is there.
    Present,
    /// The item is there, of this version.
    Version(u64),
    /// Nothing: the write is guarded by another of the same transaction.
    Guarded,
}

/// A condition as DynamoDB takes it.
#[derive(Default)]
struct Expression {
    text: Option<String>,
    names: Option<HashMap<String, String>>,
    values: Option<HashMap<String, AttributeValue>>,
    on_failure: Option<ReturnValuesOnConditionCheckFailure>,
}

impl Condition {
    /// That the item is as a record of this version was read; one of version 0 was not there.
    pub(crate) const fn of_version(version: u64) -> Self {
        match version {
            0 => Self::Absent,
            version => Self::Version(version),
        }
    }

    fn expression(self) -> Expression {
        let (text, name, value) = match self {
            Self::Guarded => return Expression::default(),
            Self::Absent => ("attribute_not_exists(#pk)", None, None),
            Self::Present => ("attribute_exists(#pk)", None, None),
            Self::AbsentOrOwnedBy(owner) => (
                "attribute_not_exists(#pk) OR #owner = :owner",
                Some("owner"),
                Some(AttributeValue::S(owner.to_string())),
            ),
            Self::Version(version) => (
                "#version = :version",
                Some("version"),
                Some(AttributeValue::N(version.to_string())),
            ),
        };
        // A name that the text does not use is refused.
        let pk = text
            .contains("#pk")
            .then(|| ("#pk".to_owned(), PK.to_owned()));
        let compared = name.map(|name| (format!("#{name}"), name.to_owned()));
        let value = name.zip(value);
        let is_claim = matches!(self, Self::AbsentOrOwnedBy(_));
        Expression {
            text: Some(text.to_owned()),
            names: Some(pk.into_iter().chain(compared).collect()),
            values: value.map(|(name, value)| HashMap::from([(format!(":{name}"), value)])),
            on_failure: is_claim.then_some(ReturnValuesOnConditionCheckFailure::AllOld),
        }
    }
}

impl Store {
    pub(crate) fn put(
        &self,
        item: RawItem,
        condition: Condition,
    ) -> Result<TransactWriteItem, StoreError> {
        let condition = condition.expression();
        let put = Put::builder()
            .set_item(Some(item))
            .table_name(&self.table)
            .set_condition_expression(condition.text)
            .set_expression_attribute_names(condition.names)
            .set_expression_attribute_values(condition.values)
            .set_return_values_on_condition_check_failure(condition.on_failure)
            .build()
            .map_err(unbuilt)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    pub(crate) fn delete(
        &self,
        key: &Key,
        condition: Condition,
    ) -> Result<TransactWriteItem, StoreError> {
        let condition = condition.expression();
        let delete = Delete::builder()
            .set_key(Some(key.attributes()))
            .table_name(&self.table)
            .set_condition_expression(condition.text)
            .set_expression_attribute_names(condition.names)
            .set_expression_attribute_values(condition.values)
            .build()
            .map_err(unbuilt)?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    /// A condition alone.
    pub(crate) fn check(
        &self,
        key: &Key,
        condition: Condition,
    ) -> Result<TransactWriteItem, StoreError> {
        let condition = condition.expression();
        let check = ConditionCheck::builder()
            .set_key(Some(key.attributes()))
            .table_name(&self.table)
            .set_condition_expression(condition.text)
            .set_expression_attribute_names(condition.names)
            .set_expression_attribute_values(condition.values)
            .build()
            .map_err(unbuilt)?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }

    pub(crate) async fn transact(&self, writes: Vec<TransactWriteItem>) -> Result<(), StoreError> {
        let random: &dyn effects::Random = self.random.as_ref();
        let request = self
            .client
            .transact_write_items()
            .set_transact_items(Some(writes))
            .client_request_token(random.hex());
        match Box::pin(request.send()).await {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(refused) if is_payment_taken(refused) => Err(StoreError::PaymentTaken),
                Some(refused) if is_conflict(refused) => Err(StoreError::Conflict),
                _ => Err(error.into()),
            },
        }
    }
}

fn is_conflict(error: &TransactWriteItemsError) -> bool {
    let TransactWriteItemsError::TransactionCanceledException(canceled) = error else {
        return matches!(
            error,
            TransactWriteItemsError::TransactionInProgressException(_)
        );
    };
    canceled.cancellation_reasons().iter().any(|reason| {
        matches!(
            reason.code(),
            Some("ConditionalCheckFailed" | "TransactionConflict")
        )
    })
}

fn unbuilt(error: impl std::fmt::Display) -> StoreError {
    StoreError::Unavailable(error.to_string())
}
