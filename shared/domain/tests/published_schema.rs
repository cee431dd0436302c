//! The declarations, attribute by attribute, against the schema that Commerce Layer publishes of its
//! resources. What is missing here, or more, has its reason beside it; without one it fails. The schema
//! is no part of the repository: where it is not there, the check is skipped and says so.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

#[path = "published_schema/reasons.rs"]
mod reasons;

use std::collections::BTreeSet;
use std::path::Path;

use domain::resource::{Attribute, Relationship, Resource, Source, ValueType};
use domain::{ResourceType, Role, Roles};
use serde_json::Value;

/// Where a checkout has the schema beside the repository.
const SCHEMA: &str = "../../../shared/data/commerce-layer-resources.json";

#[test]
fn every_attribute_and_relationship_is_declared_or_has_its_reason() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(SCHEMA);
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: the published schema of Commerce Layer's resources is not here");
        return;
    };
    let schema: Value = serde_json::from_str(&text).unwrap();
    let mut used = BTreeSet::new();
    let mut problems = Vec::new();
    println!("resource: attributes ours / theirs, relationships, includable, filterable");
    for kind in ResourceType::ALL {
        let theirs = published(&schema, *kind);
        let mut found = compare(kind.declaration(), theirs, &mut used);
        problems.append(&mut found);
        report(kind.declaration(), theirs);
    }
    let unused = reasons::REASONS
        .iter()
        .filter(|(kind, name, _)| !used.contains(&(*kind, *name)));
    problems.extend(unused.map(|(kind, name, _)| format!("{kind}.{name}: a reason for nothing")));
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

fn published(schema: &Value, kind: ResourceType) -> &Value {
    let singular = match kind.name() {
        "customer_addresses" => "customer_address",
        "addresses" => "address",
        name => name.trim_end_matches('s'),
    };
    let resources = schema.as_array().unwrap();
    let found = resources.iter().find(|it| it["id"] == singular);
    &found.unwrap_or_else(|| panic!("no resource {singular}"))["attributes"]
}

fn compare(
    ours: &'static Resource,
    theirs: &Value,
    used: &mut BTreeSet<(&'static str, &'static str)>,
) -> Vec<String> {
    let mut problems = Vec::new();
    let mut explained = |name: &str, problem: &str| {
        let is_beyond = problem.ends_with("here alone");
        let beyond = reasons::BEYOND.iter().find(|(kind, names, _)| {
            is_beyond && *kind == ours.name && names.iter().any(|it| is_like(name, it))
        });
        let reason = reasons::REASONS
            .iter()
            .find(|(kind, it, _)| (*kind == "*" || *kind == ours.name) && is_like(name, it));
        match (beyond, reason) {
            (Some((_, _, reason)), _) => println!("  {}.{name}: {problem}: {reason}", ours.name),
            (None, Some((kind, it, reason))) => {
                used.insert((*kind, *it));
                println!("  {}.{name}: {problem}: {reason}", ours.name);
            }
            (None, None) => problems.push(format!("{}.{name}: {problem}", ours.name)),
        }
    };
    let fields = theirs["fields"].as_object().unwrap();
    for (name, field) in fields.iter().filter(|(name, _)| *name != "id") {
        match ours.attribute(name) {
            Some(attribute) => {
                for problem in differences(&attribute, field, &theirs["actions"]) {
                    explained(name, problem);
                }
            }
            None => explained(name, "missing"),
        }
    }
    for attribute in ours.own_attributes() {
        if !fields.contains_key(attribute.name) {
            explained(attribute.name, "not Commerce Layer's");
        }
    }
    let relationships = theirs["relationships"].as_object().unwrap();
    for (name, field) in relationships {
        match ours.relationship(name) {
            Some(relationship) => {
                for problem in relationship_differences(relationship, field) {
                    explained(name, problem);
                }
            }
            None => explained(name, "missing"),
        }
        let is_held = ours.relationship(name).is_some();
        let is_unheld = ours.unheld.contains(&name.as_str());
        let is_includable = field["includable"] != false;
        assert_eq!(is_unheld, is_includable && !is_held, "{}.{name}", ours.name);
    }
    for relationship in ours.relationships {
        if !relationships.contains_key(relationship.name) {
            explained(relationship.name, "not Commerce Layer's");
        }
    }
    problems
}

