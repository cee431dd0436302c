//! Query parameters.

use std::collections::BTreeSet;

use domain::record::Record;
use domain::refusal::Code;
use domain::resource::Attribute;
use domain::{Refusal, ResourceType};

use crate::filter::CREATED_AT;
use crate::{Fields, Filter, Include, Page};

/// What a query asks for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Query {
    /// Which related records to include.
    pub include: Include,
    /// Which fields to show.
    pub fields: Fields,
    /// Which records of a list.
    pub filter: Filter,
    /// Which page of a list.
    pub page: Page,
    /// By what a list is sorted.
    pub sort: Sort,
}

/// What a query is for, which says what it may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryFor {
    /// One record: `include` and `fields`.
    One,
    /// A list of records: `filter`, `sort` and `page` too.
    Many,
    /// Identifiers: nothing.
    Linkage,
    /// Records of a type that is not held, of which there are none: what a list takes, of which `page` alone is
    /// read.
    NotHeld,
}

impl Query {
    /// Reads the query of a request for records of these types.
    ///
    /// # Errors
    /// A parameter that the endpoint does not take, or a value that it does not, or one that is given
    /// twice, but for conditions, which all hold: 400.
    pub fn parse(query: &str, kinds: &[ResourceType], what: QueryFor) -> Result<Self, Refusal> {
        let mut parsed = Self::default();
        let mut seen = BTreeSet::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            use QueryFor::{Many, NotHeld, One};

            if !seen.insert(name.to_string()) && !name.starts_with("filter[q]") {
                let detail = format!("{name} is given twice. Give it once.");
                return Err(Refusal::new(Code::BadRequest, detail).at_parameter(name));
            }
            match (split(&name), what) {
                (("include", None), One | Many) => parsed.include = Include::parse(&value, kinds)?,
                (("fields", Some(type_name)), One | Many) => {
                    parsed.fields.add(type_name, &value)?
                }
                (("filter[q]", Some(condition)), Many) => {
                    parsed.filter.add(condition, &value, kinds)?;
                }
                (("page", Some(member)), Many | NotHeld) => parsed.page.set(member, &value)?,
                (("sort", None), Many) => parsed.sort = Sort::parse(&value, kinds)?,
                (("include" | "fields" | "filter[q]" | "sort", _), NotHeld) => {}
                ((family, _), what) => {
                    return Err(not_taken(&name, family, what).at_parameter(name));
                }
            }
        }
        Ok(parsed)
    }
}

/// A parameter that the endpoint does not take, or that does not read as one that it takes.
fn not_taken(name: &str, family: &str, what: QueryFor) -> Refusal {
    let is_list = matches!(what, QueryFor::Many | QueryFor::NotHeld);
    match family {
        "fields" if what != QueryFor::Linkage => Refusal::new(
            Code::InvalidFieldFormat,
            "Fields are given by resource type: fields[orders]=number.",
        ),
        "page" if is_list => Refusal::new(
            Code::InvalidPageObject,
            "A page is given as page[number] and page[size].",
        ),
        "filter" | "filter[q]" if is_list => Refusal::new(
            Code::InvalidFiltersSyntax,
            "A filter is given as filter[q] with attribute and predicate: filter[q][name_eq]=x.",
        ),
        _ => Refusal::new(
            Code::ParamNotAllowed,
            format!("This endpoint takes no parameter {name}."),
        ),
    }
}

/// `fields[orders]` is the family `fields` and its member `orders`; `filter[q][name_eq]` the family
/// `filter[q]` and its member `name_eq`.
fn split(name: &str) -> (&str, Option<&str>) {
    let member = name
        .rsplit_once('[')
        .and_then(|(family, rest)| Some((family, rest.strip_suffix(']')?)));
    match member {
        Some((family, member)) => (family, Some(member)),
        None => (name, None),
    }
}

/// By what a list is sorted: several keys, each up or down.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sort(Vec<(String, Direction)>);

/// Which way a list is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the least on; from the oldest.
    Up,
    /// From the greatest on; from the newest.
    Down,
}

impl Sort {
    /// Reads `sort=-created_at,name`.
    ///
    /// # Errors
    /// An attribute that cannot be sorted by: 400.
    pub fn parse(value: &str, kinds: &[ResourceType]) -> Result<Self, Refusal> {
        let keys = value.split(',').map(str::trim).filter(|it| !it.is_empty());
        let parsed: Result<Vec<_>, Refusal> = keys.map(|key| parse_key(key, kinds)).collect();
        parsed.map(Self)
    }

    /// Whether no key was given.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The direction, where records are wanted in the order of their creation: as lists are that name no
    /// order.
    pub fn by_creation(&self) -> Option<Direction> {
        match self.0.as_slice() {
            [] => Some(Direction::Up),
            [(name, direction)] if name == CREATED_AT => Some(*direction),
            _ => None,
        }
    }

