//! Lists in order of creation, read stretch by stretch: what a page costs is what stands on it, and, of
//! what stands before it, the keys. Indexes may lag behind the records by a moment.

use aws_sdk_dynamodb::operation::query::QueryOutput;
use aws_sdk_dynamodb::types::{AttributeValue, Select};
use domain::{CustomerId, Id, OrderId, Period, ResourceType, Tenant};
use futures_util::future;

use crate::item::RawItem;
use crate::keys::{Key, Keys, ORDER_LINE};
use crate::requests::text;
use crate::table::{BY_TYPE, Index, PK, SK};
use crate::{Store, StoreError};

/// Sorts before every time, and after everything that begins with one.
const FIRST: &str = "0";
const LAST: &str = "~";

/// What is listed: a part of a partition of the table or of an index, or of several as one, in order of creation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    of: Of,
    partitions: Vec<String>,
    created: Period,
    direction: Direction,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Of {
    /// The records that an index names.
    Index(Index),
    /// The orders whose lines stand in their customer's partition.
    OrdersOfCustomer(Keys),
}

/// In which order of creation something is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The oldest first.
    OldestFirst,
    /// The newest first.
    NewestFirst,
}

/// A place in a listing, from which it is read on: in each partition, after which item; none where it begins with
/// the first.
#[derive(Debug, Clone, PartialEq)]
pub struct Bookmark(Vec<Option<RawItem>>);

/// A stretch of a listing.
#[derive(Debug, Clone, PartialEq)]
pub struct Stretch {
    /// The keys of the records.
    pub keys: Vec<Key>,
    /// Where it is read on; none at the end of the listing.
    pub next: Option<Bookmark>,
}

impl Listing {
    /// All records of a type, or of those that it is a view of, that were created within a period.
    pub fn of_type(
        tenant: Tenant,
        kind: ResourceType,
        created: Period,
        direction: Direction,
    ) -> Self {
        let keys = Keys::of(tenant);
        let kinds = kind.kinds().iter();
        let partitions = kinds.map(|kind| keys.type_partition(*kind)).collect();
        Self::of_index(BY_TYPE, partitions, created, direction)
    }

    /// The orders of a customer that were created within a period.
    pub fn of_orders(
        tenant: Tenant,
        customer: CustomerId,
        created: Period,
        direction: Direction,
    ) -> Self {
        let keys = Keys::of(tenant);
        Self {
            partitions: vec![keys.customer_partition(customer)],
            of: Of::OrdersOfCustomer(keys),
            created,
            direction,
        }
    }

    pub(crate) const fn of_index(
        index: Index,
        partitions: Vec<String>,
        created: Period,
        direction: Direction,
    ) -> Self {
        Self {
            of: Of::Index(index),
            partitions,
            created,
            direction,
        }
    }

    /// The names of the keys, and what the sort keys begin with before the time.
    const fn names(&self) -> (&'static str, &'static str, &'static str) {
        match self.of {
            Of::Index(index) => (index.pk, index.sk, ""),
            Of::OrdersOfCustomer(_) => (PK, SK, ORDER_LINE),
        }
    }

    /// The first and the last sort key. Behind the time stands an id, which sorts before `~`.
    fn range(&self) -> (String, String) {
        let (_, _, prefix) = self.names();
        let from = self.created.from.map(|it| it.to_string());
        let to = self.created.to.map(|it| format!("{it}#{LAST}"));
        (
            format!("{prefix}{}", from.as_deref().unwrap_or(FIRST)),
            format!("{prefix}{}", to.as_deref().unwrap_or(LAST)),
        )
    }

    /// Where each partition is read on.
    fn starts(&self, after: Option<Bookmark>) -> Vec<Option<RawItem>> {
        after.map_or_else(|| vec![None; self.partitions.len()], |it| it.0)
    }

    /// The first `most` of what was read of each partition, in the listing's order.
    fn merge(
        &self,
        parts: Vec<(Vec<RawItem>, Option<RawItem>)>,
        mut starts: Vec<Option<RawItem>>,
        most: usize,
    ) -> Stretch {
        let (_, sk, _) = self.names();
        let is_all = parts.iter().all(|(_, next)| next.is_none());
        let items = parts.into_iter().enumerate();
        let mut items: Vec<_> = items
            .flat_map(|(part, (items, _))| items.into_iter().map(move |item| (part, item)))
            .collect();
        items.sort_by_cached_key(|(_, item)| text(item, sk));
        if self.direction == Direction::NewestFirst {
            items.reverse();
        }
        let is_end = is_all && items.len() <= most;
        items.truncate(most);
        let keys = items
            .iter()
            .filter_map(|(_, item)| self.key(item))
            .collect();
        for (part, item) in items {
            if let Some(start) = starts.get_mut(part) {
                *start = Some(item);
            }
        }
        let next = (!is_end).then_some(Bookmark(starts));
        Stretch { keys, next }
    }

