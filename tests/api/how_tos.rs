//! Commerce Layer's how-tos for Stripe and Checkout.com, as published: their requests with host and token replaced,
//! their answers member by member. `"…"` stands for what the pages leave out or what varies.

use serde_json::{Value, json};

use crate::app::App;
use crate::at_checkout_com;

/// Whether the answer has every member that the page shows, and the same values where the page's
/// are not of its own making.
pub fn check(page: &Value, answer: &Value, at: &str) {
    match (page, answer) {
        (Value::String(text), _) if text == "…" => assert!(!answer.is_null(), "{at} is missing"),
        (Value::Object(members), Value::Object(_)) => {
            for (name, member) in members {
                let found = answer.get(name);
                assert!(found.is_some(), "{at}/{name} is missing");
                check(member, found.unwrap(), &format!("{at}/{name}"));
            }
        }
        (Value::Array(items), Value::Array(answers)) => {
            assert_eq!(items.len(), answers.len(), "{at}");
            for (index, (item, answer)) in items.iter().zip(answers).enumerate() {
                check(item, answer, &format!("{at}/{index}"));
            }
        }
        _ => assert_eq!(page, answer, "{at}"),
    }
}

pub fn order_relationships(included: &str, data: Value) -> Value {
    let mut relationships = json!({});
    for name in [
        "market",
        "customer",
        "shipping_address",
        "billing_address",
        "available_payment_methods",
        "available_customer_payment_sources",
        "payment_method",
        "payment_source",
        "line_items",
        "shipments",
    ] {
        relationships[name] = json!({ "links": { "self": "…", "related": "…" } });
    }
    relationships[included]["data"] = data;
    relationships
}

fn stripe_payment(options: Value) -> Value {
    json!({ "data": {
        "id": "…",
        "type": "stripe_payments",
        "links": { "self": "…" },
        "attributes": {
            "client_secret": "…",
            "stripe_id": "…",
            "options": options,
            "created_at": "…",
            "updated_at": "…",
            "reference": null,
            "reference_origin": null,
            "metadata": {},
        },
        "relationships": { "order": { "links": { "self": "…", "related": "…" } } },
        "meta": { "mode": "test" },
    } })
}

#[tokio::test]
async fn adding_a_stripe_payment_source_to_an_order() {
    let app = App::start().await;
    let token = app.customer();
    let order = app
        .get(&token, "/api/orders/eqkykhjlVw?include=payment_method")
        .await;
    assert_eq!(order.status, 200);
    let method = json!({ "type": "payment_methods", "id": "WmOodsVPmQ" });
    let page = json!({
        "data": {
            "id": "eqkykhjlVw",
            "type": "orders",
            "links": { "self": format!("{}/api/orders/eqkykhjlVw", app.running.url) },
            "attributes": "…",
            "relationships": order_relationships("payment_method", method),
            "meta": { "mode": "test" },
        },
        "included": [{
            "id": "WmOodsVPmQ",
            "type": "payment_methods",
            "links": { "self": "…" },
            "attributes": {
                "payment_source_type": "stripe_payments",
                "name": "Stripe Payment",
                "disabled_at": null,
                "price_amount_cents": 0,
                "price_amount_float": 0.0,
                "formatted_price_amount": "€0,00",
                "created_at": "…",
                "updated_at": "…",
                "metadata": {},
            },
            "relationships": {
                "market": { "links": "…" },
                "payment_gateway": { "links": "…" },
            },
            "meta": { "mode": "test" },
        }],
    });
    check(&page, &order.body, "");

    let request = json!({ "data": {
        "type": "stripe_payments",
        "attributes": {},
        "relationships": { "order": { "data": { "type": "orders", "id": "eqkykhjlVw" } } },
    } });
    let created = app.post(&token, "/api/stripe_payments", &request).await;
    assert_eq!(created.status, 201);
    check(&stripe_payment(json!({})), &created.body, "");
}

