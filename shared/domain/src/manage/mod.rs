//! The records that surround an order, made, changed and deleted by integrations: what a request
//! does to the catalogue, by the declarations of the types. What goes beyond a declaration is in the
//! file of its type.

mod gateways;
mod payment_methods;

use serde_json::{Map, Value};

use crate::catalog::Catalog;
use crate::record::{Identifier, Record};
use crate::refusal::Code;
use crate::resource::{Attribute, Source};
use crate::user_url::TrustedOrigins;
use crate::{Id, Mode, Refusal, ResourceType, Timestamp, Write};

/// What a decision is given.
#[derive(Clone, Copy)]
pub struct Given<'a> {
    /// The catalogue as it is in the table.
    pub catalog: &'a Catalog,
    /// Whether real money is at stake.
    pub mode: Mode,
    /// When the request arrived.
    pub now: Timestamp,
    /// The id of a record that is made.
    pub fresh: Id,
    /// A secret that nobody knows yet, 32 hexadecimal digits.
    pub secret: &'a str,
    /// Origins that an external gateway's URLs may lead to at any address.
    pub trusted_origins: &'a TrustedOrigins,
}

/// What a request does.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The record as it is then; a deleted one as it was.
    pub record: Record,
    /// What is to be written, all of it or nothing.
    pub changes: Vec<Change>,
    /// What becomes of the record's credentials.
    pub credentials: Credentials,
}

/// One write, conditional on the record being what was read.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The record is to be like this. One that others begin to name is written as it is: whoever
    /// deletes it at the same time has not seen them, and has to look again.
    Put(Record),
    /// The record is to be gone.
    Delete(Record),
    /// The circuit of this external gateway is to be closed.
    CloseCircuit(Id),
}

/// What becomes of a record's credentials: its write-only attributes, which are kept with the
/// secrets and never with the record.
#[derive(Clone, PartialEq)]
pub enum Credentials {
    /// They stay as they are.
    Unchanged,
    /// These are all of a new record's.
    New(Map<String, Value>),
    /// These are to be among them, in place of those of the same name.
    Merge(Map<String, Value>),
    /// They are to be gone.
    Remove,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Unchanged => "Unchanged",
            Self::New(_) => "New([secret])",
            Self::Merge(_) => "Merge([secret])",
            Self::Remove => "Remove",
        })
    }
}

/// Makes a record of type `kind`.
///
/// # Errors
/// Everything about the request that breaks a rule.
pub fn create(
    kind: ResourceType,
    write: &Write,
    given: Given<'_>,
) -> Result<Decision, Vec<Refusal>> {
    let record = Record::new(kind, given.fresh, given.now);
    let mut draft = Draft::new(record, given);
    draft.require_credentials(write);
    draft.take(write);
    draft.finish()
}

/// Changes a record.
///
/// # Errors
/// Everything about the request that breaks a rule.
pub fn change(record: Record, write: &Write, given: Given<'_>) -> Result<Decision, Vec<Refusal>> {
    let mut draft = Draft::new(record, given);
    draft.record.updated_at = given.now;
    draft.take(write);
    draft.finish()
}

/// Deletes a record.
///
/// # Errors
/// Others name it.
pub fn delete(record: Record, catalog: &Catalog) -> Result<Decision, Refusal> {
    if let Some(other) = catalog.naming(record.identifier()).first() {
        let detail = format!(
            "There are {} that name this record, {} among them. Delete them or let them name another first.",
            other.kind, other.id
        );
        return Err(Refusal::new(Code::Locked, detail));
    }
    let attributes = record.kind.declaration().attributes.iter();
    let has_credentials = attributes.copied().any(is_credential);
    Ok(Decision {
        changes: vec![Change::Delete(record.clone())],
        credentials: match has_credentials {
            true => Credentials::Remove,
            false => Credentials::Unchanged,
        },
        record,
    })
}

fn is_credential(attribute: Attribute) -> bool {
    attribute.source == Source::WriteOnly
}

/// A record in the making.
struct Draft<'a> {
    given: Given<'a>,
    record: Record,
    credentials: Map<String, Value>,
    newly_named: Vec<Record>,
    closes_circuit: bool,
    refusals: Vec<Refusal>,
}

impl<'a> Draft<'a> {
    fn new(record: Record, given: Given<'a>) -> Self {
        Self {
            given,
            record,
            credentials: Map::new(),
            newly_named: Vec::new(),
            closes_circuit: false,
            refusals: Vec::new(),
        }
    }

