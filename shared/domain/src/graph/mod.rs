//! The records around those that are shown: which record a relationship leads to, and which values
//! follow from others. What has not been read yet is named, so that whoever reads can read it.

mod customers;
mod orders;
mod values;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::catalog::Catalog;
use crate::purchase::{OrderPartition, Purchase};
use crate::record::{Identifier, Record};
use crate::resource::Relationship;
use crate::resources::{PAYMENT_GATEWAYS, PAYMENT_SOURCES, ResourceType, TRANSACTIONS};
use crate::wallet::{Entry, Wallet};
use crate::{Caller, CustomerId, GatewayId, OrderId, Role, Timestamp};

/// Records as one caller sees them.
#[derive(Debug, Clone)]
pub struct Graph {
    viewer: Caller,
    now: Timestamp,
    catalog: Arc<Catalog>,
    orders: BTreeMap<OrderId, Option<OrderPartition>>,
    wallets: BTreeMap<CustomerId, Wallet>,
    address_books: BTreeMap<CustomerId, Vec<Record>>,
    orders_of: BTreeMap<CustomerId, Vec<OrderId>>,
    others: BTreeMap<Identifier, Option<Record>>,
}

/// A part of the table that has to be read before a relationship can be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// An order and its payment sources, and its children too.
    Order {
        /// The order.
        id: OrderId,
        /// Whether line items, shipments and addresses are wanted.
        children: bool,
    },
    /// A customer, with their wallet.
    Wallet(CustomerId),
    /// A customer with their address book.
    AddressBook(CustomerId),
    /// A customer's orders.
    OrdersOf(CustomerId),
    /// A record that may stand by itself.
    Other(Identifier),
}

/// Where a relationship leads.
#[derive(Debug, Clone, PartialEq)]
pub enum Related {
    /// To one record or none.
    One(Option<Record>),
    /// To any number of records.
    Many(Vec<Record>),
}

impl Related {
    /// The records that it leads to.
    pub fn into_records(self) -> Vec<Record> {
        match self {
            Self::One(record) => record.into_iter().collect(),
            Self::Many(records) => records,
        }
    }
}

impl Graph {
    /// A graph of nothing but the catalogue.
    pub const fn new(viewer: Caller, now: Timestamp, catalog: Arc<Catalog>) -> Self {
        Self {
            viewer,
            now,
            catalog,
            orders: BTreeMap::new(),
            wallets: BTreeMap::new(),
            address_books: BTreeMap::new(),
            orders_of: BTreeMap::new(),
            others: BTreeMap::new(),
        }
    }

    /// The graph around a purchase.
    pub fn of(purchase: Purchase, viewer: Caller, now: Timestamp) -> Self {
        let mut graph = Self::new(viewer, now, purchase.catalog);
        if let Some(wallet) = purchase.wallet {
            graph.add_wallet(wallet);
        }
        let id = purchase.partition.order.id();
        graph.add_order(id, Some(purchase.partition));
        graph
    }

    /// Adds an order's partition as read; none where there is none.
    pub fn add_order(&mut self, id: OrderId, partition: Option<OrderPartition>) {
        self.orders.insert(id, partition);
    }

    /// Adds a wallet as read.
    pub fn add_wallet(&mut self, wallet: Wallet) {
        self.wallets.insert(wallet.customer, wallet);
    }

    /// Adds a customer's address book as read: entries, addresses, and the customer.
    pub fn add_address_book(&mut self, customer: CustomerId, records: Vec<Record>) {
        self.address_books.insert(customer, records);
    }

    /// Adds a customer's orders as read, without their children.
    pub fn add_orders_of(&mut self, customer: CustomerId, partitions: Vec<OrderPartition>) {
        let ids = partitions.iter().map(|it| it.order.id()).collect();
        self.orders_of.insert(customer, ids);
        for partition in partitions {
            let id = partition.order.id();
            self.orders.entry(id).or_insert(Some(partition));
        }
    }

    /// Adds a record as read; none where there is none.
    pub fn add_other(&mut self, identifier: Identifier, record: Option<Record>) {
        self.others.insert(identifier, record);
    }

