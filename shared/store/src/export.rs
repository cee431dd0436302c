//! A tenant's records as they are moved to another table: what the items of its partitions store, opened. What
//! follows from them (where a record is found, who has an e-mail address) is made again where they arrive.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::moving::is_moved;
use domain::record::{Place, Placed, Record};
use domain::wallet::{GatewayCustomer, Head};
use domain::{CustomerId, OrderId, ResourceType, Tenant};
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::item::RawItem;
use crate::keys::{self, Key, Keys};
use crate::listing::key_of;
use crate::lists::READS_AT_ONCE;
use crate::operations::OPERATION;
use crate::requests::text;
use crate::reseal::typed;
use crate::table::{PK, SK};
use crate::{Store, StoreError};

/// How many items are looked at for a page. What stands with those that are a tenant's orders and customers is in
/// memory at the same time.
const ITEMS_OF_A_PAGE: i32 = 250;

/// How the sort keys of operations begin, and what sorts after them.
const OPERATIONS: (&str, &str) = ("operation#", "operation#~");

/// What is moved.
#[derive(Debug, Clone, PartialEq)]
pub enum Moved {
    /// A record, and where it stands.
    Record(Box<Placed>),
    /// A customer's record at a gateway.
    GatewayCustomer {
        /// The customer.
        customer: CustomerId,
        /// The record.
        made: GatewayCustomer,
    },
    /// The head of a customer's wallet, after its entries; it knows their tokens by hashes of this table's key.
    Head {
        /// The customer.
        customer: CustomerId,
        /// The head, of its version.
        head: Head,
    },
    /// What is owed to a gateway, as the API shows it: for reading, since one table alone carries it on.
    Operation(Box<Record>),
    /// The number that the next order's follows.
    OrderNumber(u64),
}

/// A page of the walk over a table.
#[derive(Debug, Clone, PartialEq)]
pub struct ExportPage {
    /// What was found of the tenant's, in the order in which it is to be written.
    pub moved: Vec<Moved>,
    /// Where the walk goes on; none at the end of the table.
    pub next: Option<Key>,
}

impl Store {
    /// A page of a tenant's records, after the item of that key: orders and customers with all that stands with
    /// them, each after what it stands with, the catalogue, and what stands by itself. A wallet is of one moment;
    /// of anything else that is written meanwhile the page has what was there before or after.
    ///
    /// # Errors
    /// The table does not answer, or an item does not read.
    pub async fn export_page(
        &self,
        tenant: Tenant,
        after: Option<&Key>,
    ) -> Result<ExportPage, StoreError> {
        let value = |text: &str| AttributeValue::S(text.to_owned());
        let keys = Keys::of(tenant);
        let request = self
            .client
            .scan()
            .table_name(&self.table)
            .consistent_read(true)
            .limit(ITEMS_OF_A_PAGE)
            .filter_expression(
                "begins_with(#pk, :tenant) AND (#pk = :catalog OR #sk IN (:order, :customer, :own))",
            )
            .expression_attribute_names("#pk", PK)
            .expression_attribute_names("#sk", SK)
            .expression_attribute_values(":tenant", value(&keys.all()))
            .expression_attribute_values(":catalog", value(&keys.catalog_partition()))
            .expression_attribute_values(":order", value(keys::ORDER))
            .expression_attribute_values(":customer", value(keys::CUSTOMER))
            .expression_attribute_values(":own", value(keys::OWN))
            .set_exclusive_start_key(after.map(Key::attributes));
        let page = Box::pin(request.send()).await?;
        let items = page.items.unwrap_or_default();
        self.know_keys(&items).await;
        let found = items.into_iter().map(|item| self.found(tenant, item));
        let found: Vec<Vec<Moved>> = stream::iter(found)
            .buffered(READS_AT_ONCE)
            .try_collect()
            .await?;
        let mut moved = found.concat();
        let next = page.last_evaluated_key.map(|it| key_of(&it));
        if next.is_none() {
            moved.extend(self.order_number(tenant).await?.map(Moved::OrderNumber));
        }
        Ok(ExportPage { moved, next })
    }

