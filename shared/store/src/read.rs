//! Reads. Each method says how many round trips it takes; parallel ones count as one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::catalog::{Catalog, Circuit};
use domain::order::Order;
use domain::purchase::OrderPartition;
use domain::record::Record;
use domain::resources::PAYMENT_SOURCES;
use domain::source::PaymentSource;
use domain::wallet::{Entry, GatewayCustomer, Head, Wallet};
use domain::{CustomerId, GatewayId, Id, OrderId, ResourceType, SourceId, Tenant, Timestamp};
use futures_util::future;
use serde::{Deserialize, Serialize};

use crate::circuits;
use crate::item::{RawItem, from_raw};
use crate::keys::{self, Keys};
use crate::requests::text;
use crate::sealing::Binding;
use crate::table::SK;
use crate::{Store, StoreError};

/// How often a wallet is read that is being written.
const MOST_READS: u32 = 4;

/// The head of a wallet as it is stored.
#[derive(Serialize, Deserialize)]
pub(crate) struct HeadItem {
    pub pk: String,
    pub sk: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub version: u64,
    pub head: String,
}

/// The type of the items that store customers' records at gateways.
pub(crate) const GATEWAY_CUSTOMER: &str = "gateway_customer";

/// A customer's record at a gateway as it is stored.
#[derive(Serialize, Deserialize)]
pub(crate) struct GatewayCustomerItem {
    pub pk: String,
    pub sk: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub version: u64,
    pub gateway: GatewayId,
    pub token: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed_with: Option<String>,
}

/// Where a record is found that lives in another's partition.
#[derive(Serialize, Deserialize)]
pub(crate) struct LocatorItem {
    pub pk: String,
    pub sk: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub version: u64,
    pub owner: Id,
    /// Whether the owner is a customer, for records that may be an order's too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub of_customer: bool,
}

impl Store {
    /// An order with its current payment source, and with its line items, shipments, addresses and
    /// superseded sources too if `children`. One round trip (one per megabyte with children).
    ///
    /// # Errors
    /// The table does not answer, or a record does not read.
    pub async fn order(
        &self,
        tenant: Tenant,
        order: OrderId,
        children: bool,
    ) -> Result<Option<OrderPartition>, StoreError> {
        let keys = Keys::of(tenant);
        let items = match children {
            true => self.partition(&keys.order_partition(order)).await?,
            false => {
                self.items(vec![keys.order(order), keys.current_source(order)])
                    .await?
            }
        };
        self.order_partition(tenant, items, children)
    }

    /// An order that was read before, with its line items, shipments, addresses and superseded sources:
    /// none of them is older than the order, which the commit of a decision is held to. One round trip
    /// (one per megabyte).
    ///
    /// # Errors
    /// As [`Self::order`].
    pub async fn with_children(
        &self,
        tenant: Tenant,
        read: OrderPartition,
    ) -> Result<OrderPartition, StoreError> {
        let later = self.order(tenant, read.order.id(), true).await?;
        let later = later.ok_or(StoreError::Conflict)?;
        Ok(OrderPartition {
            order: read.order,
            source: read.source,
            ..later
        })
    }

    /// An order with its current payment source and this one, current or superseded. One round trip.
    ///
    /// # Errors
    /// As [`Self::order`].
    pub async fn order_with_source(
        &self,
        tenant: Tenant,
        order: OrderId,
        kind: ResourceType,
        source: SourceId,
    ) -> Result<Option<OrderPartition>, StoreError> {
        let keys = Keys::of(tenant);
        let wanted = vec![
            keys.order(order),
            keys.current_source(order),
            keys.child(order, kind, source.into()),
        ];
        let items = self.items(wanted).await?;
        self.order_partition(tenant, items, false)
    }

    pub(crate) fn order_partition(
        &self,
        tenant: Tenant,
        items: Vec<RawItem>,
        with_children: bool,
    ) -> Result<Option<OrderPartition>, StoreError> {
        let (mut order, mut source) = (None, None);
        let (mut superseded, mut children) = (Vec::new(), Vec::new());
        for item in items {
            let sk = text(&item, SK);
            if sk.starts_with("operation#") {
                continue;
            }
            let record = self.to_record(tenant, item)?;
            match record.kind {
                ResourceType::Orders => order = Some(Order::parse(record)?),
                kind if !PAYMENT_SOURCES.contains(&kind) => children.push(record),
                _ if sk == keys::SOURCE_SLOT => source = Some(PaymentSource::parse(record)?),
                _ => superseded.push(PaymentSource::parse(record)?),
            }
        }
        children.sort_by_key(|it: &Record| (it.created_at, it.id));
        Ok(order.map(|order| OrderPartition {
            order,
            source,
            superseded,
            children: with_children.then_some(children),
            elsewhere: BTreeSet::new(),
        }))
    }

    /// A customer with their wallet, whole and as it was at one moment. One round trip; another one for
    /// each time that the wallet was written while it was being read.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where it is written all the time; the table does not answer, or a record
    /// does not read.
    pub async fn wallet(&self, tenant: Tenant, customer: CustomerId) -> Result<Wallet, StoreError> {
        let mut former = None;
        for _ in 0..MOST_READS {
            let wallet = self.read_wallet(tenant, customer).await?;
            if wallet.is_of_one_moment() {
                return Ok(wallet);
            }
            // Read the same twice, it is not being written: it is how the table was left.
            if former.as_ref() == Some(&wallet) {
                let customer = customer.as_str();
                tracing::error!(customer, "the wallet's head does not name its entries");
                return Ok(wallet);
            }
            former = Some(wallet);
        }
        Err(StoreError::Conflict)
    }

