//! What sales channels and customers write, of their orders and of themselves.

use serde_json::{Value, json};

use crate::app::{App, GUEST_ORDER, ORDER, Reply, SECOND_ORDER};
use crate::orders_in::{MARKET, create, created, related};
use crate::refusals::is;

/// The attributes of an order that Commerce Layer lets sales channels write, with values.
fn said_by_shoppers() -> Value {
    json!({
        "affiliate_code": "friends",
        "autorefresh": false,
        "place_async": false,
        "language_code": "it",
        "freight_taxable": true,
        "payment_method_taxable": true,
        "adjustment_taxable": true,
        "gift_card_taxable": true,
        "shipping_country_code_lock": "IT",
        "coupon_code": null,
        "gift_card_code": null,
        "gift_card_or_coupon_code": null,
        "cart_url": "https://shop.example/cart",
        "return_url": "https://shop.example/",
        "terms_url": "https://shop.example/terms",
        "privacy_url": "https://shop.example/privacy",
        "reference": "cart-1",
        "reference_origin": "shop",
        "metadata": { "gift": true },
    })
}

async fn patch(app: &App, token: &str, kind: &str, id: &str, attributes: Value) -> Reply {
    let data = json!({ "type": kind, "id": id, "attributes": attributes });
    let path = format!("/api/{kind}/{id}");
    app.patch(token, &path, &json!({ "data": data })).await
}

#[tokio::test]
async fn guests_and_customers_write_what_shoppers_say_of_an_order_that_is_open() {
    let app = App::start().await;
    for (token, order) in [(app.guest(), GUEST_ORDER), (app.customer(), ORDER)] {
        let said = said_by_shoppers();
        let answer = app.patch_order(&token, order, said.clone()).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        for (name, value) in said.as_object().unwrap() {
            assert_eq!(answer.attribute(name), value, "{name}");
        }
    }
    app.set_order(SECOND_ORDER, json!({ "status": "placed" }))
        .await;
    let said = json!({ "cart_url": "https://shop.example/cart" });
    let late = app.patch_order(&app.customer(), SECOND_ORDER, said).await;
    assert_eq!(late.status, 422, "{}", late.body);
}

#[tokio::test]
async fn whose_order_it_is_is_said_only_while_it_is_nobodys() {
    let app = App::start().await;
    let guest = json!({ "guest": false });
    let nobodys = app
        .patch_order(&app.guest(), GUEST_ORDER, guest.clone())
        .await;
    assert_eq!(nobodys.status, 200, "{}", nobodys.body);
    let owned = app.patch_order(&app.customer(), ORDER, guest).await;
    let pointer = "/data/attributes/guest";
    assert_eq!(is(&owned), (422, "VALIDATION_ERROR", pointer));
}

#[tokio::test]
async fn an_order_that_was_placed_elsewhere_keeps_how_and_an_open_one_is_not_placed_so() {
    let app = App::start().await;
    let market = json!({ "market": related("markets", MARKET) });
    let placed = json!({
        "status": "placed",
        "place_async": true,
        "number": 40217,
        "tax_rate": "0.22",
        "payment_source_details": { "type": "stripe_payment", "payment_method_id": "pm_1" },
    });
    let order = created(&app, "orders", placed, market).await;
    assert_eq!(*order.attribute("place_async"), json!(true));
    assert_eq!(*order.attribute("number"), json!("40217"));
    assert_eq!(*order.attribute("tax_rate"), json!(0.22));
    let details = order.attribute("payment_source_details");
    assert_eq!(details["payment_method_id"], "pm_1");
    let open = json!({ "place_async": true });
    let refused = app
        .patch_order(&app.integration(), ORDER, open.clone())
        .await;
    let pointer = "/data/attributes/place_async";
    assert_eq!(is(&refused), (422, "VALIDATION_ERROR", pointer));
    let market = json!({ "market": related("markets", MARKET) });
    let refused = create(&app, "orders", open, market).await;
    assert_eq!(is(&refused), (422, "VALIDATION_ERROR", pointer));
}

#[tokio::test]
async fn customers_write_their_own_record_and_nobody_elses() {
    let app = App::start().await;
    app.make_stranger().await;
    let own = billfold::demo::customer().to_string();
    let said = json!({
        "email": "new.address@example.com",
        "shopper_reference": "shopper-1",
        "reference": "c-1",
        "metadata": { "newsletter": true },
    });
    let answer = patch(&app, &app.customer(), "customers", &own, said.clone()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    for (name, value) in said.as_object().unwrap() {
        assert_eq!(answer.attribute(name), value, "{name}");
    }

    let said = json!({ "metadata": { "newsletter": false } });
    let foreign = patch(&app, &app.stranger(), "customers", &own, said.clone()).await;
    assert_eq!(is(&foreign), (404, "RECORD_NOT_FOUND", ""));
    let guest = patch(&app, &app.guest(), "customers", &own, said).await;
    assert_eq!(is(&guest), (401, "UNAUTHORIZED", ""));
    let status = patch(
        &app,
        &app.customer(),
        "customers",
        &own,
        json!({ "status": "repeat" }),
    )
    .await;
    assert_eq!(
        is(&status),
        (401, "UNAUTHORIZED", "/data/attributes/status")
    );
}

#[tokio::test]
async fn reference_and_metadata_of_a_customers_address_book_are_the_customers() {
    let app = App::start().await;
    app.make_stranger().await;
    let list = "/api/customer_addresses?include=address";
    let book = app.get(&app.customer(), list).await;
    let entry = book.body["data"][0]["id"].as_str().unwrap().to_owned();
    let address = book.body["included"][0]["id"].as_str().unwrap().to_owned();
    for (kind, id) in [("customer_addresses", &entry), ("addresses", &address)] {
        let said = json!({ "reference": "home", "metadata": { "floor": 2 } });
        let answer = patch(&app, &app.customer(), kind, id, said.clone()).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.attribute("reference"), "home");
        let foreign = patch(&app, &app.stranger(), kind, id, said).await;
        assert_eq!(is(&foreign), (404, "RECORD_NOT_FOUND", ""), "{kind}");
    }
}
