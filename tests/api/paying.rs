//! The way of a Stripe payment, from the order to the wallet and back.

use serde_json::json;

use crate::app::{App, ORDER, SECOND_ORDER};

#[tokio::test]
async fn an_order_shows_its_payment_method() {
    let app = App::start().await;
    let path = format!("/api/orders/{SECOND_ORDER}?include=payment_method");
    let reply = app.get(&app.customer(), &path).await;
    assert_eq!(reply.status, 200);
    assert_eq!(
        reply.body["data"]["relationships"]["payment_method"]["data"],
        json!({ "type": "payment_methods", "id": "WmOodsVPmQ" })
    );
    let method = reply.included("WmOodsVPmQ");
    assert_eq!(
        method["attributes"]["payment_source_type"],
        "stripe_payments"
    );
    assert_eq!(method["attributes"]["formatted_price_amount"], "€0,00");
    let source = &reply.body["data"]["relationships"]["payment_source"];
    assert!(source.get("data").is_none(), "data only where included");
}

#[tokio::test]
async fn a_saved_card_pays_the_next_order() {
    let app = App::start().await;
    let entry = app.saved_card("pm_card_visa").await;
    let reply = app.reuse(&app.customer(), SECOND_ORDER, &entry).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let instrument = &reply.payment_source()["attributes"]["payment_instrument"];
    assert_eq!(instrument["card_last_digits"], "4242");
}

#[tokio::test]
async fn saving_twice_keeps_one_entry() {
    let app = App::start().await;
    let entry = app.saved_card("pm_card_visa").await;
    let asked = app.asked_of_stripe().len();
    let again = app.save(&app.customer(), ORDER).await;
    assert_eq!(again.wallet(), [entry]);
    assert_eq!(app.asked_of_stripe().len(), asked, "no gateway is asked");
}
