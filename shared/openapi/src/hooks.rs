//! What gateways send by themselves.

use routing::{Method, Route};
use serde_json::{Map, Value, json};

use crate::references::{header, schema};

/// The tag of these operations.
pub const TAG: &str = "hooks";

/// The statuses with which an event is not taken, and what they mean.
const REFUSALS: [(&str, &str); 6] = [
    ("400", "The event does not read"),
    ("401", "The signature is not this gateway's"),
    (
        "404",
        "There is no such gateway, or nothing waits for what it says: send it again",
    ),
    ("413", "The event is too large"),
    ("500", "A defect of the server's: send it again"),
    ("503", "It cannot be taken yet: send it again"),
];

/// The operation of a route that takes events.
pub fn operation(route: &Route) -> Option<Value> {
    let path = route
        .path
        .strip_prefix("/hooks/{organization}/{mode}/{gateway}")?;
    let (id, summary) = match (route.method, path) {
        (Method::Post, "") => (
            "receive_gateway_event",
            "Take an event that a gateway has signed",
        ),
        (Method::Post, "/{secret}") => (
            "receive_unsigned_gateway_event",
            "Take an event of a gateway that signs nothing, under a path that nobody else can guess",
        ),
        _ => return None,
    };
    let headers = json!({ "X-Request-Id": header("X-Request-Id") });
    let answer = |description: &str, schema: Value| {
        json!({
            "description": description,
            "headers": headers,
            "content": { "application/json": { "schema": schema } },
        })
    };
    let taken = json!({ "type": "object", "properties": { "received": { "const": true } } });
    let mut responses = Map::new();
    responses.insert("200".to_owned(), answer("Taken, or nothing to us", taken));
    for (status, description) in REFUSALS {
        responses.insert(status.to_owned(), answer(description, schema("errors")));
    }
    let segment = |name: &str, schema: Value| json!({ "name": name, "in": "path", "required": true, "schema": schema });
    let mut parameters = vec![
        segment("organization", schema("id")),
        segment("mode", json!({ "enum": ["test", "live"] })),
        segment("gateway", schema("id")),
    ];
    if !path.is_empty() {
        parameters.push(segment("secret", json!({ "type": "string" })));
    }
    Some(json!({
        "operationId": id,
        "summary": summary,
        "parameters": parameters,
        "requestBody": { "required": true, "content": {
            "application/json": { "schema": { "type": "object" } },
        } },
        "security": [],
        "tags": [TAG],
        "responses": responses,
    }))
}
