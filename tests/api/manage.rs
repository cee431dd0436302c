//! Gateways and payment methods, kept by integrations.

mod callers;
mod gateways;

use serde_json::{Value, json};

use crate::app::{App, ORDER, Reply};
use crate::refusals::{is, refused};

/// The demo organization's gateways and payment methods with Stripe and Klarna.
const STRIPE_GATEWAY: &str = "PxTsWkGgNl";
const KLARNA_GATEWAY: &str = "GhJkLpQwEr";
const STRIPE_METHOD: &str = "WmOodsVPmQ";
const KLARNA_METHOD: &str = "TyUiOpAsDf";

/// The demo organization's market.
const MARKET: &str = "dlQbPhNNop";

/// A body about a record of that type.
fn body(kind: &str, id: Option<&str>, attributes: Value, relationships: Value) -> Value {
    let mut data = json!({
        "type": kind, "attributes": attributes, "relationships": relationships,
    });
    if let Some(id) = id {
        data["id"] = id.into();
    }
    json!({ "data": data })
}

async fn create(app: &App, kind: &str, attributes: Value, relationships: Value) -> Reply {
    let body = body(kind, None, attributes, relationships);
    app.post(&app.integration(), &format!("/api/{kind}"), &body)
        .await
}

async fn change(app: &App, kind: &str, id: &str, attributes: Value) -> Reply {
    let body = body(kind, Some(id), attributes, json!({}));
    let path = format!("/api/{kind}/{id}");
    app.patch(&app.integration(), &path, &body).await
}

async fn delete(app: &App, kind: &str, id: &str) -> Reply {
    app.delete(&app.integration(), &format!("/api/{kind}/{id}"))
        .await
}

/// What a Stripe gateway is made with.
fn stripe_keys() -> Value {
    json!({ "name": "Shop", "login": "sk_test_demo", "publishable_key": "pk_test_demo" })
}

/// A payment method of this gateway.
async fn create_method(app: &App, gateway: &str, attributes: Value) -> Reply {
    let mut all = json!({
        "payment_source_type": "stripe_payments",
        "currency_code": "EUR",
        "price_amount_cents": 0,
    });
    for (name, value) in attributes.as_object().unwrap() {
        all[name] = value.clone();
    }
    create(app, "payment_methods", all, gateway_of(gateway)).await
}

fn gateway_of(gateway: &str) -> Value {
    json!({ "payment_gateway": { "data": { "type": "payment_gateways", "id": gateway } } })
}