    /// The key of the record that an item of the listing names.
    fn key(&self, item: &RawItem) -> Option<Key> {
        match &self.of {
            Of::Index(_) => Some(key_of(item)),
            Of::OrdersOfCustomer(keys) => {
                let sk = text(item, SK);
                let id: Id = sk.rsplit('#').next()?.parse().ok()?;
                Some(keys.order(OrderId::new(id)))
            }
        }
    }
}

/// The key of an item.
pub(crate) fn key_of(item: &RawItem) -> Key {
    Key {
        pk: text(item, PK),
        sk: text(item, SK),
    }
}

impl Store {
    /// The next `most` records of a listing, as keys. One round trip per megabyte of keys; of each partition as
    /// many keys are read, at the same time.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn stretch(
        &self,
        listing: &Listing,
        after: Option<Bookmark>,
        most: usize,
    ) -> Result<Stretch, StoreError> {
        let starts = listing.starts(after);
        if let ([partition], [start]) = (listing.partitions.as_slice(), starts.as_slice()) {
            let start = start.clone();
            let (items, next) = self.part(listing, partition, start, most).await?;
            let keys = items.iter().filter_map(|item| listing.key(item)).collect();
            let next = next.map(|it| Bookmark(vec![Some(it)]));
            return Ok(Stretch { keys, next });
        }
        let parts = listing.partitions.iter().zip(&starts);
        let parts =
            parts.map(|(partition, start)| self.part(listing, partition, start.clone(), most));
        let parts = future::try_join_all(parts).await?;
        Ok(listing.merge(parts, starts, most))
    }

    /// Passes over the next `most` records of a listing: how many there were, and where it is read on. One
    /// round trip per megabyte of keys, of which none is carried over the wire; of several partitions they are, to
    /// be put in order.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn pass(
        &self,
        listing: &Listing,
        after: Option<Bookmark>,
        most: usize,
    ) -> Result<(usize, Option<Bookmark>), StoreError> {
        let [partition] = listing.partitions.as_slice() else {
            let stretch = self.stretch(listing, after, most).await?;
            return Ok((stretch.keys.len(), stretch.next));
        };
        let mut passed = 0;
        let mut start = listing.starts(after).pop().flatten();
        while passed < most && !listing.created.is_empty() {
            let some = most - passed;
            let page = self.query_listing(listing, partition, start, some, Select::Count);
            let page = page.await?;
            passed += usize::try_from(page.count).unwrap_or(0);
            start = page.last_evaluated_key;
            if start.is_none() {
                break;
            }
        }
        Ok((passed, start.map(|it| Bookmark(vec![Some(it)]))))
    }

    /// The next `most` items of one partition of a listing, and after which it is read on.
    async fn part(
        &self,
        listing: &Listing,
        partition: &str,
        mut start: Option<RawItem>,
        most: usize,
    ) -> Result<(Vec<RawItem>, Option<RawItem>), StoreError> {
        let mut items = Vec::new();
        while items.len() < most && !listing.created.is_empty() {
            let (some, select) = (most - items.len(), Select::SpecificAttributes);
            let page = self.query_listing(listing, partition, start, some, select);
            let page = page.await?;
            items.extend(page.items.unwrap_or_default());
            start = page.last_evaluated_key;
            if start.is_none() {
                break;
            }
        }
        Ok((items, start))
    }

    /// One query, of `most` items at most. The lines of a customer's orders are read as they are; an index
    /// knows no such read.
    async fn query_listing(
        &self,
        listing: &Listing,
        partition: &str,
        start: Option<RawItem>,
        most: usize,
        select: Select,
    ) -> Result<QueryOutput, StoreError> {
        let (pk, sk, _) = listing.names();
        let (from, to) = listing.range();
        let request = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("#pk = :pk AND #sk BETWEEN :from AND :to")
            .expression_attribute_names("#pk", pk)
            .expression_attribute_names("#sk", sk)
            .expression_attribute_values(":pk", AttributeValue::S(partition.to_owned()))
            .expression_attribute_values(":from", AttributeValue::S(from))
            .expression_attribute_values(":to", AttributeValue::S(to))
            .scan_index_forward(listing.direction == Direction::OldestFirst)
            .limit(i32::try_from(most).unwrap_or(i32::MAX))
            .set_exclusive_start_key(start);
        let request = match listing.of {
            Of::Index(index) => request.index_name(index.name),
            Of::OrdersOfCustomer(_) => request.consistent_read(true),
        };
        let request = match select {
            Select::Count => request.select(Select::Count),
            _ => match listing.of {
                Of::Index(_) => request
                    .projection_expression(match listing.partitions.as_slice() {
                        [_] => "#table_pk, #table_sk",
                        _ => "#pk, #sk, #table_pk, #table_sk",
                    })
                    .expression_attribute_names("#table_pk", PK)
                    .expression_attribute_names("#table_sk", SK),
                Of::OrdersOfCustomer(_) => request.projection_expression("#sk"),
            },
        };
        Ok(Box::pin(request.send()).await?)
    }
}
