//! Commerce Layer's how-tos "reusing the payment source" for Klarna and for external gateways, as
//! published: their requests with host, token and ids replaced, the answers member by member. The
//! page for external gateways shows no answers; they are held to the same.

use serde_json::{Value, json};

use crate::app::{App, Reply};
use crate::at_external::EXTERNAL_ORDER;
use crate::at_klarna::KLARNA_ORDER;
use crate::how_tos::{check, saved_page};

/// The answer to the pages' second request: the order, and nothing included.
fn reused_page(url: &str, order: &str) -> Value {
    let mut page = saved_page(url, order, &[""]);
    page.as_object_mut().unwrap().remove("included");
    let relationships = &mut page["data"]["relationships"];
    let available = &mut relationships["available_customer_payment_sources"];
    available.as_object_mut().unwrap().remove("data");
    page
}

/// Carries out both of a page's requests on an order whose payment source can be saved.
async fn save_and_reuse(app: &App, order: &str, name: &str) -> Reply {
    let token = app.customer();
    let url = &app.running.url;
    let trigger = |attributes: Value| json!({ "data": { "type": "orders", "id": order, "attributes": attributes } });
    let path = format!("/api/orders/{order}?include=available_customer_payment_sources");
    let request = trigger(json!({ "_save_payment_source_to_customer_wallet": true }));
    let saved = app.patch(&token, &path, &request).await;
    assert_eq!(saved.status, 200, "{}", saved.body);
    check(&saved_page(url, order, &[name]), &saved.body, "");
    let entries = saved.wallet();
    assert_eq!(saved.body["included"][0]["id"], entries[0]);

    let path = format!("/api/orders/{order}");
    let request = trigger(json!({ "_customer_payment_source_id": entries[0] }));
    let reused = app.patch(&token, &path, &request).await;
    assert_eq!(reused.status, 200, "{}", reused.body);
    check(&reused_page(url, order), &reused.body, "");
    assert!(reused.body.get("included").is_none());
    let available = &reused.body["data"]["relationships"]["available_customer_payment_sources"];
    assert!(available.get("data").is_none(), "data only where included");

    let order = app.order(&token, order).await;
    assert_eq!(order.wallet(), entries);
    order
}

#[tokio::test]
async fn reusing_a_klarna_payment_source() {
    let app = App::start().await;
    let former = app
        .approved_klarna(&app.customer(), KLARNA_ORDER, "xxxx-yyyy-zzzz")
        .await;
    let order = save_and_reuse(&app, KLARNA_ORDER, "XXXX-XXXX-XXXX-1234").await;
    let source = order.payment_source();
    assert_eq!(source["type"], "klarna_payments");
    assert_ne!(source["id"], former.id(), "a payment source of its own");
    assert!(source["attributes"]["auth_token"].is_string());
}

#[tokio::test]
async fn reusing_an_external_payment_source() {
    let app = App::start().await;
    let former = app
        .create_external(&app.customer(), EXTERNAL_ORDER, "xxxx.yyyy.zzzz")
        .await;
    let order = save_and_reuse(&app, EXTERNAL_ORDER, "XXXX-XXXX-XXXX-4242").await;
    let source = order.payment_source();
    assert_eq!(source["type"], "external_payments");
    assert_ne!(source["id"], former.id(), "a payment source of its own");
    assert_eq!(app.asked_of_external(), ["POST /token"]);
}