/// Whether a name is like a pattern, in which `*` stands for any text.
fn is_like(name: &str, pattern: &str) -> bool {
    match pattern.split_once('*') {
        None => name == pattern,
        Some((start, rest)) => name.strip_prefix(start).is_some_and(|name| {
            let mut ends = (0..=name.len()).filter_map(|at| name.get(at..));
            ends.any(|end| is_like(end, rest))
        }),
    }
}

/// `actions` is what Commerce Layer lets do with the resource: an attribute of one that is only read is
/// not written, whatever else is said of it.
fn differences(ours: &Attribute, theirs: &Value, actions: &Value) -> Vec<&'static str> {
    let does = |name: &str| actions.as_array().unwrap().iter().any(|it| it == name);
    let is = |name: &str| {
        let is_done = match name {
            "creatable" => does("create"),
            "updatable" => does("update"),
            _ => true,
        };
        is_done && theirs[name] == true
    };
    let mut problems = Vec::new();
    let kind = match ours.value {
        ValueType::Text | ValueType::Token => "string",
        ValueType::Integer => "integer",
        ValueType::Float => "float",
        ValueType::Boolean => "boolean",
        ValueType::Time => "datetime",
        ValueType::Object | ValueType::TokenObject => "object",
        ValueType::Array => "array",
    };
    let mut check = |is_wrong: bool, problem| {
        if is_wrong {
            problems.push(problem);
        }
    };
    check(theirs["type"] != kind, "of another type");
    let readable = ours.is_readable();
    check(readable != is("fetchable"), "readable or not");
    let (creatable, updatable) = (!ours.creators.is_empty(), !ours.updaters.is_empty());
    // A trigger that is not carried out is refused whichever way it comes.
    let is_trigger = matches!(ours.source, Source::Trigger(_));
    check(is("creatable") && !creatable, "not creatable here");
    check(is("updatable") && !updatable, "not updatable here");
    check(
        creatable && does("create") && !is("creatable") && !is_trigger,
        "creatable here alone",
    );
    check(
        updatable && !is("updatable") && !is_trigger,
        "updatable here alone",
    );
    let for_channels = |roles: Roles| roles.contains(Role::Guest);
    let open = for_channels(ours.creators) || for_channels(ours.updaters);
    check(is("prohibited") && open, "open to sales channels");
    check(
        is("confidential") && for_channels(ours.readers),
        "shown to sales channels",
    );
    check(ours.filterable != is("filterable"), "filterable or not");
    check(ours.sortable != is("sortable"), "sortable or not");
    let named = theirs["enum"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let same = ours
        .one_of
        .iter()
        .all(|it| named.iter().any(|their| their == it));
    check(
        !same || (!ours.one_of.is_empty() && named.len() != ours.one_of.len()),
        "of other values",
    );
    problems
}

fn relationship_differences(ours: &Relationship, theirs: &Value) -> Vec<&'static str> {
    let mut problems = Vec::new();
    let many = theirs["type"] == "has_many";
    let mut check = |is_wrong: bool, problem| {
        if is_wrong {
            problems.push(problem);
        }
    };
    check(ours.many != many, "of another cardinality");
    let is = |name: &str| theirs[name] == true;
    check(
        is("creatable") && ours.creators.is_empty(),
        "not creatable here",
    );
    check(
        is("updatable") && ours.updaters.is_empty(),
        "not updatable here",
    );
    check(
        !ours.creators.is_empty() && !is("creatable"),
        "creatable here alone",
    );
    check(
        !ours.updaters.is_empty() && !is("updatable"),
        "updatable here alone",
    );
    problems
}

fn report(ours: &Resource, theirs: &Value) {
    let attributes = ours.all_attributes().count() + 1;
    let fields = theirs["fields"].as_object().unwrap();
    let relationships = theirs["relationships"].as_object().unwrap();
    let includable = relationships
        .values()
        .filter(|it| it["includable"] != false);
    let filterable = |it: &&Attribute| it.filterable;
    let ours_filterable: Vec<_> = ours.all_attributes().collect();
    let theirs_filterable = fields.values().filter(|it| it["filterable"] == true);
    println!(
        "| {} | {attributes} / {} | {} / {} | {} / {} | {} / {} |",
        ours.name,
        fields.len(),
        ours.relationships.len(),
        relationships.len(),
        ours.relationships.len(),
        includable.count(),
        ours_filterable.iter().filter(filterable).count() + 1,
        theirs_filterable.count(),
    );
}
