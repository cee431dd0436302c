//! Filters of a list: `filter[q][name_or_reference_cont]=visa` (Commerce Layer, "filtering data").

mod predicate;

use domain::graph::Graph;
use domain::record::Record;
use domain::refusal::Code;
use domain::resource::{Attribute, ValueType};
use domain::{Refusal, ResourceType};
use serde_json::Value;

use predicate::{Predicate, Test};

/// The most filters of one query.
const MOST_FILTERS: usize = 20;
/// The most values of all filters of one query together.
const MOST_VALUES: usize = 100;

/// What the records of a list are to fulfil: all of its conditions. None, by default.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Filter {
    kinds: Vec<ResourceType>,
    conditions: Vec<Condition>,
    values: usize,
}

/// One parameter: fulfilled where any of its attributes passes the test.
#[derive(Debug, Clone, PartialEq)]
struct Condition {
    parameter: String,
    any_of: Vec<(&'static str, Test)>,
}

impl Filter {
    /// Adds `filter[q][name]=value`, for a list of records of these types.
    ///
    /// # Errors
    /// An attribute that the list cannot be filtered by, a predicate that is not there or not for
    /// such an attribute, a value that the attribute cannot have, too many of them: 400.
    pub fn add(&mut self, name: &str, value: &str, kinds: &[ResourceType]) -> Result<(), Refusal> {
        let parameter = format!("filter[q][{name}]");
        let refuse = |detail| refuse(&parameter, detail);
        if self.conditions.len() == MOST_FILTERS {
            let detail = format!("A list takes at most {MOST_FILTERS} filters.");
            return Err(refuse(detail));
        }
        let (attributes, predicate) = split(name, kinds).map_err(refuse)?;
        self.values += match predicate.takes_several() {
            true => value.split(',').count(),
            false => 1,
        };
        if self.values > MOST_VALUES {
            let detail = format!("The filters of a list take at most {MOST_VALUES} values.");
            return Err(refuse(detail));
        }
        let mut any_of = Vec::new();
        for (attribute, value_type) in attributes {
            let test = Test::new(predicate, value, value_type).map_err(|problem| {
                let detail = format!("This list cannot be filtered so by {attribute}: {problem}.");
                refuse(detail)
            })?;
            any_of.push((attribute, test));
        }
        self.kinds = kinds.to_vec();
        self.conditions.push(Condition { parameter, any_of });
        Ok(())
    }

    /// Whether every record passes.
    pub fn is_empty(&self) -> bool {
        self.conditions.is_empty()
    }

    /// Leaves the records that pass, in their order.
    ///
    /// # Errors
    /// An attribute that the viewer may not read: 400.
    pub fn apply(&self, records: &mut Vec<Record>, graph: &Graph) -> Result<(), Refusal> {
        self.check(|attribute| graph.shows(attribute))?;
        records.retain(|record| {
            self.conditions.iter().all(|condition| {
                let mut any_of = condition.any_of.iter();
                any_of.any(|(name, test)| test.passes(&value_of(record, name, graph)))
            })
        });
        Ok(())
    }

    /// Attributes that are not shown are refused as those are that are not there.
    fn check(&self, shows: impl Fn(&Attribute) -> bool) -> Result<(), Refusal> {
        for condition in &self.conditions {
            for (name, _) in &condition.any_of {
                let mut declared = filterable(&self.kinds);
                if *name != "id" && !declared.any(|it| it.name == *name && shows(&it)) {
                    return Err(refuse(&condition.parameter, not_filterable(name)));
                }
            }
        }
        Ok(())
    }
}

/// An attribute's name, and what values it takes.
type Named = (&'static str, ValueType);

/// `name_or_reference_not_eq` is the attributes `name` and `reference`, and the predicate `not_eq`.
/// Names of attributes contain underscores too: the longest that fits is meant.
fn split(name: &str, kinds: &[ResourceType]) -> Result<(Vec<Named>, Predicate), String> {
    let mut known: Vec<Named> = filterable(kinds).map(|it| (it.name, it.value)).collect();
    known.push(("id", ValueType::Text));
    known.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));

    let (others, last) = match name.rsplit_once("_or_") {
        Some((others, last)) => (others.split("_or_").collect(), last),
        None => (Vec::new(), name),
    };
    let mut attributes = Vec::new();
    for other in others {
        let found = known.iter().find(|(name, _)| *name == other);
        let found = found.ok_or_else(|| not_filterable(other))?;
        if !attributes.contains(found) {
            attributes.push(*found);
        }
    }

    let mut unknown = None;
    for found in &known {
        let rest = last.strip_prefix(found.0);
        let Some(predicate) = rest.and_then(|rest| rest.strip_prefix('_')) else {
            continue;
        };
        if let Some(predicate) = Predicate::named(predicate) {
            if !attributes.contains(found) {
                attributes.push(*found);
            }
            return Ok((attributes, predicate));
        }
        unknown.get_or_insert(format!("There is no predicate {predicate} to filter by."));
    }
    Err(unknown.unwrap_or_else(|| not_filterable(last)))
}

fn filterable(kinds: &[ResourceType]) -> impl Iterator<Item = Attribute> {
    let attributes = kinds
        .iter()
        .flat_map(|it| it.declaration().all_attributes());
    attributes.filter(|it| it.filterable && it.is_readable())
}

/// The value that is tested: the one that documents show. Null, where the record's type has no such
/// attribute to filter by.
fn value_of(record: &Record, name: &str, graph: &Graph) -> Value {
    if name == "id" {
        return record.id.to_string().into();
    }
    match record.kind.declaration().attribute(name) {
        Some(attribute) if attribute.filterable && graph.shows(&attribute) => {
            graph.attribute(record, &attribute)
        }
        _ => Value::Null,
    }
}

fn not_filterable(name: &str) -> String {
    format!("This list cannot be filtered by {name}.")
}

fn refuse(parameter: &str, detail: String) -> Refusal {
    Refusal::new(Code::BadRequest, detail).at_parameter(parameter)
}

#[cfg(test)]
mod tests;
