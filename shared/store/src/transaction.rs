//! Writes of one transaction, each on its condition.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure,
    TransactWriteItem,
};
use decisions::AsRead;
use domain::Id;

use crate::error::BUSY;
use crate::item::RawItem;
use crate::keys::Key;
use crate::requests::text;
use crate::table::PK;
use crate::{Store, StoreError};

/// The type of the keys that make a payment at a gateway one order's.
pub(crate) const PAYMENT: &str = "payment";

/// The type of the keys that put a token into one customer's wallet.
pub(crate) const TOKEN: &str = "saved_token";

/// On what a write depends.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Condition {
    /// The item is not there.
    Absent,
    /// The item is not there, or refers to this record.
    AbsentOrOwnedBy(Id),
    /// The item is there.
    Present,
    /// The item is there, of this version; where it is a record's, that record's.
    Version(Option<Id>, u64),
    /// The item is not there, or of this type: its key says which it is.
    AbsentOrOfType(&'static str),
}

/// A condition as DynamoDB takes it.
struct Expression {
    text: &'static str,
    names: HashMap<String, String>,
    values: Option<HashMap<String, AttributeValue>>,
    on_failure: Option<ReturnValuesOnConditionCheckFailure>,
}

impl Condition {
    /// That the item is as it was read.
    pub(crate) const fn of(read: AsRead) -> Self {
        match read {
            AsRead::Nothing => Self::Absent,
            AsRead::There => Self::Present,
            AsRead::Version(id, version) => Self::Version(Some(id), version),
        }
    }

    /// That the item, which is no record's, is as it was read; one of version 0 was not there.
    pub(crate) const fn of_version(version: u64) -> Self {
        match version {
            0 => Self::Absent,
            version => Self::Version(None, version),
        }
    }

    fn expression(self) -> Expression {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let (condition, compared) = match self {
            Self::Absent => ("attribute_not_exists(#pk)", Vec::new()),
            Self::Present => ("attribute_exists(#pk)", Vec::new()),
            Self::AbsentOrOwnedBy(owner) => (
                "attribute_not_exists(#pk) OR #owner = :owner",
                vec![("owner", text(owner.as_str()))],
            ),
            Self::AbsentOrOfType(kind) => (
                "attribute_not_exists(#pk) OR #type = :type",
                vec![("type", text(kind))],
            ),
            Self::Version(None, version) => {
                ("#version = :version", vec![("version", number(version))])
            }
            Self::Version(Some(id), version) => (
                "#version = :version AND #id = :id",
                vec![("version", number(version)), ("id", text(id.as_str()))],
            ),
        };
        // A name that the text does not use is refused.
        let pk = condition
            .contains("#pk")
            .then(|| ("#pk".to_owned(), PK.to_owned()));
        let names = compared
            .iter()
            .map(|(name, _)| (format!("#{name}"), (*name).to_owned()));
        let names = pk.into_iter().chain(names).collect();
        let values: HashMap<_, _> = compared
            .into_iter()
            .map(|(name, value)| (format!(":{name}"), value))
            .collect();
        let is_claim = matches!(self, Self::AbsentOrOwnedBy(_));
        Expression {
            text: condition,
            names,
            values: (!values.is_empty()).then_some(values),
            on_failure: is_claim.then_some(ReturnValuesOnConditionCheckFailure::AllOld),
        }
    }
}

fn number(number: u64) -> AttributeValue {
    AttributeValue::N(number.to_string())
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
            .condition_expression(condition.text)
            .set_expression_attribute_names(Some(condition.names))
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
            .condition_expression(condition.text)
            .set_expression_attribute_names(Some(condition.names))
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
            .condition_expression(condition.text)
            .set_expression_attribute_names(Some(condition.names))
            .set_expression_attribute_values(condition.values)
            .build()
            .map_err(unbuilt)?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }

    pub(crate) async fn transact(&self, writes: Vec<TransactWriteItem>) -> Result<(), StoreError> {
        let random: &dyn domain::Random = self.random.as_ref();
        let request = self
            .client
            .transact_write_items()
            .set_transact_items(Some(writes))
            .client_request_token(random.hex());
        match Box::pin(request.send()).await {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(refused) if is_taken(refused, PAYMENT) => Err(StoreError::PaymentTaken),
                Some(refused) if is_taken(refused, TOKEN) => Err(StoreError::TokenTaken),
                Some(refused) if is_conflict(refused) => Err(StoreError::Conflict),
                Some(refused) if is_busy(refused) => {
                    Err(StoreError::Busy("a part of a transaction".to_owned()))
                }
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

/// Whether a part of the transaction was turned away, and none was refused: as a whole it may be tried again.
fn is_busy(error: &TransactWriteItemsError) -> bool {
    let TransactWriteItemsError::TransactionCanceledException(canceled) = error else {
        return false;
    };
    let mut codes = canceled.cancellation_reasons().iter();
    codes.any(|reason| reason.code().is_some_and(|it| BUSY.contains(&it)))
}

fn unbuilt(error: impl std::fmt::Display) -> StoreError {
    StoreError::Unavailable(error.to_string())
}

/// Only keys of payments and of tokens give their item back when their condition fails.
fn is_taken(error: &TransactWriteItemsError, kind: &str) -> bool {
    let TransactWriteItemsError::TransactionCanceledException(canceled) = error else {
        return false;
    };
    let is_of_kind = |item: &RawItem| text(item, "type") == kind;
    let mut reasons = canceled.cancellation_reasons().iter();
    reasons.any(|reason| reason.item().is_some_and(is_of_kind))
}
