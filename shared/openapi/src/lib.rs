//! The API's description, an OpenAPI 3.1 document: made of the declarations of the resource types and
//! of the functions' routes, so that it says what they say. No function links this: one serves the
//! printed document, and a test holds that to what is made here.

mod answers;
mod attributes;
mod headers;
mod hooks;
mod operations;
mod parameters;
mod parts;
mod places;
mod print;
mod records;
mod references;
mod requests;
mod tokens;
mod words;

use domain::ResourceType;
use routing::Route;
use serde_json::{Map, Value, json};

pub use print::print;

/// The version of OpenAPI that the document is written in.
const OPENAPI: &str = "3.1.0";

/// The document about these routes.
///
/// ```text
/// openapi, info, servers, security, tags, paths, components
/// ```
///
/// A route `/api/{type}/…` is written out for each resource type that it takes, and a
/// `{relationship}` for each that the type has. Components that no path leads to are left out.
pub fn document(routes: &[Route]) -> Value {
    let tags = ResourceType::ALL.iter().map(|kind| kind.name());
    let tags = tags
        .chain([tokens::TAG, hooks::TAG])
        .map(|name| json!({ "name": name }));
    let document = json!({
        "openapi": OPENAPI,
        "info": info(),
        "servers": servers(),
        "security": [{ "token": [] }],
        "tags": tags.collect::<Vec<_>>(),
        "paths": paths(routes),
        "components": components(),
    });
    references::without_unused(document)
}

fn info() -> Value {
    json!({
        "title": "Billfold",
        "version": env!("CARGO_PKG_VERSION"),
        "summary": "A wallet of saved payment sources that speaks the Commerce Layer API",
        "description": "JSON:API. An access token says whose records are reached: an organization's, in test or \
            live mode, and what of them, for an integration, a customer or a guest. HEAD is answered wherever \
            GET is, without a body.",
        "license": { "name": "MIT or Apache-2.0", "identifier": "MIT OR Apache-2.0" },
    })
}

fn servers() -> Value {
    json!([
        {
            "url": "https://{host}",
            "description": "A deployment",
            "variables": { "host": {
                "default": "api.example.com",
                "description": "The deployment's host, or the one that an organization has for itself",
            } },
        },
        {
            "url": "http://localhost:{port}",
            "description": "`cargo run`",
            "variables": { "port": { "default": "9000" } },
        },
    ])
}

fn paths(routes: &[Route]) -> Map<String, Value> {
    let mut paths = Map::new();
    for place in places::all() {
        let operations: Map<_, _> = place
            .methods(routes)
            .filter_map(|method| {
                let operation = operations::operation(&place, method)?;
                Some((method.to_lowercase(), operation))
            })
            .collect();
        if operations.is_empty() {
            continue;
        }
        let mut path = Map::new();
        if place.has_id() {
            path.insert("parameters".to_owned(), json!([parameters::id()]));
        }
        path.extend(operations);
        paths.insert(place.path("{id}"), path.into());
    }
    for route in routes {
        let operation = tokens::operation(route).or_else(|| hooks::operation(route));
        if let Some(operation) = operation {
            let method = route.method.as_str().to_lowercase();
            let path = paths.entry(route.path).or_insert_with(|| json!({}));
            path[method] = operation;
        }
    }
    paths
}

fn components() -> Value {
    let mut schemas = parts::schemas();
    schemas.extend(tokens::schemas());
    let mut parameters = parameters::components();
    let mut responses = answers::responses();
    for kind in ResourceType::ALL {
        schemas.extend(records::schemas(*kind));
        schemas.extend(requests::schemas(*kind));
        parameters.extend(parameters::of(*kind));
        responses.extend(answers::of(*kind));
    }
    json!({
        "schemas": schemas,
        "parameters": parameters,
        "headers": headers::components(),
        "responses": responses,
        "securitySchemes": { "token": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "An access token of an issuer that the deployment trusts",
        } },
    })
}
