//! Query parameters, and the id in a path.

use std::collections::BTreeMap;

use domain::ResourceType;
use domain::resource::{Attribute, ValueType};
use json_api::{
    DEEPEST_PATH, LARGEST_PAGE, LONGEST_PATTERN, MOST_FILTERS, MOST_PATHS, MOST_VALUES, Takes,
    predicates, predicates_of_identity,
};
use serde_json::{Map, Value, json};

use crate::attributes::values;
use crate::references::{parameter, schema};

/// The conditions on which a record is read.
pub fn for_reading() -> [Value; 2] {
    [parameter("if_none_match"), parameter("if_match")]
}

/// The condition on which a record is changed.
pub fn for_changing() -> [Value; 1] {
    [parameter("if_match")]
}

/// What names a request that is carried out once.
pub fn for_once() -> [Value; 1] {
    [parameter("idempotency_key")]
}

/// The id in a path.
pub fn id() -> Value {
    parameter("id")
}

/// What a request for one record takes, of one of these types.
pub fn for_one(kinds: &[ResourceType]) -> Vec<Value> {
    let mut parameters = Vec::new();
    let has_unsupported = kinds
        .iter()
        .any(|it| !it.declaration().unsupported.is_empty());
    if has_unsupported || !relationships_of(kinds).is_empty() {
        parameters.push(of_kinds("include", kinds, include));
    }
    parameters.push(parameter("fields"));
    parameters
}

/// What a request for a list takes, of records of these types.
pub fn for_many(kinds: &[ResourceType]) -> Vec<Value> {
    let mut parameters = for_one(kinds);
    parameters.push(of_kinds("filter", kinds, filter));
    parameters.push(of_kinds("sort", kinds, sort));
    parameters.push(parameter("page_number"));
    parameters.push(parameter("page_size"));
    parameters
}

/// What a request for what is not held takes: the relationship in its path, and what a list takes.
pub fn for_nowhere(kind: ResourceType) -> Vec<Value> {
    let names = kind.declaration().unsupported;
    let name = json!({
        "name": "relationship",
        "in": "path",
        "required": true,
        "description": "A relationship of Commerce Layer's whose records are kept elsewhere, or nowhere.",
        "schema": { "type": "string", "enum": names },
    });
    vec![name, parameter("page_number"), parameter("page_size")]
}

/// The parameters that are about no type.
pub fn components() -> Map<String, Value> {
    let page = |member: &str, schema: Value| json!({ "name": format!("page[{member}]"), "in": "query", "schema": schema });
    let number = json!({ "type": "integer", "format": "int64", "minimum": 1, "default": 1 });
    let size = json!({ "type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": 10 });
    let condition = |name: &str, about: &str| {
        json!({
            "name": name,
            "in": "header",
            "description": about,
            "schema": { "type": "string" },
            "example": "\"2zQ0pX7mV1\"",
        })
    };
    let if_none_match = condition(
        "If-None-Match",
        "Tags of states that need not be sent again.",
    );
    let if_match = condition(
        "If-Match",
        "Tags of the states in which this is to be done.",
    );
    Map::from_iter([
        ("if_none_match".to_owned(), if_none_match),
        ("if_match".to_owned(), if_match),
        ("idempotency_key".to_owned(), idempotency_key()),
        (
            "id".to_owned(),
            json!({ "name": "id", "in": "path", "required": true, "schema": schema("id") }),
        ),
        ("fields".to_owned(), fields()),
        ("page_number".to_owned(), page("number", number)),
        ("page_size".to_owned(), page("size", size)),
    ])
}

fn idempotency_key() -> Value {
    json!({
        "name": "Idempotency-Key",
        "in": "header",
        "description": "The name of this request: sent again, it is answered again and does nothing.",
        "schema": { "type": "string", "pattern": "^[!-~]([ -~]*[!-~])?$", "maxLength": 255 },
        "example": "9f0c7f0e-4b1d-4b53-9d6b-0f6a8f5a0f52",
    })
}

/// The parameters that are about a type.
pub fn of(kind: ResourceType) -> [(String, Value); 3] {
    [
        (format!("include_{kind}"), include(&[kind])),
        (format!("filter_{kind}"), filter(&[kind])),
        (format!("sort_{kind}"), sort(&[kind])),
    ]
}

/// The component for one type; for several, the parameter itself.
fn of_kinds(name: &str, kinds: &[ResourceType], make: fn(&[ResourceType]) -> Value) -> Value {
    match kinds {
        [kind] => parameter(&format!("{name}_{kind}")),
        kinds => make(kinds),
    }
}

fn include(kinds: &[ResourceType]) -> Value {
    let mut paths = Vec::new();
    let mut leads_on = false;
    for (name, to) in relationships_of(kinds) {
        paths.push(name.to_owned());
        for (next, _) in relationships_of(&to) {
            paths.push(format!("{name}.{next}"));
            leads_on = true;
        }
    }
    // They lead nowhere, but Commerce Layer has them.
    let unsupported = kinds.iter().flat_map(|it| it.declaration().unsupported);
    paths.extend(unsupported.map(|name| (*name).to_owned()));
    let mut alternatives = vec![json!({ "enum": paths })];
    if leads_on {
        let longer = format!(r"^[a-z_]+(\.[a-z_]+){{1,{}}}$", DEEPEST_PATH - 1);
        alternatives.push(json!({ "type": "string", "pattern": longer }));
    }
    let about = format!("Related records to include, up to {DEEPEST_PATH} relationships away.");
    let mut parameter = list("include", &about, json!({ "anyOf": alternatives }));
    parameter["schema"]["maxItems"] = MOST_PATHS.into();
    parameter
}

