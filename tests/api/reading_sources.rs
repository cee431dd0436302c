//! A payment source reads the same wherever it is read, with the card that the shopper's browser entered;
//! and the versioned path leads to the same API.

use serde_json::{Value, json};

use crate::app::{App, ORDER, Reply};

/// A payment that can be kept, whose card the shopper's browser entered.
async fn paid_in_the_browser(app: &App) -> Reply {
    let options = json!({ "options": { "setup_future_usage": "off_session" } });
    let source = app.create_payment(&app.customer(), ORDER, options).await;
    assert_eq!(source.status, 201, "{}", source.body);
    assert_eq!(*source.attribute("payment_instrument"), Value::Null);
    let intent = app.confirm_with(&source, "pm_card_visa").await;
    assert_eq!(intent["status"], "requires_capture", "{intent}");
    source
}

fn assert_shows_the_card(source: &Value) {
    let attributes = &source["attributes"];
    assert_eq!(attributes["payment_instrument"]["card_last_digits"], "4242");
    let method = &attributes["payment_method"];
    assert!(method["id"].as_str().unwrap().starts_with("pm_"));
    assert_eq!(method["card"]["last4"], "4242");
}

async fn source_of_order(app: &App) -> Value {
    let path = format!("/api/orders/{ORDER}?include=payment_source");
    let order = app.get(&app.customer(), &path).await;
    order.payment_source().clone()
}

#[tokio::test]
async fn reading_the_payment_again_shows_the_card_that_the_browser_entered() {
    let app = App::start().await;
    let source = paid_in_the_browser(&app).await;
    let refresh = json!({ "_refresh": true });
    let data = json!({ "type": "stripe_payments", "id": source.id(), "attributes": refresh });
    let path = format!("/api/stripe_payments/{}", source.id());
    let refreshed = app
        .patch(&app.customer(), &path, &json!({ "data": data }))
        .await;
    assert_shows_the_card(&refreshed.body["data"]);
    assert_shows_the_card(&source_of_order(&app).await);
}

#[tokio::test]
async fn saving_shows_the_card_on_the_order_and_the_source_reads_the_same_from_everywhere() {
    let app = App::start().await;
    let source = paid_in_the_browser(&app).await;
    let saved = app.save(&app.customer(), ORDER).await;
    assert_eq!(saved.status, 200, "{}", saved.body);

    let of_order = source_of_order(&app).await;
    assert_shows_the_card(&of_order);
    let path = format!("/api/stripe_payments/{}", source.id());
    let by_itself = app.get(&app.customer(), &path).await;
    let wallet = "/api/customer_payment_sources?include=payment_source";
    let wallet = app.get(&app.customer(), wallet).await;
    for read in [&by_itself.body["data"], &wallet.body["included"][0]] {
        assert_eq!(read["id"], of_order["id"]);
        assert_eq!(read["attributes"], of_order["attributes"]);
    }
}

#[tokio::test]
async fn the_versioned_path_is_the_same_api_with_plain_links() {
    let app = App::start().await;
    let plain = app
        .get(&app.customer(), &format!("/api/orders/{ORDER}"))
        .await;
    let path = format!("/api/2017-08/orders/{ORDER}");
    let versioned = app.get(&app.customer(), &path).await;
    assert_eq!(versioned.status, 200, "{}", versioned.body);
    assert_eq!(versioned.body, plain.body);
    assert!(!versioned.body.to_string().contains("2017-08"));

    let said = json!({ "language_code": "it" });
    let data = json!({ "type": "orders", "id": ORDER, "attributes": said });
    let body = json!({ "data": data });
    let changed = app.patch(&app.customer(), &path, &body).await;
    assert_eq!(*changed.attribute("language_code"), json!("it"));
    let list = "/api/2017-08/customer_payment_sources?page[size]=1";
    let listed = app.get(&app.customer(), list).await;
    assert_eq!(listed.status, 200, "{}", listed.body);
    let first = listed.body["links"]["first"].as_str().unwrap();
    assert!(first.contains("/api/customer_payment_sources?"), "{first}");
    let nothing = app.get(&app.customer(), "/api/2018-01/orders").await;
    assert_eq!(nothing.status, 404);
}