#[tokio::test]
async fn reusing_a_stripe_payment_source() {
    let app = App::start().await;
    let token = app.customer();
    let options =
        json!({ "id": "pm_1IixtoEw0yMev2I0jGzoT9Js", "setup_future_usage": "off_session" });
    let request = json!({ "data": {
        "type": "stripe_payments",
        "attributes": { "options": options },
        "relationships": { "order": { "data": { "type": "orders", "id": "qaMAhZkZvd" } } },
    } });
    let created = app.post(&token, "/api/stripe_payments", &request).await;
    assert_eq!(created.status, 201);
    check(&stripe_payment(options), &created.body, "");

    let path = "/api/orders/qaMAhZkZvd?include=available_customer_payment_sources";
    let request = json!({ "data": {
        "type": "orders",
        "id": "qaMAhZkZvd",
        "attributes": { "_save_payment_source_to_customer_wallet": true },
    } });
    let saved = app.patch(&token, path, &request).await;
    assert_eq!(saved.status, 200, "{}", saved.body);
    let page = saved_page(&app.running.url, "qaMAhZkZvd", &["XXXX-XXXX-XXXX-4242"]);
    check(&page, &saved.body, "");
}

/// The answer to a page's request that saves: the order, with the wallet included. `names` are those
/// of its entries.
pub fn saved_page(url: &str, order: &str, names: &[&str]) -> Value {
    let entry = json!({ "type": "customer_payment_sources", "id": "…" });
    let data = json!(vec![entry; names.len()]);
    let included: Vec<_> = names.iter().map(|name| wallet_entry(name)).collect();
    json!({
        "data": {
            "id": order,
            "type": "orders",
            "links": { "self": format!("{url}/api/orders/{order}") },
            "attributes": "…",
            "relationships": order_relationships("available_customer_payment_sources", data),
            "meta": { "mode": "test" },
        },
        "included": included,
    })
}

fn wallet_entry(name: &str) -> Value {
    json!({
        "id": "…",
        "type": "customer_payment_sources",
        "links": { "self": "…" },
        "attributes": {
            "customer_token": "…",
            "name": name,
            "payment_source_token": "…",
            "created_at": "…",
            "updated_at": "…",
            "reference": null,
            "metadata": {},
        },
        "relationships": {
            "customer": { "links": "…" },
            "payment_source": { "links": "…" },
        },
        "meta": { "mode": "test" },
    })
}

/// The page's customer has a card in the wallet already.
#[tokio::test]
async fn reusing_a_checkout_com_payment_source() {
    let app = App::start().await;
    let token = app.customer();
    let order = "bkPlhXmQzc";
    let source = app.create_checkout_com(&token, order).await.id();
    for (number, card) in ["other_visa", "mastercard"].into_iter().enumerate() {
        let card = at_checkout_com::token(card, number);
        let paid = app.authorize(&token, &source, &card).await;
        let response = paid.attribute("payment_response");
        assert_eq!(response["status"], "Authorized", "{}", paid.body);

        let path = format!("/api/orders/{order}?include=available_customer_payment_sources");
        let request = json!({ "data": {
            "type": "orders",
            "id": order,
            "attributes": { "_save_payment_source_to_customer_wallet": true },
        } });
        let saved = app.patch(&token, &path, &request).await;
        assert_eq!(saved.status, 200, "{}", saved.body);
        let names = vec!["…"; number + 1];
        let page = saved_page(&app.running.url, order, &names);
        check(&page, &saved.body, "");
        let newest = &saved.body["included"][number];
        let links = format!(
            "{}/api/customer_payment_sources/{}",
            app.running.url,
            newest["id"].as_str().unwrap()
        );
        assert_eq!(newest["links"]["self"], links);
        assert_eq!(
            newest["attributes"]["payment_source_token"],
            response["source"]["id"]
        );
        let name = ["XXXX-XXXX-XXXX-1111", "XXXX-XXXX-XXXX-4444"][number];
        assert_eq!(newest["attributes"]["name"], name);
    }
}
