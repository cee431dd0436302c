//! Cards of Checkout.com in the wallet.

use std::time::Duration;

use sandbox::{Fault, FaultOrder};
use serde_json::{Value, json};

use crate::app::{App, CHECKOUT_COM_ORDER as ORDER, SECOND_ORDER};
use crate::at_checkout_com::{CHECKOUT_COM_METHOD, KIND, card_id, return_urls, token};

const WALLET: &str = "/api/customer_payment_sources";

fn src_of(entry: &Value) -> String {
    let token = &entry["attributes"]["payment_source_token"];
    token.as_str().unwrap().to_owned()
}

fn path_of(entry: &Value) -> String {
    format!("{WALLET}/{}", entry["id"].as_str().unwrap())
}

#[tokio::test]
async fn what_paid_is_kept_with_its_customer_and_its_token() {
    let app = App::start().await;
    let entry = app
        .saved_with_checkout_com(ORDER, &token("other_visa", 1))
        .await;
    let attributes = &entry["attributes"];
    assert_eq!(attributes["name"], "XXXX-XXXX-XXXX-1111");
    let instrument = app
        .checkout_com_object(&format!("/instruments/{}", src_of(&entry)))
        .await;
    assert_eq!(instrument["id"], attributes["payment_source_token"]);
    assert_eq!(instrument["customer"]["id"], attributes["customer_token"]);

    let path = format!("{}?include=payment_source", path_of(&entry));
    let read = app.get(&app.customer(), &path).await;
    let source = &read.body["included"][0];
    assert_eq!(source["type"], KIND);
    assert_eq!(
        source["attributes"]["payment_response"]["source"]["last4"],
        "1111"
    );
    assert_eq!(
        source["attributes"]["payment_instrument"]["card_last_digits"],
        "1111"
    );
    let path = format!("/api/orders/{ORDER}?include=payment_source");
    let order = app.get(&app.customer(), &path).await;
    assert_eq!(source["attributes"], order.payment_source()["attributes"]);
}

#[tokio::test]
async fn the_same_card_entered_anew_is_one_entry_with_the_newest_token() {
    let app = App::start().await;
    let first = app.saved_with_checkout_com(ORDER, &token("visa", 1)).await;
    app.selected(SECOND_ORDER, CHECKOUT_COM_METHOD).await;
    let second = app
        .saved_with_checkout_com(SECOND_ORDER, &token("visa", 2))
        .await;
    assert_eq!(first["id"], second["id"]);
    assert_ne!(src_of(&first), src_of(&second));
    let path = format!("{}?include=payment_source", path_of(&first));
    let read = app.get(&app.customer(), &path).await;
    assert_eq!(src_of(&read.body["data"]), src_of(&second));
    for entry in [&first, &second] {
        assert!(
            app.is_stored(&src_of(entry)).await,
            "orders' payments stand on both"
        );
    }

    assert_eq!(
        app.delete(&app.customer(), &path_of(&first)).await.status,
        204
    );
    for entry in [&first, &second] {
        assert!(
            !app.is_stored(&src_of(entry)).await,
            "deleting the entry deletes both"
        );
    }
}

#[tokio::test]
async fn the_same_card_with_another_expiry_is_another_entry() {
    let app = App::start().await;
    let first = app.saved_with_checkout_com(ORDER, &token("visa", 1)).await;
    app.selected(SECOND_ORDER, CHECKOUT_COM_METHOD).await;
    let second = app
        .saved_with_checkout_com(SECOND_ORDER, &token("expires_next_year", 2))
        .await;
    assert_ne!(first["id"], second["id"]);
    assert_eq!(first["attributes"]["name"], second["attributes"]["name"]);
    assert_eq!(
        app.delete(&app.customer(), &path_of(&first)).await.status,
        204
    );
    assert!(!app.is_stored(&src_of(&first)).await);
    assert!(app.is_stored(&src_of(&second)).await);
}

#[tokio::test]
async fn the_same_card_saved_from_two_orders_at_once_is_one_entry() {
    let app = App::start().await;
    let customer = app.customer();
    app.selected(SECOND_ORDER, CHECKOUT_COM_METHOD).await;
    for (number, order) in [ORDER, SECOND_ORDER].into_iter().enumerate() {
        app.paid_with_checkout_com(&customer, order, &token("visa", number))
            .await;
    }
    let (a, b, c) = futures_util::join!(
        app.save(&customer, ORDER),
        app.save(&customer, SECOND_ORDER),
        app.save(&customer, ORDER),
    );
    for reply in [&a, &b, &c] {
        assert_eq!(reply.status, 200, "{}", reply.body);
        assert_eq!(reply.wallet(), a.wallet());
    }
    let list = app.get(&customer, WALLET).await;
    assert_eq!(list.body["meta"]["record_count"], 1);
}

