//! How an order is shipped, and what that costs: shoppers choose among the methods that they are offered.

use serde_json::{Value, json};

use crate::app::{App, GUEST_ORDER, ORDER, Reply, SECOND_ORDER};
use crate::orders_in::{MARKET, METHOD, address, change, created, related};
use crate::refusals::{is, refused};

const INCLUDE: &str = "include=shipments.available_shipping_methods,shipments.shipping_method,shipments.delivery_lead_time";

async fn method(app: &App, name: &str, price: i64, attributes: Value) -> String {
    let mut all = json!({ "name": name, "currency_code": "EUR", "price_amount_cents": price });
    for (name, value) in attributes.as_object().unwrap() {
        all[name] = value.clone();
    }
    let market = json!({ "market": related("markets", MARKET) });
    created(app, "shipping_methods", all, market).await.id()
}

async fn choose(app: &App, token: &str, shipment: &str, method: &str) -> Reply {
    let data = json!({ "type": "shipments", "id": shipment, "relationships": {
        "shipping_method": related("shipping_methods", method),
    } });
    let path = format!("/api/shipments/{shipment}?include=shipping_method");
    app.patch(token, &path, &json!({ "data": data })).await
}

async fn order_of(app: &App, token: &str, order: &str) -> Reply {
    app.get(token, &format!("/api/orders/{order}?{INCLUDE}"))
        .await
}

fn of_type<'a>(reply: &'a Reply, kind: &str) -> Vec<&'a Value> {
    let included = reply.body["included"].as_array().unwrap();
    included.iter().filter(|it| it["type"] == kind).collect()
}

fn amounts(order: &Reply) -> [&Value; 3] {
    [
        "shipping_amount_cents",
        "payment_method_amount_cents",
        "total_amount_with_taxes_cents",
    ]
    .map(|it| order.attribute(it))
}

/// An open order of a guest's with one line, of this total, shipped nowhere yet.
async fn cart(app: &App, sku: Value, attributes: Value) -> String {
    let mut all = json!({
        "status": "draft", "guest": true, "currency_code": "EUR",
        "subtotal_amount_cents": 5000,
        "total_amount_cents": 5000, "total_amount_with_taxes_cents": 5000,
    });
    for (name, value) in attributes.as_object().unwrap() {
        all[name] = value.clone();
    }
    let market = json!({ "market": related("markets", MARKET) });
    let order = created(app, "orders", all, market).await.id();
    let sku = created(app, "skus", sku, json!({})).await.id();
    let line = json!({ "quantity": 1, "total_amount_cents": 5000 });
    let of_order = json!({ "order": related("orders", &order), "item": related("skus", &sku) });
    created(app, "line_items", line, of_order).await;
    order
}

async fn ship_to(app: &App, token: &str, order: &str) -> Reply {
    let data = json!({ "type": "addresses", "attributes": address("Genova") });
    let made = app
        .post(token, "/api/addresses", &json!({ "data": data }))
        .await;
    let data = json!({ "type": "orders", "id": order, "relationships": {
        "billing_address": related("addresses", &made.id()),
    }, "attributes": { "_shipping_address_same_as_billing": true } });
    let path = format!("/api/orders/{order}?{INCLUDE}");
    let answer = app.patch(token, &path, &json!({ "data": data })).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer
}

