//! The catalogue: markets, payment methods, gateways. Few records, read whole and kept.

use std::collections::BTreeMap;

use crate::order::Order;
use crate::record::{Identifier, Record};
use crate::refusal::Refusal;
use crate::resources::{PAYMENT_GATEWAYS, ResourceType};
use crate::retirement::is_retired;
use crate::{Caller, GatewayId, Id, MarketId, Role};

/// The catalogue of a tenant.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Catalog {
    records: BTreeMap<Identifier, Record>,
    /// Gateways that were deleted while something might be held there: what is owed alone finds them.
    retired: BTreeMap<GatewayId, Record>,
    circuits: BTreeMap<GatewayId, Circuit>,
}

/// Whether an external gateway is called. What it counts changes with calls and not with requests to
/// the API, so it stands beside the gateway's record and never in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Circuit {
    /// Calls in a row that brought no usable answer.
    pub failures: u32,
}

impl Circuit {
    /// So many failures in a row open a circuit, and only `_reset_circuit` closes it again (Commerce
    /// Layer, "external resources", circuit breaker).
    pub const OPENS_AT: u32 = 30;

    /// Whether the gateway is not called any more.
    pub const fn is_open(self) -> bool {
        self.failures >= Self::OPENS_AT
    }

    /// The attribute `circuit_state`.
    pub const fn state(self) -> &'static str {
        match self.is_open() {
            true => "open",
            false => "closed",
        }
    }
}

impl FromIterator<Record> for Catalog {
    fn from_iter<I: IntoIterator<Item = Record>>(records: I) -> Self {
        records.into_iter().fold(Self::default(), Self::with)
    }
}

impl Catalog {
    /// The catalogue with these circuits, by gateway.
    pub fn with_circuits(self, circuits: BTreeMap<GatewayId, Circuit>) -> Self {
        Self { circuits, ..self }
    }

    /// The catalogue with this record, in the place of one of its type and id.
    pub fn with(mut self, record: Record) -> Self {
        if is_retired(&record) {
            self.records.remove(&record.identifier());
            self.retired.insert(GatewayId::new(record.id), record);
        } else {
            self.records.insert(record.identifier(), record);
        }
        self
    }

    /// The catalogue without this record.
    pub fn without(mut self, record: Identifier) -> Self {
        self.records.remove(&record);
        self
    }

    /// The catalogue with the circuit of this gateway closed.
    pub fn with_closed(mut self, gateway: GatewayId) -> Self {
        self.circuits.remove(&gateway);
        self
    }

    /// The circuit of an external gateway; one that has not failed is closed.
    pub fn circuit(&self, gateway: GatewayId) -> Circuit {
        self.circuits.get(&gateway).copied().unwrap_or_default()
    }

    /// The record of that type and id.
    pub fn get(&self, kind: ResourceType, id: Id) -> Option<&Record> {
        self.records.get(&Identifier { kind, id })
    }

