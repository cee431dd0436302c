//! Paying an order through Checkout.com with the token that the shopper's browser brought.

use serde_json::{Value, json};

use crate::app::{App, CHECKOUT_COM_ORDER as ORDER, GUEST_ORDER};
use crate::at_checkout_com::{CHECKOUT_COM_METHOD, KIND, card_id, payment_id, return_urls, token};
use crate::refusals::is;

const SAVE: &str = "/data/attributes/_save_payment_source_to_customer_wallet";

#[tokio::test]
async fn a_payment_source_opens_a_session_for_the_order() {
    let app = App::start().await;
    let source = app.create_checkout_com(&app.customer(), ORDER).await;
    assert_eq!(source.body["data"]["type"], KIND);
    assert_eq!(
        source.attribute("public_key"),
        "pk_sbox_demoaaaaaaaaaaaaaaaaaaaaaaa"
    );
    let session = source.attribute("payment_session");
    assert!(
        session["id"].as_str().unwrap().starts_with("ps_"),
        "{session}"
    );
    assert!(session["payment_session_secret"].is_string(), "{session}");
    assert!(session["payment_session_token"].is_string(), "{session}");
    assert_eq!(
        source.attribute("success_url"),
        &return_urls()["success_url"]
    );
    assert_eq!(
        source.attribute("failure_url"),
        &return_urls()["failure_url"]
    );
    for name in ["token", "redirect_uri", "source_id"] {
        assert!(source.attribute(name).is_null(), "{name}");
    }
    assert_eq!(source.attribute("payment_response"), &json!({}));

    let asked = app.asked_of_checkout_com();
    assert_eq!(asked, ["POST /customers", "POST /payment-sessions"]);
    let sent = &app.posted_to_checkout_com("/payment-sessions")[0];
    assert_eq!(sent["amount"], 12900);
    assert_eq!(sent["currency"], "EUR");
    assert_eq!(sent["capture"], false);
    assert_eq!(sent["reference"], ORDER);
    assert_eq!(sent["billing"]["address"]["country"], "IT");
    assert!(sent["customer"]["id"].as_str().unwrap().starts_with("cus_"));
    let card = &sent["payment_method_configuration"]["card"];
    assert_eq!(card["store_payment_details"], "enabled");
}

#[tokio::test]
async fn an_approved_payment_is_held_and_shows_its_card() {
    let app = App::start().await;
    let customer = app.customer();
    let source = app.create_checkout_com(&customer, ORDER).await.id();
    let paid = app.authorize(&customer, &source, &token("visa", 1)).await;
    assert_eq!(paid.status, 200, "{}", paid.body);

    let response = paid.attribute("payment_response");
    assert!(payment_id(&paid).starts_with("pay_"));
    assert_eq!(response["status"], "Authorized");
    assert_eq!(response["approved"], true);
    assert!(card_id(&paid).starts_with("src_"));
    let card = &response["source"];
    assert_eq!(
        (&card["last4"], &card["scheme"]),
        (&json!("4242"), &json!("Visa"))
    );
    assert_eq!(card["expiry_month"], 12);
    assert!(card["expiry_year"].as_u64().unwrap() > 2024, "{card}");
    assert_eq!(paid.attribute("source_id"), card_id(&paid));
    assert!(paid.attribute("redirect_uri").is_null());
    let instrument = paid.attribute("payment_instrument");
    assert_eq!(instrument["issuer_type"], "credit card");
    assert_eq!(instrument["card_type"], "visa");
    assert_eq!(instrument["card_last_digits"], "4242");
    assert_eq!(instrument["card_expiry_month"], "12");

    let sent = &app.posted_to_checkout_com("/payments")[0];
    assert_eq!(sent["capture"], false);
    assert_eq!(
        (&sent["amount"], &sent["currency"]),
        (&json!(12900), &json!("EUR"))
    );
    assert_eq!(sent["reference"], ORDER);
    let means = json!({
        "type": "token", "token": token("visa", 1), "store_for_future_use": true,
    });
    assert_eq!(sent["source"], means);
    let held = app.payment_of(&paid).await;
    assert_eq!(held["status"], "Authorized");
    assert_eq!(held["balances"]["total_captured"], 0);
    assert_eq!(held["customer"]["id"], sent["customer"]["id"]);
    assert_eq!(paid.attribute("customer_token"), &sent["customer"]["id"]);
}

#[tokio::test]
async fn the_shown_card_has_its_fingerprint() {
    let app = App::start().await;
    let customer = app.customer();
    let source = app.create_checkout_com(&customer, ORDER).await.id();
    let paid = app.authorize(&customer, &source, &token("visa", 1)).await;
    let card = &paid.attribute("payment_response")["source"];
    let at_gateway = &app.payment_of(&paid).await["source"]["fingerprint"];
    assert_eq!(&card["fingerprint"], at_gateway, "{card}");
}

#[tokio::test]
async fn asking_again_for_the_same_payment_makes_no_other() {
    let app = App::start().await;
    let customer = app.customer();
    let source = app.create_checkout_com(&customer, ORDER).await.id();
    let first = app.authorize(&customer, &source, &token("visa", 1)).await;
    let again = app.authorize(&customer, &source, &token("visa", 1)).await;
    assert_eq!(again.status, 200, "{}", again.body);
    assert_eq!(payment_id(&again), payment_id(&first));
    let bare = json!({ "_authorize": true });
    let bare = app.patch_source(&customer, KIND, &source, bare).await;
    assert_eq!(payment_id(&bare), payment_id(&first));
    assert_eq!(app.posted_to_checkout_com("/payments").len(), 1);
}

