//! Parts of documents that are the same for every type, and errors.

use domain::ResourceType;
use serde_json::{Map, Value, json};

use crate::records;
use crate::references::schema;

/// Their schemas.
pub fn schemas() -> Map<String, Value> {
    let url = json!({ "type": "string", "format": "uri" });
    let schemas = json!({
        "id": {
            "type": "string",
            "pattern": "^[A-Za-z]{10}$",
            "examples": ["qaMAhZkZvd"],
        },
        "included": {
            "type": "array",
            "description": "The related records that `include` asks for, each once.",
            "items": records::any(ResourceType::ALL),
        },
        "null_document": object(&["data"], json!({ "data": { "type": "null" } })),
        "resource_links": object(&["self"], json!({ "self": url })),
        "resource_meta": object(
            &["mode", "organization_id"],
            json!({ "mode": { "enum": ["test", "live"] }, "organization_id": schema("id") }),
        ),
        "relationship_links": object(
            &["self", "related"],
            json!({ "self": url, "related": url }),
        ),
        "page_meta": object(
            &["record_count", "page_count"],
            json!({
                "record_count": { "type": "integer", "minimum": 0 },
                "page_count": { "type": "integer", "minimum": 1 },
                "record_count_relation": {
                    "const": "gte",
                    "description": "There are more records than `record_count`, and more pages than \
                                    `page_count`: not all of them were counted.",
                },
            }),
        ),
        "page_links": object(
            &["first"],
            json!({ "first": url, "prev": url, "next": url, "last": url }),
        ),
        "errors": object(
            &["errors"],
            json!({ "errors": { "type": "array", "minItems": 1, "items": schema("error") } }),
        ),
        "error": object(&["title", "detail", "code", "status"], error_members()),
        "throttled": object(
            &["errors"],
            json!({ "errors": object(
                &["title", "code", "status"],
                json!({
                    "title": { "type": "string" },
                    "code": { "type": "string" },
                    "status": { "const": 429 },
                }),
            ) }),
        ),
    });
    match schemas {
        Value::Object(schemas) => schemas,
        _ => Map::new(),
    }
}

fn error_members() -> Value {
    json!({
        "title": { "type": "string" },
        "detail": { "type": "string", "description": "What to do about it, in a sentence." },
        "code": { "type": "string", "pattern": "^[A-Z_]+$" },
        "status": { "type": "string", "pattern": "^[45][0-9]{2}$" },
        "source": {
            "type": "object",
            "description": "What in the request it is about.",
            "additionalProperties": false,
            "properties": {
                "pointer": { "type": "string", "description": "A JSON pointer into the body." },
                "parameter": { "type": "string", "description": "A query parameter." },
                "header": { "type": "string" },
            },
        },
        "meta": { "type": "object" },
    })
}

/// An object of these members alone.
fn object(required: &[&str], properties: Value) -> Value {
    json!({
        "type": "object",
        "required": required,
        "additionalProperties": false,
        "properties": properties,
    })
}
