//! Documents that are sent: records to be created, and changes.

use domain::resource::Relationship;
use domain::{ResourceType, Roles};
use serde_json::{Map, Value, json};

use crate::references::schema;
use crate::{attributes, records, words};

/// The schemas of the documents that create and change records of a type.
pub fn schemas(kind: ResourceType) -> [(String, Value); 2] {
    [
        (creation_name(kind), creation(kind)),
        (change_name(kind), change(kind)),
    ]
}

/// The body that creates a record of this type.
pub fn creation_body(kind: ResourceType) -> Value {
    body(&creation_name(kind))
}

/// The body that changes a record of this type.
pub fn change_body(kind: ResourceType) -> Value {
    body(&change_name(kind))
}

fn creation_name(kind: ResourceType) -> String {
    format!("{kind}_creation")
}

fn change_name(kind: ResourceType) -> String {
    format!("{kind}_change")
}

fn body(name: &str) -> Value {
    json!({ "required": true, "content": { json_api::MEDIA_TYPE: { "schema": schema(name) } } })
}

fn creation(kind: ResourceType) -> Value {
    let declaration = kind.declaration();
    let mut attributes = Members::default();
    for attribute in declaration.all_attributes() {
        let schema = attributes::write(&attribute, attribute.creators);
        attributes.add(
            attribute.name,
            attribute.creators,
            schema,
            attribute.required,
        );
    }
    let mut relationships = Members::default();
    for it in declaration.relationships {
        relationships.add(
            it.name,
            it.creators,
            relationship(it, it.creators),
            it.required && !it.is_implied,
        );
    }
    for it in declaration.relationships {
        if it.creators.is_empty() {
            relationships.add_empty(it.name);
        }
    }
    relationships.add_unsupported(kind);
    let mut required = vec!["type"];
    for (name, members) in [
        ("attributes", &attributes),
        ("relationships", &relationships),
    ] {
        if !members.required.is_empty() {
            required.push(name);
        }
    }
    let id = json!({ "type": "null", "description": "Made by the server." });
    document(kind, &required, id, attributes, relationships)
}

fn change(kind: ResourceType) -> Value {
    let declaration = kind.declaration();
    let mut attributes = Members::default();
    for attribute in declaration.all_attributes() {
        let schema = attributes::write(&attribute, attribute.updaters);
        attributes.add(attribute.name, attribute.updaters, schema, false);
    }
    let mut relationships = Members::default();
    for it in declaration.relationships {
        relationships.add(it.name, it.updaters, relationship(it, it.updaters), false);
    }
    relationships.add_unsupported(kind);
    document(
        kind,
        &["type", "id"],
        schema("id"),
        attributes,
        relationships,
    )
}

fn document(
    kind: ResourceType,
    required: &[&str],
    id: Value,
    attributes: Members,
    relationships: Members,
) -> Value {
    json!({
        "type": "object",
        "required": ["data"],
        "properties": { "data": {
            "type": "object",
            "required": required,
            "properties": {
                "type": records::type_of(&[kind]),
                "id": id,
                "attributes": attributes.schema(),
                "relationships": relationships.schema(),
            },
        } },
    })
}

fn relationship(relationship: &Relationship, writers: Roles) -> Value {
    let identifier = records::identifier(relationship.to);
    let data = match (relationship.many, relationship.required) {
        (true, _) => json!({ "type": "array", "items": identifier }),
        (false, true) => identifier,
        (false, false) => json!({ "anyOf": [identifier, { "type": "null" }] }),
    };
    let mut schema = json!({
        "type": "object",
        "required": ["data"],
        "properties": { "data": data },
    });
    if let Some(roles) = words::roles(writers) {
        schema["description"] = format!("For {roles} only.").into();
    }
    schema
}

/// Members of an object, some of which have to be there.
#[derive(Default)]
struct Members {
    properties: Map<String, Value>,
    required: Vec<&'static str>,
}

impl Members {
    fn add(&mut self, name: &'static str, writers: Roles, schema: Value, required: bool) {
        if writers.is_empty() {
            return;
        }
        self.properties.insert(name.to_owned(), schema);
        if required {
            self.required.push(name);
        }
    }

    fn add_unsupported(&mut self, kind: ResourceType) {
        for name in kind.declaration().unsupported {
            self.add_empty(name);
        }
    }

    /// A relationship that is taken where it names nothing.
    fn add_empty(&mut self, name: &str) {
        let schema = json!({
            "type": "object",
            "required": ["data"],
            "properties": { "data": { "enum": [null, []] } },
            "description": "Not given here: it names nothing.",
        });
        self.properties.insert(name.to_owned(), schema);
    }

    fn schema(self) -> Value {
        let mut schema = json!({ "type": "object" });
        if !self.required.is_empty() {
            schema["required"] = self.required.into();
        }
        schema["additionalProperties"] = false.into();
        schema["properties"] = self.properties.into();
        schema
    }
}
