//! A table as DynamoDB describes it, beside its definition.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    GlobalSecondaryIndexDescription, IndexStatus, KeySchemaElement, KeyType,
    PointInTimeRecoveryStatus, TableStatus, TimeToLiveStatus,
};

use crate::StoreError;
use crate::table::{INDEXES, Index, PK, SK, TTL};

/// How far a table is as its definition wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspected {
    /// Whether DynamoDB takes requests for it.
    pub is_active: bool,
    /// Whether its keys are those of the definition.
    pub has_keys: bool,
    /// The indexes that are missing, have other keys, or are not filled yet.
    pub lacking_indexes: Vec<&'static str>,
    /// Whether DynamoDB removes what has expired; none where that cannot be told.
    pub expires: Option<bool>,
    /// Whether it can be restored as it was at a second of the past; none where that cannot be told.
    pub is_recoverable: Option<bool>,
    /// Whether it cannot be deleted by mistake.
    pub is_protected: bool,
}

/// Looks at a table. Nothing is changed, and nothing that is kept in it is read.
///
/// # Errors
/// There is no such table, or DynamoDB does not answer.
pub async fn inspect(client: &Client, name: &str) -> Result<Inspected, StoreError> {
    let described = client.describe_table().table_name(name);
    let described = Box::pin(described.send()).await?;
    let table = described
        .table
        .ok_or_else(|| StoreError::Unavailable("no description of the table".to_owned()))?;
    let indexes = table.global_secondary_indexes();
    let lacking = INDEXES.iter().filter(|it| !is_there(indexes, it));
    Ok(Inspected {
        is_active: table.table_status() == Some(&TableStatus::Active),
        has_keys: are_keys(table.key_schema(), PK, SK),
        lacking_indexes: lacking.map(|it| it.name).collect(),
        expires: expires(client, name).await,
        is_recoverable: is_recoverable(client, name).await,
        is_protected: table.deletion_protection_enabled().unwrap_or_default(),
    })
}

fn is_there(indexes: &[GlobalSecondaryIndexDescription], wanted: &Index) -> bool {
    let found = indexes
        .iter()
        .find(|it| it.index_name() == Some(wanted.name));
    found.is_some_and(|it| {
        it.index_status() == Some(&IndexStatus::Active)
            && are_keys(it.key_schema(), wanted.pk, wanted.sk)
    })
}

fn are_keys(schema: &[KeySchemaElement], pk: &str, sk: &str) -> bool {
    let of_type = |kind: KeyType| {
        let key = schema.iter().find(|it| it.key_type() == &kind);
        key.map(KeySchemaElement::attribute_name)
    };
    of_type(KeyType::Hash) == Some(pk) && of_type(KeyType::Range) == Some(sk)
}

/// Those who may use the table need not be allowed to ask this: then it is not known.
async fn expires(client: &Client, name: &str) -> Option<bool> {
    let request = client.describe_time_to_live().table_name(name);
    let answer = Box::pin(request.send()).await.ok()?;
    let ttl = answer.time_to_live_description?;
    let is_on = ttl.time_to_live_status() == Some(&TimeToLiveStatus::Enabled);
    Some(is_on && ttl.attribute_name() == Some(TTL))
}

async fn is_recoverable(client: &Client, name: &str) -> Option<bool> {
    let request = client.describe_continuous_backups().table_name(name);
    let answer = Box::pin(request.send()).await.ok()?;
    let backups = answer.continuous_backups_description?;
    let recovery = backups.point_in_time_recovery_description?;
    let status = recovery.point_in_time_recovery_status?;
    Some(status == PointInTimeRecoveryStatus::Enabled)
}
