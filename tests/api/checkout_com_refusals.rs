//! What Checkout.com's payment sources refuse: each with its own clear error, and nothing paid.

use serde_json::{Value, json};

use crate::app::{App, CHECKOUT_COM_ORDER as ORDER};
use crate::at_checkout_com::{KIND, return_urls, token};
use crate::faults::differing;
use crate::refusals::is;

const SAVE: &str = "/data/attributes/_save_payment_source_to_customer_wallet";
const TOKEN: &str = "/data/attributes/token";

fn with(name: &str, value: Value) -> Value {
    let mut attributes = return_urls();
    attributes[name] = value;
    attributes
}

#[tokio::test]
async fn a_save_before_the_payment_says_to_authorise_first() {
    let app = App::start().await;
    let customer = app.customer();
    app.create_checkout_com(&customer, ORDER).await;
    let (before, asked) = (app.table().await, app.asked_of_checkout_com());
    let reply = app.save(&customer, ORDER).await;
    assert_eq!(
        is(&reply),
        (422, "PAYMENT_SOURCE_NOT_READY", SAVE),
        "{}",
        reply.body
    );
    assert!(reply.detail().contains("_authorize"), "{}", reply.detail());
    assert_eq!(
        app.asked_of_checkout_com(),
        asked,
        "there is nothing to ask for"
    );
    let changed = differing(&before, &app.table().await);
    assert!(changed.iter().all(|it| it == "order"), "{changed:?}");
}

#[tokio::test]
async fn the_urls_to_come_back_to_are_needed() {
    let app = App::start().await;
    let customer = app.customer();
    for name in ["success_url", "failure_url"] {
        let pointer = format!("/data/attributes/{name}");
        let mut missing = return_urls();
        missing.as_object_mut().unwrap().remove(name);
        for attributes in [missing, with(name, Value::Null), with(name, json!(""))] {
            let before = app.table().await;
            let reply = app
                .create_source(&customer, KIND, ORDER, attributes.clone())
                .await;
            assert_eq!(
                is(&reply),
                (422, "VALIDATION_ERROR", &*pointer),
                "{attributes}"
            );
            assert_eq!(app.table().await, before);
        }
    }
    assert!(app.asked_of_checkout_com().is_empty());
}

#[tokio::test]
async fn the_urls_to_come_back_to_have_to_be_urls() {
    let app = App::start().await;
    let customer = app.customer();
    let long = format!("https://shop.example.com/{}", "x".repeat(300));
    for name in ["success_url", "failure_url"] {
        let pointer = format!("/data/attributes/{name}");
        for url in [
            "no url",
            "/success",
            "shop.example.com",
            "https://",
            "javascript:alert(1)",
            "ftp://shop.example.com/",
            &long,
        ] {
            let reply = app
                .create_source(&customer, KIND, ORDER, with(name, json!(url)))
                .await;
            assert_eq!(
                is(&reply),
                (422, "VALIDATION_ERROR", &*pointer),
                "{url}: {}",
                reply.body
            );
        }
        for value in [
            json!(1),
            json!(true),
            json!({}),
            json!(["https://shop.example.com"]),
        ] {
            let reply = app
                .create_source(&customer, KIND, ORDER, with(name, value.clone()))
                .await;
            assert!(matches!(reply.status, 400 | 422), "{value}: {}", reply.body);
            assert_eq!(reply.pointer(), pointer, "{value}");
        }
    }
    let asked = app.asked_of_checkout_com();
    assert!(
        !asked.contains(&"POST /payment-sessions".to_owned()),
        "{asked:?}"
    );
    let order = app.order(&customer, ORDER).await;
    let source = &order.body["data"]["relationships"]["payment_source"]["data"];
    assert_eq!(*source, Value::Null);
}

#[tokio::test]
async fn an_order_that_is_billed_to_no_country_opens_no_session() {
    let app = App::start().await;
    let customer = app.customer();
    app.set_country(ORDER, "").await;
    let reply = app
        .create_source(&customer, KIND, ORDER, return_urls())
        .await;
    assert_eq!(
        (reply.status, reply.code()),
        (422, "VALIDATION_ERROR"),
        "{}",
        reply.body
    );
    assert!(
        reply.detail().contains("billing address"),
        "{}",
        reply.detail()
    );
    assert!(app.posted_to_checkout_com("/payment-sessions").is_empty());
    app.set_country(ORDER, "IT").await;
    app.create_checkout_com(&customer, ORDER).await;
}

