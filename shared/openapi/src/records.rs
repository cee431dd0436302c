//! Records and documents about them, as answers show them.

use domain::ResourceType;
use domain::resource::Relationship;
use serde_json::{Map, Value, json};

use crate::references::schema;
use crate::{attributes, words};

/// The schemas of a resource type's records, their identifiers, and documents about them.
pub fn schemas(kind: ResourceType) -> Vec<(String, Value)> {
    vec![
        (kind.name().to_owned(), resource(kind)),
        (format!("{kind}_identifier"), identifier(kind.kinds())),
        (format!("{kind}_document"), document(schema(kind.name()))),
        (format!("{kind}_page"), page(schema(kind.name()))),
    ]
}

/// A document about a record of one of these types.
pub fn document_of(kinds: &[ResourceType]) -> Value {
    match kinds {
        [kind] => schema(&format!("{kind}_document")),
        kinds => document(any(kinds)),
    }
}

/// A document about a record of one of these types, or none.
pub fn document_or_null_of(kinds: &[ResourceType]) -> Value {
    json!({ "anyOf": [document_of(kinds), schema("null_document")] })
}

/// A document about a page of a list of records of these types.
pub fn page_of(kinds: &[ResourceType]) -> Value {
    match kinds {
        [kind] => schema(&format!("{kind}_page")),
        kinds => page(any(kinds)),
    }
}

/// A document about the identifiers that a relationship leads to.
pub fn linkage_document(relationship: &Relationship) -> Value {
    json!({
        "type": "object",
        "required": ["links", "data"],
        "additionalProperties": false,
        "properties": {
            "links": schema("relationship_links"),
            "data": linkage(relationship),
        },
    })
}

/// A record of one of these types.
pub fn any(kinds: &[ResourceType]) -> Value {
    let mapping: Map<_, _> = kinds
        .iter()
        .map(|kind| (kind.name().to_owned(), schema(kind.name())["$ref"].clone()))
        .collect();
    let schemas: Vec<_> = kinds.iter().map(|kind| schema(kind.name())).collect();
    let discriminator = json!({ "propertyName": "type", "mapping": mapping });
    json!({ "anyOf": schemas, "discriminator": discriminator })
}

/// The identifier of a record of one of these types.
pub fn identifier(kinds: &[ResourceType]) -> Value {
    json!({
        "type": "object",
        "required": ["type", "id"],
        "properties": { "type": type_of(kinds), "id": schema("id") },
    })
}

/// The names of these types.
pub fn type_of(kinds: &[ResourceType]) -> Value {
    match kinds {
        [kind] => json!({ "const": kind.name() }),
        kinds => {
            let names: Vec<_> = kinds.iter().map(|kind| kind.name()).collect();
            json!({ "enum": names })
        }
    }
}

fn resource(kind: ResourceType) -> Value {
    match kind.kinds() {
        [kind] => resource_of(*kind),
        kinds => any(kinds),
    }
}

fn resource_of(kind: ResourceType) -> Value {
    let declaration = kind.declaration();
    let readable = declaration.all_attributes().filter(|it| it.is_readable());
    let attributes: Map<_, _> = readable
        .map(|it| (it.name.to_owned(), attributes::read(&it)))
        .collect();
    let relationships: Map<_, _> = declaration
        .relationships
        .iter()
        .map(|it| (it.name.to_owned(), relationship(it)))
        .collect();
    json!({
        "type": "object",
        "description": format!("{} that was read.", capitalised(&words::one(kind))),
        "required": ["id", "type", "links", "attributes", "relationships", "meta"],
        "additionalProperties": false,
        "properties": {
            "id": schema("id"),
            "type": type_of(&[kind]),
            "links": schema("resource_links"),
            "attributes": members(attributes),
            "relationships": members(relationships),
            "meta": schema("resource_meta"),
        },
    })
}

/// An object of these members, each of which may be missing, as `fields` has it.
fn members(properties: Map<String, Value>) -> Value {
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}

fn relationship(relationship: &Relationship) -> Value {
    json!({
        "type": "object",
        "required": ["links"],
        "additionalProperties": false,
        "properties": {
            "links": schema("relationship_links"),
            "data": linkage(relationship),
        },
    })
}

fn linkage(relationship: &Relationship) -> Value {
    let identifier = match relationship.to {
        [kind] => schema(&format!("{kind}_identifier")),
        kinds => identifier(kinds),
    };
    match relationship.many {
        true => json!({ "type": "array", "items": identifier }),
        false => json!({ "anyOf": [identifier, { "type": "null" }] }),
    }
}

fn document(data: Value) -> Value {
    json!({
        "type": "object",
        "required": ["data"],
        "additionalProperties": false,
        "properties": { "data": data, "included": schema("included") },
    })
}

fn page(record: Value) -> Value {
    json!({
        "type": "object",
        "required": ["data", "meta", "links"],
        "additionalProperties": false,
        "properties": {
            "data": { "type": "array", "items": record },
            "meta": schema("page_meta"),
            "links": schema("page_links"),
            "included": schema("included"),
        },
    })
}

/// A document of what is not held.
pub fn nothing() -> Value {
    let mut list = page(json!({}));
    list["properties"]["data"]["maxItems"] = 0.into();
    let none = json!({
        "type": "object",
        "required": ["data"],
        "additionalProperties": false,
        "properties": { "data": { "type": "null" } },
    });
    json!({ "anyOf": [list, none] })
}

fn capitalised(text: &str) -> String {
    let (first, rest) = text.split_at_checked(1).unwrap_or((text, ""));
    first.to_uppercase() + rest
}