    /// What an item leads to that was found.
    async fn found(&self, tenant: Tenant, item: RawItem) -> Result<Vec<Moved>, StoreError> {
        let key = key_of(&item);
        let is_of_catalog = key.pk == Keys::of(tenant).catalog_partition();
        match key.sk.as_str() {
            keys::ORDER => self.order_with_all(tenant, key).await,
            keys::CUSTOMER => self.customer_with_all(tenant, item).await,
            sk if is_of_catalog && sk.starts_with(keys::CIRCUIT) => Ok(Vec::new()),
            _ => {
                let place = match is_of_catalog {
                    true => Place::Catalog,
                    false => Place::Own,
                };
                let record = self.to_record(tenant, item)?;
                Ok(Vec::from_iter(placed(record, place)?))
            }
        }
    }

    /// An order, then all that stands with it.
    async fn order_with_all(&self, tenant: Tenant, key: Key) -> Result<Vec<Moved>, StoreError> {
        let mut items = self.partition(&key.pk).await?;
        items.sort_by_key(|it| text(it, SK) != keys::ORDER);
        let mut moved = Vec::new();
        let mut order = None;
        for item in items {
            let sk = text(&item, SK);
            if text(&item, "type") == OPERATION {
                moved.push(self.moved_operation(item)?);
                continue;
            }
            let record = self.to_record(tenant, item)?;
            let place = match (order, sk.as_str()) {
                (_, keys::ORDER) => {
                    order = Some(OrderId::new(record.id));
                    Place::Order
                }
                (Some(order), keys::SOURCE_SLOT) => Place::Slot(order),
                (Some(order), _) => Place::OfOrder(order),
                // It was deleted meanwhile.
                (None, _) => return Ok(Vec::new()),
            };
            moved.extend(placed(record, place)?);
        }
        Ok(moved)
    }

    /// A customer, then the address book, the wallet, and what is owed for them. The lines of their orders follow
    /// from the orders.
    async fn customer_with_all(
        &self,
        tenant: Tenant,
        item: RawItem,
    ) -> Result<Vec<Moved>, StoreError> {
        let customer = CustomerId::new(self.to_record(tenant, item)?.id);
        let wallet = self.wallet(tenant, customer).await?;
        let Some(profile) = wallet.profile else {
            return Ok(Vec::new());
        };
        let mut moved = Vec::from_iter(placed(profile, Place::Customer)?);
        let book = self.address_book(tenant, customer).await?.into_iter();
        for record in book.filter(|it| it.kind != ResourceType::Customers) {
            moved.extend(placed(record, Place::OfCustomer(customer))?);
        }
        let has_wallet = wallet.head.version > 0;
        for entry in wallet.entries {
            moved.extend(placed(entry.to_record(), Place::Wallet(customer))?);
        }
        let made = wallet.gateway_customers.into_iter();
        moved.extend(made.map(|made| Moved::GatewayCustomer { customer, made }));
        if has_wallet {
            let head = wallet.head.unhashed();
            moved.push(Moved::Head { customer, head });
        }
        let partition = Keys::of(tenant).customer_partition(customer);
        for item in self.range(&partition, OPERATIONS.0, OPERATIONS.1).await? {
            moved.push(self.moved_operation(item)?);
        }
        Ok(moved)
    }

    fn moved_operation(&self, item: RawItem) -> Result<Moved, StoreError> {
        let record = self.read_owed(item)?.to_record();
        Ok(Moved::Operation(Box::new(record)))
    }
}

/// The record with its tokens as tokens; nothing of a type that stays where it is.
fn placed(record: Record, place: Place) -> Result<Option<Moved>, StoreError> {
    if !is_moved(record.kind) {
        return Ok(None);
    }
    let record = typed(record)?;
    Ok(Some(Moved::Record(Box::new(Placed { record, place }))))
}
