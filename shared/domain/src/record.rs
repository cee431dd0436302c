//! A record of the table as the rules see it.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::refusal::{Code, Refusal};
use crate::resources::ResourceType;
use crate::{CustomerId, Id, NotATime, OrderId, Timestamp};

/// Attributes by their names. Short texts in order are found, added and dropped with half as many instructions as
/// hashed ones (`benches/functions`).
pub type Attributes = BTreeMap<String, Value>;

/// A record of one resource type.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its type.
    pub kind: ResourceType,
    /// Its id, unique within the type and tenant.
    pub id: Id,
    /// How often it was written; 0 before the first time.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// The attributes that it stores, null ones left out.
    pub attributes: Attributes,
    /// The records that it names, by relationship.
    pub relationships: BTreeMap<String, Identifier>,
    /// What the rules remember beside what documents show, as the typed views write it.
    pub state: Value,
}

/// Which record: a resource identifier object of JSON:API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identifier {
    /// The type.
    pub kind: ResourceType,
    /// The id.
    pub id: Id,
}

/// Where a record stands in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// It is an order.
    Order,
    /// What this order is paid with: the one slot of its current payment source.
    Slot(OrderId),
    /// With this order.
    OfOrder(OrderId),
    /// It is a customer.
    Customer,
    /// With this customer, in the address book.
    OfCustomer(CustomerId),
    /// In this customer's wallet.
    Wallet(CustomerId),
    /// In the catalogue.
    Catalog,
    /// By itself.
    Own,
}

/// A record, and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// The record.
    pub record: Record,
    /// The record's place in the table.
    pub place: Place,
}

/// A stored record that no longer reads as what it is: a defect, or a hand in the table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the stored {kind} {id} is corrupt: {problem}")]
pub struct Corrupt {
    /// The record's type.
    pub kind: ResourceType,
    /// The record's id.
    pub id: Id,
    /// What does not read.
    pub problem: String,
}

impl Corrupt {
    /// A defect of ours, for the caller of a decision.
    pub fn to_refusal(&self) -> Refusal {
        Refusal::new(Code::InternalError, self.to_string())
    }
}

impl Record {
    /// A new record without attributes, not yet written.
    pub fn new(kind: ResourceType, id: Id, now: Timestamp) -> Self {
        Self {
            kind,
            id,
            version: 0,
            created_at: now,
            updated_at: now,
            attributes: Attributes::new(),
            relationships: BTreeMap::new(),
            state: Value::Null,
        }
    }

    /// Its identifier.
    pub const fn identifier(&self) -> Identifier {
        Identifier {
            kind: self.kind,
            id: self.id,
        }
    }

    /// The stored attribute, unless absent or null.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.attributes.get(name).filter(|value| !value.is_null())
    }

    /// The stored attribute, where it is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// The stored attribute, where it is an integer.
    pub fn integer(&self, name: &str) -> Option<i64> {
        self.get(name)?.as_i64()
    }

    /// The stored attribute, where it is an instant.
    ///
    /// # Errors
    /// It is a text that is no instant.
    pub fn time(&self, name: &str) -> Result<Option<Timestamp>, Corrupt> {
        let text = self.text(name);
        text.map(str::parse)
            .transpose()
            .map_err(|NotATime| self.corrupt(format!("{name} is not a time")))
    }

    /// Stores an attribute; null removes it.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        match value.into() {
            Value::Null => {
                self.attributes.remove(name);
            }
            value => {
                self.attributes.insert(name.to_owned(), value);
            }
        }
    }

    /// The id of the record that the relationship names.
    pub fn related(&self, relationship: &str) -> Option<Id> {
        self.relationships.get(relationship).map(|it| it.id)
    }

    /// Makes the relationship name a record, or none.
    pub fn relate(&mut self, relationship: &str, to: Option<Identifier>) {
        match to {
            Some(identifier) => {
                self.relationships
                    .insert(relationship.to_owned(), identifier);
            }
            None => {
                self.relationships.remove(relationship);
            }
        }
    }

    /// Reads what the rules remember with it.
    ///
    /// # Errors
    /// It does not read as `T`.
    pub fn read_state<T: DeserializeOwned>(&self) -> Result<T, Corrupt> {
        T::deserialize(&self.state).map_err(|error| self.corrupt(error.to_string()))
    }

    /// Writes what the rules remember with it.
    pub fn write_state(&mut self, state: &impl Serialize) {
        self.state = serde_json::to_value(state).unwrap_or_default();
    }

    /// This record as one that does not read.
    pub fn corrupt(&self, problem: impl Into<String>) -> Corrupt {
        Corrupt {
            kind: self.kind,
            id: self.id,
            problem: problem.into(),
        }
    }
}

impl Serialize for Identifier {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Written {
            kind: self.kind.name().to_owned(),
            id: self.id,
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Identifier {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Written::deserialize(deserializer)?;
        match ResourceType::named(&written.kind) {
            Some(kind) => Ok(Self {
                kind,
                id: written.id,
            }),
            None => Err(serde::de::Error::custom("no resource type of that name")),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Written {
    #[serde(rename = "type")]
    kind: String,
    id: Id,
}
