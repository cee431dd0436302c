//! What a resource type is made of, as const data: its attributes, who may write which, its
//! relationships. Parsing, permissions, include, sparse fieldsets and links follow from it.

mod declaring;

use serde_json::{Value, json};

use crate::resources::ResourceType;
use crate::{Refusal, Roles};

pub(crate) use declaring::money;
pub use declaring::*;

/// A resource type as declared. The attributes that every resource has (`created_at`, `updated_at`,
/// `reference`, `reference_origin`, `metadata`) are declared once, in [`COMMON`].
#[derive(Debug)]
pub struct Resource {
    /// Its name in documents and paths: `orders`.
    pub name: &'static str,
    /// Where its records live.
    pub partition: Partition,
    /// Its own attributes in groups, in the order that documents show them.
    pub attributes: &'static [&'static [Attribute]],
    /// Its relationships, in the order that documents show them.
    pub relationships: &'static [Relationship],
    /// Relationships of Commerce Layer's that lead to what is not held: no document prints them, but
    /// they may be included and read, and lead nowhere. Its checkout asks for some of them always.
    pub unsupported: &'static [&'static str],
    /// Who may write `reference`, `reference_origin` and `metadata` when changing a record.
    pub metadata_writers: Roles,
}

/// Where the records of a type live: with whom they are read and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Partition {
    /// They are orders.
    Order,
    /// They pay an order: its current one has a slot, those before it stand beside.
    Payment,
    /// With the order that they are part of.
    OfOrder,
    /// With the order whose money they are about: made by what happens to it, never by a caller.
    Transaction,
    /// They are transactions of all kinds.
    TransactionView,
    /// They are customers.
    Customer,
    /// In their customer's wallet.
    Wallet,
    /// In their customer's address book.
    AddressBook,
    /// In the catalogue, which is read whole and kept.
    Catalog,
    /// In the catalogue, as records of other types: what these have in common.
    CatalogView,
    /// By themselves. One that an order names first moves to it, to be read with it.
    Own,
    /// With the order or the customer whose gateways they are owed to.
    Owed,
    /// There is one for each caller, which follows from the token.
    Token,
}

/// One attribute of a resource type.
#[derive(Debug, Clone, Copy)]
pub struct Attribute {
    /// The attribute's name.
    pub name: &'static str,
    /// What values it takes.
    pub value: ValueType,
    /// Where a document takes its value from.
    pub source: Source,
    /// Who may read it.
    pub readers: Roles,
    /// Who may give it when creating a record.
    pub creators: Roles,
    /// Who may change it.
    pub updaters: Roles,
    /// Whether filters may name it.
    pub filterable: bool,
    /// Whether `sort` may name it.
    pub sortable: bool,
    /// Whether records are found by it among all of their type, however many these are.
    pub is_key: bool,
    /// Whether no two records of the type have the same.
    pub is_unique: bool,
    /// Whether a record cannot be without it.
    pub required: bool,
    /// What a record has that was given nothing else.
    pub default: Option<DefaultValue>,
    /// Whether documents show 0 where nothing is stored.
    pub counts_from_zero: bool,
    /// The texts that it takes; any, where there are none.
    pub one_of: &'static [&'static str],
    /// Another type in which real exports of Commerce Layer's have its values; they are taken as well, and
    /// kept as the attribute's own.
    pub exported_as: Option<ValueType>,
    /// What its values have to be beside their shape.
    pub rule: Option<Rule>,
}

/// What a record has that was given nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultValue {
    /// True or false.
    Boolean(bool),
    /// A text.
    Text(&'static str),
}

impl From<DefaultValue> for Value {
    fn from(default: DefaultValue) -> Self {
        match default {
            DefaultValue::Boolean(value) => value.into(),
            DefaultValue::Text(value) => value.into(),
        }
    }
}

/// What a value has to be beside its shape: gives it as it is kept, or why it is not taken. The text
/// is the attribute's name, for the sentence; the value is never null.
pub type Rule = fn(&str, &Value) -> Result<Value, Refusal>;

/// The values that an attribute takes; null is always among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    /// A text.
    Text,
    /// A text that opens something (a token, a client secret): sealed in the table.
    Token,
    /// An integer within 64 bits; money is in minor units.
    Integer,
    /// A number.
    Float,
    /// True or false.
    Boolean,
    /// An instant.
    Time,
    /// Any JSON object, kept to the letter: at most [`FREE_FORM_LIMIT`] bytes as text.
    Object,
    /// Any JSON array, kept as an object is.
    Array,
    /// An object that holds what opens something (a session's secret, a source's id): sealed in the
    /// table as a whole.
    TokenObject,
}

/// The most bytes that a free-form value takes as JSON text.
pub const FREE_FORM_LIMIT: usize = 32 * 1024;