    /// What has to be read before the record's own attributes can be shown: some follow from others.
    pub fn needed_by(&self, record: &Record) -> Option<Part> {
        let (part, is_there) = match record.kind {
            ResourceType::CustomerAddresses => {
                let customer = record.related("customer").map(CustomerId::new)?;
                let is_there = self.address_books.contains_key(&customer);
                (Part::AddressBook(customer), is_there)
            }
            kind if PAYMENT_SOURCES.contains(&kind) => {
                let id = record.related("order").map(OrderId::new)?;
                let children = false;
                (Part::Order { id, children }, self.orders.contains_key(&id))
            }
            _ => return None,
        };
        (!is_there).then_some(part)
    }

    /// Where a record's relationship leads, as far as the viewer may know: what they may not see is
    /// not there.
    ///
    /// # Errors
    /// The part of the table that has to be read first.
    pub fn related(&self, record: &Record, relationship: &str) -> Result<Related, Part> {
        use ResourceType as T;

        let found = match (record.kind, relationship) {
            (T::Orders, _) => return self.related_to_order(record, relationship),
            (T::Customers, "customer_payment_sources") => {
                let entries = &self.wallet(CustomerId::new(record.id))?.entries;
                Related::Many(entries.iter().map(Entry::to_record).collect())
            }
            (T::Customers, "customer_addresses") => {
                Related::Many(self.addresses_of(CustomerId::new(record.id))?)
            }
            (T::Customers, "orders") => Related::Many(self.orders_of(CustomerId::new(record.id))?),
            (T::CustomerAddresses, "address") => Related::One(self.kept_address(record)?),
            (T::LineItems | T::LineItemOptions | T::Shipments, _) => {
                return self.related_to_part(record, relationship);
            }
            (kind, _) if TRANSACTIONS.contains(&kind) => {
                return self.related_to_transaction(record, relationship);
            }
            (T::ExternalPayments, "wallet") => Related::One(self.saved_as(record)?),
            (T::CustomerPaymentSources, "payment_source") => {
                Related::One(self.kept_source(record)?)
            }
            (_, "customer") => {
                Related::One(self.customer(record.related("customer").map(CustomerId::new))?)
            }
            (_, "order") => Related::One(self.order_of(record)?),
            (_, "payment_gateway") => Related::One(self.gateway(record)),
            (_, "payment_methods") => Related::Many(self.methods_of(record)),
            _ => Related::One(self.catalogued(record, relationship)),
        };
        Ok(found)
    }

    /// Whether the viewer may know where a relationship leads at all: sales channels have no access to
    /// gateways and transactions (Commerce Layer, "roles and permissions").
    pub fn leads(&self, relationship: &Relationship) -> bool {
        let is_kept_from_shoppers = |it: &ResourceType| {
            let is_gateway = *it == ResourceType::PaymentGateways || PAYMENT_GATEWAYS.contains(it);
            is_gateway || TRANSACTIONS.contains(it)
        };
        let to = relationship.to;
        self.viewer.role == Role::Integration || !to.iter().any(is_kept_from_shoppers)
    }

    /// A gateway, for integrations: sales channels have no access to gateways (Commerce Layer,
    /// "roles and permissions").
    fn gateway(&self, record: &Record) -> Option<Record> {
        match self.viewer.role {
            Role::Integration => {
                let id = record.related("payment_gateway")?;
                self.catalog.gateway(GatewayId::new(id)).cloned()
            }
            Role::Customer(_) | Role::Guest => None,
        }
    }

    fn methods_of(&self, gateway: &Record) -> Vec<Record> {
        let methods = self.catalog.of(ResourceType::PaymentMethods);
        methods
            .into_iter()
            .filter(|method| method.related("payment_gateway") == Some(gateway.id))
            .cloned()
            .collect()
    }

    fn catalogued(&self, record: &Record, relationship: &str) -> Option<Record> {
        let to = record.relationships.get(relationship)?;
        self.catalog.get(to.kind, to.id).cloned()
    }
}
