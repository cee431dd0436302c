//! Orders come in from the shop's order system, with everything that it has, and are read back equal.

use domain::resource::{Attribute, Source, ValueType};
use domain::{ResourceType, Role};
use serde_json::{Map, Value, json};

use crate::app::{App, Reply};
use crate::refusals::{is, refused};

pub const MARKET: &str = "dlQbPhNNop";
pub const METHOD: &str = "WmOodsVPmQ";

pub fn related(kind: &str, id: &str) -> Value {
    json!({ "data": { "type": kind, "id": id } })
}

pub async fn create(app: &App, kind: &str, attributes: Value, relationships: Value) -> Reply {
    let body = json!({ "data": {
        "type": kind, "attributes": attributes, "relationships": relationships,
    } });
    let (token, path) = (app.integration(), format!("/api/{kind}"));
    app.post(&token, &path, &body).await
}

pub async fn created(app: &App, kind: &str, attributes: Value, relationships: Value) -> Reply {
    let reply = create(app, kind, attributes, relationships).await;
    assert_eq!(reply.status, 201, "{kind}: {}", reply.body);
    reply
}

pub async fn change(
    app: &App,
    kind: &str,
    id: &str,
    attributes: Value,
    relationships: Value,
) -> Reply {
    let body = json!({ "data": {
        "type": kind, "id": id, "attributes": attributes, "relationships": relationships,
    } });
    app.patch(&app.integration(), &format!("/api/{kind}/{id}"), &body)
        .await
}

pub fn address(city: &str) -> Value {
    json!({
        "first_name": "Ada", "last_name": "Example", "line_1": "Example Street 1", "city": city,
        "country_code": "IT", "phone": "+39 02 0000 0000", "zip_code": "20121",
        "state_code": "MI",
    })
}

/// A value of the attribute's type; `turn` makes it another one.
pub fn value(attribute: &Attribute, turn: i64) -> Value {
    if let Some(one) = attribute
        .one_of
        .get(turn as usize % attribute.one_of.len().max(1))
    {
        return json!(one);
    }
    match (attribute.name, attribute.value) {
        ("currency_code", _) => json!("EUR"),
        ("country_code", _) => json!("IT"),
        ("customer_email", _) => json!(format!("customer{turn}@example.com")),
        ("place_async", _) => json!(false),
        ("placing_requires", _) => {
            json!(["billing_address", "shipping_method"][..1 + turn as usize % 2])
        }
        (_, ValueType::Text | ValueType::Token) => json!(format!("{} {turn}", attribute.name)),
        (_, ValueType::Integer) => json!(1_000 + turn),
        (_, ValueType::Float) => json!(0.25 + turn as f64),
        (_, ValueType::Boolean) => json!(turn % 2 == 1),
        (_, ValueType::Time) => json!(format!("2026-01-0{}T10:00:00.000Z", 1 + turn)),
        (_, ValueType::Object | ValueType::TokenObject) => json!({ "turn": turn, "of": [1.0] }),
        (_, ValueType::Array) => json!([turn, { "of": null }]),
    }
}

/// Every attribute of the type that an integration gives when it makes a record, with values.
pub fn everything(kind: ResourceType, turn: i64) -> Map<String, Value> {
    let attributes = kind.declaration().all_attributes();
    let given = attributes
        .filter(|it| it.source == Source::Stored && it.creators.contains(Role::Integration));
    given
        .map(|it| (it.name.to_owned(), value(&it, turn)))
        .collect()
}

#[tokio::test]
async fn an_order_keeps_every_attribute_that_it_is_given() {
    let app = App::start().await;
    let mut given = everything(ResourceType::Orders, 1);
    // An order that is placed keeps its payment method, whatever is offered by now.
    given.insert("status".to_owned(), json!("pending"));
    assert!(given.len() >= 70, "{}", given.len());
    let relationships = json!({
        "market": related("markets", MARKET),
        "payment_method": related("payment_methods", METHOD),
    });
    let attributes = Value::Object(given.clone());
    let made = created(&app, "orders", attributes, relationships.clone()).await;
    let path = format!("/api/orders/{}?include=market,payment_method", made.id());
    let read = app.get(&app.integration(), &path).await;
    for (name, value) in &given {
        assert_eq!(made.attribute(name), value, "made: {name}");
        assert_eq!(read.attribute(name), value, "read: {name}");
    }
    assert_eq!(read.included(MARKET)["attributes"]["code"], "europe");
    assert_eq!(read.included(METHOD)["type"], "payment_methods");

    let mut changed = everything(ResourceType::Orders, 2);
    changed.insert("status".to_owned(), json!("approved"));
    let attributes = Value::Object(changed.clone());
    let answer = change(&app, "orders", &made.id(), attributes, json!({})).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let read = app.get(&app.integration(), &path).await;
    for (name, value) in &changed {
        assert_eq!(answer.attribute(name), value, "answered: {name}");
        assert_eq!(read.attribute(name), value, "read: {name}");
    }
}

