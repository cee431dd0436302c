//! The declarations, attribute by attribute, against what Commerce Layer publishes of its resources.
//! What is missing here, or more, has its reason beside it; without one it fails, and so does a reason
//! for nothing.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

mod difference;
mod reasons;
mod table;

use std::collections::BTreeSet;

use domain::ResourceType;
use domain::resource::{Attribute, Resource};

use crate::difference::differences;
use crate::reasons::Reason;
use crate::table::Published;

#[test]
fn every_attribute_and_relationship_is_declared_or_has_its_reason() {
    let reasons = Reason::all();
    let mut used = BTreeSet::new();
    let mut problems = Vec::new();
    println!("resource: attributes ours / theirs, relationships, includable, filterable");
    for kind in ResourceType::ALL {
        let ours = kind.declaration();
        let Some(theirs) = Published::of(*kind) else {
            continue;
        };
        for (name, difference) in differences(*kind, &theirs) {
            let explains = |it: &&Reason| it.explains(ours.name, &name, difference);
            let difference = format!("{}.{name}: {difference}", ours.name);
            match reasons.iter().find(explains) {
                Some(reason) => {
                    println!("  {difference}: {}", reason.text);
                    used.insert(reason);
                }
                None => problems.push(difference),
            }
        }
        report(ours, &theirs);
    }
    let unused = reasons.iter().filter(|it| !used.contains(it));
    problems.extend(unused.map(|it| format!("{}: a reason for nothing", it.subject())));
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn every_table_says_of_which_type_it_is_and_all_that_the_type_has() {
    for kind in ResourceType::ALL {
        let Some(published) = Published::of(*kind) else {
            continue;
        };
        let name = kind.name();
        assert!(published.actions.has("retrieve"), "{name}");
        for common in ["created_at", "updated_at", "metadata"] {
            assert!(published.attributes.contains_key(common), "{name}.{common}");
        }
    }
}

fn report(ours: &Resource, theirs: &Published) {
    let filterable = |it: &Attribute| it.filterable;
    let relationships = theirs.relationships.values();
    let attributes = theirs.attributes.values();
    println!(
        "| {} | {} / {} | {} / {} | {} / {} | {} / {} |",
        ours.name,
        ours.all_attributes().count(),
        theirs.attributes.len(),
        ours.relationships.len(),
        theirs.relationships.len(),
        ours.relationships.len(),
        relationships.filter(|it| it.rights.has("include")).count(),
        ours.all_attributes().filter(filterable).count(),
        attributes.filter(|it| it.rights.has("filter")).count(),
    );
}
