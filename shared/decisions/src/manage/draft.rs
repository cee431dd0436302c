//! A record in the making.

use domain::record::{Identifier, Place, Placed, Record};
use domain::resource::{Partition, Source};
use domain::{CustomerId, GatewayId, OrderId, Refusal, ResourceType, Write, retirement};
use serde_json::{Map, Value};

use super::{Basis, Credentials, Decision, is_credential};
use crate::{Change, Unique};

/// A record in the making.
pub(super) struct Draft<'a> {
    pub basis: Basis<'a>,
    pub record: Record,
    /// The record as it was; none where it is new.
    pub former: Option<Record>,
    /// Where it stands; none until it is known.
    place: Option<Place>,
    pub credentials: Map<String, Value>,
    /// What is written beside the record.
    pub beside: Vec<Change>,
    closes_circuit: bool,
    pub refusals: Vec<Refusal>,
}

impl<'a> Draft<'a> {
    pub fn new(record: Record, place: Option<Place>, basis: Basis<'a>) -> Self {
        Self {
            basis,
            former: place.map(|_| record.clone()),
            record,
            place,
            credentials: Map::new(),
            beside: Vec::new(),
            closes_circuit: false,
            refusals: Vec::new(),
        }
    }

    /// A record has all of its credentials from the start.
    pub fn require_credentials(&mut self, write: &Write) {
        for attribute in self.record.kind.declaration().own_attributes() {
            let is_given = write.attributes.contains_key(attribute.name);
            if is_credential(self.record.kind, attribute) && attribute.required && !is_given {
                self.refuse_blank(attribute.name);
            }
        }
    }

    pub fn take(&mut self, write: &Write) {
        for (name, value) in &write.attributes {
            if let Err(refusal) = self.take_attribute(name, value) {
                self.refusals.push(refusal.at_attribute(name));
            }
        }
        for (name, to) in &write.relationships {
            if let Err(refusal) = self.take_relationship(name, *to) {
                self.refusals.push(refusal.at_relationship(name));
            }
        }
        self.take_enabling(write);
        self.closes_circuit = write.is_triggered("_reset_circuit");
        self.fill_defaults();
    }

    fn take_attribute(&mut self, name: &str, value: &Value) -> Result<(), Refusal> {
        let Some(attribute) = self.record.kind.declaration().attribute(name) else {
            return Ok(());
        };
        if attribute.required && is_blank(value) {
            return Err(Refusal::blank(name));
        }
        let kept = attribute.kept(value)?;
        match attribute.source {
            Source::WriteOnly if is_credential(self.record.kind, attribute) => {
                self.credentials.insert(name.to_owned(), kept);
            }
            Source::Stored => self.record.set(name, kept),
            // Of a customer's password its hash alone is kept.
            _ => {}
        }
        Ok(())
    }

    /// A record that is named has to be there, now and when this one is written; a gateway is named as
    /// what it is from here on. What is named of the catalogue may go while an order is written: orders
    /// are written all the time, and must not wait for each other.
    fn take_relationship(&mut self, name: &str, to: Option<Identifier>) -> Result<(), Refusal> {
        let Some(to) = to else {
            self.record.relate(name, None);
            return Ok(());
        };
        let mut found = self.named(to).ok_or_else(Refusal::not_found)?;
        let identifier = found.record.identifier();
        if self.record.relationships.get(name) != Some(&identifier) {
            let is_catalogued = self.record.kind.declaration().partition == Partition::Catalog;
            match found.place {
                Place::Catalog if is_catalogued => {
                    retirement::be_named(&mut found.record);
                    let rewritten = Change::put(found.record, Place::Catalog);
                    self.beside.push(rewritten);
                }
                Place::Catalog => {}
                place => self.beside.push(Change::require(identifier, place)),
            }
        }
        self.record.relate(name, Some(identifier));
        Ok(())
    }

    /// The record that the request names so.
    pub fn named(&self, to: Identifier) -> Option<Placed> {
        let in_catalog = match to.kind {
            ResourceType::PaymentGateways => self.basis.catalog.gateway(GatewayId::new(to.id)),
            kind => self.basis.catalog.get(kind, to.id),
        };
        let in_catalog = in_catalog.map(|record| Placed {
            record: record.clone(),
            place: Place::Catalog,
        });
        in_catalog.or_else(|| self.basis.named.get(&to).cloned())
    }

