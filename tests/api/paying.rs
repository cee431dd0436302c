//! The way of a Stripe payment, from the order to the wallet and back.

use serde_json::{Value, json};

use crate::app::{App, GUEST_ORDER, ORDER, SECOND_ORDER};

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
async fn a_payment_source_is_made_for_an_order() {
    let app = App::start().await;
    let token = app.customer();
    let reply = app.create_payment(&token, SECOND_ORDER, json!({})).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    let location = reply.headers["location"].to_str().unwrap();
    assert_eq!(location, reply.body["data"]["links"]["self"]);
    assert_eq!(*reply.attribute("options"), json!({}));
    let stripe_id = reply.attribute("stripe_id").as_str().unwrap();
    let secret = reply.attribute("client_secret").as_str().unwrap();
    assert!(stripe_id.starts_with("pi_") && secret.starts_with(stripe_id));

    let path = format!("/api/orders/{SECOND_ORDER}?include=payment_source");
    let order = app.get(&token, &path).await;
    assert_eq!(order.payment_source()["id"], reply.body["data"]["id"]);
}

#[tokio::test]
async fn stripe_is_told_what_the_order_says_and_never_to_confirm() {
    let app = App::start().await;
    let reply = app
        .create_reusable(&app.customer(), ORDER, "pm_card_visa")
        .await;
    let intent = app
        .stripe_object("payment_intents", reply.attribute("stripe_id"))
        .await;
    assert_eq!(intent["amount"], 12_900);
    assert_eq!(intent["currency"], "eur");
    assert_eq!(intent["capture_method"], "manual");
    assert_eq!(intent["setup_future_usage"], "off_session");
    assert_eq!(intent["status"], "requires_confirmation");
    assert!(intent["customer"].as_str().unwrap().starts_with("cus_"));
    let method = intent["payment_method"].as_str().unwrap();
    assert!(method.starts_with("pm_") && method != "pm_card_visa");
}

#[tokio::test]
async fn a_guest_pays_without_a_customer_at_the_gateway() {
    let app = App::start().await;
    let reply = app
        .create_payment(&app.guest(), GUEST_ORDER, json!({}))
        .await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    let intent = app
        .stripe_object("payment_intents", reply.attribute("stripe_id"))
        .await;
    assert_eq!(intent["customer"], Value::Null);
    assert!(
        !app.asked_of_stripe()
            .contains(&"POST /v1/customers".to_owned())
    );
}

#[tokio::test]
async fn a_card_is_saved_before_the_shopper_confirmed() {
    let app = App::start().await;
    let token = app.customer();
    let source = app.create_reusable(&token, ORDER, "pm_card_visa").await;
    let reply = app.save(&token, ORDER).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let entry = reply.included(&reply.wallet()[0]);
    let attributes = &entry["attributes"];
    assert_eq!(attributes["name"], "XXXX-XXXX-XXXX-4242");
    assert_eq!(attributes["reference"], Value::Null);
    assert_eq!(attributes["metadata"], json!({}));
    let token = attributes["payment_source_token"].as_str().unwrap();
    let intent = app
        .stripe_object("payment_intents", source.attribute("stripe_id"))
        .await;
    assert_eq!(intent["payment_method"], token, "as Stripe answered it");
    let method = app.stripe_object("payment_methods", &json!(token)).await;
    assert_eq!(method["customer"], attributes["customer_token"]);
    assert_eq!(entry["meta"]["mode"], "test");
}

#[tokio::test]
async fn a_card_is_saved_after_the_shopper_confirmed() {
    let app = App::start().await;
    let token = app.customer();
    let source = app
        .create_reusable(&token, ORDER, "pm_card_mastercard")
        .await;
    let confirmed = app.confirm(&source).await;
    assert_eq!(confirmed["status"], "requires_capture");
    let reply = app.save(&token, ORDER).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let entry = reply.included(&reply.wallet()[0]);
    assert_eq!(entry["attributes"]["name"], "XXXX-XXXX-XXXX-4444");
}

#[tokio::test]
async fn a_card_is_saved_after_the_order_was_placed() {
    let app = App::start().await;
    let token = app.customer();
    let source = app.create_reusable(&token, ORDER, "pm_card_visa").await;
    app.confirm(&source).await;
    app.set_order(ORDER, json!({ "status": "placed" })).await;
    let reply = app.save(&token, ORDER).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.wallet().len(), 1);
}

#[tokio::test]
async fn saving_waits_for_the_shopper_to_authenticate() {
    let app = App::start().await;
    let token = app.customer();
    let source = app
        .create_reusable(&token, ORDER, "pm_card_authenticationRequired")
        .await;
    let confirmed = app.confirm(&source).await;
    assert_eq!(confirmed["status"], "requires_action");
    let early = app.save(&token, ORDER).await;
    assert_eq!(
        (early.status, early.code()),
        (422, "PAYMENT_SOURCE_NOT_READY")
    );

    app.authenticate(&source).await;
    let reply = app.save(&token, ORDER).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.wallet().len(), 1);
}