    async fn read_wallet(
        &self,
        tenant: Tenant,
        customer: CustomerId,
    ) -> Result<Wallet, StoreError> {
        let keys = Keys::of(tenant);
        let partition = keys.customer_partition(customer);
        let entries = self.range(&partition, keys::CUSTOMER, keys::AFTER_GATEWAY_CUSTOMERS);
        let head = self.item(keys.wallet_head(customer));
        let (items, head) = future::try_join(entries, head).await?;

        let mut wallet = Wallet::new(customer);
        if let Some(head) = head {
            wallet.head = read_head(head)?;
        }
        for item in items {
            let sk = text(&item, SK);
            if sk.starts_with(keys::GATEWAY_CUSTOMER) {
                let customer = self.gateway_customer(tenant, customer, item)?;
                wallet.gateway_customers.push(customer);
                continue;
            }
            let record = self.to_record(tenant, item)?;
            match record.kind {
                ResourceType::CustomerPaymentSources => wallet.entries.push(Entry::parse(record)?),
                _ => wallet.profile = Some(record),
            }
        }
        wallet
            .entries
            .sort_by_key(|it| (it.record.created_at, it.id()));
        Ok(wallet)
    }

    /// The head of a customer's wallet; an empty one where nothing was saved yet. One round trip.
    ///
    /// # Errors
    /// The table does not answer, or the head does not read.
    pub async fn wallet_head(
        &self,
        tenant: Tenant,
        customer: CustomerId,
    ) -> Result<Head, StoreError> {
        match self.item(Keys::of(tenant).wallet_head(customer)).await? {
            Some(head) => read_head(head),
            None => Ok(Head::default()),
        }
    }

    pub(crate) fn gateway_customer(
        &self,
        tenant: Tenant,
        customer: CustomerId,
        item: RawItem,
    ) -> Result<GatewayCustomer, StoreError> {
        let item: GatewayCustomerItem = from_raw(item)?;
        let key = Keys::of(tenant).gateway_customer(customer, item.gateway);
        let binding = Binding::of_gateway_customer(tenant, customer, item.gateway, key);
        let token = self.sealer.open(&item.token, &binding, "token");
        let token = token.map_err(|problem| StoreError::CorruptItem {
            pk: item.pk,
            sk: item.sk,
            problem: problem.to_string(),
        })?;
        Ok(GatewayCustomer {
            gateway: item.gateway,
            token,
            version: item.version,
        })
    }

    /// The catalogue, from this process's memory where it was read within the last minute. One
    /// round trip, or none.
    ///
    /// # Errors
    /// The table does not answer, or a record does not read.
    pub async fn catalog(
        &self,
        tenant: Tenant,
        now: Timestamp,
    ) -> Result<Arc<Catalog>, StoreError> {
        if let Some(catalog) = self.catalogs.get(tenant, now) {
            return Ok(catalog);
        }
        self.read_catalog(tenant, now).await
    }

    /// The catalogue as it is in the table now: for a record that the one in memory lacks. One round
    /// trip.
    ///
    /// # Errors
    /// As [`Self::catalog`].
    pub async fn read_catalog(
        &self,
        tenant: Tenant,
        now: Timestamp,
    ) -> Result<Arc<Catalog>, StoreError> {
        let begun = self.catalogs.begin();
        let partition = Keys::of(tenant).catalog_partition();
        let items = self.partition(&partition).await?;
        // Anybody may name a tenant that is not there, as often as they like.
        let is_there = !items.is_empty();
        let (circuits, records): (Vec<_>, Vec<_>) = items
            .into_iter()
            .partition(|item| text(item, SK).starts_with(keys::CIRCUIT));
        let records: Result<Vec<Record>, _> = records
            .into_iter()
            .map(|item| self.to_record(tenant, item))
            .collect();
        let circuits = circuits.into_iter().map(circuits::read);
        let circuits: Result<BTreeMap<GatewayId, Circuit>, _> = circuits.collect();
        let catalog = Arc::new(Catalog::from_iter(records?).with_circuits(circuits?));
        if is_there {
            self.catalogs.keep(begun, tenant, now, &catalog);
        }
        Ok(catalog)
    }

    /// The record whose partition holds this one: an order's id for a payment source, a customer's
    /// for a wallet entry. One round trip.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn owner_of(
        &self,
        tenant: Tenant,
        kind: ResourceType,
        id: Id,
    ) -> Result<Option<Id>, StoreError> {
        let key = Keys::of(tenant).locator(kind, id);
        let item = self.item(key).await?;
        item.map(from_raw::<LocatorItem>)
            .transpose()
            .map(|it| it.map(|it| it.owner))
    }
}

pub(crate) fn read_head(item: RawItem) -> Result<Head, StoreError> {
    let item: HeadItem = from_raw(item)?;
    let head: Result<Head, _> = serde_json::from_str(&item.head);
    match head {
        Ok(head) => Ok(Head {
            version: item.version,
            ..head
        }),
        Err(error) => Err(StoreError::CorruptItem {
            pk: item.pk,
            sk: item.sk,
            problem: error.to_string(),
        }),
    }
}
