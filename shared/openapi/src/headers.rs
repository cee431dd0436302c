//! Headers of answers.

use serde_json::{Map, Value, json};

use crate::references::header;

/// The headers that answers refer to.
pub fn components() -> Value {
    let integer = json!({ "type": "integer" });
    let text = json!({ "type": "string" });
    json!({
        "ETag": {
            "description": "The state of what is shown, for If-Match and If-None-Match",
            "required": true,
            "schema": text,
        },
        "Location": {
            "description": "Where the new record is",
            "required": true,
            "schema": { "type": "string", "format": "uri" },
        },
        "Idempotent-Replayed": {
            "description": "That an earlier request of the same Idempotency-Key is answered again",
            "schema": { "const": "true" },
        },
        "Retry-After": {
            "description": "In how many seconds to ask again",
            "required": true,
            "schema": integer,
        },
        "WWW-Authenticate": {
            "description": "What to bring",
            "required": true,
            "schema": text,
        },
        "X-Request-Id": {
            "description": "What the logs name this request by",
            "required": true,
            "schema": text,
        },
        "X-Ratelimit-Limit": {
            "description": "How many requests are taken in an interval, where they are limited",
            "schema": integer,
        },
        "X-Ratelimit-Interval": {
            "description": "The interval, in seconds",
            "schema": integer,
        },
        "X-Ratelimit-Remaining": {
            "description": "How many more requests are taken now",
            "schema": integer,
        },
    })
}

/// The headers of every answer.
pub fn of_all() -> Map<String, Value> {
    let names = [
        "Idempotent-Replayed",
        "X-Request-Id",
        "X-Ratelimit-Limit",
        "X-Ratelimit-Interval",
        "X-Ratelimit-Remaining",
    ];
    let named = names.into_iter();
    named.map(|name| (name.to_owned(), header(name))).collect()
}