#[tokio::test]
async fn saving_twice_keeps_one_entry_and_asks_no_gateway_again() {
    let app = App::start().await;
    let entry = app.saved_card("pm_card_visa").await;
    let asked = app.asked_of_stripe().len();
    let again = app.save(&app.customer(), ORDER).await;
    assert_eq!(again.wallet(), [entry]);
    assert_eq!(app.asked_of_stripe().len(), asked);
}

#[tokio::test]
async fn the_same_card_entered_anew_is_the_same_entry_with_its_newest_token() {
    let app = App::start().await;
    let entry = app.saved_card("pm_card_visa").await;
    let token = app.customer();
    let source = app
        .create_reusable(&token, SECOND_ORDER, "pm_card_visa")
        .await;
    let reply = app.save(&token, SECOND_ORDER).await;
    assert_eq!(reply.wallet(), std::slice::from_ref(&entry));
    let intent = app
        .stripe_object("payment_intents", source.attribute("stripe_id"))
        .await;
    let attributes = &reply.included(&entry)["attributes"];
    assert_eq!(attributes["payment_source_token"], intent["payment_method"]);
}

#[tokio::test]
async fn a_saved_card_pays_the_next_order_and_its_former_payment_is_cancelled() {
    let app = App::start().await;
    let entry = app.saved_card("pm_card_visa").await;
    let token = app.customer();
    let former = app.create_payment(&token, SECOND_ORDER, json!({})).await;

    let reply = app.reuse(&token, SECOND_ORDER, &entry).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let source = &reply.payment_source()["attributes"];
    assert_eq!(source["payment_instrument"]["card_last_digits"], "4242");
    let intent = app
        .stripe_object("payment_intents", &source["stripe_id"])
        .await;
    assert_eq!(intent["status"], "requires_confirmation", "no money moves");
    assert_eq!(intent["setup_future_usage"], Value::Null);
    assert_eq!(
        intent["payment_method"],
        reply.included(&entry)["attributes"]["payment_source_token"]
    );
    let former = app
        .stripe_object("payment_intents", former.attribute("stripe_id"))
        .await;
    assert_eq!(former["status"], "canceled");
}

#[tokio::test]
async fn saving_a_reused_source_answers_its_entry() {
    let app = App::start().await;
    let entry = app.saved_card("pm_card_visa").await;
    let token = app.customer();
    app.reuse(&token, SECOND_ORDER, &entry).await;
    let reply = app.save(&token, SECOND_ORDER).await;
    assert_eq!((reply.status, reply.wallet()), (200, vec![entry]));
}

#[tokio::test]
async fn changing_the_payment_method_drops_the_payment_source() {
    let app = App::start().await;
    let token = app.customer();
    let source = app.create_payment(&token, ORDER, json!({})).await;
    let body = json!({ "data": {
        "type": "orders", "id": ORDER,
        "relationships": { "payment_method": { "data": null } },
    } });
    let path = format!("/api/orders/{ORDER}?include=payment_source,payment_method");
    let reply = app.patch(&token, &path, &body).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let relationships = &reply.body["data"]["relationships"];
    assert_eq!(relationships["payment_source"]["data"], Value::Null);
    assert_eq!(relationships["payment_method"]["data"], Value::Null);
    let intent = app
        .stripe_object("payment_intents", source.attribute("stripe_id"))
        .await;
    assert_eq!(intent["status"], "canceled");
}

#[tokio::test]
async fn a_payment_source_is_read_changed_and_deleted() {
    let app = App::start().await;
    let token = app.customer();
    let created = app.create_reusable(&token, ORDER, "pm_card_visa").await;
    let path = format!("/api/stripe_payments/{}", created.id());
    assert_eq!(
        app.get(&token, &path).await.body["data"],
        created.body["data"]
    );

    let attributes = json!({
        "options": { "note": 1 }, "metadata": { "a": "b" }, "return_url": "https://example.com/done",
    });
    let body = json!({ "data": { "type": "stripe_payments", "id": created.id(), "attributes": attributes } });
    let changed = app.patch(&token, &path, &body).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    let options = changed.attribute("options");
    assert_eq!(options["note"], 1, "options are merged");
    assert_eq!(options["setup_future_usage"], "off_session");
    assert_eq!(changed.attribute("metadata")["a"], "b");

    assert_eq!(app.delete(&token, &path).await.status, 204);
    assert_eq!(app.get(&token, &path).await.code(), "RECORD_NOT_FOUND");
    let intent = app
        .stripe_object("payment_intents", created.attribute("stripe_id"))
        .await;
    assert_eq!(intent["status"], "canceled");
    let order = app
        .get(
            &token,
            &format!("/api/orders/{ORDER}?include=payment_source"),
        )
        .await;
    assert_eq!(*order.payment_source(), Value::Null);
}