    /// The records of that type, in order of creation.
    pub fn of(&self, kind: ResourceType) -> Vec<&Record> {
        let of_kind = self.records.values().filter(|it| it.kind == kind);
        let mut records: Vec<_> = of_kind.collect();
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
            ResourceType::PaymentGateways => self.gateway(GatewayId::new(id)).map(in_common),
            kind => self.get(kind, id).cloned(),
        }
    }

    /// Whether a record exists for this caller. For sales channels there are only markets of theirs,
    /// and payment and shipping methods that are enabled and of no market or one of theirs (Commerce
    /// Layer, "roles and permissions").
    pub fn shows(&self, record: &Record, caller: &Caller) -> bool {
        if caller.role == Role::Integration {
            return true;
        }
        let in_scope =
            |market: MarketId| caller.markets.is_empty() || caller.markets.contains(&market);
        let is_open = record
            .related("market")
            .is_none_or(|it| in_scope(MarketId::new(it)));
        match record.kind {
            ResourceType::PaymentMethods => self.is_enabled(record) && is_open,
            ResourceType::ShippingMethods => is_enabled(record) && is_open,
            ResourceType::Markets => in_scope(MarketId::new(record.id)),
            _ => true,
        }
    }

    /// The records that name this one.
    pub fn naming(&self, identifier: Identifier) -> Vec<&Record> {
        let names = |record: &&Record| record.relationships.values().any(|it| *it == identifier);
        self.records.values().filter(names).collect()
    }

    /// The gateway of that id, of whichever type.
    pub fn gateway(&self, id: GatewayId) -> Option<&Record> {
        PAYMENT_GATEWAYS
            .iter()
            .find_map(|kind| self.get(*kind, id.into()))
    }

    /// The gateway of that id, though it may be retired: for what is held there, or owed to it.
    pub fn gateway_or_retired(&self, id: GatewayId) -> Option<&Record> {
        self.gateway(id).or_else(|| self.retired.get(&id))
    }

    /// The gateway that a payment method belongs to.
    pub fn gateway_of(&self, method: &Record) -> Option<&Record> {
        let id = method.related("payment_gateway")?;
        self.gateway(GatewayId::new(id))
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
        self.is_enabled(method) && fits(method, order)
    }

    /// Refuses a payment method that an order may not be paid with.
    ///
    /// # Errors
    /// As [`Self::offers`] says.
    pub fn require_offered(&self, method: &Record, order: &Order) -> Result<(), Refusal> {
        match self.offers(method, order) {
            true => Ok(()),
            false => Err(Refusal::invalid(
                "This payment method is not available for this order.",
            )),
        }
    }

    /// Whether neither the payment method nor its gateway is disabled.
    fn is_enabled(&self, method: &Record) -> bool {
        is_enabled(method) && self.gateway_of(method).is_some_and(is_enabled)
    }

    /// The shipping methods that an order may be shipped by: enabled, of no market or the order's, of
    /// the order's currency; in order of creation.
    pub fn shipping_methods(&self, order: &Order) -> Vec<&Record> {
        self.of(ResourceType::ShippingMethods)
            .into_iter()
            .filter(|method| is_enabled(method) && fits(method, order))
            .collect()
    }
}

fn is_enabled(record: &Record) -> bool {
    record.get("disabled_at").is_none()
}

/// Whether a method is of no market or the order's, and of no currency or the order's.
fn fits(method: &Record, order: &Order) -> bool {
    let market = method.related("market").map(MarketId::new);
    let currency = method.text("currency_code");
    (market.is_none() || market == order.market())
        && (currency.is_none() || currency == order.record.text("currency_code"))
}

/// A gateway as what it has in common with all others.
fn in_common(gateway: &Record) -> Record {
    Record {
        kind: ResourceType::PaymentGateways,
        ..gateway.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::graph::Graph;
    use crate::{Caller, Mode, Role, Tenant, Timestamp};

    /// What an external gateway shows of its circuit after so many failures.
    fn shown(failures: u32) -> (String, String) {
        let id = Id::derived(&["gateway"]);
        let now = Timestamp::from_unix_millis(0);
        let gateway = Record::new(ResourceType::ExternalGateways, id, now);
        let circuits = BTreeMap::from([(GatewayId::new(id), Circuit { failures })]);
        let catalog = Catalog::from_iter([gateway.clone()]).with_circuits(circuits);
        let viewer = Caller {
            tenant: Tenant {
                organization: Id::derived(&["organization"]),
                mode: Mode::Test,
            },
            slug: "demo".to_owned(),
            client_id: "demo-integration".to_owned(),
            role: Role::Integration,
            markets: Vec::new(),
            token: Id::derived(&["token"]),
        };
        let graph = Graph::new(viewer, now, Arc::new(catalog));
        let show = |name| {
            let attribute = gateway.kind.declaration().attribute(name).unwrap();
            graph.attribute(&gateway, &attribute).to_string()
        };
        (show("circuit_state"), show("circuit_failure_count"))
    }

    #[test]
    fn an_external_gateway_shows_its_circuit() {
        for (failures, state) in [(0, "closed"), (29, "closed"), (30, "open")] {
            let expected = (format!("{state:?}"), failures.to_string());
            assert_eq!(shown(failures), expected);
        }
    }
}