    /// Sorts records; those that are alike keep their order. `value` gives an attribute's value.
    pub fn apply(
        &self,
        records: &mut [Record],
        value: impl Fn(&Record, &Attribute) -> serde_json::Value,
    ) {
        for (name, direction) in self.0.iter().rev() {
            let key = |record: &Record| match record.kind.declaration().attribute(name) {
                Some(attribute) => sort_key(&value(record, &attribute)),
                None => (0, record.id.to_string()),
            };
            match direction {
                Direction::Up => records.sort_by_key(|it| key(it)),
                Direction::Down => records.sort_by_key(|it| std::cmp::Reverse(key(it))),
            }
        }
    }
}

fn parse_key(key: &str, kinds: &[ResourceType]) -> Result<(String, Direction), Refusal> {
    let (name, direction) = match key.strip_prefix('-') {
        Some(name) => (name, Direction::Down),
        None => (key, Direction::Up),
    };
    let is_sortable = |kind: &ResourceType| {
        let attribute = kind.declaration().attribute(name);
        attribute.is_some_and(|it| it.sortable)
    };
    match name == "id" || kinds.iter().any(is_sortable) {
        true => Ok((name.to_owned(), direction)),
        false => {
            let detail = format!("This list cannot be sorted by {name}.");
            Err(Refusal::new(Code::InvalidSortCriteria, detail).at_parameter("sort"))
        }
    }
}

/// Numbers sort as numbers (none is negative beyond 2⁶²), texts as texts, null first.
fn sort_key(value: &serde_json::Value) -> (u8, String) {
    match value {
        serde_json::Value::Null => (0, String::new()),
        serde_json::Value::Number(number) => {
            let shifted = i128::from(number.as_i64().unwrap_or(0)) + (1 << 64);
            (1, format!("{shifted:039}"))
        }
        serde_json::Value::String(text) => (2, text.clone()),
        other => (3, other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(query: &str, what: QueryFor) -> Result<Query, Refusal> {
        Query::parse(query, &[ResourceType::CustomerPaymentSources], what)
    }

    #[test]
    fn brackets_may_be_encoded_or_not() {
        let plain = parse("page[size]=5&fields[customers]=email", QueryFor::Many);
        let encoded = parse(
            "page%5Bsize%5D=5&fields%5Bcustomers%5D=email",
            QueryFor::Many,
        );
        assert_eq!(plain.unwrap(), encoded.unwrap());
    }

    #[test]
    fn unknown_parameters_are_refused_and_named() {
        for (query, code) in [
            ("limit=5", Code::ParamNotAllowed),
            ("include[x]=y", Code::ParamNotAllowed),
            ("include=unicorn", Code::InvalidInclude),
            ("fields[unicorns]=x", Code::InvalidResource),
            ("fields[customers]=x", Code::InvalidField),
            ("fields=email", Code::InvalidFieldFormat),
            ("page=2", Code::InvalidPageObject),
            ("page[offset]=2", Code::ParamNotAllowed),
            ("page[size]=x", Code::InvalidPageValue),
            ("sort=payment_source_token", Code::InvalidSortCriteria),
            ("filter[q]=x", Code::InvalidFiltersSyntax),
            ("filter[name_eq]=x", Code::InvalidFiltersSyntax),
            ("filter[q][unicorn_eq]=x", Code::FilterNotAllowed),
            ("filter[q][name_sounds]=x", Code::FilterNotAllowed),
            ("filter[q][created_at_gt]=x", Code::InvalidFilterValue),
        ] {
            let refusal = parse(query, QueryFor::Many).unwrap_err();
            assert_eq!(refusal.code, code, "{query}");
            assert!(refusal.error_source.is_some(), "{query}");
        }
        assert!(parse("page[size]=5", QueryFor::One).is_err());
        assert!(parse("filter[q][name_eq]=x", QueryFor::One).is_err());
        for query in ["include=customer", "fields[customers]=email"] {
            assert!(parse(query, QueryFor::Linkage).is_err(), "{query}");
        }
        assert!(parse("sort=payment_source_token", QueryFor::Many).is_err());
    }

    #[test]
    fn a_parameter_is_given_once_and_conditions_as_often_as_one_likes() {
        for name in ["include", "sort", "page[size]", "fields[customers]"] {
            let value = match name {
                "include" => "customer",
                "sort" => "created_at",
                "page[size]" => "5",
                _ => "email",
            };
            let twice = format!("{name}={value}&{name}={value}");
            let refusal = parse(&twice, QueryFor::Many).unwrap_err();
            assert_eq!(refusal.code, Code::BadRequest, "{name}");
        }
        let conditions = "filter[q][name_cont]=a&filter[q][name_cont]=b";
        assert!(parse(conditions, QueryFor::Many).is_ok());
    }
}
