//! The way of a Klarna payment: a session, the shopper's approval, a token in the wallet, the next
//! order.

use serde_json::{Value, json};

use crate::app::{App, GUEST_ORDER, SECOND_ORDER};
use crate::at_klarna::{AUTHORIZATIONS, KLARNA_METHOD, KLARNA_ORDER, SESSIONS, TOKENS};
use crate::refusals::refused;

#[tokio::test]
async fn a_payment_source_is_a_session_of_the_order() {
    let app = App::start().await;
    let customer = app.customer();
    let source = app.create_klarna(&customer, KLARNA_ORDER).await;
    let location = source.headers["location"].to_str().unwrap();
    assert_eq!(location, source.body["data"]["links"]["self"]);
    assert!(source.attribute("session_id").is_string());
    assert!(source.attribute("client_token").is_string());
    assert_eq!(
        source.attribute("payment_methods")[0]["identifier"],
        "klarna"
    );
    assert_eq!(*source.attribute("auth_token"), Value::Null);
    assert_eq!(*source.attribute("payment_instrument"), Value::Null);
    assert_eq!(*source.attribute("mismatched_amounts"), false);

    let session = app.klarna_session(&source).await;
    for (name, expected) in [
        ("intent", json!("buy_and_tokenize")),
        ("order_amount", json!(12_900)),
        ("purchase_country", json!("DE")),
        ("purchase_currency", json!("EUR")),
        ("locale", json!("en-DE")),
        ("merchant_reference1", json!(KLARNA_ORDER)),
        ("status", json!("incomplete")),
    ] {
        assert_eq!(session[name], expected, "{name}");
    }
    for personal in ["billing_address", "shipping_address", "customer"] {
        assert_eq!(session[personal], Value::Null, "{personal}");
    }

    let path = format!("/api/klarna_payments/{}", source.id());
    let read = app.get(&customer, &path).await;
    assert_eq!(read.body["data"], source.body["data"]);
}

#[tokio::test]
async fn a_request_that_comes_twice_opens_one_session() {
    let app = App::start().await;
    let customer = app.customer();
    let create = || app.create_klarna(&customer, KLARNA_ORDER);
    let (one, other) = futures_util::join!(create(), create());
    assert_eq!(one.id(), other.id());
    let third = create().await;
    assert_eq!(third.body["data"], one.body["data"]);
}

#[tokio::test]
async fn the_shoppers_approval_becomes_a_wallet_entry() {
    let app = App::start().await;
    let customer = app.customer();
    let (source, approval) = app.approved_in_browser(&customer, KLARNA_ORDER).await;
    assert_eq!(*source.attribute("auth_token"), approval.as_str());

    let saved = app.save(&customer, KLARNA_ORDER).await;
    assert_eq!(saved.status, 200, "{}", saved.body);
    let entry = saved.included(&saved.wallet()[0]);
    let attributes = &entry["attributes"];
    assert_eq!(attributes["name"], "XXXX-XXXX-XXXX-1234");
    let token = attributes["payment_source_token"].as_str().unwrap();
    assert_eq!(app.klarna_token(token).await["status"], "ACTIVE");

    let mint = &app.heard_by_klarna("POST", AUTHORIZATIONS)[0];
    assert_eq!(
        mint.path,
        format!("{AUTHORIZATIONS}{approval}/customer-token")
    );
    assert_eq!(mint.body["intended_use"], "SUBSCRIPTION");
    assert_eq!(mint.body["purchase_country"], "DE");
    assert_eq!(mint.body["purchase_currency"], "EUR");
    let key = mint.header("klarna-idempotency-key").unwrap();
    assert_eq!((key.len(), &key[14..15]), (36, "5"), "a UUID of a name");
    assert!(
        app.heard_by_klarna("POST", "/payments/v1/authorizations/")
            .iter()
            .all(|it| !it.path.ends_with("/order")),
        "no money moves"
    );
}

#[tokio::test]
async fn saving_twice_or_at_once_mints_one_token() {
    let app = App::start().await;
    let customer = app.customer();
    app.approved_in_browser(&customer, KLARNA_ORDER).await;
    let save = || app.save(&customer, KLARNA_ORDER);
    let (one, other) = futures_util::join!(save(), save());
    assert_eq!(
        (one.status, other.status),
        (200, 200),
        "{} {}",
        one.body,
        other.body
    );
    assert_eq!(one.wallet(), other.wallet());
    assert_eq!(app.mints(), 1);

    let asked = app.asked_of_klarna().len();
    let again = save().await;
    assert_eq!(again.wallet(), one.wallet());
    assert_eq!(app.asked_of_klarna().len(), asked);
    assert_eq!(app.operations().await, Vec::<String>::new());
}

#[tokio::test]
async fn what_was_approved_can_be_saved_while_the_order_is_placed() {
    let app = App::start().await;
    let customer = app.customer();
    app.approved_in_browser(&customer, KLARNA_ORDER).await;
    app.set_order(KLARNA_ORDER, json!({ "status": "placed" }))
        .await;
    let saved = app.save(&customer, KLARNA_ORDER).await;
    assert_eq!(saved.status, 200, "{}", saved.body);
    assert_eq!(saved.wallet().len(), 1);
}

