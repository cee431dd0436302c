//! Reads of records that stand by themselves, with an order, or in an address book.

use domain::purchase::OrderPartition;
use domain::record::{Identifier, Place, Placed, Record};
use domain::resource::Partition;
use domain::{CustomerId, OrderId, Period, Tenant};

use crate::item::{RawItem, from_raw};
use crate::keys::{self, Keys};
use crate::listing::{Direction, Listing};
use crate::read::LocatorItem;
use crate::requests::text;
use crate::table::{PK, SK};
use crate::{Store, StoreError};

/// Where a record is.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// By itself, and this is it.
    Here(Box<Record>),
    /// With another record.
    At(Place),
}

/// How many orders one request reads, with their payment sources.
const ORDERS_AT_ONCE: usize = 50;

impl Store {
    /// Where a record of a type that may stand with others is, and the record if it is by itself. One
    /// round trip.
    ///
    /// # Errors
    /// The table does not answer, or the record does not read.
    pub async fn find(
        &self,
        tenant: Tenant,
        Identifier { kind, id }: Identifier,
    ) -> Result<Option<Found>, StoreError> {
        let own = Keys::of(tenant).own(kind, id);
        let Some(item) = self.partition(&own.pk).await?.into_iter().next() else {
            return Ok(None);
        };
        Ok(Some(match text(&item, SK) == keys::OWN {
            true => Found::Here(Box::new(self.to_record(tenant, item)?)),
            false => Found::At(place_of(from_raw(item)?)),
        }))
    }

    /// A record and where it stands; none for one that is not there, or whose type is kept elsewhere:
    /// in the catalogue, a wallet, an order's slot. One round trip, two for one in another's partition.
    ///
    /// # Errors
    /// The table does not answer, or a record does not read.
    pub async fn placed(
        &self,
        tenant: Tenant,
        Identifier { kind, id }: Identifier,
    ) -> Result<Option<Placed>, StoreError> {
        let keys = Keys::of(tenant);
        let place = match kind.declaration().partition {
            Partition::Order => Place::Order,
            Partition::Customer => Place::Customer,
            Partition::OfOrder
            | Partition::Transaction
            | Partition::AddressBook
            | Partition::Own => match self.find(tenant, Identifier { kind, id }).await? {
                None => return Ok(None),
                Some(Found::At(place)) => place,
                Some(Found::Here(record)) => {
                    let (record, place) = (*record, Place::Own);
                    return Ok(Some(Placed { record, place }));
                }
            },
            Partition::Payment
            | Partition::TransactionView
            | Partition::Wallet
            | Partition::Catalog
            | Partition::CatalogView
            | Partition::Owed
            | Partition::Token => {
                return Ok(None);
            }
        };
        let item = self.item(keys.at(kind, id, place)).await?;
        let record = item.map(|item| self.to_record(tenant, item)).transpose()?;
        Ok(record.map(|record| Placed { record, place }))
    }

    /// A customer's address book, entries and addresses, and the customer. One round trip.
    ///
    /// # Errors
    /// The table does not answer, or a record does not read.
    pub async fn address_book(
        &self,
        tenant: Tenant,
        customer: CustomerId,
    ) -> Result<Vec<Record>, StoreError> {
        let partition = Keys::of(tenant).customer_partition(customer);
        let items = self
            .range(&partition, keys::ADDRESS_BOOK, keys::CUSTOMER)
            .await?;
        let records = items.into_iter().map(|item| self.to_record(tenant, item));
        let mut records = records.collect::<Result<Vec<_>, _>>()?;
        records.sort_by_key(|it| (it.created_at, it.id));
        Ok(records)
    }

    /// A customer's orders with their current payment sources, oldest first; none where there are more than
    /// `most`, which are not read. One round trip, and one per fifty orders.
    ///
    /// # Errors
    /// The table does not answer, or a record does not read.
    pub async fn orders_of(
        &self,
        tenant: Tenant,
        customer: CustomerId,
        most: usize,
    ) -> Result<Option<Vec<OrderPartition>>, StoreError> {
        let direction = Direction::OldestFirst;
        let listing = Listing::of_orders(tenant, customer, Period::default(), direction);
        let lines = self.stretch(&listing, None, most.saturating_add(1)).await?;
        if lines.keys.len() > most {
            return Ok(None);
        }
        let mut orders = Vec::new();
        for some in lines.keys.chunks(ORDERS_AT_ONCE) {
            let wanted = some
                .iter()
                .flat_map(|order| [order.clone(), order.source()]);
            let mut items = self.items(wanted.collect()).await?;
            for order in some {
                let of_order = |item: &mut RawItem| text(item, PK) == order.pk;
                let items: Vec<_> = items.extract_if(.., of_order).collect();
                orders.extend(self.order_partition(tenant, items, false)?);
            }
        }
        Ok(Some(orders))
    }
}

fn place_of(locator: LocatorItem) -> Place {
    match locator.of_customer {
        true => Place::OfCustomer(CustomerId::new(locator.owner)),
        false => Place::OfOrder(OrderId::new(locator.owner)),
    }
}
