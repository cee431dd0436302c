//! What an external payment refuses, and what is left as it was.

use sandbox::Outcome;
use serde_json::json;

use crate::app::{App, GUEST_ORDER};
use crate::at_external::{EXTERNAL_METHOD, EXTERNAL_ORDER};
use crate::faults::differing;
use crate::refusals::{is, refused};
use crate::stored::EXTERNAL_GATEWAY;

const SAVE: &str = "/data/attributes/_save_payment_source_to_customer_wallet";

#[tokio::test]
async fn the_shoppers_token_is_required() {
    let app = App::start().await;
    let customer = app.customer();
    let pointer = "/data/attributes/payment_source_token";
    for attributes in [
        json!({}),
        json!({ "payment_source_token": null }),
        json!({ "payment_source_token": "" }),
        json!({ "payment_source_token": 7 }),
        json!({ "payment_source_token": ["a"] }),
    ] {
        let create = app.create_source(&customer, "external_payments", EXTERNAL_ORDER, attributes);
        refused(&app, create, (422, "VALIDATION_ERROR", pointer)).await;
    }
}

#[tokio::test]
async fn card_numbers_are_refused_wherever_they_are() {
    let app = App::start().await;
    let customer = app.customer();
    let card = "4242".repeat(4);
    let spaced = "4242 ".repeat(4);
    for (attributes, pointer) in [
        (
            json!({ "payment_source_token": card }),
            "payment_source_token",
        ),
        (
            json!({ "payment_source_token": format!("tok_{card}") }),
            "payment_source_token",
        ),
        (
            json!({ "payment_source_token": "t", "options": { "card": { "number": card } } }),
            "options/card/number",
        ),
        (
            json!({ "payment_source_token": "t", "options": { "notes": ["x", spaced] } }),
            "options/notes/1",
        ),
        (
            json!({ "payment_source_token": "t", "metadata": { "pan": card.parse::<u64>().unwrap() } }),
            "metadata/pan",
        ),
    ] {
        let pointer: &'static str = format!("/data/attributes/{pointer}").leak();
        let create = app.create_source(&customer, "external_payments", EXTERNAL_ORDER, attributes);
        let create = async {
            let reply = create.await;
            assert!(!reply.body.to_string().contains("4242"), "{}", reply.body);
            reply
        };
        refused(&app, create, (422, "PAN_DETECTED", pointer)).await;
    }
    assert!(app.heard_by_external().is_empty());
}

#[tokio::test]
async fn what_the_gateway_says_is_not_the_callers_to_write() {
    let app = App::start().await;
    let customer = app.customer();
    for (name, value) in [
        ("payment_instrument", json!({ "card_last_digits": "1111" })),
        ("customer_token", json!("cus_1")),
        ("token", json!("t")),
    ] {
        let attributes = json!({ "payment_source_token": "source-1", name: value });
        let pointer: &'static str = format!("/data/attributes/{name}").leak();
        let create = app.create_source(&customer, "external_payments", EXTERNAL_ORDER, attributes);
        refused(&app, create, (400, "PARAM_NOT_ALLOWED", pointer)).await;
    }
    let source = app
        .create_external(&customer, EXTERNAL_ORDER, "source-1")
        .await;
    let change = json!({ "payment_source_token": "source-2" });
    let before = app.table().await;
    let reply = app
        .patch_source(&customer, "external_payments", &source.id(), change)
        .await;
    assert!(matches!(reply.status, 400 | 401), "{}", reply.body);
    assert_eq!(reply.pointer(), "/data/attributes/payment_source_token");
    assert!(differing(&before, &app.table().await).is_empty());
}