#[tokio::test]
async fn what_is_no_card_is_named_after_klarna() {
    let app = App::start().await;
    let (entry, _) = app.saved_with_klarna("invoice-1").await;
    let customer = app.customer();
    let path = format!("/api/customer_payment_sources/{entry}?include=payment_source");
    let reply = app.get(&customer, &path).await;
    assert_eq!(*reply.attribute("name"), "Klarna invoice");

    let order = app.second_klarna_order().await;
    let reused = app.reuse(&customer, order, &entry).await;
    assert_eq!(reused.status, 200, "{}", reused.body);
    let instrument = &reused.payment_source()["attributes"]["payment_instrument"];
    assert_eq!(*instrument, json!({ "issuer_type": "invoice" }));
}

#[tokio::test]
async fn a_saved_source_pays_the_next_order_without_a_session() {
    let app = App::start().await;
    let (entry, token) = app.saved_with_klarna("first-order").await;
    let customer = app.customer();
    let order = app.second_klarna_order().await;
    let (former, approval) = app.approved_in_browser(&customer, order).await;
    let sessions = app.heard_by_klarna("POST", SESSIONS).len();

    let reused = app.reuse(&customer, order, &entry).await;
    assert_eq!(reused.status, 200, "{}", reused.body);
    let source = reused.payment_source();
    assert_ne!(source["id"], former.id());
    let attributes = &source["attributes"];
    assert_eq!(attributes["auth_token"], token);
    assert_eq!(attributes["payment_instrument"]["card_last_digits"], "1234");
    assert_eq!(attributes["payment_instrument"]["card_expiry_month"], "12");
    assert_eq!(attributes["mismatched_amounts"], false);
    assert_eq!(
        app.heard_by_klarna("POST", SESSIONS).len(),
        sessions,
        "no session is opened"
    );
    let released = app.heard_by_klarna("DELETE", AUTHORIZATIONS);
    assert_eq!(released.len(), 1, "the former approval is released");
    assert_eq!(released[0].path, format!("{AUTHORIZATIONS}{approval}"));

    let kept = app.save(&customer, order).await;
    assert_eq!(kept.wallet(), [entry]);
    assert_eq!(app.mints(), 1);
}

#[tokio::test]
async fn dropping_a_reused_source_leaves_the_wallets_token_alone() {
    let app = App::start().await;
    let (entry, token) = app.saved_with_klarna("first-order").await;
    let customer = app.customer();
    let order = app.second_klarna_order().await;
    app.reuse(&customer, order, &entry).await;
    let nullify = json!({ "_nullify_payment_source": true });
    let reply = app.patch_order(&customer, order, nullify).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.wallet(), [entry]);
    assert!(app.heard_by_klarna("DELETE", AUTHORIZATIONS).is_empty());
    assert!(app.heard_by_klarna("PATCH", TOKENS).is_empty());
    assert_eq!(app.klarna_token(&token).await["status"], "ACTIVE");
}

#[tokio::test]
async fn a_guest_buys_and_keeps_nothing() {
    let app = App::start().await;
    app.selected(GUEST_ORDER, KLARNA_METHOD).await;
    app.set_country(GUEST_ORDER, "DE").await;
    let guest = app.guest();
    let source = app.create_klarna(&guest, GUEST_ORDER).await;
    assert_eq!(app.klarna_session(&source).await["intent"], "buy");
    let opened = app.heard_by_klarna("POST", SESSIONS);
    assert_eq!(opened.len(), 1, "asked for at once");

    let approval = app.approve_in_browser(&source).await;
    app.approve(&guest, &source.id(), &approval).await;
    let trigger = "/data/attributes/_save_payment_source_to_customer_wallet";
    let save = app.save(&guest, GUEST_ORDER);
    refused(&app, save, (401, "UNAUTHORIZED", trigger)).await;
    let integration = app.integration();
    let save = app.save(&integration, GUEST_ORDER);
    refused(&app, save, (422, "VALIDATION_ERROR", trigger)).await;
    assert_eq!(app.mints(), 0);
}

#[tokio::test]
async fn a_country_without_tokens_buys_and_cannot_save() {
    let app = App::start().await;
    app.selected(SECOND_ORDER, KLARNA_METHOD).await;
    let customer = app.customer();
    let source = app.create_klarna(&customer, SECOND_ORDER).await;
    let session = app.klarna_session(&source).await;
    assert_eq!(
        (&session["purchase_country"], &session["intent"]),
        (&json!("IT"), &json!("buy"))
    );

    let approval = app.approve_in_browser(&source).await;
    app.approve(&customer, &source.id(), &approval).await;
    let reply = app.save(&customer, SECOND_ORDER).await;
    assert_eq!(
        (reply.status, reply.code()),
        (422, "PAYMENT_SOURCE_NOT_REUSABLE"),
        "{}",
        reply.body
    );
    assert!(reply.detail().contains("countries"), "{}", reply.detail());
    let wallet = app.get(&customer, "/api/customer_payment_sources").await;
    assert_eq!(wallet.body["meta"]["record_count"], 0);
    assert_eq!(app.operations().await, Vec::<String>::new());
}
