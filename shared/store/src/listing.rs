//! Lists in order of creation, read stretch by stretch: what a page costs is what stands on it, and, of
//! what stands before it, the keys. Indexes may lag behind the records by a moment.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::query::QueryOutput;
use aws_sdk_dynamodb::types::{AttributeValue, Select};
use domain::{CustomerId, Id, OrderId, Period, ResourceType, Tenant};

use crate::item::RawItem;
use crate::keys::{Key, Keys, ORDER_LINE};
use crate::requests::text;
use crate::table::{BY_TYPE, Index, PK, SK};
use crate::{Store, StoreError};

/// Sorts before every time, and after everything that begins with one.
const FIRST: &str = "0";
const LAST: &str = "~";

/// What is listed: a part of one partition of the table or of an index, in order of creation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    of: Of,
    partition: String,
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

/// A place in a listing, from which it is read on.
#[derive(Debug, Clone, PartialEq)]
pub struct Bookmark(HashMap<String, AttributeValue>);

/// A stretch of a listing.
#[derive(Debug, Clone, PartialEq)]
pub struct Stretch {
    /// The keys of the records.
    pub keys: Vec<Key>,
    /// Where it is read on; none at the end of the listing.
    pub next: Option<Bookmark>,
}

impl Listing {
    /// All records of a type that were created within a period.
    pub fn of_type(
        tenant: Tenant,
        kind: ResourceType,
        created: Period,
        direction: Direction,
    ) -> Self {
        let partition = Keys::of(tenant).type_partition(kind);
        Self::of_index(BY_TYPE, partition, created, direction)
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
            partition: keys.customer_partition(customer),
            of: Of::OrdersOfCustomer(keys),
            created,
            direction,
        }
    }

    pub(crate) const fn of_index(
        index: Index,
        partition: String,
        created: Period,
        direction: Direction,
    ) -> Self {
        Self {
            of: Of::Index(index),
            partition,
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
    /// The next `most` records of a listing, as keys. One round trip per megabyte of keys.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn stretch(
        &self,
        listing: &Listing,
        after: Option<Bookmark>,
        most: usize,
    ) -> Result<Stretch, StoreError> {
        let mut keys = Vec::new();
        let mut start = after.map(|it| it.0);
        while keys.len() < most && !listing.created.is_empty() {
            let some = most - keys.len();
            let page = self.query_listing(listing, start, some, Select::SpecificAttributes);
            let page = page.await?;
            let items = page.items.unwrap_or_default();
            keys.extend(items.iter().filter_map(|item| listing.key(item)));
            start = page.last_evaluated_key;
            if start.is_none() {
                break;
            }
        }
        let next = start.map(Bookmark);
        Ok(Stretch { keys, next })
    }

    /// Passes over the next `most` records of a listing: how many there were, and where it is read on. One
    /// round trip per megabyte of keys, of which none is carried over the wire.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn pass(
        &self,
        listing: &Listing,
        after: Option<Bookmark>,
        most: usize,
    ) -> Result<(usize, Option<Bookmark>), StoreError> {
        let mut passed = 0;
        let mut start = after.map(|it| it.0);
        while passed < most && !listing.created.is_empty() {
            let page = self.query_listing(listing, start, most - passed, Select::Count);
            let page = page.await?;
            passed += usize::try_from(page.count).unwrap_or(0);
            start = page.last_evaluated_key;
            if start.is_none() {
                break;
            }
        }
        Ok((passed, start.map(Bookmark)))
    }

    /// One query, of `most` items at most. The lines of a customer's orders are read as they are; an index
    /// knows no such read.
    async fn query_listing(
        &self,
        listing: &Listing,
        start: Option<HashMap<String, AttributeValue>>,
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
            .expression_attribute_values(":pk", AttributeValue::S(listing.partition.clone()))
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
                    .projection_expression("#table_pk, #table_sk")
                    .expression_attribute_names("#table_pk", PK)
                    .expression_attribute_names("#table_sk", SK),
                Of::OrdersOfCustomer(_) => request.projection_expression("#sk"),
            },
        };
        Ok(Box::pin(request.send()).await?)
    }
}
