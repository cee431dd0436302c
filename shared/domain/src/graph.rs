//! The records around those that are shown: which record a relationship leads to, and which values
//! follow from others. What has not been read yet is named, so that whoever reads can read it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::catalog::Catalog;
use crate::money::Amount;
use crate::order::Order;
use crate::purchase::{OrderPartition, Purchase};
use crate::record::Record;
use crate::resource::{Attribute, Source};
use crate::resources::{PAYMENT_SOURCES, ResourceType};
use crate::wallet::{Entry, Wallet};
use crate::{Caller, Id, Role, Timestamp};

/// Records as one caller sees them.
#[derive(Debug, Clone)]
pub struct Graph {
    viewer: Caller,
    now: Timestamp,
    catalog: Arc<Catalog>,
    orders: BTreeMap<Id, Option<OrderPartition>>,
    wallets: BTreeMap<Id, Wallet>,
}

/// A part of the table that has to be read before a relationship can be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// An order and its payment sources, and its children too.
    Order {
        /// The order.
        id: Id,
        /// Whether line items, shipments and addresses are wanted.
        children: bool,
    },
    /// A customer, with their wallet.
    Wallet(Id),
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
    pub fn add_order(&mut self, id: Id, partition: Option<OrderPartition>) {
        self.orders.insert(id, partition);
    }

    /// Adds a wallet as read.
    pub fn add_wallet(&mut self, wallet: Wallet) {
        self.wallets.insert(wallet.customer, wallet);
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
                let entries = &self.wallet(record.id)?.entries;
                Related::Many(entries.iter().map(Entry::to_record).collect())
            }
            (T::CustomerPaymentSources, "payment_source") => {
                Related::One(self.entry(record)?.and_then(Entry::source))
            }
            (_, "customer") => Related::One(self.customer(record.related("customer"))?),
            (_, "order") => Related::One(self.order_of(record)?),
            (_, "payment_gateway") => Related::One(self.gateway(record)),
            (_, "payment_methods") => Related::Many(self.methods_of(record)),
            _ => Related::One(self.catalogued(record, relationship)),
        };
        Ok(found)
    }

    fn related_to_order(&self, record: &Record, relationship: &str) -> Result<Related, Part> {
        let children = matches!(
            relationship,
            "line_items" | "shipments" | "shipping_address" | "billing_address"
        );
        let Some(partition) = self.partition(record.id, children)? else {
            return Ok(Related::One(None));
        };
        let of_kind = |kind: ResourceType| {
            let children = partition.children.iter().flatten();
            children.filter(move |it| it.kind == kind).cloned()
        };
        Ok(match relationship {
            "payment_source" => {
                Related::One(partition.source.as_ref().map(|source| source.to_record()))
            }
            "customer" => Related::One(self.customer(record.related("customer"))?),
            "shipping_address" | "billing_address" => {
                let id = record.related(relationship);
                Related::One(of_kind(ResourceType::Addresses).find(|it| Some(it.id) == id))
            }
            "line_items" => Related::Many(of_kind(ResourceType::LineItems).collect()),
            "shipments" => Related::Many(of_kind(ResourceType::Shipments).collect()),
            "available_payment_methods" => {
                let offered = self.catalog.offered(&partition.order);
                Related::Many(offered.into_iter().cloned().collect())
            }
            "available_customer_payment_sources" => Related::Many(self.available(partition)?),
            _ => Related::One(self.catalogued(record, relationship)),
        })
    }

    /// The saved sources that the order may be paid with; none, and nothing read, where the viewer
    /// may not use the wallet.
    fn available(&self, partition: &OrderPartition) -> Result<Vec<Record>, Part> {
        let wallet = match self.viewer.opens_wallet_of(&partition.order) {
            None => return Ok(Vec::new()),
            Some(customer) => self.wallet(customer)?,
        };
        let purchase = Purchase {
            tenant: self.viewer.tenant,
            partition: partition.clone(),
            wallet: Some(wallet.clone()),
            catalog: Arc::clone(&self.catalog),
        };
        let entries = purchase.available_entries(self.now);
        Ok(entries.into_iter().map(Entry::to_record).collect())
    }

    fn partition(&self, id: Id, children: bool) -> Result<Option<&OrderPartition>, Part> {
        let missing = Part::Order { id, children };
        let partition = self.orders.get(&id).ok_or(missing)?;
        match partition {
            Some(partition) if children && partition.children.is_none() => Err(missing),
            found => Ok(found.as_ref()),
        }
    }

    fn wallet(&self, customer: Id) -> Result<&Wallet, Part> {
        self.wallets.get(&customer).ok_or(Part::Wallet(customer))
    }

    /// A customer, for themselves and for integrations.
    fn customer(&self, id: Option<Id>) -> Result<Option<Record>, Part> {
        let allowed = |id: &Id| match self.viewer.role {
            Role::Integration => true,
            Role::Customer(owner) => owner == *id,
            Role::Guest => false,
        };
        match id.filter(allowed) {
            None => Ok(None),
            Some(id) => Ok(self.wallet(id)?.profile.clone()),
        }
    }

    fn entry(&self, record: &Record) -> Result<Option<&Entry>, Part> {
        match record.related("customer") {
            None => Ok(None),
            Some(customer) => Ok(self.wallet(customer)?.entry(record.id)),
        }
    }

    fn order_of(&self, record: &Record) -> Result<Option<Record>, Part> {
        let Some(id) = record.related("order") else {
            return Ok(None);
        };
        let partition = self.partition(id, false)?;
        let order = partition.map(|it| &it.order);
        let seen = order.filter(|order| self.viewer.sees(order));
        Ok(seen.map(Order::to_record))
    }

    /// A gateway, for integrations: sales channels have no access to gateways (Commerce Layer,
    /// "roles and permissions").
    fn gateway(&self, record: &Record) -> Option<Record> {
        match self.viewer.role {
            Role::Integration => {
                let id = record.related("payment_gateway")?;
                self.catalog.gateway(id).cloned()
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

    /// Whether a document shows an attribute to the viewer.
    pub const fn shows(&self, attribute: &Attribute) -> bool {
        attribute.is_readable() && attribute.readers.contains(self.viewer.role)
    }

    /// The value that a document shows for an attribute.
    pub fn attribute(&self, record: &Record, attribute: &Attribute) -> Value {
        match attribute.source {
            Source::Stored => match record.get(attribute.name) {
                Some(value) => value.clone(),
                None if attribute.is_object_when_absent() => json!({}),
                None => Value::Null,
            },
            Source::Record => match attribute.name {
                "created_at" => record.created_at.to_string().into(),
                _ => record.updated_at.to_string().into(),
            },
            Source::FloatOf(cents) => {
                amount(record, cents).map_or(Value::Null, |it| it.to_float().into())
            }
            Source::FormattedOf(cents) => {
                amount(record, cents).map_or(Value::Null, |it| it.to_string().into())
            }
            Source::Computed => self.computed(record, attribute.name),
            Source::WriteOnly | Source::Trigger(_) => Value::Null,
        }
    }

    fn computed(&self, record: &Record, name: &str) -> Value {
        match (record.kind, name) {
            (ResourceType::Orders, "editable") => {
                let status = record.text("status").unwrap_or("draft");
                matches!(status, "draft" | "pending" | "editing").into()
            }
            (ResourceType::Addresses, "full_name") => full_name(record).into(),
            (ResourceType::Addresses, "full_address") => full_address(record).into(),
            (ResourceType::Addresses, "name") => {
                format!("{}, {}", full_name(record), full_address(record)).into()
            }
            (ResourceType::ExternalGateways, "circuit_state") => {
                self.catalog.circuit(record.id).state().into()
            }
            (ResourceType::ExternalGateways, "circuit_failure_count") => {
                self.catalog.circuit(record.id).failures.into()
            }
            (kind, "mismatched_amounts") if PAYMENT_SOURCES.contains(&kind) => {
                self.is_mismatched(record).into()
            }
            _ => Value::Null,
        }
    }

    fn is_mismatched(&self, record: &Record) -> bool {
        let order = record.related("order").and_then(|id| self.orders.get(&id));
        let partition = order.and_then(Option::as_ref);
        let source = partition.and_then(|it| it.source(record.id).map(|source| (it, source)));
        source.is_some_and(|(partition, source)| partition.mismatches(source))
    }
}

fn amount(record: &Record, cents: &str) -> Option<Amount> {
    Some(Amount {
        cents: record.integer(cents)?,
        currency: record.text("currency_code")?.parse().ok()?,
    })
}

fn full_name(address: &Record) -> String {
    let business = address.get("business").and_then(Value::as_bool);
    match business {
        Some(true) => address.text("company").unwrap_or_default().to_owned(),
        _ => join(address, &["first_name", "last_name"]),
    }
}

/// As Commerce Layer writes it: `2883 Geraldine Lane Apt.23, 10013 New York NY (US) (212) 646-338-1228`.
fn full_address(address: &Record) -> String {
    let street = join(address, &["line_1", "line_2"]);
    let city = join(address, &["zip_code", "city", "state_code"]);
    let country = address.text("country_code").unwrap_or_default();
    let phone = address.text("phone").unwrap_or_default();
    format!("{street}, {city} ({country}) {phone}")
}

fn join(record: &Record, names: &[&str]) -> String {
    let parts: Vec<_> = names.iter().filter_map(|name| record.text(name)).collect();
    parts.join(" ")
}
