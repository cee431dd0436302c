//! Payments that the shopper's browser makes in Checkout.com's form, and shoppers whom their bank
//! asks: the payment source learns of it afterwards.

use serde_json::json;

use crate::app::{App, CHECKOUT_COM_ORDER as ORDER, Reply, SECOND_ORDER};
use crate::at_checkout_com::{CHECKOUT_COM_METHOD, KIND, card_id, payment_id, return_urls, token};
use crate::refusals::is;

const SAVE: &str = "/data/attributes/_save_payment_source_to_customer_wallet";
const TOKEN: &str = "/data/attributes/token";
const SESSION: &str = "/data/attributes/session_id";

/// A payment source whose payment waits for the shopper.
async fn waiting(app: &App) -> Reply {
    let customer = app.customer();
    let source = app.create_checkout_com(&customer, ORDER).await.id();
    let waiting = app
        .authorize(&customer, &source, &token("redirect", 1))
        .await;
    assert_eq!(waiting.status, 200, "{}", waiting.body);
    waiting
}

fn session_of(bank: &serde_json::Value) -> String {
    let url = bank["redirect_url"].as_str().unwrap();
    let (_, session) = url.split_once("cko-session-id=").unwrap();
    session.to_owned()
}

#[tokio::test]
async fn a_bank_that_asks_its_customer_leaves_the_payment_pending() {
    let app = App::start().await;
    let waiting = waiting(&app).await;
    let response = waiting.attribute("payment_response");
    assert_eq!(response["status"], "Pending");
    let redirect = waiting.attribute("redirect_uri").as_str().unwrap();
    assert!(redirect.contains("/3ds/sid_"), "{redirect}");

    let save = app.save(&app.customer(), ORDER).await;
    assert_eq!(
        is(&save),
        (422, "PAYMENT_SOURCE_NOT_READY", SAVE),
        "{}",
        save.body
    );
    let repeat = app
        .authorize(&app.customer(), &waiting.id(), &token("redirect", 1))
        .await;
    assert_eq!(payment_id(&repeat), payment_id(&waiting));
    assert_eq!(app.posted_to_checkout_com("/payments").len(), 1);
}

#[tokio::test]
async fn the_session_that_the_shopper_comes_back_with_tells_how_it_went() {
    for (success, status) in [(true, "Authorized"), (false, "Declined")] {
        let app = App::start().await;
        let customer = app.customer();
        let waiting = waiting(&app).await;
        let bank = app.answer_bank(payment_id(&waiting), success).await;
        let details = json!({ "_details": true, "session_id": session_of(&bank) });
        let read = app
            .patch_source(&customer, KIND, &waiting.id(), details)
            .await;
        assert_eq!(read.status, 200, "{}", read.body);
        assert_eq!(read.attribute("payment_response")["status"], status);
        assert_eq!(read.attribute("session_id"), &json!(session_of(&bank)));
        assert!(read.attribute("redirect_uri").is_null(), "{}", read.body);

        let save = app.save(&customer, ORDER).await;
        match success {
            true => {
                assert_eq!(save.status, 200, "{}", save.body);
                assert!(app.is_stored(card_id(&read)).await);
            }
            false => assert_eq!(is(&save), (422, "PAYMENT_SOURCE_NOT_REUSABLE", SAVE)),
        }
    }
}

#[tokio::test]
async fn a_payment_is_read_again_on_refresh() {
    let app = App::start().await;
    let customer = app.customer();
    let waiting = waiting(&app).await;
    let (id, payment) = (waiting.id(), payment_id(&waiting));
    let refresh = || app.patch_source(&customer, KIND, &id, json!({ "_refresh": true }));
    assert_eq!(
        refresh().await.attribute("payment_response")["status"],
        "Pending"
    );
    app.answer_bank(payment, true).await;
    assert_eq!(
        refresh().await.attribute("payment_response")["status"],
        "Authorized"
    );
    app.capture_at_checkout_com(payment).await;
    let taken = refresh().await;
    assert_eq!(taken.attribute("payment_response")["status"], "Captured");
    assert!(
        taken.attribute("payment_session")["id"].is_string(),
        "{}",
        taken.body
    );
}

#[tokio::test]
async fn a_save_reads_what_the_bank_said_by_itself() {
    let app = App::start().await;
    let waiting = waiting(&app).await;
    app.answer_bank(payment_id(&waiting), true).await;
    let save = app.save(&app.customer(), ORDER).await;
    assert_eq!(save.status, 200, "{}", save.body);
    assert_eq!(save.wallet().len(), 1);
}

#[tokio::test]
async fn a_payment_that_the_browser_made_is_read_back() {
    for asks in [false, true] {
        let app = App::start().await;
        let customer = app.customer();
        let source = app.create_checkout_com(&customer, ORDER).await;
        let made = app.pay_in_flow(&source, &token("visa", 1)).await;
        let attributes = json!({ "token": made["id"], "_authorize": asks });
        let read = app
            .patch_source(&customer, KIND, &source.id(), attributes)
            .await;
        assert_eq!(read.status, 200, "{}", read.body);
        assert_eq!(payment_id(&read), made["id"]);
        assert_eq!(read.attribute("payment_response")["status"], "Authorized");
        assert_eq!(
            read.attribute("payment_session"),
            source.attribute("payment_session")
        );
        assert!(
            app.posted_to_checkout_com("/payments").is_empty(),
            "none is made beside it"
        );
        assert_eq!(app.payment_of(&read).await["balances"]["total_captured"], 0);
        let save = app.save(&customer, ORDER).await;
        assert_eq!(save.wallet().len(), 1, "{}", save.body);
    }
}