#[tokio::test]
async fn deleting_does_not_wait_for_a_gateway_that_is_down() {
    let (app, books, clock) = App::start_with_books().await;
    let customer = app.customer();
    let entry = app.saved_with_checkout_com(ORDER, &token("visa", 1)).await;
    app.fault_at_checkout_com(FaultOrder::next(Fault::Status500).times(100));
    assert_eq!(app.delete(&customer, &path_of(&entry)).await.status, 204);
    assert_eq!(app.get(&customer, &path_of(&entry)).await.status, 404);
    let list = app.get(&customer, WALLET).await;
    assert_eq!(list.body["data"], json!([]));
    assert_eq!(
        app.order(&customer, ORDER).await.wallet(),
        Vec::<String>::new()
    );
    assert_eq!(books.instruments().len(), 1, "it was not told yet");

    app.checkout_com().stand_in.withdraw_faults();
    app.sweep().await;
    assert_eq!(books.instruments().len(), 1, "not due yet");
    clock.pass(Duration::from_secs(61));
    app.sweep().await;
    assert_eq!(books.instruments().len(), 0);
    assert_eq!(app.operations().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_card_that_is_gone_at_the_gateway_already_can_be_deleted() {
    let app = App::start().await;
    let entry = app.saved_with_checkout_com(ORDER, &token("visa", 1)).await;
    app.forget_at_checkout_com(&src_of(&entry)).await;
    assert_eq!(
        app.delete(&app.customer(), &path_of(&entry)).await.status,
        204
    );
    assert_eq!(app.operations().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_deleted_card_entered_anew_is_saved_anew() {
    let app = App::start().await;
    let customer = app.customer();
    let first = app.saved_with_checkout_com(ORDER, &token("visa", 1)).await;
    assert_eq!(app.delete(&customer, &path_of(&first)).await.status, 204);
    let source = app.order(&customer, ORDER).await.payment_source()["id"].clone();
    app.authorize(&customer, source.as_str().unwrap(), &token("visa", 2))
        .await;
    let saved = app.save(&customer, ORDER).await;
    assert_eq!(saved.status, 200, "{}", saved.body);
    let second = saved.included(&saved.wallet()[0]);
    assert_ne!(first["id"], second["id"]);
    assert!(app.is_stored(&src_of(second)).await);
}

#[tokio::test]
async fn a_card_that_the_gateway_lost_before_the_save_is_not_saved() {
    let app = App::start().await;
    let customer = app.customer();
    let source = app.create_checkout_com(&customer, ORDER).await.id();
    let paid = app.authorize(&customer, &source, &token("visa", 1)).await;
    app.forget_at_checkout_com(card_id(&paid)).await;
    let save = app.save(&customer, ORDER).await;
    assert_eq!(
        (save.status, save.code()),
        (422, "PAYMENT_SOURCE_NOT_REUSABLE")
    );
    assert_eq!(
        app.get(&customer, WALLET).await.body["meta"]["record_count"],
        0
    );
}

#[tokio::test]
async fn no_answer_has_the_secret_key_and_no_item_has_a_token_in_plain() {
    let app = App::start().await;
    let customer = app.customer();
    let mut attributes = return_urls();
    attributes["token"] = json!(token("visa", 1));
    let created = app.create_source(&customer, KIND, ORDER, attributes).await;
    let session = created.attribute("payment_session");
    let session_secret = session["payment_session_secret"].as_str().unwrap();
    let session_token = session["payment_session_token"].as_str().unwrap();
    let authorize = json!({ "_authorize": true });
    let paid = app
        .patch_source(&customer, KIND, &created.id(), authorize)
        .await;
    let saved = app.save(&customer, ORDER).await;
    let entry = saved.wallet()[0].clone();
    app.selected(SECOND_ORDER, CHECKOUT_COM_METHOD).await;
    let reused = app.reuse(&customer, SECOND_ORDER, &entry).await;
    let src = card_id(&paid);
    let cus = paid.attribute("customer_token").as_str().unwrap();
    let pay = paid.attribute("payment_response")["id"].as_str().unwrap();
    assert!(session_secret.starts_with("pss_") && src.starts_with("src_"));

    let mut leaks = Vec::new();
    for (key, item) in app.table().await {
        let text = item.to_string();
        for secret in [
            session_secret,
            session_token,
            src,
            cus,
            &token("visa", 1),
            "sk_sbox",
        ] {
            if text.contains(secret) {
                leaks.push(format!("{key}: {}…", &secret[..4]));
            }
        }
    }
    assert_eq!(leaks, Vec::<String>::new());
    let gateway = app
        .get(
            &app.integration(),
            &format!("/api/{KIND}/{}/payment_gateway", created.id()),
        )
        .await;
    let failed = app
        .patch_source(
            &customer,
            KIND,
            &created.id(),
            json!({ "_details": true, "session_id": pay }),
        )
        .await;
    for reply in [&created, &paid, &saved, &reused, &gateway, &failed] {
        assert!(
            !reply.body.to_string().contains("sk_sbox"),
            "{}",
            reply.body
        );
    }
}
