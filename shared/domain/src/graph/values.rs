//! The values that documents show: stored ones, and those that follow from them and from others.

use std::borrow::Cow;

use serde_json::Value;

use super::Graph;
use crate::money::Amount;
use crate::record::Record;
use crate::resource::{Attribute, Computed, Source};
use crate::{CustomerId, GatewayId, OrderId, SourceId};

impl Graph {
    /// Whether a document shows an attribute to the viewer.
    pub const fn shows(&self, attribute: &Attribute) -> bool {
        attribute.is_readable() && attribute.readers.contains(self.viewer.role)
    }

    /// The value that a document shows for an attribute.
    pub fn attribute<'r>(&self, record: &'r Record, attribute: &Attribute) -> Cow<'r, Value> {
        let value = match attribute.source {
            Source::Stored => match record.get(attribute.name) {
                Some(value) => return Cow::Borrowed(value),
                None => attribute.when_absent(),
            },
            Source::Record => match attribute.name {
                "created_at" => record.created_at.to_string().into(),
                _ => record.updated_at.to_string().into(),
            },
            Source::FloatOf(cents) => match shown_cents(record, cents) {
                Some(0) => 0.0.into(),
                _ => amount(record, cents).map_or(Value::Null, |it| it.to_float().into()),
            },
            Source::FormattedOf(cents) => {
                amount(record, cents).map_or(Value::Null, |it| it.to_string().into())
            }
            Source::Computed(by) => self.computed(record, by),
            Source::WriteOnly | Source::Trigger(_) => Value::Null,
        };
        Cow::Owned(value)
    }

    fn computed(&self, record: &Record, by: Computed) -> Value {
        match by {
            Computed::IsEditable => {
                let status = record.text("status").unwrap_or("draft");
                matches!(status, "draft" | "pending" | "editing").into()
            }
            Computed::FullName => full_name(record).into(),
            Computed::FullAddress => full_address(record).into(),
            Computed::AddressName => address_name(record).into(),
            Computed::IsLocalized => {
                let is_given = |name: &&str| record.get(name).is_some();
                ["lat", "lng"].iter().all(is_given).into()
            }
            Computed::BookEntryName => {
                let address = self.kept_address(record).ok().flatten();
                address.map_or(Value::Null, |it| address_name(&it).into())
            }
            Computed::BookEntryEmail => self.email_of_book(record),
            Computed::HasPassword => {
                let hash = record.state.get("password_hash");
                hash.is_some_and(|it| !it.is_null()).into()
            }
            Computed::DaysOf(hours) => {
                let hours = record.integer(hours);
                hours.map_or(Value::Null, |it| it.div_euclid(HOURS_OF_A_DAY).into())
            }
            Computed::Slug => self.viewer.slug.as_str().into(),
            Computed::EventsUrl => {
                let gateway = GatewayId::new(record.id);
                self.viewer.tenant.events_path(gateway).into()
            }
            Computed::CircuitState => self
                .catalog
                .circuit(GatewayId::new(record.id))
                .state()
                .into(),
            Computed::CircuitFailureCount => self
                .catalog
                .circuit(GatewayId::new(record.id))
                .failures
                .into(),
            Computed::MismatchedAmounts => self.is_mismatched(record).into(),
        }
    }

    fn email_of_book(&self, entry: &Record) -> Value {
        let customer = entry.relationships.get("customer");
        let book = customer.and_then(|it| self.address_books.get(&CustomerId::new(it.id)));
        let mut book = book.into_iter().flatten();
        let profile = book.find(|it| Some(&it.identifier()) == customer);
        let email = profile.and_then(|it| it.get("email"));
        email.cloned().unwrap_or_default()
    }

    fn is_mismatched(&self, record: &Record) -> bool {
        let order = record.related("order").map(OrderId::new);
        let order = order.and_then(|id| self.orders.get(&id));
        let partition = order.and_then(Option::as_ref);
        let source = partition.and_then(|it| {
            it.source(SourceId::new(record.id))
                .map(|source| (it, source))
        });
        source.is_some_and(|(partition, source)| partition.mismatches(source))
    }
}

const HOURS_OF_A_DAY: i64 = 24;

/// An amount in minor units as documents show it.
fn shown_cents(record: &Record, cents: &str) -> Option<i64> {
    let absent = || {
        let attribute = record.kind.declaration().attribute(cents)?;
        attribute.when_absent().as_i64()
    };
    record.integer(cents).or_else(absent)
}

fn amount(record: &Record, cents: &str) -> Option<Amount> {
    Some(Amount {
        cents: shown_cents(record, cents)?,
        currency: record.text("currency_code")?.parse().ok()?,
    })
}

fn full_name(address: &Record) -> String {
    let business = address.get("business").and_then(Value::as_bool);
    match business {
        Some(true) => address.text("company").unwrap_or_default().to_owned(),
        _ => join(address, &["first_name", "last_name"]),
    }
}

fn address_name(address: &Record) -> String {
    format!("{}, {}", full_name(address), full_address(address))
}

/// As Commerce Layer writes it: `2883 Geraldine Lane Apt.23, 10013 New York NY (US) (212) 646-338-1228`.
fn full_address(address: &Record) -> String {
    let street = join(address, &["line_1", "line_2"]);
    let city = join(address, &["zip_code", "city", "state_code"]);
    let country = address.text("country_code").unwrap_or_default();
    let phone = address.text("phone").unwrap_or_default();
    format!("{street}, {city} ({country}) {phone}")
}

fn join(record: &Record, names: &[&str]) -> String {
    let parts: Vec<_> = names.iter().filter_map(|name| record.text(name)).collect();
    parts.join(" ")
}
