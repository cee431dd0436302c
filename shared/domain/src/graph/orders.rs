//! Where an order and its parts lead.

use super::{Graph, Part, Related};
use crate::order::Order;
use crate::purchase::OrderPartition;
use crate::record::{Identifier, Record};
use crate::resource::Partition;
use crate::resources::{ResourceType, TRANSACTIONS};
use crate::source::PaymentSource;
use crate::wallet::Entry;
use crate::{CustomerId, OrderId, Role, SourceId};

impl Graph {
    pub(super) fn related_to_order(
        &self,
        record: &Record,
        relationship: &str,
    ) -> Result<Related, Part> {
        let children = matches!(
            relationship,
            "line_items"
                | "line_item_options"
                | "shipments"
                | "shipping_address"
                | "billing_address"
                | "transactions"
                | "authorizations"
                | "captures"
                | "voids"
                | "refunds"
        );
        let Some(partition) = self.partition(OrderId::new(record.id), children)? else {
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
            "customer" => {
                Related::One(self.customer(record.related("customer").map(CustomerId::new))?)
            }
            "shipping_address" | "billing_address" => {
                Related::One(self.placed(record, relationship, partition)?)
            }
            "line_items" => Related::Many(of_kind(ResourceType::LineItems).collect()),
            "line_item_options" => Related::Many(of_kind(ResourceType::LineItemOptions).collect()),
            "default_payment_method" | "default_shipping_method" => {
                let market = self.catalogued(record, "market");
                Related::One(market.and_then(|it| self.catalogued(&it, relationship)))
            }
            "shipments" => Related::Many(of_kind(ResourceType::Shipments).collect()),
            "transactions" | "authorizations" | "captures" | "voids" | "refunds" => {
                let is_asked =
                    |it: &Record| relationship == "transactions" || it.kind.name() == relationship;
                let all = self.transactions(partition).into_iter();
                Related::Many(all.filter(is_asked).collect())
            }
            "available_payment_methods" => {
                let offered = self.catalog.offered(&partition.order);
                Related::Many(offered.into_iter().cloned().collect())
            }
            "available_customer_payment_sources" => Related::Many(self.available(partition)?),
            _ => Related::One(self.catalogued(record, relationship)),
        })
    }

    /// The transactions of an order, oldest first, for integrations: sales channels have no access to them (Commerce
    /// Layer, "roles and permissions").
    fn transactions(&self, partition: &OrderPartition) -> Vec<Record> {
        let children = partition.children.iter().flatten();
        let is_shown = self.viewer.role == Role::Integration;
        let of_order = children.filter(|it| is_shown && TRANSACTIONS.contains(&it.kind));
        let mut transactions: Vec<_> = of_order.cloned().collect();
        transactions.sort_by_key(|it| (it.created_at, it.id));
        transactions
    }

    /// The order that a part of it names, with all its parts.
    fn whole_partition_of(&self, part: &Record) -> Result<Option<&OrderPartition>, Part> {
        match part.related("order").map(OrderId::new) {
            Some(order) => self.partition(order, true),
            None => Ok(None),
        }
    }

    /// What a transaction leads to: its order, what it was paid with, and other transactions of the order.
    pub(super) fn related_to_transaction(
        &self,
        record: &Record,
        relationship: &str,
    ) -> Result<Related, Part> {
        if relationship == "order" {
            return Ok(Related::One(self.order_of(record)?));
        }
        let Some(partition) = self.whole_partition_of(record)? else {
            return Ok(Related::One(None));
        };
        let of = |kind: ResourceType, by: &'static str| {
            let all = self.transactions(partition).into_iter();
            let named = all.filter(|it| it.kind == kind && it.related(by) == Some(record.id));
            Related::Many(named.collect())
        };
        Ok(match relationship {
            "captures" => of(ResourceType::Captures, "reference_authorization"),
            "voids" => of(ResourceType::Voids, "reference_authorization"),
            "refunds" => of(ResourceType::Refunds, "reference_capture"),
            "payment_source" => {
                let source = record.related(relationship).map(SourceId::new);
                let source = source.and_then(|it| partition.source(it));
                Related::One(source.map(PaymentSource::to_record))
            }
            _ => Related::One(self.placed(record, relationship, partition)?),
        })
    }

    /// What a line item, an option or a shipment leads to.
    pub(super) fn related_to_part(
        &self,
        record: &Record,
        relationship: &str,
    ) -> Result<Related, Part> {
        use ResourceType as T;

        if relationship == "order" {
            return Ok(Related::One(self.order_of(record)?));
        }
        let Some(partition) = self.whole_partition_of(record)? else {
            return Ok(Related::One(None));
        };
        let children = || partition.children.iter().flatten();
        let item = |kind: ResourceType| {
            let item = record.relationships.get("item");
            item.filter(|it| it.kind == kind).copied()
        };
        Ok(match (record.kind, relationship) {
            (T::LineItems, "line_item_options") => {
                let of_line = |it: &&Record| it.related("line_item") == Some(record.id);
                let options = children().filter(|it| it.kind == T::LineItemOptions);
                Related::Many(options.filter(of_line).cloned().collect())
            }
            (T::LineItems, "sku") => Related::One(self.found(item(T::Skus), partition)?),
            (T::LineItems, "shipment") => Related::One(self.found(item(T::Shipments), partition)?),
            (T::LineItems, "payment_method") => {
                Related::One(self.found(item(T::PaymentMethods), partition)?)
            }
            (T::Shipments, "available_shipping_methods") => {
                let methods = self.catalog.shipping_methods(&partition.order);
                let priced = methods.into_iter().map(|it| for_shipment(it, partition));
                Related::Many(priced.collect())
            }
            (T::Shipments, "shipping_method") => {
                let chosen = self.catalogued(record, relationship);
                Related::One(chosen.map(|it| for_shipment(&it, partition)))
            }
            (T::Shipments, "delivery_lead_time") => {
                let method = record.relationships.get("shipping_method");
                Related::One(method.and_then(|it| self.lead_time(*it)))
            }
            (T::Shipments, "shipping_address") => {
                let of_order = &partition.order.record;
                let own = record.related(relationship).is_some();
                let of = if own { record } else { of_order };
                Related::One(self.placed(of, relationship, partition)?)
            }
            _ => Related::One(self.placed(record, relationship, partition)?),
        })
    }

    /// How long a shipping method takes: the first that says so.
    pub(super) fn lead_time(&self, method: Identifier) -> Option<Record> {
        let lead_times = self.catalog.of(ResourceType::DeliveryLeadTimes);
        let names = |it: &&&Record| it.relationships.get("shipping_method") == Some(&method);
        lead_times.iter().find(names).map(|it| (*it).clone())
    }

    /// The record that a relationship of an order, or of a part of it, names.
    pub(super) fn placed(
        &self,
        record: &Record,
        relationship: &str,
        partition: &OrderPartition,
    ) -> Result<Option<Record>, Part> {
        let named = record.relationships.get(relationship).copied();
        self.found(named, partition)
    }

    /// The record of this identifier: of the order, of the catalogue, or by itself.
    pub(super) fn found(
        &self,
        identifier: Option<Identifier>,
        partition: &OrderPartition,
    ) -> Result<Option<Record>, Part> {
        let Some(identifier) = identifier else {
            return Ok(None);
        };
        let mut children = partition.children.iter().flatten();
        if let Some(child) = children.find(|it| it.identifier() == identifier) {
            return Ok(Some(child.clone()));
        }
        match identifier.kind.declaration().partition {
            Partition::Own => self.other(identifier),
            _ => Ok(self.catalog.get(identifier.kind, identifier.id).cloned()),
        }
    }

    pub(super) fn other(&self, identifier: Identifier) -> Result<Option<Record>, Part> {
        let read = self.others.get(&identifier).cloned();
        read.ok_or(Part::Other(identifier))
    }

    /// The saved sources that the order may be paid with; none, and nothing read, where the viewer
    /// may not use the wallet.
    pub(super) fn available(&self, partition: &OrderPartition) -> Result<Vec<Record>, Part> {
        let wallet = match self.viewer.opens_wallet_of(&partition.order) {
            None => return Ok(Vec::new()),
            Some(customer) => self.wallet(customer)?,
        };
        let entries = wallet.entries_for(&partition.order, &self.catalog, self.now);
        Ok(entries.map(Entry::to_record).collect())
    }

    pub(super) fn order_of(&self, record: &Record) -> Result<Option<Record>, Part> {
        let Some(id) = record.related("order").map(OrderId::new) else {
            return Ok(None);
        };
        let partition = self.partition(id, false)?;
        let order = partition.map(|it| &it.order);
        let seen = order.filter(|order| self.viewer.sees(order));
        Ok(seen.map(Order::to_record))
    }

    pub(super) fn partition(
        &self,
        id: OrderId,
        children: bool,
    ) -> Result<Option<&OrderPartition>, Part> {
        let missing = Part::Order { id, children };
        let partition = self.orders.get(&id).ok_or(missing)?;
        match partition {
            Some(partition) if children && partition.children.is_none() => Err(missing),
            found => Ok(found.as_ref()),
        }
    }
}

/// A shipping method with what it costs for a shipment of the order.
fn for_shipment(method: &Record, partition: &OrderPartition) -> Record {
    let mut priced = method.clone();
    let price = crate::shipping::price(method, partition);
    priced.set("price_amount_for_shipment_cents", price);
    priced
}
