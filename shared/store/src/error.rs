use std::error::Error;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use domain::record::Corrupt;

/// Why the table was not read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another request changed what this one had read: read again and decide again.
    #[error("another request changed the record meanwhile")]
    Conflict,
    /// The payment at the gateway pays another order already.
    #[error("the payment pays another order already")]
    PaymentTaken,
    /// The token is in another customer's wallet.
    #[error("the token is in another customer's wallet")]
    TokenTaken,
    /// A record would outgrow the table's limit.
    #[error("the {kind} would take {bytes} bytes, more than a record may")]
    TooLarge {
        /// The record's type.
        kind: String,
        /// The record's size.
        bytes: usize,
    },
    /// A stored record does not read.
    #[error(transparent)]
    Corrupt(#[from] Corrupt),
    /// A stored item does not read.
    #[error("the item {pk} {sk} is corrupt: {problem}")]
    CorruptItem {
        /// The item's partition key.
        pk: String,
        /// The item's sort key.
        sk: String,
        /// What does not read.
        problem: String,
    },
    /// DynamoDB has no room for it now: nothing was written.
    #[error("the table is busy: {0}")]
    Busy(String),
    /// DynamoDB did not answer, or refused.
    #[error("the table is unavailable: {0}")]
    Unavailable(String),
}

impl<E, R> From<SdkError<E, R>> for StoreError
where
    E: Error + ProvideErrorMetadata + 'static,
    R: std::fmt::Debug + 'static,
{
    fn from(error: SdkError<E, R>) -> Self {
        let is_busy = error.code().is_some_and(|it| BUSY.contains(&it));
        match is_busy {
            true => Self::Busy(cause(&error)),
            false => Self::Unavailable(cause(&error)),
        }
    }
}

/// What DynamoDB calls that it has no room for a request, or for a part of a transaction.
pub const BUSY: [&str; 5] = [
    "ProvisionedThroughputExceeded",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingError",
    "ThrottlingException",
];

/// What DynamoDB said, or why it said nothing: never its whole answer, which may hold records.
fn cause<E, R>(error: &SdkError<E, R>) -> String
where
    E: Error + ProvideErrorMetadata + 'static,
    R: std::fmt::Debug + 'static,
{
    if let Some(said) = error.as_service_error() {
        let code = said.code().unwrap_or("unknown code");
        return format!("{code}: {}", said.message().unwrap_or_default());
    }
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(deeper) = source {
        text = format!("{text}: {deeper}");
        source = deeper.source();
    }
    text
}