    /// The record that a relationship of the draft names, where the request names it too or it is of
    /// the catalogue.
    pub fn related(&self, name: &str) -> Option<Placed> {
        self.named(*self.record.relationships.get(name)?)
    }

    /// What is disabled already stays so since then.
    fn take_enabling(&mut self, write: &Write) {
        let disabled_at = self.record.get("disabled_at").cloned();
        match ["_disable", "_enable"].map(|name| write.is_triggered(name)) {
            [true, true] => {
                let detail = "A record is either enabled or disabled. Ask for one of them.";
                let refusal = Refusal::invalid(detail).at_attribute("_disable");
                self.refusals.push(refusal);
            }
            [true, false] => {
                let now = Value::from(self.basis.input.now.to_string());
                self.record.set("disabled_at", disabled_at.unwrap_or(now));
            }
            [false, true] => self.record.set("disabled_at", Value::Null),
            [false, false] => {}
        }
    }

    fn fill_defaults(&mut self) {
        for attribute in self.record.kind.declaration().all_attributes() {
            if let (Some(default), None) = (attribute.default, self.record.get(attribute.name)) {
                self.record.set(attribute.name, default);
            }
        }
    }

    /// Where the record stands, or is to stand.
    ///
    /// # Errors
    /// All that is refused, what is missing among it.
    pub fn place(&mut self) -> Result<Place, Vec<Refusal>> {
        let declaration = self.record.kind.declaration();
        for attribute in declaration.all_attributes().filter(|it| it.required) {
            let is_missing = self.record.get(attribute.name).is_none_or(is_blank);
            if attribute.source == Source::Stored && is_missing && !self.is_refused(attribute.name)
            {
                self.refuse_blank(attribute.name);
            }
        }
        for relationship in declaration.relationships.iter().filter(|it| it.required) {
            let name = relationship.name;
            if self.record.related(name).is_none() && !self.is_refused(name) {
                self.refusals
                    .push(Refusal::blank(name).at_relationship(name));
            }
        }
        match self.place.or_else(|| self.place_of_new()) {
            Some(place) if self.refusals.is_empty() => Ok(place),
            _ => Err(std::mem::take(&mut self.refusals)),
        }
    }

    /// What is written of the record, which stands at `place`.
    pub fn finish(mut self, place: Place) -> Decision {
        let former = self.former.as_ref().and_then(Unique::of);
        self.beside.extend(Unique::changes(former, &self.record));
        let circuit = self
            .closes_circuit
            .then(|| Change::CloseCircuit(GatewayId::new(self.record.id)));
        let changes = std::iter::once(Change::put(self.record.clone(), place));
        Decision {
            changes: changes.chain(self.beside).chain(circuit).collect(),
            credentials: match (self.credentials.is_empty(), self.record.version) {
                (true, _) => Credentials::Unchanged,
                (false, 0) => Credentials::New(self.credentials),
                (false, _) => Credentials::Merge(self.credentials),
            },
            record: self.record,
        }
    }

    /// Where a new record is to stand; none where what it belongs to is missing.
    fn place_of_new(&self) -> Option<Place> {
        let declaration = self.record.kind.declaration();
        match declaration.partition {
            Partition::Order => Some(Place::Order),
            Partition::Customer => Some(Place::Customer),
            Partition::AddressBook => {
                let customer = self.record.related("customer").map(CustomerId::new);
                customer.map(Place::OfCustomer)
            }
            Partition::OfOrder => match self.related("line_item") {
                Some(line_item) => Some(line_item.place),
                None => {
                    let order = self.record.related("order").map(OrderId::new);
                    order.map(Place::OfOrder)
                }
            },
            Partition::Own => Some(Place::Own),
            Partition::Catalog | Partition::Token => Some(Place::Catalog),
            Partition::Payment
            | Partition::Transaction
            | Partition::TransactionView
            | Partition::Wallet
            | Partition::CatalogView
            | Partition::Owed => None,
        }
    }

    pub fn refuse_blank(&mut self, name: &str) {
        self.refusals.push(Refusal::blank(name).at_attribute(name));
    }

    /// Whether there is something to say about this attribute or relationship already.
    pub fn is_refused(&self, name: &str) -> bool {
        let sources = [
            Refusal::invalid("").at_attribute(name).error_source,
            Refusal::invalid("").at_relationship(name).error_source,
        ];
        self.refusals
            .iter()
            .any(|it| sources.contains(&it.error_source))
    }
}

fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}
