//! What a Klarna payment refuses, and what is left as it was.

use serde_json::{Value, json};

use crate::app::{App, Reply};
use crate::at_klarna::{AUTHORIZATIONS, KLARNA_ORDER};
use crate::faults::differing;
use crate::refusals::{Expected, is, refused};

const SAVE: &str = "/data/attributes/_save_payment_source_to_customer_wallet";

/// Saves the demo order's source, which is to be refused: a definitive answer counts the attempt on
/// the order, and changes nothing else.
async fn save_is_refused(app: &App, order: &str, expected: Expected) -> Reply {
    let before = app.table().await;
    let reply = app.save(&app.customer(), order).await;
    assert_eq!(is(&reply), expected, "{}", reply.body);
    let after = app.table().await;
    assert_eq!(differing(&before, &after), ["order"]);
    assert_eq!(before.len(), after.len());
    reply
}

#[tokio::test]
async fn saving_waits_for_the_shoppers_approval() {
    let app = App::start().await;
    let customer = app.customer();
    app.create_klarna(&customer, KLARNA_ORDER).await;
    let asked = app.asked_of_klarna().len();
    let not_ready = (422, "PAYMENT_SOURCE_NOT_READY", SAVE);
    let reply = save_is_refused(&app, KLARNA_ORDER, not_ready).await;
    assert!(reply.detail().contains("auth_token"), "{}", reply.detail());
    assert_eq!(app.asked_of_klarna().len(), asked);
}

#[tokio::test]
async fn an_approval_that_is_none_is_refused_and_says_so() {
    for (auth_token, code) in [
        ("expired-1", "VALIDATION_ERROR"),
        ("rejected-1", "PAYMENT_DECLINED"),
    ] {
        let app = App::start().await;
        let customer = app.customer();
        let source = app
            .approved_klarna(&customer, KLARNA_ORDER, auth_token)
            .await;
        let reply = save_is_refused(&app, KLARNA_ORDER, (422, code, SAVE)).await;
        assert!(!reply.body.to_string().contains(auth_token));
        if code == "VALIDATION_ERROR" {
            assert!(reply.detail().contains("expired"), "{}", reply.detail());
            assert!(reply.detail().contains("auth_token"), "{}", reply.detail());
        }

        let approval = app.approve_in_browser(&source).await;
        app.approve(&customer, &source.id(), &approval).await;
        let saved = app.save(&customer, KLARNA_ORDER).await;
        assert_eq!(saved.status, 200, "a new approval helps: {}", saved.body);
    }
}

#[tokio::test]
async fn an_approval_is_used_once() {
    let app = App::start().await;
    let (entry, _) = app.saved_with_klarna("used").await;
    let customer = app.customer();
    let order = app.second_klarna_order().await;
    app.approved_klarna(&customer, order, "used").await;
    let reply = save_is_refused(&app, order, (422, "VALIDATION_ERROR", SAVE)).await;
    assert!(reply.detail().contains("used before"), "{}", reply.detail());
    assert_eq!(app.order(&customer, order).await.wallet(), [entry]);
    assert_eq!(app.mints(), 1);
}

#[tokio::test]
async fn a_token_that_would_lead_elsewhere_is_never_part_of_a_path() {
    let app = App::start().await;
    let customer = app.customer();
    let source = app.create_klarna(&customer, KLARNA_ORDER).await;
    for strange in ["../sessions", "a/b", "a?b=c", "a b", "%2e%2e"] {
        let reply = app.approve(&customer, &source.id(), strange).await;
        assert_eq!(reply.status, 200, "{strange}: {}", reply.body);
        let reply = app.save(&customer, KLARNA_ORDER).await;
        assert_eq!(
            is(&reply),
            (422, "VALIDATION_ERROR", SAVE),
            "{strange}: {}",
            reply.body
        );
    }
    assert!(app.heard_by_klarna("POST", AUTHORIZATIONS).is_empty());
    assert!(app.heard_by_klarna("DELETE", AUTHORIZATIONS).is_empty());
}

