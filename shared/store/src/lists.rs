//! Reads behind whole-tenant lists: indexes, which may lag behind the records by a moment, tell the
//! keys; the records are read as they are.

use std::collections::{HashMap, HashSet};

use domain::record::{Identifier, Place, Record};
use domain::resource::Partition;
use domain::{CustomerId, EntryId, Id, OrderId, Period, ResourceType, Tenant};
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::item::{REFERENCE, RawItem};
use crate::keys::{Key, Keys};
use crate::listing::{Direction, Listing, key_of};
use crate::placed::Found;
use crate::requests::READ_IN_A_BATCH;
use crate::table::{BY_KEY, BY_REFERENCE};
use crate::{Store, StoreError};

/// How many of the reads of one request are under way at the same time.
pub(crate) const READS_AT_ONCE: usize = 8;

impl Store {
    /// The records of a type whose attribute, declared as a key, has one of these values and that were
    /// created within a period; as keys, in order of creation for each value. Where there are `most`, of all values
    /// together, no more are looked for. One round trip per eight values.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn found_by(
        &self,
        tenant: Tenant,
        kind: ResourceType,
        attribute: &str,
        values: &[&str],
        created: Period,
        most: usize,
    ) -> Result<Vec<Key>, StoreError> {
        let keys = Keys::of(tenant);
        let index = match attribute {
            REFERENCE => BY_REFERENCE,
            _ => BY_KEY,
        };
        let of_each = |value: &&str| {
            let kinds = kind.kinds().iter();
            let partitions = kinds.map(|kind| self.keyed(&keys, *kind, attribute, value));
            Listing::of_index(index, partitions.collect(), created, Direction::OldestFirst)
        };
        let listings: Vec<_> = values.iter().map(of_each).collect();
        let reads: Vec<_> = listings
            .iter()
            .map(|it| self.stretch(it, None, most))
            .collect();
        let mut reads = stream::iter(reads).buffered(READS_AT_ONCE);
        let mut found = Vec::new();
        while found.len() < most
            && let Some(some) = reads.try_next().await?
        {
            found.extend(some.keys);
        }
        Ok(found)
    }

    /// The keys of the records of these ids, as far as they are there. Two round trips per eight.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn keys_of_ids(
        &self,
        tenant: Tenant,
        kind: ResourceType,
        ids: &[Id],
    ) -> Result<Vec<Key>, StoreError> {
        let kinds = kind.kinds().iter();
        let reads: Vec<_> = kinds
            .flat_map(|kind| ids.iter().map(|id| self.key_of_id(tenant, *kind, *id)))
            .collect();
        let keys: Vec<_> = stream::iter(reads)
            .buffered(READS_AT_ONCE)
            .try_collect()
            .await?;
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
                let (id, all) = ([id.as_str()], Period::default());
                let found = self.found_by(tenant, kind, "id", &id, all, 1).await?;
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

    /// The records under these keys, in their order, each once; those that are gone are left out. One
    /// round trip per eight hundred.
    ///
    /// # Errors
    /// The table does not answer, or a record does not read.
    pub async fn records(&self, tenant: Tenant, keys: Vec<Key>) -> Result<Vec<Record>, StoreError> {
        let mut seen = HashSet::new();
        let keys: Vec<_> = keys
            .into_iter()
            .filter(|it| seen.insert(it.clone()))
            .collect();
        let reads: Vec<_> = keys
            .chunks(READ_IN_A_BATCH)
            .map(|chunk| self.items(chunk.to_vec()))
            .collect();
        let read = stream::iter(reads).buffered(READS_AT_ONCE);
        let read: Vec<Vec<RawItem>> = read.try_collect().await?;
        let mut by_key: HashMap<Key, RawItem> = read
            .into_iter()
            .flatten()
            .map(|item| (key_of(&item), item))
            .collect();
        let items = keys.iter().filter_map(|key| by_key.remove(key));
        items.map(|item| self.to_record(tenant, item)).collect()
    }
}