#[tokio::test]
async fn a_source_may_be_made_of_a_payment_that_the_browser_made() {
    let app = App::start().await;
    let customer = app.customer();
    let source = app.create_checkout_com(&customer, ORDER).await;
    let made = app.pay_in_flow(&source, &token("visa", 1)).await;
    let mut attributes = return_urls();
    attributes["token"] = made["id"].clone();
    let second = app.create_source(&customer, KIND, ORDER, attributes).await;
    assert_eq!(second.status, 201, "{}", second.body);
    assert_ne!(second.id(), source.id());
    assert_eq!(payment_id(&second), made["id"]);
    assert_eq!(
        app.payment_of(&second).await["status"],
        "Authorized",
        "and is held on"
    );
}

#[tokio::test]
async fn a_payment_that_the_browser_made_takes_the_place_of_a_former_one() {
    let (app, books, _) = App::start_with_books().await;
    let customer = app.customer();
    let source = app.create_checkout_com(&customer, ORDER).await;
    let first = app
        .authorize(&customer, &source.id(), &token("visa", 1))
        .await;
    let made = app.pay_in_flow(&source, &token("mastercard", 2)).await;
    let attributes = json!({ "token": made["id"] });
    let second = app
        .patch_source(&customer, KIND, &source.id(), attributes)
        .await;
    assert_eq!(second.status, 200, "{}", second.body);
    assert_eq!(app.payment_of(&first).await["status"], "Voided");
    assert_eq!(books.held().len(), 1);
    assert_eq!(books.held()[0]["id"], made["id"]);
    assert_eq!(books.instruments().len(), 1);
}

#[tokio::test]
async fn a_decline_in_the_browser_is_shown_and_saves_nothing() {
    let app = App::start().await;
    let customer = app.customer();
    let source = app.create_checkout_com(&customer, ORDER).await;
    let made = app.pay_in_flow(&source, &token("declined", 1)).await;
    let attributes = json!({ "token": made["id"] });
    let read = app
        .patch_source(&customer, KIND, &source.id(), attributes)
        .await;
    assert_eq!(
        read.attribute("payment_response")["status"],
        "Declined",
        "{}",
        read.body
    );
    let save = app.save(&customer, ORDER).await;
    assert_eq!(is(&save), (422, "PAYMENT_SOURCE_NOT_REUSABLE", SAVE));
}

#[tokio::test]
async fn a_payment_of_another_order_or_amount_or_of_nobody_is_refused() {
    let app = App::start().await;
    let customer = app.customer();
    app.selected(SECOND_ORDER, CHECKOUT_COM_METHOD).await;
    let other = app.create_checkout_com(&customer, SECOND_ORDER).await;
    let of_other = app.pay_in_flow(&other, &token("visa", 1)).await["id"].clone();

    let source = app.create_checkout_com(&customer, ORDER).await;
    let of_old_amount = app.pay_in_flow(&source, &token("visa", 2)).await["id"].clone();
    let raised = json!({ "total_amount_cents": 20000, "total_amount_with_taxes_cents": 20000 });
    app.set_order(ORDER, raised).await;
    let unknown = json!(format!("pay_{}", "x".repeat(26)));

    for payment in [of_other, of_old_amount, unknown] {
        let attributes = json!({ "token": payment });
        let reply = app
            .patch_source(&customer, KIND, &source.id(), attributes.clone())
            .await;
        assert_eq!(
            is(&reply),
            (422, "VALIDATION_ERROR", TOKEN),
            "{payment}: {}",
            reply.body
        );
        let details = json!({ "_details": true, "session_id": payment });
        let reply = app
            .patch_source(&customer, KIND, &source.id(), details)
            .await;
        assert_eq!(
            is(&reply),
            (422, "VALIDATION_ERROR", SESSION),
            "{payment}: {}",
            reply.body
        );
        let created = [return_urls(), attributes].map(|it| it.as_object().unwrap().clone());
        let created = json!(
            created
                .into_iter()
                .flatten()
                .collect::<serde_json::Map<_, _>>()
        );
        let reply = app.create_source(&customer, KIND, ORDER, created).await;
        assert_eq!(
            is(&reply),
            (422, "VALIDATION_ERROR", TOKEN),
            "{payment}: {}",
            reply.body
        );
        let kept = app
            .get(&customer, &format!("/api/{KIND}/{}", source.id()))
            .await;
        assert_eq!(
            kept.attribute("payment_response"),
            &json!({}),
            "{}",
            kept.body
        );
        assert!(kept.attribute("token").is_null(), "{}", kept.body);
        assert!(kept.attribute("session_id").is_null(), "{}", kept.body);
    }
}

#[tokio::test]
async fn details_of_no_payment_ask_for_the_session() {
    let app = App::start().await;
    let customer = app.customer();
    let source = app.create_checkout_com(&customer, ORDER).await.id();
    let before = app.asked_of_checkout_com();
    for session in [None, Some("../payments"), Some("sid_/voids"), Some("")] {
        let mut attributes = json!({ "_details": true });
        if let Some(session) = session {
            attributes["session_id"] = json!(session);
        }
        let reply = app.patch_source(&customer, KIND, &source, attributes).await;
        assert_eq!(
            is(&reply),
            (422, "VALIDATION_ERROR", SESSION),
            "{session:?}"
        );
    }
    assert_eq!(
        app.asked_of_checkout_com(),
        before,
        "what is no id is never part of a path"
    );
}
