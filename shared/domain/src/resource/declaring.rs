//! How declarations are written: an attribute or a relationship by its name and type, then what is
//! particular to it.

use super::{Attribute, Computed, DefaultValue, Relationship, Rule, Source, Trigger, ValueType};
use crate::Roles;
use crate::resources::ResourceType;

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
            default: None,
            counts_from_zero: false,
            one_of: &[],
            exported_as: None,
            rule: None,
        }
    }

    pub(super) const fn from(self, source: Source) -> Self {
        Self { source, ..self }
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

    /// A record may be without it.
    pub const fn optional(self) -> Self {
        Self {
            required: false,
            ..self
        }
    }

    /// Its values are taken in this type as well.
    pub const fn exported_as(self, value: ValueType) -> Self {
        Self {
            exported_as: Some(value),
            ..self
        }
    }

    /// A record that was given nothing else has this.
    pub const fn default_to(self, value: bool) -> Self {
        Self {
            default: Some(DefaultValue::Boolean(value)),
            ..self
        }
    }

    /// A record that was given nothing else has this.
    pub const fn default_text(self, value: &'static str) -> Self {
        Self {
            default: Some(DefaultValue::Text(value)),
            ..self
        }
    }

    /// Documents show 0 where nothing is stored.
    pub const fn from_zero(self) -> Self {
        Self {
            counts_from_zero: true,
            ..self
        }
    }

    /// It takes one of these texts.
    pub const fn one_of(self, one_of: &'static [&'static str]) -> Self {
        Self { one_of, ..self }
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
    pub const fn computed(self, by: Computed) -> Self {
        self.from(Source::Computed(by))
    }
}

impl Relationship {
    /// It follows from an attribute or from the token where it is not given.
    pub const fn implied(self) -> Self {
        Self {
            is_implied: true,
            ..self
        }
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
        is_implied: false,
    }
}

/// A relationship to any number of records.
pub const fn many(name: &'static str, to: &'static [ResourceType]) -> Relationship {
    Relationship {
        many: true,
        ..one(name, to)
    }
}