#[tokio::test]
async fn attributes_have_their_types_and_their_writers() {
    let app = App::start().await;
    let customer = app.customer();
    let source = app.create_klarna(&customer, KLARNA_ORDER).await.id();
    let card = "4242 ".repeat(4);
    for (attributes, status, code, pointer) in [
        (
            json!({ "auth_token": 7 }),
            422,
            "VALIDATION_ERROR",
            "auth_token",
        ),
        (
            json!({ "auth_token": ["a"] }),
            422,
            "VALIDATION_ERROR",
            "auth_token",
        ),
        (
            json!({ "auth_token": card }),
            422,
            "PAN_DETECTED",
            "auth_token",
        ),
        (
            json!({ "_update": "yes" }),
            422,
            "VALIDATION_ERROR",
            "_update",
        ),
        (
            json!({ "session_id": "s" }),
            400,
            "PARAM_NOT_ALLOWED",
            "session_id",
        ),
        (
            json!({ "client_token": "c" }),
            400,
            "PARAM_NOT_ALLOWED",
            "client_token",
        ),
        (
            json!({ "payment_instrument": {} }),
            400,
            "PARAM_NOT_ALLOWED",
            "payment_instrument",
        ),
        (
            json!({ "mismatched_amounts": false }),
            400,
            "PARAM_NOT_ALLOWED",
            "mismatched_amounts",
        ),
        (json!({ "token": "t" }), 400, "PARAM_NOT_ALLOWED", "token"),
    ] {
        let pointer: &'static str = format!("/data/attributes/{pointer}").leak();
        let reply = app.patch_source(&customer, "klarna_payments", &source, attributes);
        refused(&app, reply, (status, code, pointer)).await;
    }
}

#[tokio::test]
async fn an_approval_is_brought_to_a_session_and_not_with_a_new_one() {
    let app = App::start().await;
    let customer = app.customer();
    let attributes = json!({ "auth_token": "approved" });
    let reply = app.create_source(&customer, "klarna_payments", KLARNA_ORDER, attributes);
    let before = app.table().await;
    let reply = reply.await;
    assert!(matches!(reply.status, 400 | 401), "{}", reply.body);
    assert_eq!(reply.pointer(), "/data/attributes/auth_token");
    assert!(differing(&before, &app.table().await).is_empty());
    assert!(app.asked_of_klarna().is_empty());
}

#[tokio::test]
async fn a_placed_order_takes_no_other_payment() {
    let app = App::start().await;
    let (entry, _) = app.saved_with_klarna("first-order").await;
    let customer = app.customer();
    let order = app.second_klarna_order().await;
    let (source, _) = app.approved_in_browser(&customer, order).await;
    app.set_order(order, json!({ "status": "placed" })).await;
    let asked = app.asked_of_klarna().len();

    let invalid = |pointer: &'static str| (422, "VALIDATION_ERROR", pointer);
    let create = app.create_source(&customer, "klarna_payments", order, json!({}));
    refused(&app, create, invalid("/data/relationships/order")).await;
    let source = source.id();
    let approve = app.approve(&customer, &source, "late");
    refused(&app, approve, invalid("/data/attributes/auth_token")).await;
    let update = json!({ "_update": true });
    let update = app.patch_source(&customer, "klarna_payments", &source, update);
    refused(&app, update, invalid("/data/attributes/_update")).await;
    let reuse = app.reuse(&customer, order, &entry);
    let pointer = "/data/attributes/_customer_payment_source_id";
    refused(&app, reuse, invalid(pointer)).await;
    assert_eq!(app.asked_of_klarna().len(), asked);
}

#[tokio::test]
async fn a_source_belongs_to_its_orders_customer() {
    let app = App::start().await;
    app.make_stranger().await;
    let customer = app.customer();
    let source = app.create_klarna(&customer, KLARNA_ORDER).await.id();
    for other in [app.stranger(), app.guest()] {
        let approve = app.approve(&other, &source, "stolen").await;
        assert_eq!(approve.status, 404, "{}", approve.body);
        let path = format!("/api/klarna_payments/{source}");
        assert_eq!(app.get(&other, &path).await.status, 404);
        assert_eq!(app.delete(&other, &path).await.status, 404);
    }
    let path = format!("/api/klarna_payments/{source}");
    let read = app.get(&customer, &path).await;
    assert_eq!(*read.attribute("auth_token"), Value::Null);
}
