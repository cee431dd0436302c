//! The catalogue: markets, payment methods, gateways. Few records, read whole and kept.

use std::collections::BTreeMap;

use crate::manage::Change;
use crate::order::Order;
use crate::record::{Identifier, Record};
use crate::resources::{PAYMENT_GATEWAYS, ResourceType};
use crate::{Caller, Id, Role};

/// The catalogue of a tenant.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Catalog(BTreeMap<Identifier, Record>);

impl FromIterator<Record> for Catalog {
    fn from_iter<I: IntoIterator<Item = Record>>(records: I) -> Self {
        let by_identifier = records.into_iter().map(|it| (it.identifier(), it));
        Self(by_identifier.collect())
    }
}

impl Catalog {
    /// The record of that type and id.
    pub fn get(&self, kind: ResourceType, id: Id) -> Option<&Record> {
        self.0.get(&Identifier { kind, id })
    }

    /// The records of that type, in order of creation.
    pub fn of(&self, kind: ResourceType) -> Vec<&Record> {
        let mut records: Vec<_> = self.0.values().filter(|it| it.kind == kind).collect();
        records.sort_by_key(|it| (it.created_at, it.id));
        records
    }

    /// The records of that type as documents show them, in order of creation: gateways of all types
    /// as what they have in common, where that is asked for.
    pub fn list(&self, kind: ResourceType) -> Vec<Record> {
        if kind != ResourceType::PaymentGateways {
            return self.of(kind).into_iter().cloned().collect();
        }
        let gateways = PAYMENT_GATEWAYS.iter().flat_map(|kind| self.of(*kind));
        let mut gateways: Vec<_> = gateways.map(in_common).collect();
        gateways.sort_by_key(|it| (it.created_at, it.id));
        gateways
    }

    /// The record of that type and id as documents show it: a gateway as what it has in common with
    /// all others, where that is asked for.
    pub fn find(&self, kind: ResourceType, id: Id) -> Option<Record> {
        match kind {
            ResourceType::PaymentGateways => self.gateway(id).map(in_common),
            kind => self.get(kind, id).cloned(),
        }
    }

    /// Whether a record exists for this caller. For sales channels there are only payment methods
    /// that are enabled and of no market or one of theirs (Commerce Layer, "roles and permissions").
    pub fn shows(&self, record: &Record, caller: &Caller) -> bool {
        if caller.role == Role::Integration || record.kind != ResourceType::PaymentMethods {
            return true;
        }
        let in_scope = |market: Id| caller.markets.is_empty() || caller.markets.contains(&market);
        self.is_enabled(record) && record.related("market").is_none_or(in_scope)
    }

    /// The records that name this one.
    pub fn naming(&self, identifier: Identifier) -> Vec<&Record> {
        let names = |record: &&Record| record.relationships.values().any(|it| *it == identifier);
        self.0.values().filter(names).collect()
    }

    /// The catalogue after these changes.
    pub fn after(mut self, changes: &[Change]) -> Self {
        for change in changes {
            match change {
                Change::Put(record) => self.0.insert(record.identifier(), record.clone()),
                Change::Delete(record) => self.0.remove(&record.identifier()),
            };
        }
        self
    }

    /// The gateway of that id, of whichever type.
    pub fn gateway(&self, id: Id) -> Option<&Record> {
        PAYMENT_GATEWAYS.iter().find_map(|kind| self.get(*kind, id))
    }

    /// The gateway that a payment method belongs to.
    pub fn gateway_of(&self, method: &Record) -> Option<&Record> {
        self.gateway(method.related("payment_gateway")?)
    }

    /// The payment methods that an order may be paid with: neither they nor their gateway disabled,
    /// of no market or the order's, of the order's currency; in order of creation.
    pub fn offered(&self, order: &Order) -> Vec<&Record> {
        self.of(ResourceType::PaymentMethods)
            .into_iter()
            .filter(|method| self.offers(method, order))
            .collect()
    }

    /// Whether an order may be paid with this payment method.
    pub fn offers(&self, method: &Record, order: &Order) -> bool {
        let market = method.related("market");
        let currency = method.text("currency_code");
        self.is_enabled(method)
            && (market.is_none() || market == order.market())
            && (currency.is_none() || currency == order.record.text("currency_code"))
    }

    /// Whether neither the payment method nor its gateway is disabled.
    fn is_enabled(&self, method: &Record) -> bool {
        let enabled = |record: &Record| record.get("disabled_at").is_none();
        enabled(method) && self.gateway_of(method).is_some_and(enabled)
    }
}

/// A gateway as what it has in common with all others.
fn in_common(gateway: &Record) -> Record {
    Record {
        kind: ResourceType::PaymentGateways,
        ..gateway.clone()
    }
}
