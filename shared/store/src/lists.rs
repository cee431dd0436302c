//! Reads behind whole-tenant lists: indexes, which may lag behind the records by a moment, tell the
//! keys; the records are read as they are.

use std::collections::{HashMap, HashSet};

use aws_sdk_dynamodb::types::AttributeValue;
use domain::record::{Identifier, Place, Record};
use domain::resource::Partition;
use domain::{CustomerId, EntryId, Id, OrderId, ResourceType, Tenant};
use futures_util::future;

use crate::item::{REFERENCE, RawItem};
use crate::keys::{Key, Keys};
use crate::placed::Found;
use crate::requests::text;
use crate::table::{BY_KEY, BY_REFERENCE, BY_TYPE, Index, PK, SK};
use crate::{Store, StoreError};

/// How many records a whole-tenant list walks at most.
pub const LONGEST_WALK: usize = 10_000;

impl Store {
    /// All records of a type in order of creation, as keys; as many as a list walks at most, and
    /// whether there are more. One round trip per megabyte of keys.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn walk(
        &self,
        tenant: Tenant,
        kind: ResourceType,
    ) -> Result<(Vec<Key>, bool), StoreError> {
        let partition = Keys::of(tenant).type_partition(kind);
        let mut keys = self.indexed(BY_TYPE, partition).await?;
        let more = keys.len() > LONGEST_WALK;
        keys.truncate(LONGEST_WALK);
        Ok((keys, more))
    }

    /// The records of a type whose attribute, declared as a key, has one of these values; as keys, in
    /// order of creation for each value. One round trip.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn found_by(
        &self,
        tenant: Tenant,
        kind: ResourceType,
        attribute: &str,
        values: &[&str],
    ) -> Result<Vec<Key>, StoreError> {
        let keys = Keys::of(tenant);
        let index = match attribute {
            REFERENCE => BY_REFERENCE,
            _ => BY_KEY,
        };
        let reads = values.iter().map(|value| {
            let partition = self.keyed(&keys, kind, attribute, value);
            self.indexed(index, partition)
        });
        let found = future::try_join_all(reads).await?;
        Ok(found.into_iter().flatten().collect())
    }

    /// The keys of the records of these ids, as far as they are there. Two round trips.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn keys_of_ids(
        &self,
        tenant: Tenant,
        kind: ResourceType,
        ids: &[Id],
    ) -> Result<Vec<Key>, StoreError> {
        let reads = ids.iter().map(|id| self.key_of_id(tenant, kind, *id));
        let keys = future::try_join_all(reads).await?;
        Ok(keys.into_iter().flatten().collect())
    }

    async fn key_of_id(
        &self,
        tenant: Tenant,
        kind: ResourceType,
        id: Id,
    ) -> Result<Option<Key>, StoreError> {
        let keys = Keys::of(tenant);
        let place = match kind.declaration().partition {
            Partition::Order => Some(Place::Order),
            Partition::Customer => Some(Place::Customer),
            Partition::Payment => return self.key_of_source(tenant, kind, id).await,
            Partition::Owed => {
                let found = self.found_by(tenant, kind, "id", &[id.as_str()]).await?;
                return Ok(found.into_iter().next());
            }
            Partition::Wallet => {
                let owner = self.owner_of(tenant, kind, id).await?;
                return Ok(
                    owner.map(|customer| keys.entry(CustomerId::new(customer), EntryId::new(id)))
                );
            }
            _ => match self.find(tenant, Identifier { kind, id }).await? {
                Some(Found::At(place)) => Some(place),
                Some(Found::Here(_)) => Some(Place::Own),
                None => None,
            },
        };
        Ok(place.map(|place| keys.at(kind, id, place)))
    }

    /// A payment source stands in its order's slot, or beside it.
    async fn key_of_source(
        &self,
        tenant: Tenant,
        kind: ResourceType,
        id: Id,
    ) -> Result<Option<Key>, StoreError> {
        let keys = Keys::of(tenant);
        let Some(order) = self.owner_of(tenant, kind, id).await? else {
            return Ok(None);
        };
        let beside = keys.child(OrderId::new(order), kind, id);
        Ok(match self.item(beside.clone()).await? {
            Some(_) => Some(beside),
            None => Some(keys.current_source(OrderId::new(order))),
        })
    }

    /// The partition of the records whose attribute has this value. Values are hashed: some are
    /// secrets.
    pub(crate) fn keyed(
        &self,
        keys: &Keys,
        kind: ResourceType,
        attribute: &str,
        value: &str,
    ) -> String {
        let hash = self.lookup.hash(&["key", kind.name(), attribute, value]);
        keys.keyed(kind, attribute, &hash)
    }

    async fn indexed(&self, index: Index, partition: String) -> Result<Vec<Key>, StoreError> {
        let mut keys = Vec::new();
        let mut start = None;
        loop {
            let request = self
                .client
                .query()
                .table_name(&self.table)
                .index_name(index.name)
                .key_condition_expression("#pk = :pk")
                .expression_attribute_names("#pk", index.pk)
                .expression_attribute_values(":pk", AttributeValue::S(partition.clone()))
                .set_exclusive_start_key(start);
            let page = Box::pin(request.send()).await?;
            for item in page.items.unwrap_or_default() {
                keys.push(Key {
                    pk: text(&item, PK),
                    sk: text(&item, SK),
                });
            }
            start = page.last_evaluated_key;
            if start.is_none() || keys.len() > LONGEST_WALK {
                return Ok(keys);
            }
        }
    }

    /// The records under these keys, in their order, each once; those that are gone are left out. One
    /// round trip per hundred.
    ///
    /// # Errors
    /// The table does not answer, or a record does not read.
    pub async fn records(&self, tenant: Tenant, keys: Vec<Key>) -> Result<Vec<Record>, StoreError> {
        let mut records = Vec::new();
        let mut seen = HashSet::new();
        let keys: Vec<_> = keys
            .into_iter()
            .filter(|it| seen.insert(it.clone()))
            .collect();
        for chunk in keys.chunks(100) {
            let items = self.items(chunk.to_vec()).await?;
            let mut by_key: HashMap<Key, RawItem> = items
                .into_iter()
                .map(|item| {
                    let key = Key {
                        pk: text(&item, PK),
                        sk: text(&item, SK),
                    };
                    (key, item)
                })
                .collect();
            for key in chunk {
                if let Some(item) = by_key.remove(key) {
                    records.push(self.to_record(tenant, item)?);
                }
            }
        }
        Ok(records)
    }
}