#[tokio::test]
async fn what_is_not_given_follows_from_what_is() {
    let app = App::start().await;
    let address = created(&app, "addresses", address("Milano"), json!({})).await;
    let email = json!({ "email": "buyer@example.com", "password": "a long password" });
    let customer = created(&app, "customers", email, json!({})).await;
    assert_eq!(*customer.attribute("has_password"), json!(true));
    assert_eq!(customer.attribute("status"), "prospect");
    assert!(!customer.body.to_string().contains("long password"));
    let relationships = json!({
        "market": related("markets", MARKET),
        "customer": related("customers", &customer.id()),
        "billing_address": related("addresses", &address.id()),
    });
    let order = created(&app, "orders", json!({}), relationships).await;
    for (name, value) in [
        ("status", json!("draft")),
        ("payment_status", json!("unpaid")),
        ("fulfillment_status", json!("unfulfilled")),
        ("language_code", json!("en")),
        ("guest", json!(false)),
        ("editable", json!(true)),
        ("customer_email", json!("buyer@example.com")),
        ("country_code", json!("IT")),
        ("autorefresh", json!(true)),
    ] {
        assert_eq!(*order.attribute(name), value, "{name}");
    }
    assert_eq!(order.attribute("token").as_str().unwrap().len(), 32);
    let guest = json!({ "market": related("markets", MARKET) });
    let guest = created(&app, "orders", json!({}), guest).await;
    assert_eq!(*guest.attribute("guest"), json!(true));

    let orders = format!("/api/customers/{}/orders", customer.id());
    let listed = app.get(&app.integration(), &orders).await;
    assert_eq!(listed.body["data"][0]["id"], order.id());
    assert_eq!(listed.body["meta"]["record_count"], 1);
}

#[tokio::test]
async fn a_new_order_is_in_its_markets_currency_and_prints_amounts_of_0_that_pay_nothing() {
    let app = App::start().await;
    let relationships = json!({
        "market": related("markets", MARKET),
        "payment_method": related("payment_methods", "WmOodsVPmQ"),
    });
    let order = created(&app, "orders", json!({}), relationships).await;
    for (name, value) in [
        ("currency_code", json!("EUR")),
        ("total_amount_cents", json!(0)),
        ("total_amount_float", json!(0.0)),
        ("formatted_total_amount", json!("€0,00")),
        ("total_amount_with_taxes_cents", json!(0)),
        ("formatted_place_total_amount", json!("€0,00")),
        ("skus_count", json!(0)),
    ] {
        assert_eq!(*order.attribute(name), value, "{name}");
    }
    assert!(order.attribute("number").is_string());

    let source = json!({ "order": related("orders", &order.id()) });
    let refused = create(&app, "stripe_payments", json!({}), source).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    let detail = refused.body["errors"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("has no total amount"), "{detail}");
}

#[tokio::test]
async fn an_e_mail_address_finds_the_customer_or_makes_one() {
    let app = App::start().await;
    let market = json!({ "market": related("markets", MARKET) });
    let of = async |email: &str, guest: bool| {
        let mut attributes = json!({ "customer_email": email });
        if guest {
            attributes["guest"] = json!(true);
        }
        let made = created(&app, "orders", attributes, market.clone()).await;
        let path = format!("/api/orders/{}?include=customer", made.id());
        let read = app.get(&app.integration(), &path).await;
        read.body["data"]["relationships"]["customer"]["data"]["id"].clone()
    };
    let demo = of("Customer@Example.com", false).await;
    assert_eq!(demo, billfold::demo::customer().as_str());
    let new = of("new@example.com", false).await;
    assert!(new.is_string());
    assert_eq!(of("new@example.com", false).await, new, "found again");
    assert_eq!(
        of("customer@example.com", true).await,
        Value::Null,
        "a guest's"
    );
    let path = "/api/customers?filter[q][email_eq]=new@example.com";
    let found = app.get(&app.integration(), path).await;
    assert_eq!(found.body["meta"]["record_count"], 1);

    let wrong = create(
        &app,
        "orders",
        json!({ "customer_email": "nobody" }),
        market.clone(),
    );
    let pointer = "/data/attributes/customer_email";
    refused(&app, wrong, (422, "VALIDATION_ERROR", pointer)).await;
}

