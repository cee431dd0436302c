//! What a resource type is made of, as const data: its attributes, who may write which, its
//! relationships. Parsing, permissions, include, sparse fieldsets and links follow from it.

use serde_json::Value;

use crate::resources::ResourceType;
use crate::{Refusal, Roles};

/// A resource type as declared. The attributes that every resource has (`created_at`, `updated_at`,
/// `reference`, `reference_origin`, `metadata`) are declared once, in [`COMMON`].
#[derive(Debug)]
pub struct Resource {
    /// Its name in documents and paths: `orders`.
    pub name: &'static str,
    /// Where its records live.
    pub home: Home,
    /// Its own attributes in groups, in the order that documents show them.
    pub attributes: &'static [&'static [Attribute]],
    /// Its relationships, in the order that documents show them.
    pub relationships: &'static [Relationship],
    /// Relationships of Commerce Layer's that lead to what is not held: no document prints them, but
    /// they may be included, and lead nowhere. Its checkout asks for some of them always.
    pub unheld: &'static [&'static str],
    /// Who may write `reference`, `reference_origin` and `metadata` when changing a record.
    pub annotators: Roles,
}

/// Where the records of a type live: with whom they are read and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Home {
    /// They are orders.
    Order,
    /// They pay an order: its current one has a slot, those before it stand beside.
    Payment,
    /// With the order that they are part of.
    OfOrder,
    /// They are customers.
    Customer,
    /// In their customer's wallet.
    Wallet,
    /// In their customer's address book.
    AddressBook,
    /// In the catalogue, which is read whole and kept.
    Catalog,
    /// By themselves. One that an order names first moves to it, to be read with it.
    Own,
    /// There is one for each caller, which follows from the token.
    Token,
}

/// One attribute of a resource type.
#[derive(Debug, Clone, Copy)]
pub struct Attribute {
    /// Its name.
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
    pub preset: Option<Preset>,
    /// The texts that it takes; any, where there are none.
    pub one_of: &'static [&'static str],
    /// What its values have to be beside their shape.
    pub rule: Option<Rule>,
}

/// What a record has that was given nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// True or false.
    Boolean(bool),
    /// A text.
    Text(&'static str),
}

impl From<Preset> for Value {
    fn from(preset: Preset) -> Self {
        match preset {
            Preset::Boolean(value) => value.into(),
            Preset::Text(value) => value.into(),
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
    /// Computed from the record and those around it, by the rule of that name in `graph`.
    Computed,
    /// Nowhere: it is written and never shown.
    WriteOnly,
    /// Nowhere: it asks for an action.
    Trigger(Trigger),
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
    /// Its name.
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
}

impl Resource {
    /// All attributes: its own, then the common ones.
    pub fn all_attributes(&self) -> impl Iterator<Item = Attribute> + '_ {
        let annotators = self.annotators;
        let common = COMMON.iter().map(move |attribute| Attribute {
            updaters: match attribute.source {
                Source::Stored => annotators,
                _ => attribute.updaters,
            },
            ..*attribute
        });
        self.own_attributes().chain(common)
    }

    /// Its own attributes, without the common ones.
    pub fn own_attributes(&self) -> impl Iterator<Item = Attribute> + '_ {
        self.attributes.iter().copied().flatten().copied()
    }

    /// The attribute of that name.
    pub fn attribute(&self, name: &str) -> Option<Attribute> {
        self.all_attributes()
            .find(|attribute| attribute.name == name)
    }

    /// The relationship of that name.
    pub fn relationship(&self, name: &str) -> Option<&'static Relationship> {
        self.relationships
            .iter()
            .find(|relationship| relationship.name == name)
    }
}

impl Attribute {
    const fn stored(name: &'static str, value: ValueType) -> Self {
        Self {
            name,
            value,
            source: Source::Stored,
            readers: Roles::ALL,
            creators: Roles::NONE,
            updaters: Roles::NONE,
            filterable: false,
            sortable: false,
            is_key: false,
            is_unique: false,
            required: false,
            preset: None,
            one_of: &[],
            rule: None,
        }
    }

    const fn from(self, source: Source) -> Self {
        Self { source, ..self }
    }

    /// Whether documents show `{}` where nothing is stored, as Commerce Layer's do.
    pub fn is_object_when_absent(&self) -> bool {
        matches!(self.name, "metadata" | "options" | "payment_source_details")
    }

    /// Whether documents show it to those who may read it.
    pub const fn is_readable(&self) -> bool {
        !matches!(self.source, Source::WriteOnly | Source::Trigger(_))
    }

    /// Only these may read it.
    pub const fn read(self, readers: Roles) -> Self {
        Self { readers, ..self }
    }

    /// Who may give it when creating a record.
    pub const fn create(self, creators: Roles) -> Self {
        Self { creators, ..self }
    }

    /// Who may change it.
    pub const fn update(self, updaters: Roles) -> Self {
        Self { updaters, ..self }
    }

    /// Who may give and change it.
    pub const fn write(self, roles: Roles) -> Self {
        self.create(roles).update(roles)
    }

    /// Filters may name it.
    pub const fn filter(self) -> Self {
        Self {
            filterable: true,
            ..self
        }
    }

    /// `sort` may name it.
    pub const fn sort(self) -> Self {
        Self {
            sortable: true,
            ..self
        }
    }

    /// Records are found by it among all of their type; one attribute of a type may be, beside
    /// `reference`.
    pub const fn key(self) -> Self {
        Self {
            is_key: true,
            ..self
        }
    }

