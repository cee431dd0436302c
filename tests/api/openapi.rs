//! The OpenAPI document: made of declarations and routes, checked in, served, and kept to.

use std::collections::BTreeSet;

use billfold::demo;
use billfold::router::{FUNCTIONS, description};
use bytes::Bytes;
use domain::ResourceType;
use http::{HeaderMap, HeaderName, Request};
use jsonschema::Draft;
use serde_json::{Value, json};

use crate::app::{App, ORDER};
use crate::described::Exchange;

#[test]
fn every_route_is_described() {
    let document = description();
    for route in FUNCTIONS.iter().flat_map(|it| it.routes) {
        let paths = document["paths"].as_object().unwrap();
        let method = route.method.as_str().to_lowercase();
        let is_described = paths.iter().any(|(path, operations)| {
            let path = path.replace("{id}", ORDER).replace("{mode}", "test");
            let path = path
                .replace("{organization}", ORDER)
                .replace("{gateway}", ORDER);
            route.captures(&path).is_some() && operations.get(&method).is_some()
        });
        assert!(is_described, "{route}");
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_is_one() {
    let document = description();
    let mut references = BTreeSet::new();
    collect_references(&document, &mut references);
    for reference in &references {
        let target = document.pointer(reference.trim_start_matches('#'));
        assert!(target.is_some(), "{reference}");
    }
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let schema = json!({ "allOf": [schema], "components": document["components"] });
        let made = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .build(&schema);
        assert!(made.is_ok(), "{name}: {}", made.unwrap_err());
    }
}

#[test]
fn every_operation_has_a_name_of_its_own() {
    let document = description();
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.values().flat_map(|it| it.as_object().unwrap());
    let ids: Vec<_> = operations
        .filter_map(|(_, it)| it["operationId"].as_str())
        .collect();
    let distinct: BTreeSet<_> = ids.iter().collect();
    assert_eq!(distinct.len(), ids.len());
}

#[tokio::test]
async fn it_is_served_to_everybody() {
    let app = App::start().await;
    let url = format!("{}/api/openapi.json", app.running.url);
    let reply = app
        .request(Request::get(url).body(Bytes::new()).unwrap())
        .await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.headers["content-type"], "application/json");
    assert_eq!(reply.body, description());
}

/// Every answer of every test is held to the document; this one asks for each type.
#[tokio::test]
async fn records_and_lists_of_every_type_are_as_described() {
    let app = App::start().await;
    app.saved_card("pm_card_visa").await;
    let integration = app.integration();
    let mut met = BTreeSet::new();
    let mut to_read = vec![
        format!("/api/orders/{ORDER}"),
        format!("/api/customers/{}", demo::customer()),
    ];
    while let Some(path) = to_read.pop() {
        let reply = app.get(&integration, &path).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        let records = match &reply.body["data"] {
            Value::Array(records) => records.clone(),
            Value::Null => Vec::new(),
            record => vec![record.clone()],
        };
        // Identifiers are of records that are met elsewhere.
        for record in records.iter().filter(|it| it["relationships"].is_object()) {
            let kind = record["type"].as_str().unwrap().to_owned();
            if met.insert(kind.clone()) {
                let id = record["id"].as_str().unwrap();
                to_read.push(format!("/api/{kind}/{id}"));
                for name in record["relationships"].as_object().unwrap().keys() {
                    to_read.push(format!("/api/{kind}/{id}/{name}"));
                    to_read.push(format!("/api/{kind}/{id}/relationships/{name}"));
                }
            }
        }
    }
    for kind in ResourceType::ALL {
        let reply = app.get(&integration, &format!("/api/{kind}")).await;
        let is_list = [200, 404, 405].contains(&reply.status);
        assert!(is_list, "{kind}: {}", reply.body);
    }
    for kind in [
        ResourceType::Orders,
        ResourceType::Customers,
        ResourceType::PaymentMethods,
    ] {
        assert!(
            met.contains(kind.name()),
            "{kind}: no record was met, but {met:?}"
        );
    }
}

#[test]
fn what_is_not_as_described_is_found() {
    let links = json!({ "self": "http://localhost/api/markets/qaMAhZkZvd" });
    let meta = json!({ "mode": "test", "organization_id": "qaMAhZkZvd" });
    let document = |attributes: Value| {
        json!({ "data": {
            "id": "qaMAhZkZvd", "type": "markets", "links": links, "attributes": attributes,
            "relationships": {}, "meta": meta,
        } })
    };
    let problems = |status: u16, media_type: &str, body: &Value| {
        let headers = [
            ("content-type", media_type),
            ("etag", "\"1\""),
            ("x-request-id", "1"),
        ];
        let headers = headers.map(|(name, value)| {
            let name: HeaderName = name.parse().unwrap();
            (name, value.parse().unwrap())
        });
        let exchange = Exchange {
            method: "GET",
            path: "/api/markets/qaMAhZkZvd",
            sent: &Value::Null,
            status,
            headers: &HeaderMap::from_iter(headers),
            body,
        };
        exchange.undescribed()
    };
    let right = document(json!({ "name": "Europe" }));
    assert!(problems(200, "application/vnd.api+json", &right).is_empty());
    assert!(!problems(200, "application/json", &right).is_empty());
    assert!(!problems(201, "application/vnd.api+json", &right).is_empty());
    for wrong in [
        document(json!({ "name": 5 })),
        document(json!({ "unicorn": null })),
        document(json!({ "created_at": "yesterday" })),
        json!({ "data": null }),
    ] {
        let problems = problems(200, "application/vnd.api+json", &wrong);
        assert!(!problems.is_empty(), "{wrong}");
    }
}

fn collect_references(value: &Value, references: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get("$ref") {
                references.insert(reference.clone());
            }
            members
                .values()
                .for_each(|it| collect_references(it, references));
        }
        Value::Array(items) => items
            .iter()
            .for_each(|it| collect_references(it, references)),
        _ => {}
    }
}
