//! Filters of a list: `filter[q][name_or_reference_cont]=visa` (Commerce Layer, "filtering data").

mod predicate;

use domain::graph::Graph;
use domain::record::Record;
use domain::refusal::Code;
use domain::resource::{Attribute, Relationship, ValueType};
use domain::{Period, Refusal, ResourceType};
use serde_json::Value;

pub use predicate::{LONGEST_PATTERN, Takes, predicates, predicates_of_identity};
use predicate::{Predicate, Test};

/// The most filters of one query.
pub const MOST_FILTERS: usize = 20;
/// The most values of all filters of one query together.
pub const MOST_VALUES: usize = 100;

/// The attribute that lists are in order of.
pub(crate) const CREATED_AT: &str = "created_at";

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
    any_of: Vec<(String, Test)>,
}

impl Condition {
    /// When records were created that pass, where it says nothing else.
    fn created(&self) -> Option<Period> {
        match self.any_of.as_slice() {
            [(name, test)] if name == CREATED_AT => test.period(),
            _ => None,
        }
    }
}

impl Filter {
    /// Adds `filter[q][name]=value`, for a list of records of these types.
    ///
    /// # Errors
    /// An attribute that the list cannot be filtered by, a predicate that is not there or not for
    /// such an attribute, a value that the attribute cannot have, too many of them: 400.
    pub fn add(&mut self, name: &str, value: &str, kinds: &[ResourceType]) -> Result<(), Refusal> {
        let parameter = format!("filter[q][{name}]");
        let refuse = |code, detail| refuse(code, &parameter, detail);
        if self.conditions.len() == MOST_FILTERS {
            let detail = format!("A list takes at most {MOST_FILTERS} filters.");
            return Err(refuse(Code::BadRequest, detail));
        }
        let split = split(name, kinds);
        let (attributes, predicate) = split.map_err(|(code, detail)| refuse(code, detail))?;
        self.values += match predicate.takes() {
            Takes::Several => value.split(',').count(),
            _ => 1,
        };
        if self.values > MOST_VALUES {
            let detail = format!("The filters of a list take at most {MOST_VALUES} values.");
            return Err(refuse(Code::BadRequest, detail));
        }
        let mut any_of = Vec::new();
        for (attribute, value_type) in attributes {
            if related_of(kinds, &attribute).is_some() && !predicate.is_of_identity() {
                let detail = format!("{attribute} takes the predicates eq and in alone.");
                return Err(refuse(Code::FilterNotAllowed, detail));
            }
            let test = Test::new(predicate, value, value_type).map_err(|problem| {
                let detail = format!("This list cannot be filtered so by {attribute}: {problem}.");
                refuse(Code::InvalidFilterValue, detail)
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

    /// Values that every record which passes has one of, for an attribute that records are found by: its
    /// name and the values. None where no condition says so.
    pub fn found_by(&self) -> Option<(&str, Vec<&str>)> {
        let mut conditions = self.conditions.iter();
        conditions.find_map(|condition| match condition.any_of.as_slice() {
            [(name, test)] if name == "id" || self.is_key(name) => {
                Some((name.as_str(), test.wanted_texts()?))
            }
            _ => None,
        })
    }

    /// When every record that passes was created.
    pub fn created(&self) -> Period {
        let periods = self.conditions.iter().filter_map(Condition::created);
        periods.fold(Period::default(), Period::and)
    }

    /// Whether it asks for more than [`Self::created`] says.
    pub fn asks_for_more(&self) -> bool {
        self.conditions.iter().any(|it| it.created().is_none())
    }

    fn is_key(&self, name: &str) -> bool {
        filterable(&self.kinds).any(|it| it.name == name && it.is_key)
    }

    /// Leaves the records that pass, in their order.
    ///
    /// # Errors
    /// An attribute or relationship that the viewer may not read: 400.
    pub fn apply(&self, records: &mut Vec<Record>, graph: &Graph) -> Result<(), Refusal> {
        self.check(|attribute| graph.shows(attribute), |it| graph.leads(it))?;
        records.retain(|record| {
            self.conditions.iter().all(|condition| {
                let mut any_of = condition.any_of.iter();
                any_of.any(|(name, test)| test.passes(&value_of(record, name, graph)))
            })
        });
        Ok(())
    }

    /// Attributes and relationships that are not shown are refused as those are that are not there.
    fn check(
        &self,
        shows: impl Fn(&Attribute) -> bool,
        leads: impl Fn(&Relationship) -> bool,
    ) -> Result<(), Refusal> {
        for condition in &self.conditions {
            for (name, _) in &condition.any_of {
                let mut declared = filterable(&self.kinds);
                let is_id = name == "id" || related_of(&self.kinds, name).is_some_and(&leads);
                if !is_id && !declared.any(|it| it.name == *name && shows(&it)) {
                    let (code, detail) = not_filterable(name);
                    return Err(refuse(code, &condition.parameter, detail));
                }
            }
        }
        Ok(())
    }
}

/// What a filter names, an attribute or `customer_id` for whom a relationship to one record names, and
/// what values it takes.
type Named = (String, ValueType);

/// `name_or_reference_not_eq` is the attributes `name` and `reference`, and the predicate `not_eq`.
/// Names of attributes contain underscores too: the longest that fits is meant.
fn split(name: &str, kinds: &[ResourceType]) -> Result<(Vec<Named>, Predicate), (Code, String)> {
    let attributes = filterable(kinds).map(|it| (it.name.to_owned(), it.value));
    let related = to_one(kinds).map(|it| (format!("{}_id", it.name), ValueType::Text));
    let mut known: Vec<Named> = attributes.chain(related).collect();
    known.push(("id".to_owned(), ValueType::Text));
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
            attributes.push(found.clone());
        }
    }

    let mut unknown = None;
    for found in &known {
        let rest = last.strip_prefix(found.0.as_str());
        let Some(predicate) = rest.and_then(|rest| rest.strip_prefix('_')) else {
            continue;
        };
        if let Some(predicate) = Predicate::named(predicate) {
            if !attributes.contains(found) {
                attributes.push(found.clone());
            }
            return Ok((attributes, predicate));
        }
        let detail = format!("There is no predicate {predicate} to filter by.");
        unknown.get_or_insert((Code::FilterNotAllowed, detail));
    }
    Err(unknown.unwrap_or_else(|| not_filterable(last)))
}

fn filterable(kinds: &[ResourceType]) -> impl Iterator<Item = Attribute> {
    let attributes = kinds
        .iter()
        .flat_map(|it| it.declaration().all_attributes());
    attributes.filter(|it| it.filterable && it.is_readable())
}

fn to_one(kinds: &[ResourceType]) -> impl Iterator<Item = &'static Relationship> {
    let relationships = kinds.iter().flat_map(|it| it.declaration().relationships);
    relationships.filter(|it| !it.many)
}

/// The relationship that `customer_id` is about.
fn related_of(kinds: &[ResourceType], name: &str) -> Option<&'static Relationship> {
    let named = name.strip_suffix("_id")?;
    to_one(kinds).find(|it| it.name == named)
}

/// The value that is tested: the one that documents show. Null, where the record's type has no such
/// attribute to filter by.
fn value_of(record: &Record, name: &str, graph: &Graph) -> Value {
    if name == "id" {
        return record.id.to_string().into();
    }
    if let Some(relationship) = related_of(&[record.kind], name) {
        let related = record.related(relationship.name);
        return related.map_or(Value::Null, |it| it.to_string().into());
    }
    match record.kind.declaration().attribute(name) {
        Some(attribute) if attribute.filterable && graph.shows(&attribute) => {
            graph.attribute(record, &attribute).into_owned()
        }
        _ => Value::Null,
    }
}

fn not_filterable(name: &str) -> (Code, String) {
    let detail = format!("This list cannot be filtered by {name}.");
    (Code::FilterNotAllowed, detail)
}

fn refuse(code: Code, parameter: &str, detail: String) -> Refusal {
    Refusal::new(code, detail).at_parameter(parameter)
}

#[cfg(test)]
mod tests;