#[tokio::test]
async fn a_shopper_chooses_how_the_order_is_shipped_and_the_totals_follow() {
    let app = App::start().await;
    let guest = app.guest();
    let sku = json!({ "code": "BOOK", "name": "Book" });
    let order = cart(&app, sku, json!({})).await;
    let express = method(&app, "Express", 990, json!({})).await;
    let free_over = json!({ "free_over_amount_cents": 5000 });
    let standard = method(&app, "Standard", 490, free_over).await;
    let lead = json!({ "min_hours": 24, "max_hours": 60 });
    let of_express = json!({ "shipping_method": related("shipping_methods", &express) });
    created(&app, "delivery_lead_times", lead, of_express).await;
    let listed = app
        .get(
            &guest,
            "/api/delivery_lead_times?include=shipping_method,stock_location",
        )
        .await;
    assert_eq!(listed.body["data"][0]["attributes"]["max_days"], 2);

    let answer = ship_to(&app, &guest, &order).await;
    let shipment = of_type(&answer, "shipments")[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let offered = of_type(&answer, "shipping_methods");
    let price = |id: &str| {
        let method = offered.iter().find(|it| it["id"] == id).unwrap();
        method["attributes"]["price_amount_for_shipment_cents"].clone()
    };
    assert_eq!((price(&express), price(&standard)), (json!(990), json!(0)));
    // Asked again, there is still one shipment.
    let again = ship_to(&app, &guest, &order).await;
    assert_eq!(of_type(&again, "shipments").len(), 1);

    let chosen = choose(&app, &guest, &shipment, &express).await;
    assert_eq!(chosen.status, 200, "{}", chosen.body);
    assert_eq!(
        chosen.included(&express)["attributes"]["formatted_price_amount_for_shipment"],
        "€9,90"
    );
    let read = order_of(&app, &guest, &order).await;
    assert_eq!(amounts(&read), [&json!(990), &json!(0), &json!(5990)]);
    assert_eq!(of_type(&read, "delivery_lead_times").len(), 1);
    // The same again changes nothing, another one moves the totals by the difference.
    choose(&app, &guest, &shipment, &express).await;
    let read = order_of(&app, &guest, &order).await;
    assert_eq!(amounts(&read), [&json!(990), &json!(0), &json!(5990)]);
    choose(&app, &guest, &shipment, &standard).await;
    let read = order_of(&app, &guest, &order).await;
    assert_eq!(amounts(&read), [&json!(0), &json!(0), &json!(5000)]);

    // What an integration gives stands until the next choice.
    let given = json!({ "shipping_amount_cents": 100, "total_amount_with_taxes_cents": 5100 });
    app.set_order(&order, given).await;
    let costly = json!({ "price_amount_cents": 250 });
    assert_eq!(
        change(&app, "payment_methods", METHOD, costly, json!({}))
            .await
            .status,
        200
    );
    let pay = json!({ "data": { "type": "orders", "id": order, "relationships": {
        "payment_method": related("payment_methods", METHOD),
    } } });
    let path = format!("/api/orders/{order}");
    let paid = app.patch(&guest, &path, &pay).await;
    assert_eq!(paid.status, 200, "{}", paid.body);
    assert_eq!(amounts(&paid), [&json!(100), &json!(250), &json!(5350)]);
    choose(&app, &guest, &shipment, &express).await;
    let read = order_of(&app, &guest, &order).await;
    assert_eq!(amounts(&read), [&json!(990), &json!(250), &json!(6240)]);
}

#[tokio::test]
async fn a_payment_that_was_opened_before_is_for_another_amount_then() {
    let app = App::start().await;
    let customer = app.customer();
    let express = method(&app, "Express", 990, json!({})).await;
    let source = app
        .create_source(&customer, "stripe_payments", ORDER, json!({}))
        .await;
    assert_eq!(*source.attribute("mismatched_amounts"), false);
    let order = order_of(&app, &customer, ORDER).await;
    let shipment = of_type(&order, "shipments")[0]["id"].as_str().unwrap();
    assert_eq!(
        choose(&app, &customer, shipment, &express).await.status,
        200
    );
    let path = format!("/api/stripe_payments/{}", source.id());
    let read = app.get(&customer, &path).await;
    assert_eq!(*read.attribute("mismatched_amounts"), true);
}

#[tokio::test]
async fn what_is_not_shipped_needs_neither_address_nor_shipment() {
    let app = App::start().await;
    let guest = app.guest();
    let sku = json!({ "code": "EBOOK", "name": "E-book", "do_not_ship": true });
    let order = cart(&app, sku, json!({})).await;
    let answer = ship_to(&app, &guest, &order).await;
    assert_eq!(of_type(&answer, "shipments"), Vec::<&Value>::new());
}

#[tokio::test]
async fn placing_names_what_is_missing_of_shipping_unless_the_market_leaves_it_out() {
    let app = App::start().await;
    let guest = app.guest();
    let sku = json!({ "code": "BOOK", "name": "Book" });
    let free = json!({
        "customer_email": "guest@example.com",
        "total_amount_cents": 0, "total_amount_with_taxes_cents": 0,
    });
    let order = cart(&app, sku, free).await;
    let place = json!({ "_place": true });
    let refused_so = async |expected: &[&str]| {
        let reply = app.patch_order(&guest, &order, place.clone()).await;
        assert_eq!(reply.status, 422, "{}", reply.body);
        let errors = reply.body["errors"].as_array().unwrap().clone();
        let pointers: Vec<_> = errors
            .iter()
            .map(|it| it["source"]["pointer"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(pointers, expected);
    };
    refused_so(&[
        "/data/relationships/billing_address",
        "/data/relationships/shipping_address",
    ])
    .await;
    ship_to(&app, &guest, &order).await;
    refused_so(&["/data/relationships/shipments"]).await;

    let leave_out = json!({ "placing_requires": ["billing_address"] });
    let market = change(&app, "markets", MARKET, leave_out, json!({})).await;
    assert_eq!(market.status, 200, "{}", market.body);
    let placed = app.patch_order(&guest, &order, place.clone()).await;
    assert_eq!(placed.status, 200, "{}", placed.body);
    assert_eq!(*placed.attribute("payment_status"), "free");
    let unknown = json!({ "placing_requires": ["a_smile"] });
    let refused = change(&app, "markets", MARKET, unknown, json!({})).await;
    let pointer = "/data/attributes/placing_requires";
    assert_eq!(is(&refused), (422, "VALIDATION_ERROR", pointer));
}

#[tokio::test]
async fn a_shipment_is_changed_by_those_who_see_its_open_order_and_nothing_else_of_it() {
    let app = App::start().await;
    let (guest, customer) = (app.guest(), app.customer());
    app.make_stranger().await;
    let elsewhere = {
        let attributes =
            json!({ "name": "In dollars", "currency_code": "USD", "price_amount_cents": 1 });
        created(&app, "shipping_methods", attributes, json!({}))
            .await
            .id()
    };
    let express = method(&app, "Express", 990, json!({})).await;
    let order = order_of(&app, &customer, ORDER).await;
    let shipment = of_type(&order, "shipments")[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    for token in [&guest, &app.stranger()] {
        let chosen = choose(&app, token, &shipment, &express);
        refused(&app, chosen, (404, "RECORD_NOT_FOUND", "")).await;
    }
    let pointer = "/data/relationships/shipping_method";
    let chosen = choose(&app, &customer, &shipment, &elsewhere);
    refused(&app, chosen, (422, "VALIDATION_ERROR", pointer)).await;
    let chosen = choose(&app, &customer, &shipment, "nobodyHere");
    refused(&app, chosen, (404, "RECORD_NOT_FOUND", pointer)).await;
    let status = json!({ "data": {
        "type": "shipments", "id": shipment, "attributes": { "status": "shipped" },
    } });
    let path = format!("/api/shipments/{shipment}");
    let sent = app.patch(&customer, &path, &status);
    let pointer = "/data/attributes/status";
    refused(&app, sent, (401, "UNAUTHORIZED", pointer)).await;
    app.set_order(ORDER, json!({ "status": "placed" })).await;
    let late = choose(&app, &customer, &shipment, &express);
    refused(&app, late, (422, "VALIDATION_ERROR", "/data")).await;
    // The shop's own system still says how it was shipped, and the amounts stay as they were placed.
    let shop = app.integration();
    let chosen = choose(&app, &shop, &shipment, &express).await;
    assert_eq!(chosen.status, 200, "{}", chosen.body);
    let read = order_of(&app, &shop, ORDER).await;
    assert_eq!(*read.attribute("total_amount_with_taxes_cents"), 12900);
    assert_eq!(order_of(&app, &guest, GUEST_ORDER).await.status, 200);
}

#[tokio::test]
async fn what_the_method_of_a_saved_source_costs_is_paid_with_it() {
    let app = App::start().await;
    let customer = app.customer();
    let entry = app.saved_card("pm_card_visa").await;
    let costly = json!({ "price_amount_cents": 250 });
    let priced = change(&app, "payment_methods", METHOD, costly, json!({})).await;
    assert_eq!(priced.status, 200, "{}", priced.body);
    let none = json!({ "payment_method": { "data": null } });
    let without = change(&app, "orders", SECOND_ORDER, json!({}), none).await;
    assert_eq!(without.status, 200, "{}", without.body);
    let reused = app.reuse(&customer, SECOND_ORDER, &entry).await;
    assert_eq!(reused.status, 200, "{}", reused.body);
    assert_eq!(amounts(&reused), [&json!(0), &json!(250), &json!(13150)]);
    let path = format!("/api/orders/{SECOND_ORDER}/payment_source");
    let source = app.get(&customer, &path).await;
    assert_eq!(*source.attribute("mismatched_amounts"), false);
}