#[tokio::test]
async fn a_payment_is_brought_up_to_the_orders_amount() {
    let app = App::start().await;
    let token = app.customer();
    let created = app.create_payment(&token, ORDER, json!({})).await;
    let path = format!("/api/stripe_payments/{}", created.id());
    assert_eq!(*created.attribute("mismatched_amounts"), json!(false));
    app.set_order(ORDER, json!({ "total_amount_with_taxes_cents": 9900 }))
        .await;
    assert_eq!(
        *app.get(&token, &path).await.attribute("mismatched_amounts"),
        json!(true)
    );

    let body = |trigger: &str| {
        json!({ "data": {
        "type": "stripe_payments", "id": created.id(), "attributes": { trigger: true },
    } })
    };
    let updated = app.patch(&token, &path, &body("_update")).await;
    assert_eq!(
        *updated.attribute("mismatched_amounts"),
        json!(false),
        "{}",
        updated.body
    );
    let intent = app
        .stripe_object("payment_intents", created.attribute("stripe_id"))
        .await;
    assert_eq!(intent["amount"], 9900);
}

#[tokio::test]
async fn a_payment_is_read_again_on_refresh() {
    let app = App::start().await;
    let token = app.customer();
    let created = app.create_reusable(&token, ORDER, "pm_card_visa").await;
    app.confirm(&created).await;
    let path = format!("/api/stripe_payments/{}", created.id());
    let body = json!({ "data": {
        "type": "stripe_payments", "id": created.id(), "attributes": { "_refresh": true },
    } });
    let refreshed = app.patch(&token, &path, &body).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.body);
    assert!(
        refreshed
            .attribute("charge_id")
            .as_str()
            .unwrap()
            .starts_with("ch_")
    );
}

#[tokio::test]
async fn the_wallet_is_listed_page_by_page() {
    let app = App::start().await;
    let token = app.customer();
    let first = app.saved_card("pm_card_visa").await;
    app.create_reusable(&token, SECOND_ORDER, "pm_card_mastercard")
        .await;
    app.save(&token, SECOND_ORDER).await;

    let path = "/api/customer_payment_sources?page[size]=1&sort=-created_at";
    let page = app.get(&token, path).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert_eq!(
        page.body["meta"],
        json!({ "record_count": 2, "page_count": 2 })
    );
    assert_eq!(
        page.body["data"][0]["attributes"]["name"],
        "XXXX-XXXX-XXXX-4444"
    );
    let next = page.body["links"]["next"].as_str().unwrap();
    let next = next.strip_prefix(&app.running.url).unwrap();
    let last = app.get(&token, next).await;
    assert_eq!(last.body["data"][0]["id"], first);
    assert!(last.body["links"].get("next").is_none());

    let customer = billfold::demo::customer();
    let nested =
        format!("/api/customers/{customer}/customer_payment_sources?include=payment_source");
    let reply = app.get(&token, &nested).await;
    assert_eq!(reply.body["meta"]["record_count"], 2);
    assert_eq!(reply.body["included"][0]["type"], "stripe_payments");
    let available = format!("/api/orders/{ORDER}/available_customer_payment_sources");
    assert_eq!(
        app.get(&token, &available).await.body["meta"]["record_count"],
        2
    );
    let all = app
        .get(&app.integration(), "/api/customer_payment_sources")
        .await;
    assert_eq!(all.body["meta"]["record_count"], 2, "{}", all.body);
}

#[tokio::test]
async fn another_card_on_the_same_payment_source_is_another_entry() {
    let app = App::start().await;
    let token = app.customer();
    let created = app.create_reusable(&token, ORDER, "pm_card_visa").await;
    let visa = app.save(&token, ORDER).await.wallet();
    let body = json!({ "data": {
        "type": "stripe_payments",
        "id": created.id(),
        "attributes": { "options": { "id": "pm_card_mastercard" } },
    } });
    let path = format!("/api/stripe_payments/{}", created.id());
    let changed = app.patch(&token, &path, &body).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!(
        changed.attribute("payment_instrument")["card_last_digits"],
        "4444"
    );

    let reply = app.save(&token, ORDER).await;
    let wallet = reply.wallet();
    assert_eq!((reply.status, wallet.len()), (200, 2), "{}", reply.body);
    assert_eq!(wallet[0], visa[0]);
    let mastercard = &reply.included(&wallet[1])["attributes"];
    assert_eq!(mastercard["name"], "XXXX-XXXX-XXXX-4444");
    let again = app.save(&token, ORDER).await;
    assert_eq!(again.wallet(), wallet);
}
