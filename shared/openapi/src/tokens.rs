//! What needs no token: those who give tokens out, their keys, and the document itself.

use routing::{Method, Route};
use serde_json::{Map, Value, json};

use crate::references::{header, response, schema};

/// The tag of these operations.
pub const TAG: &str = "tokens";

/// The operation of a route that is about no resource type.
pub fn operation(route: &Route) -> Option<Value> {
    let json = |schema: Value| json!({ "application/json": { "schema": schema } });
    match (route.method, route.path) {
        (Method::Post, "/oauth/token") => Some(open(
            "create_token",
            "Issue an access token",
            Some("token_request"),
            ("The token", json(schema("token"))),
            &["400", "401", "429", "500"],
        )),
        (Method::Post, "/oauth/revoke") => Some(open(
            "revoke_token",
            "End the session of a token",
            Some("revocation"),
            ("Ended, or there is none", json(schema("nothing"))),
            &["400", "403", "429", "500"],
        )),
        (Method::Get, "/oauth/authorize") => Some(page(
            "show_sign_in",
            "Show the page where a customer signs in",
            json!({ "parameters": authorization_parameters() }),
            ("200", "The page"),
            &["400", "500"],
        )),
        (Method::Post, "/oauth/authorize") => Some(page(
            "sign_in",
            "Sign a customer in, and give the client a code",
            json!({ "requestBody": { "required": true, "content": {
                "application/x-www-form-urlencoded": { "schema": schema("sign_in") },
            } } }),
            ("303", "Back to the client, with a code or an error"),
            &["400", "401", "415", "429", "500"],
        )),
        (Method::Get, "/.well-known/jwks.json") => Some(open(
            "get_keys",
            "Read the keys that verify tokens",
            None,
            ("A JSON Web Key Set", json(schema("keys"))),
            &["500"],
        )),
        (Method::Get, "/api/openapi.json") => Some(open(
            "get_openapi",
            "Read this document",
            None,
            ("An OpenAPI document", json(schema("openapi"))),
            &[],
        )),
        _ => None,
    }
}

/// The schemas of these requests and answers.
pub fn schemas() -> Map<String, Value> {
    let text = json!({ "type": "string" });
    let schemas = json!({
        "token_request": { "oneOf": [
            grant("client_credentials", "For guests and integrations.", &[], &["client_secret", "scope"]),
            grant("password", "For customers.", &["username", "password"], &["client_secret", "scope"]),
            grant("refresh_token", "Carries a customer's session on.", &["refresh_token"], &["client_secret"]),
            grant(
                "authorization_code",
                "For customers who signed in on the page.",
                &["code", "redirect_uri"],
                &["client_secret", "code_verifier", "scope"],
            ),
            grant(
                "urn:ietf:params:oauth:grant-type:jwt-bearer",
                "For customers, where the sales channel has a secret.",
                &["client_secret", "assertion"],
                &["scope"],
            ),
        ] },
        "sign_in": {
            "type": "object",
            "required": ["response_type", "client_id", "redirect_uri"],
            "properties": authorization_members(&["username", "password"]),
        },
        "revocation": {
            "type": "object",
            "required": ["client_id", "token"],
            "properties": { "client_id": text, "client_secret": text, "token": text },
        },
        "token": {
            "type": "object",
            "required": ["access_token", "token_type", "expires_in", "scope", "created_at"],
            "additionalProperties": false,
            "properties": {
                "access_token": text,
                "token_type": { "const": "Bearer" },
                "expires_in": { "type": "integer", "description": "Seconds." },
                "scope": text,
                "created_at": { "type": "integer", "description": "Seconds since 1970." },
                "refresh_token": { "type": "string", "description": "For customers: good once." },
                "owner_id": schema("id"),
                "owner_type": { "const": "customer" },
            },
        },
        "token_errors": {
            "type": "object",
            "required": ["errors"],
            "properties": { "errors": { "type": "array", "minItems": 1, "items": {
                "type": "object",
                "required": ["title", "detail", "code", "status"],
                "properties": { "title": text, "detail": text, "code": text, "status": { "type": "integer" } },
            } } },
        },
        "nothing": { "type": "object", "maxProperties": 0 },
        "keys": {
            "type": "object",
            "required": ["keys"],
            "properties": { "keys": { "type": "array", "items": {
                "type": "object",
                "required": ["kty", "kid"],
                "properties": { "kty": text, "kid": text },
            } } },
        },
        "openapi": {
            "type": "object",
            "required": ["openapi", "info", "paths"],
            "properties": { "openapi": text, "info": { "type": "object" }, "paths": { "type": "object" } },
        },
    });
    match schemas {
        Value::Object(schemas) => schemas,
        _ => Map::new(),
    }
}

