//! The table's definition: the template, the local engine and the tests share it.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, CreateGlobalSecondaryIndexAction, GlobalSecondaryIndex,
    GlobalSecondaryIndexUpdate, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType, StreamSpecification, TimeToLiveSpecification,
};

use crate::StoreError;

/// The partition key.
pub const PK: &str = "pk";
/// The sort key.
pub const SK: &str = "sk";
/// When DynamoDB may remove the item, in Unix seconds; on throttle, token and idempotency records
/// alone.
pub const TTL: &str = "ttl";

/// A sparse index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Index {
    /// The index's name.
    pub name: &'static str,
    /// The index's partition key.
    pub pk: &'static str,
    /// The index's sort key.
    pub sk: &'static str,
}

/// All records of a type in order of creation, for whole-tenant lists of integrations.
pub const BY_TYPE: Index = Index {
    name: "by_type",
    pk: "by_type",
    sk: "by_type_at",
};

/// Owed operations by when they are due, for the sweeper.
pub const DUE: Index = Index {
    name: "due",
    pk: "due",
    sk: "due_at",
};

/// Records by type and `reference`, for integrations' whole-tenant lists.
pub const BY_REFERENCE: Index = Index {
    name: "by_reference",
    pk: "by_reference",
    sk: "by_type_at",
};

/// Records by type and the attribute that names them (an order's number, a customer's e-mail), for
/// integrations' whole-tenant lists.
pub const BY_KEY: Index = Index {
    name: "by_key",
    pk: "by_key",
    sk: "by_type_at",
};

/// Every index: keys only, so that an index never shows a record as it was before.
pub const INDEXES: &[Index] = &[BY_TYPE, BY_REFERENCE, BY_KEY, DUE];

/// Makes the table; one that is there gets the indexes that it lacks.
///
/// # Errors
/// The engine does not answer, or refuses.
pub async fn create(client: &Client, name: &str) -> Result<(), StoreError> {
    let mut request = client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .set_key_schema(Some(key_schema(PK, SK)?));
    for definition in attribute_definitions()? {
        request = request.attribute_definitions(definition);
    }
    for index in INDEXES {
        request = request.global_secondary_indexes(index_definition(index)?);
    }
    match request.send().await {
        Ok(_) => enable_ttl(client, name).await,
        Err(error) => match error.as_service_error() {
            Some(refused) if refused.is_resource_in_use_exception() => bring_up(client, name).await,
            _ => Err(error.into()),
        },
    }
}

/// A table of an earlier version has fewer indexes, and a stream, which nothing reads. Records that were
/// written before are not in the new indexes until they are written again.
async fn bring_up(client: &Client, name: &str) -> Result<(), StoreError> {
    let described = client.describe_table().table_name(name).send().await?;
    let table = described.table;
    let stream = table.as_ref().and_then(|it| it.stream_specification());
    if stream.is_some_and(StreamSpecification::stream_enabled) {
        let off = StreamSpecification::builder().stream_enabled(false).build();
        client
            .update_table()
            .table_name(name)
            .stream_specification(off.map_err(unavailable)?)
            .send()
            .await?;
    }
    let present = table.and_then(|it| it.global_secondary_indexes);
    let present: Vec<_> = present.into_iter().flatten().collect();
    for index in INDEXES {
        if present.iter().any(|it| it.index_name() == Some(index.name)) {
            continue;
        }
        let definition = index_definition(index)?;
        let create = CreateGlobalSecondaryIndexAction::builder()
            .index_name(definition.index_name())
            .set_key_schema(Some(definition.key_schema().to_vec()))
            .set_projection(definition.projection().cloned())
            .build()
            .map_err(unavailable)?;
        let update = GlobalSecondaryIndexUpdate::builder().create(create).build();
        client
            .update_table()
            .table_name(name)
            .set_attribute_definitions(Some(attribute_definitions()?))
            .global_secondary_index_updates(update)
            .send()
            .await?;
    }
    Ok(())
}

fn attribute_definitions() -> Result<Vec<AttributeDefinition>, StoreError> {
    let of_indexes = INDEXES.iter().flat_map(|index| [index.pk, index.sk]);
    let names: BTreeSet<_> = [PK, SK].into_iter().chain(of_indexes).collect();
    let definition = |name: &str| {
        AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::S)
            .build()
            .map_err(unavailable)
    };
    names.into_iter().map(definition).collect()
}

async fn enable_ttl(client: &Client, name: &str) -> Result<(), StoreError> {
    let ttl = TimeToLiveSpecification::builder()
        .enabled(true)
        .attribute_name(TTL)
        .build()
        .map_err(unavailable)?;
    client
        .update_time_to_live()
        .table_name(name)
        .time_to_live_specification(ttl)
        .send()
        .await?;
    Ok(())
}

fn index_definition(index: &Index) -> Result<GlobalSecondaryIndex, StoreError> {
    let keys_only = Projection::builder()
        .projection_type(ProjectionType::KeysOnly)
        .build();
    GlobalSecondaryIndex::builder()
        .index_name(index.name)
        .set_key_schema(Some(key_schema(index.pk, index.sk)?))
        .projection(keys_only)
        .build()
        .map_err(unavailable)
}

fn key_schema(pk: &str, sk: &str) -> Result<Vec<KeySchemaElement>, StoreError> {
    let element = |name: &str, kind: KeyType| {
        KeySchemaElement::builder()
            .attribute_name(name)
            .key_type(kind)
            .build()
            .map_err(unavailable)
    };
    Ok(vec![
        element(pk, KeyType::Hash)?,
        element(sk, KeyType::Range)?,
    ])
}

fn unavailable(error: impl std::fmt::Display) -> StoreError {
    StoreError::Unavailable(error.to_string())
}