    /// Records are found by it, and no two have the same.
    pub const fn unique(self) -> Self {
        Self {
            is_unique: true,
            ..self.key()
        }
    }

    /// A record cannot be without it.
    pub const fn required(self) -> Self {
        Self {
            required: true,
            ..self
        }
    }

    /// A record that was given nothing else has this.
    pub const fn preset(self, value: bool) -> Self {
        Self {
            preset: Some(Preset::Boolean(value)),
            ..self
        }
    }

    /// A record that was given nothing else has this.
    pub const fn preset_text(self, value: &'static str) -> Self {
        Self {
            preset: Some(Preset::Text(value)),
            ..self
        }
    }

    /// It takes one of these texts.
    pub const fn one_of(self, one_of: &'static [&'static str]) -> Self {
        Self { one_of, ..self }
    }

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

    /// Its values are held to this rule.
    pub const fn rule(self, rule: Rule) -> Self {
        Self {
            rule: Some(rule),
            ..self
        }
    }

    /// It is written and never shown.
    pub const fn write_only(self) -> Self {
        self.from(Source::WriteOnly)
    }

    /// It follows from the record and those around it.
    pub const fn computed(self) -> Self {
        self.from(Source::Computed)
    }
}

impl Relationship {
    /// Who may give it when creating a record.
    pub const fn create(self, creators: Roles) -> Self {
        Self { creators, ..self }
    }

    /// Who may change it.
    pub const fn update(self, updaters: Roles) -> Self {
        Self { updaters, ..self }
    }

    /// Who may give and change it.
    pub const fn write(self, roles: Roles) -> Self {
        self.create(roles).update(roles)
    }

    /// A record cannot be without it.
    pub const fn required(self) -> Self {
        Self {
            required: true,
            ..self
        }
    }
}

/// A text.
pub const fn text(name: &'static str) -> Attribute {
    Attribute::stored(name, ValueType::Text)
}

/// A text that is sealed in the table.
pub const fn token(name: &'static str) -> Attribute {
    Attribute::stored(name, ValueType::Token)
}

/// An integer.
pub const fn integer(name: &'static str) -> Attribute {
    Attribute::stored(name, ValueType::Integer)
}

/// A number.
pub const fn float(name: &'static str) -> Attribute {
    Attribute::stored(name, ValueType::Float)
}

/// True or false.
pub const fn boolean(name: &'static str) -> Attribute {
    Attribute::stored(name, ValueType::Boolean)
}

/// An instant.
pub const fn time(name: &'static str) -> Attribute {
    Attribute::stored(name, ValueType::Time)
}

/// A free-form object.
pub const fn object(name: &'static str) -> Attribute {
    Attribute::stored(name, ValueType::Object)
}

/// A free-form object that is sealed in the table.
pub const fn token_object(name: &'static str) -> Attribute {
    Attribute::stored(name, ValueType::TokenObject)
}

/// A free-form array.
pub const fn array(name: &'static str) -> Attribute {
    Attribute::stored(name, ValueType::Array)
}

/// An amount as Commerce Layer shows it: in minor units, which alone are stored; in major units; and
/// written out. `money!("total_amount", .filter())` is `total_amount_cents` with what follows the
/// comma, `total_amount_float` and `formatted_total_amount`.
macro_rules! money {
    ($name:literal $(, $($cents:tt)+)?) => {
        [
            $crate::resource::integer(concat!($name, "_cents")) $($($cents)+)?,
            $crate::resource::float_of(concat!($name, "_float"), concat!($name, "_cents")),
            $crate::resource::formatted_of(concat!("formatted_", $name), concat!($name, "_cents")),
        ]
    };
}
pub(crate) use money;

/// The amount `cents` in major units.
pub const fn float_of(name: &'static str, cents: &'static str) -> Attribute {
    Attribute::stored(name, ValueType::Float).from(Source::FloatOf(cents))
}

/// The amount `cents` written out.
pub const fn formatted_of(name: &'static str, cents: &'static str) -> Attribute {
    Attribute::stored(name, ValueType::Text).from(Source::FormattedOf(cents))
}

/// A trigger that is set to true, for `roles`.
pub const fn trigger(name: &'static str, roles: Roles) -> Attribute {
    Attribute::stored(name, ValueType::Boolean)
        .from(Source::Trigger(Trigger::Built))
        .update(roles)
}

/// A trigger that takes a text, for `roles`.
pub const fn text_trigger(name: &'static str, roles: Roles) -> Attribute {
    Attribute::stored(name, ValueType::Text)
        .from(Source::Trigger(Trigger::Built))
        .update(roles)
}

/// A trigger of Commerce Layer's that is not carried out; `value` is what it takes.
pub const fn not_built(name: &'static str, value: ValueType, roles: Roles) -> Attribute {
    Attribute::stored(name, value)
        .from(Source::Trigger(Trigger::NotBuilt))
        .write(roles)
}

/// A relationship to one record or none.
pub const fn one(name: &'static str, to: &'static [ResourceType]) -> Relationship {
    Relationship {
        name,
        to,
        many: false,
        creators: Roles::NONE,
        updaters: Roles::NONE,
        required: false,
    }
}

/// A relationship to any number of records.
pub const fn many(name: &'static str, to: &'static [ResourceType]) -> Relationship {
    Relationship {
        many: true,
        ..one(name, to)
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
