//! Bodies have the members that Klarna publishes.

use published::Api;
use serde_json::{Value, json};

use crate::fields::full_session;
use crate::order_management::order_management_path;
use crate::shop::{SESSIONS, Shop, buy_and_tokenize, purchase, text, token_path, with};

fn members(object: &Value) -> Vec<&str> {
    let object = object.as_object().expect("an object");
    let mut names: Vec<&str> = object.keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

#[test]
fn every_published_field_of_a_session_is_tried() {
    let api = Api::klarna();
    let session = full_session();
    let line = &session["order_lines"][0];
    let with_step_up = with(session.clone(), json!({"step_up_id": "an-id"}));
    for (object, schema) in [
        (&with_step_up, "session_create"),
        (&session["billing_address"], "address"),
        (&session["customer"], "customer"),
        (&session["merchant_urls"], "merchant_urls"),
        (&session["attachment"], "attachment"),
        (&session["options"], "options"),
        (line, "order_line"),
        (&line["product_identifiers"], "product_identifiers"),
        (&line["subscription"], "subscription"),
    ] {
        assert_eq!(members(object), api.members(schema), "{schema}");
        assert_eq!(api.object_problems(schema, object), [""; 0], "{schema}");
    }
}

#[tokio::test]
async fn answers_have_published_members() {
    let api = Api::klarna();
    let shop = Shop::open();
    let session = shop.post(SESSIONS, &full_session()).await.ok();
    let id = session["session_id"].as_str().unwrap();
    let read = shop.get(&format!("{SESSIONS}/{id}")).await.ok();
    shop.session(&buy_and_tokenize()).await;
    let minted = shop.mint("unseen").await.ok();
    let order = shop.order("unseen", &purchase()).await.ok();
    let refusal = shop.get("/payments/v1/nothing").await.json();
    let order_id = order["order_id"].as_str().unwrap();
    let path = order_management_path(order_id);
    let unknown = shop.get(&order_management_path("none")).await.json();
    let part = json!({"reference": "r", "description": "d", "order_lines": []});
    let capture = with(part.clone(), json!({"captured_amount": 200}));
    shop.post(&format!("{path}/captures"), &capture).await;
    let refund = with(part, json!({"refunded_amount": 100}));
    shop.post(&format!("{path}/refunds"), &refund).await;
    let managed = shop.get(&path).await.ok();
    let token = shop.get(&token_path(&text(&minted, "token_id"))).await.ok();
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
        assert_eq!(members(object), api.members(schema), "{schema}");
        assert_eq!(api.object_problems(schema, object), [""; 0], "{schema}");
    }
    for (object, schema) in [
        (&read["customer"], "customer_read"),
        (&minted, "customer_token_creation_response"),
        (&refusal, "error_v2"),
        (&managed, "merchant_order"),
        (&managed["captures"][0], "capture"),
        (&managed["refunds"][0], "refund"),
        (&unknown, "error_of_orders"),
        (&token, "customer_token"),
    ] {
        assert_eq!(api.object_problems(schema, object), [""; 0], "{schema}");
    }
}