/// The ids of a list.
async fn listed(app: &App, token: &str, path: &str) -> Vec<String> {
    let reply = app.get(token, path).await;
    assert_eq!(reply.status, 200, "{path}: {}", reply.body);
    let data = reply.body["data"].as_array().unwrap();
    data.iter()
        .map(|it| it["id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_gateway_and_a_method_made_here_pay_an_order() {
    let app = App::start().await;
    let gateway = create(&app, "stripe_gateways", stripe_keys(), json!({})).await;
    assert_eq!(gateway.status, 201, "{}", gateway.body);
    let method = create_method(&app, &gateway.id(), json!({ "name": "Card" })).await;
    assert_eq!(method.status, 201, "{}", method.body);

    let customer = app.customer();
    let chosen = json!({ "payment_method": { "data": {
        "type": "payment_methods", "id": method.id(),
    } } });
    let order = body("orders", Some(ORDER), json!({}), chosen);
    let path = format!("/api/orders/{ORDER}?include=payment_method,available_payment_methods");
    let order = app.patch(&customer, &path, &order).await;
    assert_eq!(order.status, 200, "{}", order.body);
    assert_eq!(order.included(&method.id())["attributes"]["name"], "Card");

    let source = app.create_reusable(&customer, ORDER, "pm_card_visa").await;
    assert_eq!(app.confirm(&source).await["status"], "requires_capture");
    let path = format!(
        "/api/stripe_payments/{}?include=payment_gateway",
        source.id()
    );
    let source = app.get(&app.integration(), &path).await;
    assert_eq!(source.included(&gateway.id())["attributes"]["name"], "Shop");
    assert_eq!(app.save(&customer, ORDER).await.wallet().len(), 1);
}

#[tokio::test]
async fn a_record_is_made_read_changed_and_deleted() {
    let app = App::start().await;
    let integration = app.integration();
    let market = json!({ "data": { "type": "markets", "id": MARKET } });
    let mut relationships = gateway_of(KLARNA_GATEWAY);
    relationships["market"] = market;
    let attributes = json!({
        "payment_source_type": "KlarnaPayment",
        "price_amount_cents": 250,
        "currency_code": "EUR",
        "reference": "pay-later",
        "reference_origin": "shop",
        "metadata": { "rank": 1.0 },
    });
    let made = create(&app, "payment_methods", attributes, relationships).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let path = format!("/api/payment_methods/{}", made.id());
    let location = made.headers["location"].to_str().unwrap();
    assert_eq!(location, format!("{}{path}", app.running.url));
    assert_eq!(made.body["data"]["links"]["self"], location);
    for (name, value) in [
        ("name", json!("Klarna Payment")),
        ("payment_source_type", json!("klarna_payments")),
        ("formatted_price_amount", json!("€2,50")),
        ("require_capture", json!(true)),
        ("moto", json!(false)),
        ("reference", json!("pay-later")),
        ("metadata", json!({ "rank": 1.0 })),
        ("disabled_at", Value::Null),
    ] {
        assert_eq!(*made.attribute(name), value, "{name}");
    }
    assert_eq!(app.get(&integration, &path).await.body, made.body);

    let attributes = json!({ "name": "Later", "reference": null, "metadata": { "rank": 2 } });
    let changed = change(&app, "payment_methods", &made.id(), attributes).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!(changed.attribute("name"), "Later");
    assert_eq!(*changed.attribute("reference"), Value::Null);
    assert_eq!(changed.attribute("price_amount_cents"), 250);
    assert_eq!(app.get(&integration, &path).await.body, changed.body);

    let deleted = delete(&app, "payment_methods", &made.id()).await;
    assert_eq!((deleted.status, &deleted.body), (204, &Value::Null));
    for gone in [
        app.get(&integration, &path).await,
        change(&app, "payment_methods", &made.id(), json!({})).await,
        delete(&app, "payment_methods", &made.id()).await,
    ] {
        assert_eq!(is(&gone), (404, "RECORD_NOT_FOUND", ""));
    }
}

#[tokio::test]
async fn lists_are_paged_sorted_and_counted() {
    let app = App::start().await;
    let integration = app.integration();
    for rank in 0..12 {
        let attributes = json!({ "name": format!("Rank {rank:02}") });
        let made = create_method(&app, STRIPE_GATEWAY, attributes).await;
        assert_eq!(made.status, 201);
    }
    let path = "/api/payment_methods?sort=-name&page[size]=5&page[number]=2";
    let page = app.get(&integration, path).await;
    let shown = page.body["data"].as_array().unwrap().iter();
    let names: Vec<_> = shown.map(|it| &it["attributes"]["name"]).collect();
    let expected = ["Rank 07", "Rank 06", "Rank 05", "Rank 04", "Rank 03"];
    assert_eq!(names, expected, "after Stripe, and Rank 11 to 08");
    assert_eq!(page.body["meta"]["record_count"], 16);
    assert_eq!(page.body["meta"]["page_count"], 4);
    for link in ["first", "prev", "next", "last"] {
        let link = page.body["links"][link].as_str().unwrap();
        let path = link.strip_prefix(&app.running.url).unwrap();
        assert_eq!(app.get(&integration, path).await.status, 200, "{link}");
    }

    let path = "/api/payment_methods?include=payment_gateway,market\
                &fields[payment_methods]=name,payment_gateway&fields[stripe_gateways]=name";
    let reply = app.get(&integration, path).await;
    let first = &reply.body["data"][0];
    assert_eq!(first["attributes"].as_object().unwrap().len(), 1);
    let gateway = &reply.included(STRIPE_GATEWAY)["attributes"];
    assert_eq!(*gateway, json!({ "name": "Stripe gateway" }));
    for path in [
        "/api/payment_methods?filter[q][moto_true]=true",
        "/api/payment_methods?sort=moto",
        "/api/payment_methods?include=order",
        "/api/stripe_gateways?page[size]=26",
    ] {
        assert_eq!(app.get(&integration, path).await.status, 400, "{path}");
    }
}

#[tokio::test]
async fn gateways_are_read_as_what_they_are_and_as_what_they_have_in_common() {
    let app = App::start().await;
    let integration = app.integration();
    let all = listed(&app, &integration, "/api/payment_gateways").await;
    assert_eq!(all.len(), 4);
    assert_eq!(all[0], STRIPE_GATEWAY, "in order of creation");
    let of_stripe = listed(&app, &integration, "/api/stripe_gateways").await;
    assert_eq!(of_stripe, [STRIPE_GATEWAY]);

    let path = format!("/api/payment_gateways/{KLARNA_GATEWAY}");
    let path = format!("{path}?include=payment_methods");
    let gateway = app.get(&integration, &path).await;
    assert_eq!(gateway.body["data"]["type"], "payment_gateways");
    assert_eq!(gateway.attribute("name"), "Klarna gateway");
    assert_eq!(gateway.body["included"][0]["id"], KLARNA_METHOD);
    let missing = app.get(&integration, "/api/klarna_gateways/PxTsWkGgNl");
    assert_eq!(missing.await.status, 404, "of another type");

    let parent = body("payment_gateways", None, json!({ "name": "x" }), json!({}));
    let posted = app.post(&integration, "/api/payment_gateways", &parent);
    let posted = posted.await;
    assert_eq!(posted.status, 405);
    assert_eq!(posted.headers["allow"], "GET, HEAD");
    let deleted = delete(&app, "payment_gateways", KLARNA_GATEWAY).await;
    assert_eq!(deleted.status, 405);
}

#[tokio::test]
async fn wrong_parts_of_a_method_are_told_and_nothing_is_written() {
    let app = App::start().await;
    let attribute = |name: &str| format!("/data/attributes/{name}");
    for (attributes, status, name) in [
        (json!({ "unicorn": 1 }), 400, "unicorn"),
        (json!({ "disabled_at": null }), 400, "disabled_at"),
        (
            json!({ "price_amount_float": 1.0 }),
            400,
            "price_amount_float",
        ),
        (json!({ "name": 7 }), 422, "name"),
        (
            json!({ "price_amount_cents": null }),
            422,
            "price_amount_cents",
        ),
        (
            json!({ "price_amount_cents": -1 }),
            422,
            "price_amount_cents",
        ),
        (json!({ "currency_code": "EURO" }), 422, "currency_code"),
        (
            json!({ "payment_source_type": "adyen_payments" }),
            422,
            "payment_source_type",
        ),
        (
            json!({ "payment_source_type": "klarna_payments" }),
            422,
            "payment_source_type",
        ),
        (
            json!({ "_enable": true, "_disable": true }),
            422,
            "_disable",
        ),
        (json!({ "_enable": "yes" }), 422, "_enable"),
    ] {
        let before = app.table().await;
        let made = create_method(&app, STRIPE_GATEWAY, attributes.clone()).await;
        let changed = change(&app, "payment_methods", STRIPE_METHOD, attributes).await;
        for reply in [made, changed] {
            assert_eq!(reply.status, status, "{name}: {}", reply.body);
            assert_eq!(reply.pointer(), attribute(name));
        }
        assert_eq!(app.table().await, before, "{name}");
    }

    let integration = app.integration();
    let mut with_id = body("payment_methods", None, json!({}), json!({}));
    with_id["data"]["id"] = STRIPE_METHOD.into();
    let posted = app.post(&integration, "/api/payment_methods", &with_id);
    refused(&app, posted, (403, "FORBIDDEN", "/data/id")).await;
    let other = body("orders", None, json!({}), json!({}));
    let posted = app.post(&integration, "/api/payment_methods", &other);
    refused(&app, posted, (409, "CONFLICT", "/data/type")).await;

    let empty = create(&app, "payment_methods", json!({}), json!({})).await;
    assert_eq!(empty.status, 422);
    let errors = empty.body["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 4);
    let gateway = errors.iter().find(|it| {
        let pointer = &it["source"]["pointer"];
        pointer == "/data/relationships/payment_gateway"
    });
    let expected = json!({
        "title": "can't be blank",
        "detail": "payment_gateway - can't be blank",
        "code": "VALIDATION_ERROR",
        "status": "422",
        "source": { "pointer": "/data/relationships/payment_gateway" },
        "meta": { "error": "blank" },
    });
    assert_eq!(gateway, Some(&expected));
}
