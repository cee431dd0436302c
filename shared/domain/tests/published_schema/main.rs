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
use crate::reasons::{BEYOND, REASONS};
use crate::table::Published;

#[test]
fn every_attribute_and_relationship_is_declared_or_has_its_reason() {
    let mut used = BTreeSet::new();
    let mut problems = Vec::new();
    println!("resource: attributes ours / theirs, relationships, includable, filterable");
    for kind in ResourceType::ALL {
        let (ours, theirs) = (kind.declaration(), Published::of(*kind));
        for (name, difference) in differences(*kind, &theirs) {
            match reason(ours.name, &name, difference) {
                Some(found) => {
                    println!("  {}.{name}: {difference}: {}", ours.name, found.text());
                    used.insert(found);
                }
                None => problems.push(format!("{}.{name}: {difference}", ours.name)),
            }
        }
        report(ours, &theirs);
    }
    problems.extend(unused(&used));
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn every_table_says_of_which_type_it_is_and_all_that_the_type_has() {
    for kind in ResourceType::ALL {
        let published = Published::of(*kind);
        let name = kind.name();
        assert!(published.actions.has("retrieve"), "{name}");
        for common in ["created_at", "updated_at", "metadata"] {
            assert!(published.attributes.contains_key(common), "{name}.{common}");
        }
    }
}

/// What explains a difference: by its place in the tables of reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reason {
    /// One of [`REASONS`].
    Listed(usize),
    /// One of the names in one of [`BEYOND`].
    Beyond(usize, usize),
}

impl Reason {
    fn text(self) -> &'static str {
        match self {
            Self::Listed(at) => REASONS[at].2,
            Self::Beyond(at, _) => BEYOND[at].2,
        }
    }
}

fn reason(resource: &str, name: &str, difference: &str) -> Option<Reason> {
    let beyond = || {
        let at = BEYOND.iter().position(|(of, _, _)| *of == resource)?;
        let pattern = BEYOND[at].1.iter().position(|it| is_like(name, it))?;
        Some(Reason::Beyond(at, pattern))
    };
    let listed = || {
        let fits =
            |(of, it, _): &(&str, &str, _)| (*of == "*" || *of == resource) && is_like(name, it);
        REASONS.iter().position(fits).map(Reason::Listed)
    };
    let is_beyond = difference.ends_with("here alone");
    is_beyond.then(beyond).flatten().or_else(listed)
}

/// The reasons that explain nothing.
fn unused(used: &BTreeSet<Reason>) -> Vec<String> {
    let listed = (0..REASONS.len()).map(Reason::Listed);
    let names = |at: usize| (0..BEYOND[at].1.len()).map(move |name| Reason::Beyond(at, name));
    let beyond = (0..BEYOND.len()).flat_map(names);
    let unused = listed.chain(beyond).filter(|it| !used.contains(it));
    unused
        .map(|reason| {
            let (resource, name) = match reason {
                Reason::Listed(at) => (REASONS[at].0, REASONS[at].1),
                Reason::Beyond(at, name) => (BEYOND[at].0, BEYOND[at].1[name]),
            };
            format!("{resource}.{name}: a reason for nothing")
        })
        .collect()
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
