//! Wrong input: each gets its own clear error, and leaves the table as it was.

use bytes::Bytes;
use domain::ResourceType;
use domain::resource::{Source, Trigger, ValueType};
use http::{Method, Request};
use serde_json::{Value, json};

use crate::app::{App, CHECKOUT_COM_ORDER, GUEST_ORDER, ORDER, Reply, SECOND_ORDER};

/// What a refusal is to be: status, code, pointer.
pub type Expected = (u16, &'static str, &'static str);

pub fn is(reply: &Reply) -> (u16, &str, &str) {
    (reply.status, reply.code(), reply.pointer())
}

/// Sends what is to be refused, and looks at the table before and after.
pub async fn refused(app: &App, reply: impl Future<Output = Reply>, expected: Expected) {
    let before = app.table().await;
    let reply = reply.await;
    assert_eq!(is(&reply), expected, "{}", reply.body);
    assert!(!reply.detail().is_empty());
    let after = app.table().await;
    for (key, item) in &after {
        assert_eq!(before.get(key), Some(item), "{key} changed");
    }
    assert_eq!(before.len(), after.len());
}

#[tokio::test]
async fn documents_have_to_be_of_the_media_type_and_about_the_url() {
    let app = App::start().await;
    let customer = app.customer();
    let path = format!("/api/orders/{ORDER}");
    let send = async |content_type: &str, body: &str| {
        let request = Request::builder()
            .method(Method::PATCH)
            .uri(format!("{}{path}", app.running.url))
            .header("authorization", format!("Bearer {customer}"))
            .header("content-type", content_type)
            .body(Bytes::from(body.to_owned()));
        app.request(request.unwrap()).await
    };
    let ours = "application/vnd.api+json";
    let deep = format!("{}1{}", "[".repeat(40), "]".repeat(40));
    let deep = format!(
        r#"{{"data":{{"type":"orders","id":"{ORDER}","attributes":{{"metadata":{{"a":{deep}}}}}}}}}"#
    );
    let large = format!(r#"{{"data":"{}"}}"#, "x".repeat(300_000));
    let of_type = |kind: &str, id: &str| format!(r#"{{"data":{{"type":"{kind}","id":"{id}"}}}}"#);
    for (content_type, body, status) in [
        (ours, "not json", 400),
        (ours, "{}", 400),
        (ours, "[]", 400),
        (ours, r#"{"data":{"id":"x"}}"#, 400),
        (ours, deep.as_str(), 400),
        (ours, large.as_str(), 413),
        ("application/json", "{}", 415),
        ("application/vnd.api+json; charset=utf-8", "{}", 415),
        (ours, &of_type("customers", ORDER), 409),
        (ours, &of_type("orders", SECOND_ORDER), 409),
    ] {
        let reply = send(content_type, body).await;
        let body: String = body.chars().take(80).collect();
        assert_eq!(
            reply.status, status,
            "{content_type} {body}: {}",
            reply.body
        );
    }
}

#[tokio::test]
async fn unknown_parameters_and_paths_are_refused() {
    let app = App::start().await;
    let customer = app.customer();
    let order = format!("/api/orders/{ORDER}");
    for (path, status) in [
        (format!("{order}?include=unicorns"), 400),
        (
            format!("{order}?include=line_items.order.line_items.order.market"),
            400,
        ),
        (format!("{order}?fields[orders]=unicorns"), 400),
        (format!("{order}?page[size]=5"), 400),
        (format!("{order}?limit=5"), 400),
        (
            "/api/customer_payment_sources?page[size]=26".to_owned(),
            400,
        ),
        (
            "/api/customer_payment_sources?page[number]=0".to_owned(),
            400,
        ),
        ("/api/unicorns/aaaaaaaaaa".to_owned(), 404),
        ("/nothing".to_owned(), 404),
    ] {
        let reply = app.get(&customer, &path).await;
        assert_eq!(reply.status, status, "{path}: {}", reply.body);
    }
    let body = json!({ "data": { "type": "orders" } });
    let wrong_method = app.post(&customer, &order, &body).await;
    assert_eq!(wrong_method.status, 405);
    assert_eq!(wrong_method.headers["allow"], "GET, HEAD, PATCH, DELETE");
}

#[tokio::test]
async fn every_trigger_that_is_not_carried_out_is_refused_by_name() {
    let app = App::start().await;
    let orders = ResourceType::Orders.declaration();
    let mut names = Vec::new();
    for attribute in orders.own_attributes() {
        if attribute.source != Source::Trigger(Trigger::NotBuilt) {
            continue;
        }
        let value = match attribute.value {
            ValueType::Boolean => json!(true),
            ValueType::Integer => json!(1),
            _ => json!("x"),
        };
        let attributes = json!({ attribute.name: value });
        let reply = app.patch_order(&app.integration(), ORDER, attributes).await;
        assert_eq!(
            (reply.status, reply.code()),
            (422, "TRIGGER_NOT_SUPPORTED"),
            "{}",
            attribute.name
        );
        names.push(attribute.name);
    }
    for name in ["_placeable", "_reset_circuit"] {
        assert!(names.contains(&name), "{name}");
    }
}

#[tokio::test]
async fn attributes_are_written_by_those_who_may() {
    let app = App::start().await;
    let customer = app.customer();
    for (attributes, status, code) in [
        (json!({ "unicorn": 1 }), 400, "PARAM_NOT_ALLOWED"),
        (
            json!({ "total_amount_float": 1.0 }),
            400,
            "PARAM_NOT_ALLOWED",
        ),
        (json!({ "total_amount_cents": 1 }), 401, "UNAUTHORIZED"),
        (json!({ "status": "placed" }), 401, "UNAUTHORIZED"),
        (json!({ "number": "1" }), 401, "UNAUTHORIZED"),
        (json!({ "payment_source_details": {} }), 401, "UNAUTHORIZED"),
        (json!({ "guest": true }), 422, "VALIDATION_ERROR"),
        (json!({ "place_async": true }), 422, "VALIDATION_ERROR"),
        (json!({ "coupon_code": "SUMMER" }), 422, "VALIDATION_ERROR"),
        (json!({ "gift_card_code": "x" }), 422, "VALIDATION_ERROR"),
        (
            json!({ "gift_card_or_coupon_code": "x" }),
            422,
            "VALIDATION_ERROR",
        ),
        (json!({ "_approve": true }), 401, "UNAUTHORIZED"),
        (json!({ "_validate": true }), 422, "TRIGGER_NOT_SUPPORTED"),
        (
            json!({ "_nullify_payment_source": "yes" }),
            422,
            "VALIDATION_ERROR",
        ),
        (json!({ "customer_email": 7 }), 422, "VALIDATION_ERROR"),
    ] {
        let name = attributes
            .as_object()
            .unwrap()
            .keys()
            .next()
            .unwrap()
            .clone();
        let pointer: &'static str = format!("/data/attributes/{name}").leak();
        let reply = app.patch_order(&customer, ORDER, attributes);
        refused(&app, reply, (status, code, pointer)).await;
    }
    let nothing = app
        .patch_order(
            &customer,
            ORDER,
            json!({ "_place": false, "_cancel": null }),
        )
        .await;
    assert_eq!(nothing.status, 200, "{}", nothing.body);
}

#[tokio::test]
async fn payment_sources_follow_the_orders_method_status_and_amount() {
    let app = App::start().await;
    let customer = app.customer();
    let order = "/data/relationships/order";
    let invalid = (422, "VALIDATION_ERROR", order);
    let other_type = app.create_payment(&customer, CHECKOUT_COM_ORDER, json!({}));
    refused(&app, other_type, invalid).await;
    let missing = app.create_payment(&customer, "aaaaaaaaaa", json!({}));
    refused(&app, missing, (404, "RECORD_NOT_FOUND", order)).await;
    let foreign = app.create_payment(&customer, GUEST_ORDER, json!({})).await;
    assert_eq!(
        foreign.status, 201,
        "a guest's order is open to every storefront"
    );

    app.set_order(ORDER, json!({ "total_amount_with_taxes_cents": 0 }))
        .await;
    refused(
        &app,
        app.create_payment(&customer, ORDER, json!({})),
        invalid,
    )
    .await;
    let placed = json!({ "total_amount_with_taxes_cents": 12900, "status": "placed" });
    app.set_order(ORDER, placed).await;
    refused(
        &app,
        app.create_payment(&customer, ORDER, json!({})),
        invalid,
    )
    .await;
    let change = app.patch_order(
        &customer,
        ORDER,
        json!({ "customer_email": "a@example.com" }),
    );
    let pointer = "/data/attributes/customer_email";
    refused(&app, change, (422, "VALIDATION_ERROR", pointer)).await;
}

#[tokio::test]
async fn what_is_said_to_stripe_is_ours_to_say() {
    let app = App::start().await;
    let customer = app.customer();
    let attribute = |name: &str| -> &'static str { format!("/data/attributes/{name}").leak() };
    let options = |options: Value| json!({ "options": options });
    for (attributes, expected) in [
        (
            json!({ "stripe_id": "pi_1" }),
            (401, "UNAUTHORIZED", attribute("stripe_id")),
        ),
        (
            json!({ "client_secret": "pi_1_secret_2" }),
            (401, "UNAUTHORIZED", attribute("client_secret")),
        ),
        (
            options(json!({ "customer": "cus_of_another" })),
            (422, "VALIDATION_ERROR", attribute("options/customer")),
        ),
        (
            options(json!({ "amount": 1 })),
            (422, "VALIDATION_ERROR", attribute("options/amount")),
        ),
        (
            options(json!({ "confirm": true })),
            (422, "VALIDATION_ERROR", attribute("options/confirm")),
        ),
        (
            options(json!({ "off_session": false })),
            (422, "VALIDATION_ERROR", attribute("options/off_session")),
        ),
        (
            options(json!({ "transfer_data": { "destination": "acct_1" } })),
            (422, "VALIDATION_ERROR", attribute("options/transfer_data")),
        ),
        (
            options(json!([])),
            (422, "VALIDATION_ERROR", attribute("options")),
        ),
        (
            json!({ "id": "x" }),
            (400, "PARAM_NOT_ALLOWED", attribute("id")),
        ),
    ] {
        let reply = app.create_payment(&customer, ORDER, attributes);
        refused(&app, reply, expected).await;
    }
    // What Stripe is not told is kept and shown.
    let shown = json!({ "return_url": "https://shop.example.com/back", "amount": null });
    let made = app
        .create_payment(&customer, ORDER, options(shown.clone()))
        .await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(made.attribute("options"), &shown);
    let refused_too = json!({ "options": { "currency": "usd" } });
    let changed = app
        .patch_source(&customer, "stripe_payments", &made.id(), refused_too)
        .await;
    assert_eq!(
        is(&changed),
        (422, "VALIDATION_ERROR", attribute("options/currency"))
    );

    let card = format!("{}{}", "4242 4242 ", "4242 4242");
    for attributes in [
        options(json!({ "note": card })),
        json!({ "metadata": { "a": [card] } }),
        options(json!({ "card": { "number": card } })),
    ] {
        let reply = app.create_payment(&customer, ORDER, attributes).await;
        assert_eq!((reply.status, reply.code()), (422, "PAN_DETECTED"));
        assert!(!reply.body.to_string().contains("4242"));
    }
    let body = json!({ "data": { "type": "stripe_payments", "id": "aaaaaaaaaa" } });
    assert_eq!(
        app.post(&customer, "/api/stripe_payments", &body)
            .await
            .status,
        403
    );

    let told = options(json!({
        "statement_descriptor": "SHOP", "description": "mine", "note": "kept",
    }));
    let reply = app.create_payment(&customer, ORDER, told.clone()).await;
    assert_eq!(
        reply.attribute("options"),
        &told["options"],
        "kept and echoed"
    );
    let intent = app
        .stripe_object("payment_intents", reply.attribute("stripe_id"))
        .await;
    assert_eq!(
        (&intent["amount"], &intent["capture_method"]),
        (&json!(12900), &json!("manual"))
    );
    assert_eq!(intent["status"], "requires_payment_method");
}

#[tokio::test]
async fn a_payment_that_the_shop_opened_itself_has_to_fit_the_order() {
    let app = App::start().await;
    let integration = app.integration();
    let ours = app.create_payment(&integration, ORDER, json!({})).await;
    let intent = app
        .stripe_object("payment_intents", ours.attribute("stripe_id"))
        .await;
    let form = format!(
        "amount=12900&currency=eur&capture_method=manual&customer={}",
        intent["customer"].as_str().unwrap()
    );
    let opened = app.open_payment(&form).await;
    let adopt = async |order: &str| {
        let attributes = json!({ "stripe_id": opened["id"] });
        app.create_payment(&integration, order, attributes).await
    };
    let invalid = (422, "VALIDATION_ERROR", "/data/attributes/stripe_id");
    refused_but_counted(&adopt(GUEST_ORDER).await, invalid);
    let amount = |cents: i64| json!({ "total_amount_with_taxes_cents": cents });
    app.set_order(SECOND_ORDER, amount(100)).await;
    refused_but_counted(&adopt(SECOND_ORDER).await, invalid);

    app.set_order(SECOND_ORDER, amount(12900)).await;
    let fits = adopt(SECOND_ORDER).await;
    assert_eq!(fits.status, 201, "{}", fits.body);
    assert_eq!(*fits.attribute("stripe_id"), opened["id"]);
    let again = adopt(SECOND_ORDER).await;
    assert_eq!(
        again.status, 201,
        "the same order may take it again: {}",
        again.body
    );
    refused_but_counted(&adopt(ORDER).await, invalid);
    let intent = app.stripe_object("payment_intents", &opened["id"]).await;
    assert_eq!(
        intent["status"], "requires_payment_method",
        "it is not released"
    );
}

/// What a gateway was asked for before it was refused leaves a counted attempt.
fn refused_but_counted(reply: &Reply, expected: Expected) {
    assert_eq!(is(reply), expected, "{}", reply.body);
}

#[tokio::test]
async fn saving_needs_a_source_that_was_made_for_it() {
    let app = App::start().await;
    app.keeps("when_asked").await;
    let customer = app.customer();
    let trigger = "/data/attributes/_save_payment_source_to_customer_wallet";
    refused(
        &app,
        app.save(&customer, ORDER),
        (422, "VALIDATION_ERROR", trigger),
    )
    .await;

    app.create_payment(
        &customer,
        ORDER,
        json!({ "options": { "id": "pm_card_visa" } }),
    )
    .await;
    let reply = app.save(&customer, ORDER).await;
    assert_eq!(is(&reply), (422, "PAYMENT_SOURCE_NOT_REUSABLE", trigger));
    assert!(
        reply.detail().contains("setup_future_usage"),
        "{}",
        reply.detail()
    );

    let options = json!({ "options": { "setup_future_usage": "off_session" } });
    app.create_payment(&customer, SECOND_ORDER, options).await;
    let reply = app.save(&customer, SECOND_ORDER).await;
    assert_eq!(is(&reply), (422, "PAYMENT_SOURCE_NOT_READY", trigger));
    let changed = json!({ "data": {
        "type": "stripe_payments", "id": "X", "attributes": { "options": { "setup_future_usage": "on_session" } },
    } });
    let path = format!("/api/orders/{SECOND_ORDER}?include=payment_source");
    let id = app.get(&customer, &path).await.payment_source()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut body = changed;
    body["data"]["id"] = json!(id);
    let reply = app
        .patch(&customer, &format!("/api/stripe_payments/{id}"), &body)
        .await;
    assert_eq!(
        is(&reply),
        (
            422,
            "VALIDATION_ERROR",
            "/data/attributes/options/setup_future_usage"
        )
    );
}
