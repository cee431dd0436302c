//! Bodies have the members of Klarna's published description. The description is not part of this
//! repository: the tests pass without a look where it is missing.

use std::path::Path;

use serde_json::{Value, json};

use crate::fields::full_session;
use crate::shop::{SESSIONS, Shop, buy_and_tokenize, purchase, with};

const DESCRIPTION: &str =
    "../../../shared/data/klarna-payments-v1.apisguru-2023-03-03.openapi.json";

fn schemas() -> Option<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(DESCRIPTION);
    let Ok(text) = std::fs::read(path) else {
        println!("skipped: Klarna's description is not here");
        return None;
    };
    let description: Value = serde_json::from_slice(&text).expect("a description is JSON");
    Some(description["components"]["schemas"].clone())
}

/// The properties of a schema, sorted; of those that callers write all but the read-only ones.
fn properties(schema: &Value, is_written: bool) -> Vec<&str> {
    let properties = schema["properties"].as_object().expect("properties").iter();
    let mut names: Vec<&str> = properties
        .filter(|(_, property)| !is_written || property["readOnly"] != true)
        .map(|(name, _)| name.as_str())
        .collect();
    names.sort_unstable();
    names
}

fn members(object: &Value) -> Vec<&str> {
    let object = object.as_object().expect("an object");
    let mut names: Vec<&str> = object.keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

#[test]
fn every_published_field_of_a_session_is_tried() {
    let Some(schemas) = schemas() else { return };
    let session = full_session();
    let line = &session["order_lines"][0];
    for (object, schema) in [
        (&session, "session_create"),
        (&session["billing_address"], "address"),
        (&session["customer"], "customer"),
        (&session["merchant_urls"], "merchant_urls"),
        (&session["attachment"], "attachment"),
        (&session["options"], "options"),
        (line, "order_line"),
        (&line["product_identifiers"], "product_identifiers"),
        (&line["subscription"], "subscription"),
    ] {
        assert_eq!(
            members(object),
            properties(&schemas[schema], true),
            "{schema}"
        );
    }
}

#[tokio::test]
async fn answers_have_published_members() {
    let Some(schemas) = schemas() else { return };
    let shop = Shop::open();
    let session = shop.post(SESSIONS, &full_session()).await.ok();
    let id = session["session_id"].as_str().unwrap();
    let read = shop.get(&format!("{SESSIONS}/{id}")).await.ok();
    shop.session(&buy_and_tokenize()).await;
    let minted = shop.mint("unseen").await.ok();
    let order = shop.order("unseen", &purchase()).await.ok();
    let refusal = shop.get("/payments/v1/nothing").await.json();
    for (object, schema) in [
        (&session, "merchant_session"),
        (
            &session["payment_method_categories"][0],
            "payment_method_category",
        ),
        (
            &with(read.clone(), json!({"authorization_token": ""})),
            "session_read",
        ),
        (&order, "order"),
    ] {
        assert_eq!(
            members(object),
            properties(&schemas[schema], false),
            "{schema}"
        );
    }
    for (object, schema) in [
        (&read["customer"], "customer_read"),
        (&minted, "customer_token_creation_response"),
        (&refusal, "ErrorV2"),
    ] {
        let published = properties(&schemas[schema], false);
        let unpublished = members(object)
            .into_iter()
            .find(|name| !published.contains(name));
        assert_eq!(unpublished, None, "{schema}");
    }
}