    /// A record has all of its credentials from the start.
    fn require_credentials(&mut self, write: &Write) {
        for attribute in self.record.kind.declaration().attributes {
            let is_given = write.attributes.contains_key(attribute.name);
            if is_credential(*attribute) && attribute.required && !is_given {
                self.refuse_blank(attribute.name);
            }
        }
    }

    fn take(&mut self, write: &Write) {
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
        match self.record.kind {
            ResourceType::PaymentMethods => payment_methods::complete(self),
            ResourceType::StripeGateways => gateways::check_mode(self),
            ResourceType::ExternalGateways => {
                gateways::check_urls(self, write);
                gateways::give_secret(self, write);
            }
            _ => {}
        }
    }

    fn take_attribute(&mut self, name: &str, value: &Value) -> Result<(), Refusal> {
        let Some(attribute) = self.record.kind.declaration().attribute(name) else {
            return Ok(());
        };
        if attribute.required && is_blank(value) {
            return Err(Refusal::blank(name));
        }
        let kept = match attribute.rule {
            Some(rule) if !value.is_null() => rule(name, value)?,
            _ => value.clone(),
        };
        match is_credential(attribute) {
            true => {
                self.credentials.insert(name.to_owned(), kept);
            }
            false => self.record.set(name, kept),
        }
        Ok(())
    }

    /// A record that is named has to be there; a gateway is named as what it is from here on.
    fn take_relationship(&mut self, name: &str, to: Option<Identifier>) -> Result<(), Refusal> {
        let Some(to) = to else {
            self.record.relate(name, None);
            return Ok(());
        };
        let found = match to.kind {
            ResourceType::PaymentGateways => self.given.catalog.gateway(to.id),
            kind => self.given.catalog.get(kind, to.id),
        };
        let found = found.ok_or_else(Refusal::not_found)?;
        if self.record.relationships.get(name) != Some(&found.identifier()) {
            self.newly_named.push(found.clone());
        }
        self.record.relate(name, Some(found.identifier()));
        Ok(())
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
                let now = Value::from(self.given.now.to_string());
                self.record.set("disabled_at", disabled_at.unwrap_or(now));
            }
            [false, true] => self.record.set("disabled_at", Value::Null),
            [false, false] => {}
        }
    }

    fn finish(mut self) -> Result<Decision, Vec<Refusal>> {
        let declaration = self.record.kind.declaration();
        for attribute in declaration.all_attributes() {
            if let (Some(preset), None) = (attribute.preset, self.record.get(attribute.name)) {
                self.record.set(attribute.name, preset);
            }
        }
        for attribute in declaration.all_attributes().filter(|it| it.required) {
            let is_missing = self.record.get(attribute.name).is_none_or(is_blank);
            if !is_credential(attribute) && is_missing && !self.is_refused(attribute.name) {
                self.refuse_blank(attribute.name);
            }
        }
        for relationship in declaration.relationships.iter().filter(|it| it.required) {
            let name = relationship.name;
            if self.record.related(name).is_none() && !self.is_refused(name) {
                let refusal = Refusal::blank(name).at_relationship(name);
                self.refusals.push(refusal);
            }
        }
        if !self.refusals.is_empty() {
            return Err(self.refusals);
        }
        let others = self.newly_named.into_iter().map(Change::Put);
        let circuit = self
            .closes_circuit
            .then(|| Change::CloseCircuit(self.record.id));
        let changes = std::iter::once(Change::Put(self.record.clone()));
        Ok(Decision {
            changes: changes.chain(others).chain(circuit).collect(),
            credentials: match (self.credentials.is_empty(), self.record.version) {
                (true, _) => Credentials::Unchanged,
                (false, 0) => Credentials::New(self.credentials),
                (false, _) => Credentials::Merge(self.credentials),
            },
            record: self.record,
        })
    }

    fn refuse_blank(&mut self, name: &str) {
        self.refusals.push(Refusal::blank(name).at_attribute(name));
    }

    /// Whether there is something to say about this attribute or relationship already.
    fn is_refused(&self, name: &str) -> bool {
        let placed = [
            Refusal::invalid("").at_attribute(name).place,
            Refusal::invalid("").at_relationship(name).place,
        ];
        self.refusals.iter().any(|it| placed.contains(&it.place))
    }
}

fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}