/// The relationships of these types by name, and where each leads.
fn relationships_of(kinds: &[ResourceType]) -> Vec<(&'static str, Vec<ResourceType>)> {
    let mut found: Vec<(&str, Vec<ResourceType>)> = Vec::new();
    for relationship in kinds.iter().flat_map(|it| it.declaration().relationships) {
        match found
            .iter_mut()
            .find(|(name, _)| *name == relationship.name)
        {
            Some((_, to)) => to.extend(relationship.to),
            None => found.push((relationship.name, relationship.to.to_vec())),
        }
    }
    found
}

fn fields() -> Value {
    let properties: Map<_, _> = ResourceType::ALL
        .iter()
        .map(|kind| {
            let declaration = kind.declaration();
            let attributes = declaration.all_attributes().filter(Attribute::is_readable);
            let relationships = declaration.relationships.iter().map(|it| it.name);
            let names: Vec<_> = attributes.map(|it| it.name).chain(relationships).collect();
            let names = names.join("|");
            let schema =
                json!({ "type": "string", "pattern": format!("^(({names})(,({names}))*)?$") });
            (kind.name().to_owned(), schema)
        })
        .collect();
    json!({
        "name": "fields",
        "in": "query",
        "description": "Which attributes and relationships to show, by type, with commas between them.",
        "style": "deepObject",
        "explode": true,
        "schema": { "type": "object", "additionalProperties": false, "properties": properties },
    })
}

fn sort(kinds: &[ResourceType]) -> Value {
    let mut keys = vec!["id".to_owned(), "-id".to_owned()];
    for attribute in attributes_of(kinds, |it| it.sortable) {
        keys.push(attribute.name.to_owned());
        keys.push(format!("-{}", attribute.name));
    }
    let about = "What to sort by, most important first; `-` for the other way round.";
    list("sort", about, json!({ "enum": keys }))
}

fn list(name: &str, description: &str, items: Value) -> Value {
    json!({
        "name": name,
        "in": "query",
        "description": description,
        "style": "form",
        "explode": false,
        "schema": { "type": "array", "items": items },
    })
}

/// Attributes of these types, each name once.
fn attributes_of(kinds: &[ResourceType], which: fn(&Attribute) -> bool) -> Vec<Attribute> {
    let mut found: Vec<Attribute> = Vec::new();
    for kind in kinds {
        for attribute in kind.declaration().all_attributes().filter(which) {
            if found.iter().all(|it| it.name != attribute.name) {
                found.push(attribute);
            }
        }
    }
    found
}

fn filter(kinds: &[ResourceType]) -> Value {
    let mut names: Vec<(ValueType, Vec<&str>)> = vec![(ValueType::Text, vec!["id"])];
    for attribute in attributes_of(kinds, |it| it.filterable && it.is_readable()) {
        // What filters see of a sealed text or object is the text or the object.
        let value_type = match attribute.value {
            ValueType::Token => ValueType::Text,
            ValueType::TokenObject => ValueType::Object,
            other => other,
        };
        match names.iter_mut().find(|(it, _)| *it == value_type) {
            Some((_, names)) => names.push(attribute.name),
            None => names.push((value_type, vec![attribute.name])),
        }
    }
    let properties: Map<_, _> = names
        .iter()
        .flat_map(|(value_type, names)| {
            conditions(*value_type, names, predicates(*value_type).collect())
        })
        .chain(of_related(kinds))
        .collect();
    json!({
        "name": "filter[q]",
        "in": "query",
        "description": format!(
            "Conditions, all of which hold: an attribute, `_`, and a predicate. Several attributes with `_or_` \
             between them: any of them passes. `in` and `not_in` take several values with commas between them, \
             at most {MOST_VALUES} in all."
        ),
        "style": "deepObject",
        "explode": true,
        "schema": {
            "type": "object",
            "additionalProperties": false,
            "maxProperties": MOST_FILTERS,
            "patternProperties": properties,
        },
    })
}

/// What a list can be filtered by of the records that relationships name: their ids.
fn of_related(kinds: &[ResourceType]) -> Vec<(String, Value)> {
    let relationships = kinds.iter().flat_map(|it| it.declaration().relationships);
    let ids = relationships.filter(|it| !it.many);
    let ids: Vec<_> = ids.map(|it| format!("{}_id", it.name)).collect();
    let names: Vec<_> = ids.iter().map(String::as_str).collect();
    match names.is_empty() {
        true => Vec::new(),
        false => conditions(ValueType::Text, &names, predicates_of_identity().collect()),
    }
}

/// What these attributes, which are of one type, can be filtered by: one pattern of names for the
/// predicates that take the same.
fn conditions(
    value_type: ValueType,
    names: &[&str],
    predicates: Vec<(&'static str, Takes)>,
) -> Vec<(String, Value)> {
    let mut by_value: BTreeMap<Takes, Vec<&str>> = BTreeMap::new();
    for (predicate, takes) in predicates {
        by_value.entry(takes).or_default().push(predicate);
    }
    let names = names.join("|");
    by_value
        .into_iter()
        .map(|(takes, predicates)| {
            let predicates = predicates.join("|");
            let pattern = format!("^({names})(_or_({names}))*_({predicates})$");
            (pattern, operand(value_type, takes))
        })
        .collect()
}

fn operand(value_type: ValueType, takes: Takes) -> Value {
    match takes {
        Takes::Boolean => json!({ "enum": ["true", "false", "1", "0"] }),
        Takes::Pattern => json!({ "type": "string", "maxLength": LONGEST_PATTERN }),
        Takes::Several | Takes::One => match value_type {
            // A day is taken as its first instant.
            ValueType::Time => {
                json!({ "type": "string", "anyOf": [{ "format": "date-time" }, { "format": "date" }] })
            }
            other => values(other, false),
        },
    }
}
