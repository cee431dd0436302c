//! The records that surround payments, made, changed and deleted by integrations: what a request does
//! to them, by the declarations of their types. What goes beyond a declaration is in the file of its
//! type.

mod addresses;
mod customers;
mod deleting;
mod draft;
mod gateways;
mod line_items;
mod markets;
mod orders;
mod payment_methods;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::catalog::Catalog;
use crate::record::{Identifier, Place, Placed, Record};
use crate::resource::{Attribute, Source};
use crate::user_url::TrustedOrigins;
use crate::{Caller, Id, Refusal, ResourceType, Timestamp, Write};

pub use addresses::settle;
pub use deleting::{delete, delete_customer, delete_of_order, delete_order, require_unnamed};
use draft::Draft;

/// What a decision is given.
#[derive(Clone, Copy)]
pub struct Given<'a> {
    /// The catalogue as it is in the table.
    pub catalog: &'a Catalog,
    /// The records beyond the catalogue that the request names, those of them that are there.
    pub named: &'a Named,
    /// Who asks.
    pub caller: &'a Caller,
    /// When the request arrived.
    pub now: Timestamp,
    /// The id of a record that is made.
    pub fresh: Id,
    /// A secret that nobody knows yet, 32 hexadecimal digits.
    pub secret: &'a str,
    /// The hash of the password that the request gives.
    pub password_hash: Option<&'a str>,
    /// Origins that an external gateway's URLs may lead to at any address.
    pub trusted_origins: &'a TrustedOrigins,
}

/// Records that a request names, by what it calls them.
pub type Named = BTreeMap<Identifier, Placed>;

/// What a request does.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The record as it is then.
    pub record: Record,
    /// What is to be written, all of it or nothing.
    pub changes: Vec<Change>,
    /// What becomes of the record's credentials.
    pub credentials: Credentials,
}

/// One write, conditional on the record being what was read.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The record is to be like this. One of the catalogue that others begin to name is written as it
    /// is: whoever deletes it at the same time has not seen them, and has to look again.
    Put(Record, Place),
    /// The record is to be gone.
    Delete(Record, Place),
    /// The record is to stand elsewhere, as it is.
    Move {
        /// The record.
        record: Record,
        /// Where it stood.
        from: Place,
        /// Where it is to stand.
        to: Place,
    },
    /// Nothing of the record, but that it is there.
    Require(Identifier, Place),
    /// This record alone has the value.
    Claim(Unique, Id),
    /// No record has the value any more.
    Release(Unique),
    /// The order is among this customer's.
    ListOrder(Id, OrderLine),
    /// The order is not among this customer's any more.
    UnlistOrder(Id, OrderLine),
    /// The customer's wallet, empty, and records at gateways are to be gone: the wallet's head is of
    /// this version, 0 where there is none.
    DeleteWallet {
        /// Whose it is.
        customer: Id,
        /// The version of its head.
        version: u64,
        /// The gateways where the customer has a record.
        gateways: Vec<Id>,
    },
    /// The circuit of this external gateway is to be closed.
    CloseCircuit(Id),
}

/// A value that one record of its type alone may have: a customer's e-mail address, a sku's code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unique {
    /// The type.
    pub kind: ResourceType,
    /// The value, as it is compared.
    pub value: String,
}

impl Unique {
    /// The attribute of this type whose values are unique, if there is one.
    pub fn attribute(kind: ResourceType) -> Option<&'static str> {
        let mut attributes = kind.declaration().own_attributes();
        attributes.find(|it| it.is_unique).map(|it| it.name)
    }

    /// A value of the type's unique attribute. The case of letters does not tell e-mail addresses
    /// apart.
    pub fn new(kind: ResourceType, value: &str) -> Self {
        let value = match kind {
            ResourceType::Customers => value.trim().to_lowercase(),
            _ => value.to_owned(),
        };
        Self { kind, value }
    }

    /// The record's; none where its type has no such attribute, or it has no value.
    pub fn of(record: &Record) -> Option<Self> {
        let value = record.text(Self::attribute(record.kind)?)?;
        Some(Self::new(record.kind, value))
    }
}

/// An order as its customer's list has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderLine {
    /// The order.
    pub order: Id,
    /// When it was made.
    pub created_at: Timestamp,
}

impl OrderLine {
    /// The line of this order.
    pub const fn of(order: &Record) -> Self {
        Self {
            order: order.id,
            created_at: order.created_at,
        }
    }
}

/// What becomes of a gateway's credentials: its write-only attributes, which are kept with the
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
    let mut draft = Draft::new(record, None, given);
    draft.require_credentials(write);
    draft.take(write);
    draft.finish()
}

/// Changes a record.
///
/// # Errors
/// Everything about the request that breaks a rule.
pub fn change(placed: Placed, write: &Write, given: Given<'_>) -> Result<Decision, Vec<Refusal>> {
    let mut draft = Draft::new(placed.record, Some(placed.place), given);
    draft.record.updated_at = given.now;
    draft.take(write);
    draft.finish()
}

fn is_credential(attribute: Attribute) -> bool {
    attribute.source == Source::WriteOnly
}