#[tokio::test]
async fn a_gateway_that_declines_keeps_nothing() {
    let app = App::start().await;
    let customer = app.customer();
    app.create_external(&customer, EXTERNAL_ORDER, "declined-1")
        .await;
    let before = app.table().await;
    let reply = app.save(&customer, EXTERNAL_ORDER).await;
    assert_eq!(
        is(&reply),
        (422, "PAYMENT_SOURCE_NOT_REUSABLE", SAVE),
        "{}",
        reply.body
    );
    let text = reply.body.to_string();
    assert!(
        !text.contains("CARD_DECLINED"),
        "the gateway's words: {text}"
    );
    let after = app.table().await;
    assert_eq!(differing(&before, &after), ["order"], "the attempt counts");
    assert_eq!(before.len(), after.len());
    assert!(app.entries().await.is_empty());

    app.create_external(&customer, EXTERNAL_ORDER, "source-1")
        .await;
    assert_eq!(app.save(&customer, EXTERNAL_ORDER).await.status, 200);
}

#[tokio::test]
async fn a_gateway_that_knows_another_secret_does_not_answer() {
    let app = App::start().await;
    let anew = json!({ "data": {
        "type": "external_gateways",
        "id": EXTERNAL_GATEWAY,
        "attributes": { "_regenerate_shared_secret": true },
    } });
    let path = format!("/api/external_gateways/{EXTERNAL_GATEWAY}");
    let changed = app.patch(&app.integration(), &path, &anew).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    let reply = app.save_external("source-1").await;
    assert_eq!(
        (reply.status, reply.code()),
        (502, "GATEWAY_ERROR"),
        "{}",
        reply.body
    );
    let answered = Outcome::Answered {
        status: 401,
        replayed: false,
    };
    let heard = app.heard_by_external();
    assert_eq!((heard.len(), heard[0].outcome), (1, answered));
    assert!(app.entries().await.is_empty());
}

#[tokio::test]
async fn a_gateway_without_a_secret_is_not_asked() {
    let app = App::start().await;
    app.set_external_gateway("shared_secret", None).await;
    let reply = app.save_external("source-1").await;
    assert_eq!((reply.status, reply.code()), (502, "GATEWAY_ERROR"));
    assert!(app.heard_by_external().is_empty());
    assert!(app.entries().await.is_empty());
}

#[tokio::test]
async fn a_gateway_without_a_token_url_saves_nothing() {
    let app = App::start().await;
    app.set_external_gateway("token_url", None).await;
    let customer = app.customer();
    app.create_external(&customer, EXTERNAL_ORDER, "source-1")
        .await;
    let save = app.save(&customer, EXTERNAL_ORDER);
    refused(&app, save, (422, "PAYMENT_SOURCE_NOT_REUSABLE", SAVE)).await;
    let reply = app.save(&customer, EXTERNAL_ORDER).await;
    assert!(reply.detail().contains("token_url"), "{}", reply.detail());
    assert!(app.heard_by_external().is_empty());
}

#[tokio::test]
async fn guests_save_nothing() {
    let app = App::start().await;
    app.selected(GUEST_ORDER, EXTERNAL_METHOD).await;
    let guest = app.guest();
    app.create_external(&guest, GUEST_ORDER, "source-1").await;
    let save = app.save(&guest, GUEST_ORDER);
    refused(&app, save, (401, "UNAUTHORIZED", SAVE)).await;
    assert!(app.heard_by_external().is_empty());
}

#[tokio::test]
async fn a_placed_order_takes_no_other_payment() {
    let app = App::start().await;
    let entry = app.save_external("source-1").await.wallet()[0].clone();
    let order = app.second_external_order().await;
    let customer = app.customer();
    let source = app.create_external(&customer, order, "source-2").await;
    app.set_order(order, json!({ "status": "placed" })).await;
    let attributes = json!({ "payment_source_token": "source-3" });
    let create = app.create_source(&customer, "external_payments", order, attributes);
    let pointer = "/data/relationships/order";
    refused(&app, create, (422, "VALIDATION_ERROR", pointer)).await;
    let options = json!({ "options": { "a": 1 } });
    let source = source.id();
    let change = app.patch_source(&customer, "external_payments", &source, options);
    let pointer = "/data/attributes/options";
    refused(&app, change, (422, "VALIDATION_ERROR", pointer)).await;
    let pointer = "/data/attributes/_customer_payment_source_id";
    let reuse = app.reuse(&customer, order, &entry);
    refused(&app, reuse, (422, "VALIDATION_ERROR", pointer)).await;
}
