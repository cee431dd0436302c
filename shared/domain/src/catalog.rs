//! The catalogue: markets, payment methods, gateways. Few records, read whole and kept.

use std::collections::BTreeMap;

use crate::Id;
use crate::order::Order;
use crate::record::{Identifier, Record};
use crate::resources::{PAYMENT_GATEWAYS, ResourceType};

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
        let gateway = self.gateway_of(method);
        let enabled = |record: &Record| record.get("disabled_at").is_none();
        let market = method.related("market");
        let currency = method.text("currency_code");
        enabled(method)
            && gateway.is_some_and(enabled)
            && (market.is_none() || market == order.market())
            && (currency.is_none() || currency == order.record.text("currency_code"))
    }
}
