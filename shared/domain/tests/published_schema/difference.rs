//! Where a declaration says something else than what is published.

use domain::resource::{Attribute, Relationship, Resource, Source, ValueType};
use domain::{ResourceType, Role, Roles};

use crate::table::{Member, Published, Rights};

/// Each difference with the attribute or relationship that has it.
pub fn differences(kind: ResourceType, theirs: &Published) -> Vec<(String, &'static str)> {
    let ours = kind.declaration();
    let payment = kind.payment_rules();
    let mut found = Vec::new();
    for (name, member) in &theirs.attributes {
        let is_needed = payment.is_some_and(|rules| rules.required.contains(name));
        let differences = match ours.attribute(name) {
            Some(attribute) => {
                let required = attribute.required || is_needed;
                let attribute = Attribute {
                    required,
                    ..attribute
                };
                of_attribute(&attribute, member, &theirs.actions)
            }
            None => vec!["missing"],
        };
        found.extend(differences.into_iter().map(|it| ((*name).to_owned(), it)));
    }
    for (name, member) in &theirs.relationships {
        let differences = match ours.relationship(name) {
            Some(relationship) => of_relationship(relationship, member),
            None => vec!["missing"],
        };
        found.extend(differences.into_iter().map(|it| ((*name).to_owned(), it)));
    }
    let attributes = ours.own_attributes().map(|it| it.name);
    let invented = attributes.filter(|it| !theirs.attributes.contains_key(it));
    let relationships = ours.relationships.iter().map(|it| it.name);
    let led_on = relationships.filter(|it| !theirs.relationships.contains_key(it));
    let invented = invented.chain(led_on);
    found.extend(invented.map(|it| (it.to_owned(), "not Commerce Layer's")));
    found.extend(of_unsupported(ours, theirs));
    found
}

/// What may be included and is not held is named as that, and nothing else is.
fn of_unsupported(ours: &Resource, theirs: &Published) -> Vec<(String, &'static str)> {
    let is_to_be = |name: &str| {
        let is_includable = |it: &Member| it.rights.has("include");
        theirs.relationships.get(name).is_some_and(is_includable)
            && ours.relationship(name).is_none()
    };
    let named = ours.unsupported.iter().filter(|it| !is_to_be(it));
    let unnamed = theirs.relationships.keys();
    let unnamed = unnamed.filter(|it| is_to_be(it) && !ours.unsupported.contains(it));
    named
        .map(|it| ((*it).to_owned(), "named as not held, and it is"))
        .chain(unnamed.map(|it| ((*it).to_owned(), "not held, and not named as that")))
        .collect()
}

/// `actions` is what Commerce Layer lets do with the resource: an attribute of one that is only read is
/// not written, whatever else is said of it.
fn of_attribute(ours: &Attribute, theirs: &Member, actions: &Rights) -> Vec<&'static str> {
    let kind = match ours.value {
        ValueType::Text | ValueType::Token => "string",
        ValueType::Integer => "integer",
        ValueType::Float => "float",
        ValueType::Boolean => "boolean",
        ValueType::Time => "datetime",
        ValueType::Object | ValueType::TokenObject => "object",
        ValueType::Array => "array",
    };
    let is = |right: &str| theirs.rights.has(right);
    let can_create = actions.has("create");
    let (is_creatable, is_updatable) = (
        is("create") && can_create,
        is("update") && actions.has("update"),
    );
    let (creatable, updatable) = (!ours.creators.is_empty(), !ours.updaters.is_empty());
    // A trigger that is not carried out is refused whichever way it comes.
    let is_trigger = matches!(ours.source, Source::Trigger(_));
    let for_channels = |roles: Roles| roles.contains(Role::Guest);
    let is_open = for_channels(ours.creators) || for_channels(ours.updaters);
    let same_values = ours.one_of.iter().all(|it| theirs.values.contains(it))
        && (ours.one_of.is_empty() || theirs.values.len() == ours.one_of.len());
    let checks = [
        (theirs.kind != kind, "of another type"),
        (ours.is_readable() != is("read"), "readable or not"),
        (is_creatable && !creatable, "not creatable here"),
        (is_updatable && !updatable, "not updatable here"),
        (
            creatable && can_create && !is_creatable && !is_trigger,
            "creatable here alone",
        ),
        (
            updatable && !is_updatable && !is_trigger,
            "updatable here alone",
        ),
        (is("prohibited") && is_open, "open to sales channels"),
        (
            is("confidential") && for_channels(ours.readers),
            "shown to sales channels",
        ),
        (ours.filterable != is("filter"), "filterable or not"),
        (ours.sortable != is("sort"), "sortable or not"),
        (!same_values, "of other values"),
        (ours.required && !theirs.required, "required here alone"),
        (
            creatable && is_creatable && theirs.required && !ours.required,
            "not required here",
        ),
    ];
    of(checks)
}

fn of_relationship(ours: &Relationship, theirs: &Member) -> Vec<&'static str> {
    let is = |right: &str| theirs.rights.has(right);
    let (creatable, updatable) = (!ours.creators.is_empty(), !ours.updaters.is_empty());
    of([
        (
            ours.many != (theirs.kind == "to_many"),
            "of another cardinality",
        ),
        (is("create") && !creatable, "not creatable here"),
        (is("update") && !updatable, "not updatable here"),
        (creatable && !is("create"), "creatable here alone"),
        (updatable && !is("update"), "updatable here alone"),
        (ours.required && !theirs.required, "required here alone"),
        (
            creatable && theirs.required && !ours.required,
            "not required here",
        ),
    ])
}

fn of<const N: usize>(checks: [(bool, &'static str); N]) -> Vec<&'static str> {
    let found = checks.into_iter().filter(|(is_so, _)| *is_so);
    found.map(|(_, difference)| difference).collect()
}