/// Where a document takes an attribute's value from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The record.
    Stored,
    /// The record's own id or time of creation or change.
    Record,
    /// The minor units of the named attribute, as a number of major units: 5700 → 57.0.
    FloatOf(&'static str),
    /// The minor units of the named attribute, written out in the record's currency: 5700 → "€57,00".
    FormattedOf(&'static str),
    /// Computed from the record and those around it.
    Computed(Computed),
    /// Nowhere: it is written and never shown.
    WriteOnly,
    /// Nowhere: it asks for an action.
    Trigger(Trigger),
}

/// The value of an attribute that follows from the record and those around it: each has its rule in
/// `graph`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Computed {
    /// Whether an order may still be changed by its shopper.
    IsEditable,
    /// The name of the person or business at an address.
    FullName,
    /// An address in one line.
    FullAddress,
    /// The name and the line of an address.
    AddressName,
    /// Whether an address has a latitude and a longitude.
    IsLocalized,
    /// The name of the address that an entry of an address book is about.
    BookEntryName,
    /// The e-mail address of the customer whose address book an entry is in.
    BookEntryEmail,
    /// Whether a customer can sign in.
    HasPassword,
    /// The named attribute, which is in hours, as whole days.
    DaysOf(&'static str),
    /// The organization's slug.
    Slug,
    /// Whether an external gateway is called.
    CircuitState,
    /// Where a gateway is to send its events: the path, to which whoever writes it adds where the API is reached.
    EventsUrl,
    /// How often an external gateway failed in a row.
    CircuitFailureCount,
    /// Whether a payment is for another amount than its order is now.
    MismatchedAmounts,
}

/// An attribute that asks for an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// The action is carried out.
    Built,
    /// Commerce Layer has it; asking for it is refused with `TRIGGER_NOT_SUPPORTED`.
    NotBuilt,
}

/// One relationship of a resource type.
#[derive(Debug, Clone, Copy)]
pub struct Relationship {
    /// The relationship's name.
    pub name: &'static str,
    /// The types that it leads to.
    pub to: &'static [ResourceType],
    /// Whether it leads to many records.
    pub many: bool,
    /// Who may give it when creating a record.
    pub creators: Roles,
    /// Who may change it.
    pub updaters: Roles,
    /// Whether a record cannot be without it.
    pub required: bool,
    /// Whether it need not be given though a record cannot be without it: it follows from an attribute or from
    /// the token.
    pub is_implied: bool,
}

impl Resource {
    /// All attributes: its own, then the common ones.
    pub fn all_attributes(&self) -> impl Iterator<Item = Attribute> + '_ {
        self.own_attributes().chain(self.common_attributes())
    }

    fn common_attributes(&self) -> impl Iterator<Item = Attribute> + '_ {
        let metadata_writers = self.metadata_writers;
        COMMON.iter().map(move |attribute| Attribute {
            updaters: match attribute.source {
                Source::Stored => metadata_writers,
                _ => attribute.updaters,
            },
            ..*attribute
        })
    }

    /// Its own attributes, without the common ones.
    pub fn own_attributes(&self) -> impl Iterator<Item = Attribute> + '_ {
        self.attributes.iter().copied().flatten().copied()
    }

    /// The attribute of that name.
    pub fn attribute(&self, name: &str) -> Option<Attribute> {
        let mut own = self.attributes.iter().copied().flatten();
        match own.find(|attribute| attribute.name == name) {
            Some(own) => Some(*own),
            None => self.common_attributes().find(|it| it.name == name),
        }
    }

    /// Whether the relationship of that name, which leads to what is not held, leads to many records; none for any
    /// other. Commerce Layer's names are in the plural where they do.
    pub fn leads_nowhere(&self, name: &str) -> Option<bool> {
        let mut unsupported = self.unsupported.iter();
        unsupported.find(|it| **it == name)?;
        Some(name.ends_with('s'))
    }

    /// The relationship of that name.
    pub fn relationship(&self, name: &str) -> Option<&'static Relationship> {
        self.relationships
            .iter()
            .find(|relationship| relationship.name == name)
    }
}

impl Attribute {
    /// The value as it is kept.
    ///
    /// # Errors
    /// It is none of those that the attribute takes, or breaks its rule.
    pub fn kept(&self, value: &Value) -> Result<Value, Refusal> {
        let name = self.name;
        if value.is_null() {
            return Ok(Value::Null);
        }
        let text = value.as_str().unwrap_or_default();
        if !self.one_of.is_empty() && !self.one_of.contains(&text) {
            let detail = format!("{name} is one of {}.", self.one_of.join(", "));
            return Err(Refusal::invalid(detail));
        }
        match self.rule {
            Some(rule) => rule(name, value),
            None => Ok(value.clone()),
        }
    }

    /// What documents show where nothing is stored, as Commerce Layer's do. It is shown and never kept:
    /// to every rule the attribute is absent.
    pub fn when_absent(&self) -> Value {
        match self.name {
            "metadata"
            | "options"
            | "payment_source_details"
            | "payment_response"
            | "discount_breakdown"
            | "tax_breakdown" => json!({}),
            _ if self.counts_from_zero => json!(0),
            _ => Value::Null,
        }
    }

    /// Whether documents show it to those who may read it.
    pub const fn is_readable(&self) -> bool {
        !matches!(self.source, Source::WriteOnly | Source::Trigger(_))
    }
}

/// What every resource has beside its own attributes.
pub const COMMON: &[Attribute] = &[
    time("created_at").from(Source::Record).filter().sort(),
    time("updated_at").from(Source::Record).filter().sort(),
    text("reference").create(Roles::ALL).filter().sort().key(),
    text("reference_origin").create(Roles::ALL).filter().sort(),
    object("metadata").create(Roles::ALL).filter(),
];