#[tokio::test]
async fn the_type_that_a_guide_misspells_is_taken() {
    let app = App::start().await;
    let customer = app.customer();
    let misspelt = "checkout_payments";
    let body = json!({ "data": {
        "type": misspelt,
        "attributes": return_urls(),
        "relationships": { "order": { "data": { "type": "orders", "id": ORDER } } },
    } });
    let created = app.post(&customer, &format!("/api/{KIND}"), &body).await;
    assert_eq!(created.status, 201, "{}", created.body);
    assert_eq!(created.body["data"]["type"], KIND);
    let id = created.id();
    let attributes = json!({ "token": token("visa", 1), "_authorize": true });
    let body = json!({ "data": { "type": misspelt, "id": id, "attributes": attributes } });
    let paid = app
        .patch(&customer, &format!("/api/{KIND}/{id}"), &body)
        .await;
    assert_eq!(
        paid.attribute("payment_response")["status"],
        "Authorized",
        "{}",
        paid.body
    );

    let body = json!({ "data": { "type": "stripe_payments", "id": id, "attributes": {} } });
    let other = app
        .patch(&customer, &format!("/api/{KIND}/{id}"), &body)
        .await;
    assert_eq!(other.status, 409, "{}", other.body);
}

#[tokio::test]
async fn a_token_that_is_none_or_spent_is_refused() {
    let app = App::start().await;
    let customer = app.customer();
    let source = app.create_checkout_com(&customer, ORDER).await.id();
    let spent = token("declined", 1);
    app.authorize(&customer, &source, &spent).await;
    app.authorize(&customer, &source, &token("declined", 2))
        .await;
    let long = format!("tok_{}", "x".repeat(300));
    for bad in [
        &token("expired_token", 3),
        &token("invalid_token", 4),
        &spent,
        "tok_short",
        "tok_",
        "card",
        "src_nwd3m4in3hkuddfpjsaevunhdy",
        "tok_../../payments",
        "tok_1\u{e9}",
        &long,
    ] {
        let reply = app.authorize(&customer, &source, bad).await;
        assert_eq!(
            is(&reply),
            (422, "VALIDATION_ERROR", TOKEN),
            "{bad}: {}",
            reply.body
        );
        assert!(!reply.detail().is_empty());
        let kept = app.get(&customer, &format!("/api/{KIND}/{source}")).await;
        assert_eq!(
            kept.attribute("token"),
            &json!(token("declined", 2)),
            "{bad}"
        );
    }
    for bad in [json!(1), json!({ "id": "tok_1" }), json!(["tok_1"])] {
        let attributes = json!({ "token": bad, "_authorize": true });
        let reply = app.patch_source(&customer, KIND, &source, attributes).await;
        assert!(matches!(reply.status, 400 | 422), "{bad}: {}", reply.body);
        assert_eq!(reply.pointer(), TOKEN, "{bad}");
    }
}

#[tokio::test]
async fn nothing_to_pay_with_is_refused() {
    let app = App::start().await;
    let customer = app.customer();
    let source = app.create_checkout_com(&customer, ORDER).await.id();
    for attributes in [
        json!({ "_authorize": true }),
        json!({ "_authorize": true, "token": null }),
        json!({ "_authorize": true, "token": "" }),
    ] {
        let reply = app
            .patch_source(&customer, KIND, &source, attributes.clone())
            .await;
        assert_eq!(
            is(&reply),
            (422, "VALIDATION_ERROR", TOKEN),
            "{attributes}: {}",
            reply.body
        );
    }
    assert!(app.posted_to_checkout_com("/payments").is_empty());
}

#[tokio::test]
async fn card_numbers_are_refused_and_what_the_gateway_says_is_not_for_callers() {
    let app = App::start().await;
    let customer = app.customer();
    let source = app.create_checkout_com(&customer, ORDER).await.id();
    let number = "4242".repeat(4);
    let pan = "PAN_DETECTED";
    for (attributes, status, code) in [
        (json!({ "metadata": { "note": number } }), 422, pan),
        (json!({ "token": number, "_authorize": true }), 422, pan),
        (
            json!({ "payment_response": { "source": { "id": number } } }),
            422,
            pan,
        ),
        (
            json!({ "payment_response": { "source": { "id": "src_1" } } }),
            400,
            "PARAM_NOT_ALLOWED",
        ),
        (json!({ "source_id": "src_1" }), 400, "PARAM_NOT_ALLOWED"),
        (
            json!({ "customer_token": "cus_1" }),
            400,
            "PARAM_NOT_ALLOWED",
        ),
        (json!({ "payment_session": {} }), 400, "PARAM_NOT_ALLOWED"),
        (
            json!({ "public_key": "pk_sbox_other" }),
            400,
            "PARAM_NOT_ALLOWED",
        ),
    ] {
        let before = app.table().await;
        let reply = app
            .patch_source(&customer, KIND, &source, attributes.clone())
            .await;
        assert_eq!(
            (reply.status, reply.code()),
            (status, code),
            "{}",
            reply.body
        );
        let name = attributes.as_object().unwrap().keys().next().unwrap();
        let named = format!("/data/attributes/{}", if code == pan { "" } else { name });
        assert!(reply.pointer().starts_with(&named), "{}", reply.body);
        assert!(!reply.body.to_string().contains(&number));
        assert_eq!(app.table().await, before);
        let mut created = return_urls();
        created
            .as_object_mut()
            .unwrap()
            .extend(attributes.as_object().unwrap().clone());
        let reply = app.create_source(&customer, KIND, ORDER, created).await;
        assert_eq!(reply.status, status, "{}", reply.body);
        assert_eq!(app.table().await, before);
    }
}