/// What is asked for with a code (RFC 6749, section 4.1.1; RFC 7636, section 4.3).
const AUTHORIZATION: [&str; 7] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
];

fn authorization_members(others: &[&str]) -> Map<String, Value> {
    let names = AUTHORIZATION.iter().chain(others);
    let members = names.map(|name| ((*name).to_owned(), json!({ "type": "string" })));
    members.collect()
}

fn authorization_parameters() -> Value {
    let parameters = AUTHORIZATION
        .iter()
        .map(|name| json!({ "name": name, "in": "query", "schema": { "type": "string" } }));
    parameters.collect()
}

/// An operation whose answers are pages: `taken` is what it takes. A request that is refused may be
/// sent back to the client instead.
fn page(
    id: &str,
    summary: &str,
    taken: Value,
    (status, description): (&str, &str),
    errors: &[&str],
) -> Value {
    let headers = json!({ "X-Request-Id": header("X-Request-Id") });
    let content = json!({ "text/html; charset=utf-8": { "schema": { "type": "string" } } });
    let shown = |description: &str| json!({ "description": description, "headers": headers, "content": content });
    let back = "Back to the client, with a code or an error";
    let mut responses = Map::new();
    responses.insert(
        "303".to_owned(),
        json!({ "description": back, "headers": headers }),
    );
    if status != "303" {
        responses.insert(status.to_owned(), shown(description));
    }
    for error in errors {
        let answer = match *error {
            "429" => response("429"),
            _ => shown("The page, with the reason"),
        };
        responses.insert((*error).to_owned(), answer);
    }
    let mut operation = json!({ "operationId": id, "summary": summary });
    for (name, value) in taken.as_object().into_iter().flatten() {
        operation[name] = value.clone();
    }
    operation["security"] = json!([]);
    operation["tags"] = json!([TAG]);
    operation["responses"] = responses.into();
    operation
}

fn grant(name: &str, about: &str, required: &[&str], optional: &[&str]) -> Value {
    let mut properties = Map::new();
    properties.insert("grant_type".to_owned(), json!({ "const": name }));
    for member in ["client_id"].iter().chain(required) {
        properties.insert((*member).to_owned(), json!({ "type": "string" }));
    }
    for member in optional {
        let text_or_none = json!({ "type": ["string", "null"] });
        properties.insert((*member).to_owned(), text_or_none);
    }
    let required: Vec<_> = ["grant_type", "client_id"].iter().chain(required).collect();
    json!({
        "type": "object",
        "description": about,
        "required": required,
        "properties": properties,
    })
}

/// An operation that needs no token: `body` is the schema of what it takes.
fn open(
    id: &str,
    summary: &str,
    body: Option<&str>,
    (description, content): (&str, Value),
    errors: &[&str],
) -> Value {
    let mut responses = Map::new();
    let headers = json!({ "X-Request-Id": header("X-Request-Id") });
    let answer = json!({ "description": description, "headers": headers, "content": content });
    responses.insert("200".to_owned(), answer);
    for status in errors {
        let answer = match *status {
            "429" => response("429"),
            "500" => refused("A defect of the server's"),
            _ => refused("Refused, with the reason"),
        };
        responses.insert((*status).to_owned(), answer);
    }
    let mut operation = json!({ "operationId": id, "summary": summary });
    if let Some(body) = body {
        let schema = schema(body);
        operation["requestBody"] = json!({ "required": true, "content": {
            "application/json": { "schema": schema },
            "application/x-www-form-urlencoded": { "schema": schema },
        } });
    }
    operation["security"] = json!([]);
    operation["tags"] = json!([TAG]);
    operation["responses"] = responses.into();
    operation
}

fn refused(description: &str) -> Value {
    let content = json!({ "application/json": { "schema": schema("token_errors") } });
    let headers = json!({ "X-Request-Id": header("X-Request-Id") });
    json!({ "description": description, "headers": headers, "content": content })
}
