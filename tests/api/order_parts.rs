//! Lines, options, shipments and addresses of an order.

use serde_json::{Value, json};

use crate::app::App;
use crate::orders_in::{MARKET, METHOD, address, change, created, related};
use crate::refusals::is;

#[tokio::test]
async fn an_order_with_its_parts_is_paid_and_read_whole() {
    let app = App::start().await;
    let integration = app.integration();
    let address = created(&app, "addresses", address("Roma"), json!({}))
        .await
        .id();
    let relationships = json!({
        "market": related("markets", MARKET),
        "customer": related("customers", billfold::demo::customer().as_str()),
        "payment_method": related("payment_methods", METHOD),
        "shipping_address": related("addresses", &address),
        "billing_address": related("addresses", &address),
    });
    let amounts = json!({
        "status": "pending", "currency_code": "EUR",
        "total_amount_cents": 9900, "total_amount_with_taxes_cents": 9900,
    });
    let order = created(&app, "orders", amounts, relationships).await.id();
    let sku = json!({ "code": "MUG", "name": "Mug", "image_url": "https://example.com/mug.png" });
    let sku = created(&app, "skus", sku, json!({})).await.id();
    let line = created(
        &app,
        "line_items",
        json!({ "quantity": 3, "unit_amount_cents": 3300, "total_amount_cents": 9900 }),
        json!({ "order": related("orders", &order), "item": related("skus", &sku) }),
    )
    .await;
    for (name, value) in [("sku_code", "MUG"), ("name", "Mug"), ("item_type", "skus")] {
        assert_eq!(line.attribute(name), value, "{name}");
    }
    assert_eq!(line.attribute("formatted_total_amount"), "€99,00");
    let option = created(
        &app,
        "line_item_options",
        json!({ "quantity": 1, "name": "Engraving", "options": { "text": "Ada" }, "delay_hours": 50 }),
        json!({ "line_item": related("line_items", &line.id()) }),
    )
    .await;
    assert_eq!(*option.attribute("delay_days"), json!(2));
    let shipping = json!({ "name": "Express", "currency_code": "EUR", "price_amount_cents": 900 });
    let shipping = created(&app, "shipping_methods", shipping, json!({}))
        .await
        .id();
    let shipment = created(
        &app,
        "shipments",
        json!({ "number": "7/S/001", "status": "upcoming" }),
        json!({
            "order": related("orders", &order),
            "shipping_method": related("shipping_methods", &shipping),
        }),
    )
    .await;
    assert_eq!(shipment.attribute("currency_code"), "EUR");

    let include = "line_items.item,line_items.sku,line_items.line_item_options,line_item_options,\
                   shipments.shipping_method,shipments.available_shipping_methods,\
                   shipments.shipping_address,shipping_address,billing_address,customer,\
                   customer.customer_addresses.address,market,payment_method,\
                   available_payment_methods,default_shipping_method";
    let path = format!("/api/orders/{order}?include={include}");
    for token in [&integration, &app.customer()] {
        let read = app.get(token, &path).await;
        assert_eq!(read.status, 200, "{}", read.body);
        assert_eq!(read.included(&sku)["attributes"]["code"], "MUG");
        assert_eq!(
            read.included(&option.id())["attributes"]["name"],
            "Engraving"
        );
        assert_eq!(read.included(&address)["attributes"]["city"], "Roma");
        assert_eq!(read.included(&shipping)["attributes"]["name"], "Express");
        let methods = &read.included(&shipment.id())["relationships"]["available_shipping_methods"];
        assert_eq!(methods["data"].as_array().unwrap().len(), 2);
        let kept = |it: &&Value| it["type"] == "customer_addresses";
        let kept = read.body["included"].as_array().unwrap().iter().find(kept);
        let attributes = &kept.unwrap()["attributes"];
        assert!(
            attributes["name"]
                .as_str()
                .unwrap()
                .contains("Via dell'Esempio")
        );
        assert_eq!(attributes["customer_email"], "customer@example.com");
    }
    let customer = app.customer();
    app.create_reusable(&customer, &order, "pm_card_visa").await;
    assert_eq!(app.save(&customer, &order).await.wallet().len(), 1);
}

#[tokio::test]
async fn an_address_is_read_with_every_order_that_names_it() {
    let app = App::start().await;
    let integration = app.integration();
    let address = created(&app, "addresses", address("Torino"), json!({}))
        .await
        .id();
    let market = related("markets", MARKET);
    let shipped = json!({ "market": market, "shipping_address": related("addresses", &address) });
    let mut orders = Vec::new();
    for _ in 0..2 {
        orders.push(
            created(&app, "orders", json!({}), shipped.clone())
                .await
                .id(),
        );
    }
    let city = async |order: &str| {
        let path = format!("/api/orders/{order}?include=shipping_address");
        let read = app.get(&app.integration(), &path).await;
        read.included(&address)["attributes"]["city"].clone()
    };
    for order in &orders {
        assert_eq!(city(order).await, "Torino");
    }
    let moved = change(
        &app,
        "addresses",
        &address,
        json!({ "city": "Bari" }),
        json!({}),
    )
    .await;
    assert_eq!(moved.status, 200, "{}", moved.body);
    let path = format!("/api/addresses/{address}");
    let deleted = app.delete(&integration, &path).await;
    assert_eq!(is(&deleted), (423, "LOCKED", ""), "{}", deleted.body);

    let first = app
        .delete(&integration, &format!("/api/orders/{}", orders[0]))
        .await;
    assert_eq!(first.status, 204, "{}", first.body);
    assert_eq!(city(&orders[1]).await, "Bari", "its address stays");
    assert_eq!(app.get(&integration, &path).await.status, 200);
    // A third order takes it in.
    let third = created(&app, "orders", json!({}), json!({ "market": market }))
        .await
        .id();
    let relationships = json!({ "billing_address": related("addresses", &address) });
    let changed = change(&app, "orders", &third, json!({}), relationships).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!(city(&orders[1]).await, "Bari");
    let other = app.get(&app.customer(), &path).await;
    assert_eq!(
        other.status, 200,
        "a guest's order is open to those who know its id"
    );
}