#[tokio::test]
async fn a_token_given_early_pays_when_that_is_asked_for() {
    let app = App::start().await;
    let customer = app.customer();
    let mut attributes = return_urls();
    attributes["token"] = json!(token("visa", 1));
    let created = app.create_source(&customer, KIND, ORDER, attributes).await;
    assert_eq!(created.status, 201, "{}", created.body);
    assert!(app.posted_to_checkout_com("/payments").is_empty());
    for asks in [false, true] {
        let attributes = json!({ "_authorize": asks });
        let paid = app
            .patch_source(&customer, KIND, &created.id(), attributes)
            .await;
        assert_eq!(paid.status, 200, "{}", paid.body);
        let response = paid.attribute("payment_response");
        assert_eq!(response.get("id").is_some(), asks, "{response}");
    }
    let sent = app.posted_to_checkout_com("/payments");
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0]["source"]["token"], token("visa", 1));
}

#[tokio::test]
async fn a_decline_is_an_answer_and_another_card_may_follow() {
    let declines = [
        ("declined", "20005"),
        ("insufficient_funds", "20051"),
        ("expired_card", "20054"),
        ("sca_required", "20154"),
    ];
    let app = App::start().await;
    let customer = app.customer();
    let source = app.create_checkout_com(&customer, ORDER).await.id();
    for (number, (name, code)) in declines.into_iter().enumerate() {
        let declined = app
            .authorize(&customer, &source, &token(name, number))
            .await;
        assert_eq!(declined.status, 200, "{name}: {}", declined.body);
        let response = declined.attribute("payment_response");
        assert_eq!(response["status"], "Declined", "{name}");
        assert_eq!(response["approved"], false, "{name}");
        assert_eq!(response["response_code"], code, "{name}");
        assert!(response["source"]["id"].is_null(), "{response}");
        assert!(declined.attribute("source_id").is_null(), "{name}");

        let save = app.save(&customer, ORDER).await;
        assert_eq!(
            is(&save),
            (422, "PAYMENT_SOURCE_NOT_REUSABLE", SAVE),
            "{name}"
        );
        assert!(!save.detail().is_empty());
    }
    let paid = app.authorize(&customer, &source, &token("visa", 9)).await;
    assert_eq!(paid.attribute("payment_response")["status"], "Authorized");
    assert_eq!(app.save(&customer, ORDER).await.wallet().len(), 1);
    let voids = app.asked_of_checkout_com().into_iter();
    assert_eq!(
        voids.filter(|it| it.ends_with("/voids")).count(),
        0,
        "nothing was held before"
    );
}

#[tokio::test]
async fn a_guest_pays_without_a_customer_and_keeps_nothing() {
    let app = App::start().await;
    let guest = app.guest();
    app.selected(GUEST_ORDER, CHECKOUT_COM_METHOD).await;
    let source = app.create_checkout_com(&guest, GUEST_ORDER).await;
    let paid = app.authorize(&guest, &source.id(), &token("visa", 1)).await;
    assert_eq!(
        paid.attribute("payment_response")["status"],
        "Authorized",
        "{}",
        paid.body
    );
    assert!(paid.attribute("customer_token").is_null());
    assert_without_customer(&app);
    assert!(!app.is_stored(card_id(&paid)).await);

    let save = app.save(&guest, GUEST_ORDER).await;
    assert_eq!(is(&save), (401, "UNAUTHORIZED", SAVE));
    let by_shop = app.save(&app.integration(), GUEST_ORDER).await;
    assert_eq!(
        is(&by_shop),
        (422, "VALIDATION_ERROR", SAVE),
        "{}",
        by_shop.body
    );
}

#[tokio::test]
async fn a_guests_payment_is_not_for_the_customer_whom_the_order_carries() {
    let app = App::start().await;
    app.set_order(ORDER, json!({ "guest": true })).await;
    let guest = app.guest();
    let source = app.create_checkout_com(&guest, ORDER).await;
    let paid = app.authorize(&guest, &source.id(), &token("visa", 1)).await;
    assert_eq!(paid.status, 200, "{}", paid.body);
    assert_without_customer(&app);
    let save = app.save(&guest, ORDER).await;
    assert_eq!(is(&save), (401, "UNAUTHORIZED", SAVE), "{}", save.body);
    let by_shop = app.save(&app.integration(), ORDER).await;
    assert_eq!(
        by_shop.status, 401,
        "the order does not open the wallet: {}",
        by_shop.body
    );
}

fn assert_without_customer(app: &App) {
    assert!(app.posted_to_checkout_com("/customers").is_empty());
    let session = &app.posted_to_checkout_com("/payment-sessions")[0];
    assert_eq!(session["customer"], Value::Null);
    let card = &session["payment_method_configuration"]["card"];
    assert_eq!(card["store_payment_details"], "disabled");
    let payment = &app.posted_to_checkout_com("/payments")[0];
    assert_eq!(payment["customer"], Value::Null);
    assert_eq!(payment["source"]["store_for_future_use"], false);
}

#[tokio::test]
async fn a_customer_of_the_same_email_who_is_not_ours_is_not_taken() {
    let app = App::start().await;
    let known = app.customer_at_checkout_com("customer@example.com").await;
    let customer = app.customer();
    app.paid_with_checkout_com(&customer, ORDER, &token("visa", 1))
        .await;
    let sent = &app.posted_to_checkout_com("/payments")[0];
    assert_ne!(sent["customer"]["id"], known);
    let made = &app.posted_to_checkout_com("/customers")[1];
    let own = format!("customer+{}@example.com", billfold::demo::customer());
    assert_eq!(made["email"], own);
    app.create_checkout_com(&customer, ORDER).await;
    let asked = app.asked_of_checkout_com().into_iter();
    assert_eq!(
        asked.filter(|it| it == "POST /customers").count(),
        2,
        "not asked for again"
    );
}