#[tokio::test]
async fn another_customer_takes_the_order_and_not_the_payment() {
    let app = App::start().await;
    let (order, customer) = (crate::app::ORDER, app.customer());
    app.create_reusable(&customer, order, "pm_card_visa").await;
    let email = json!({ "email": "other@example.com" });
    let other = created(&app, "customers", email, json!({})).await.id();
    let relationships = json!({ "customer": related("customers", &other) });
    let changed = change(&app, "orders", order, json!({}), relationships).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    let path = format!("/api/orders/{order}?include=payment_source,customer");
    assert_eq!(app.get(&customer, &path).await.status, 404);
    let read = app.get(&app.integration(), &path).await;
    let source = &read.body["data"]["relationships"]["payment_source"]["data"];
    assert_eq!(*source, Value::Null);
    assert_eq!(
        read.included(&other)["attributes"]["email"],
        "other@example.com"
    );
    let listed = app
        .get(
            &app.integration(),
            &format!("/api/customers/{other}/orders"),
        )
        .await;
    assert_eq!(listed.body["data"][0]["id"], order);
    let former = format!("/api/customers/{}/orders", billfold::demo::customer());
    let former = app.get(&customer, &former).await;
    let ids = former.body["data"].as_array().unwrap().iter();
    assert!(ids.map(|it| &it["id"]).all(|it| it != order));
}

#[tokio::test]
async fn wrong_parts_of_an_order_are_told_and_nothing_is_written() {
    let app = App::start().await;
    let market = json!({ "market": related("markets", MARKET) });
    let attribute = |name: &str| format!("/data/attributes/{name}");
    for (attributes, status, code, name) in [
        (
            json!({ "status": "lost" }),
            422,
            "VALIDATION_ERROR",
            "status",
        ),
        (
            json!({ "payment_status": 1 }),
            422,
            "VALIDATION_ERROR",
            "payment_status",
        ),
        (
            json!({ "currency_code": "EURO" }),
            422,
            "VALIDATION_ERROR",
            "currency_code",
        ),
        (
            json!({ "editable": true }),
            400,
            "PARAM_NOT_ALLOWED",
            "editable",
        ),
        (
            json!({ "total_amount_float": 1.0 }),
            400,
            "PARAM_NOT_ALLOWED",
            "total_amount_float",
        ),
        (
            json!({ "_fulfill": true }),
            422,
            "TRIGGER_NOT_SUPPORTED",
            "_fulfill",
        ),
    ] {
        let before = app.table().await;
        let made = create(&app, "orders", attributes.clone(), market.clone()).await;
        let changed = change(&app, "orders", crate::app::ORDER, attributes, json!({})).await;
        for reply in [made, changed] {
            let pointer = attribute(name);
            assert_eq!(
                is(&reply),
                (status, code, pointer.as_str()),
                "{}",
                reply.body
            );
        }
        assert_eq!(app.table().await, before, "{name}");
    }
    let missing = "AbCdEfGhIj";
    for (relationship, kind, status) in [
        ("market", "markets", 404),
        ("customer", "customers", 404),
        ("shipping_address", "addresses", 404),
        ("payment_method", "payment_methods", 404),
        ("customer", "markets", 422),
    ] {
        let mut relationships = market.clone();
        relationships[relationship] = related(kind, missing);
        let before = app.table().await;
        let made = create(&app, "orders", json!({}), relationships.clone()).await;
        let changed = change(&app, "orders", crate::app::ORDER, json!({}), relationships).await;
        for reply in [made, changed] {
            assert_eq!(reply.status, status, "{relationship}: {}", reply.body);
            let pointer = format!("/data/relationships/{relationship}");
            assert_eq!(reply.pointer(), pointer);
        }
        assert_eq!(app.table().await, before, "{relationship}");
    }
    let without = create(&app, "orders", json!({}), json!({}));
    refused(
        &app,
        without,
        (422, "VALIDATION_ERROR", "/data/relationships/market"),
    )
    .await;
    let body = json!({ "data": { "type": "orders", "attributes": {} } });
    let customers = app.customer();
    let posted = app.post(&customers, "/api/orders", &body);
    refused(&app, posted, (401, "UNAUTHORIZED", "")).await;
}
