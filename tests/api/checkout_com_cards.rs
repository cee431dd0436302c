//! One card after another on an order: one payment is live, and what is not saved is not kept.

use std::time::Duration;

use serde_json::{Value, json};

use crate::app::{App, CHECKOUT_COM_ORDER as ORDER};
use crate::at_checkout_com::{card_id, payment_id, token};

fn src_of(entry: &Value) -> &str {
    entry["attributes"]["payment_source_token"]
        .as_str()
        .unwrap()
}

#[tokio::test]
async fn another_card_lets_go_of_the_first_and_of_what_was_stored_of_it() {
    let (app, books, _) = App::start_with_books().await;
    let customer = app.customer();
    let source = app.create_checkout_com(&customer, ORDER).await.id();
    let first = app.authorize(&customer, &source, &token("visa", 1)).await;
    assert!(app.is_stored(card_id(&first)).await);
    let second = app
        .authorize(&customer, &source, &token("mastercard", 2))
        .await;
    assert_eq!(second.status, 200, "{}", second.body);
    assert_eq!(
        second.attribute("payment_response")["source"]["last4"],
        "4444"
    );

    assert_eq!(app.payment_of(&first).await["status"], "Voided");
    let held = books.held();
    assert_eq!(held.len(), 1);
    assert_eq!(held[0]["id"], payment_id(&second));
    assert!(!app.is_stored(card_id(&first)).await);
    assert!(app.is_stored(card_id(&second)).await);
}

#[tokio::test]
async fn another_card_leaves_the_saved_one_in_the_wallet() {
    let (app, books, _) = App::start_with_books().await;
    let customer = app.customer();
    let source = app.create_checkout_com(&customer, ORDER).await.id();
    let first = app.authorize(&customer, &source, &token("visa", 1)).await;
    assert_eq!(app.save(&customer, ORDER).await.wallet().len(), 1);
    let second = app
        .authorize(&customer, &source, &token("mastercard", 2))
        .await;
    assert_eq!(app.payment_of(&first).await["status"], "Voided");
    assert!(app.is_stored(card_id(&first)).await);
    assert_eq!(books.held().len(), 1);

    let saved = app.save(&customer, ORDER).await;
    let names: Vec<_> = saved
        .wallet()
        .iter()
        .map(|id| saved.included(id)["attributes"]["name"].clone())
        .collect();
    assert_eq!(names, ["XXXX-XXXX-XXXX-4242", "XXXX-XXXX-XXXX-4444"]);
    assert_eq!(src_of(saved.included(&saved.wallet()[1])), card_id(&second));
}

#[tokio::test]
async fn a_declined_card_after_an_approved_one_leaves_no_payment() {
    let (app, books, _) = App::start_with_books().await;
    let customer = app.customer();
    let source = app.create_checkout_com(&customer, ORDER).await.id();
    app.authorize(&customer, &source, &token("visa", 1)).await;
    let declined = app
        .authorize(&customer, &source, &token("declined", 2))
        .await;
    assert_eq!(declined.attribute("payment_response")["status"], "Declined");
    assert_eq!(
        books.held().len(),
        0,
        "what the source shows is what is held"
    );
    assert_eq!(books.instruments().len(), 0);
}

#[tokio::test]
async fn a_payment_that_waits_for_the_bank_is_let_go_of_when_the_bank_has_answered() {
    for another_card in [true, false] {
        let (app, books, clock) = App::start_with_books().await;
        let customer = app.customer();
        let source = app.create_checkout_com(&customer, ORDER).await.id();
        let waiting = app
            .authorize(&customer, &source, &token("redirect", 1))
            .await;
        if another_card {
            let second = app
                .authorize(&customer, &source, &token("mastercard", 2))
                .await;
            assert_eq!(second.attribute("payment_response")["status"], "Authorized");
        } else {
            let drop = json!({ "_nullify_payment_source": true });
            assert_eq!(app.patch_order(&customer, ORDER, drop).await.status, 200);
        }
        let left = usize::from(another_card);
        assert_eq!(books.held().len(), left);
        app.answer_bank(payment_id(&waiting), true).await;
        assert_eq!(
            books.held().len(),
            left + 1,
            "the shopper went on in another window"
        );
        clock.pass(Duration::from_secs(3600));
        app.sweep().await;
        assert_eq!(books.held().len(), left);
        assert_eq!(app.payment_of(&waiting).await["status"], "Voided");
        assert_eq!(books.instruments().len(), left, "nor is its card kept");
        assert_eq!(app.operations().await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn what_the_bank_approved_meanwhile_goes_with_its_card() {
    for another_card in [true, false] {
        let (app, books, _) = App::start_with_books().await;
        let customer = app.customer();
        let source = app.create_checkout_com(&customer, ORDER).await.id();
        let waiting = app
            .authorize(&customer, &source, &token("redirect", 1))
            .await;
        app.answer_bank(payment_id(&waiting), true).await;
        if another_card {
            app.authorize(&customer, &source, &token("mastercard", 2))
                .await;
        } else {
            let drop = json!({ "_nullify_payment_source": true });
            assert_eq!(app.patch_order(&customer, ORDER, drop).await.status, 200);
        }
        let left = usize::from(another_card);
        assert_eq!(books.held().len(), left);
        assert_eq!(books.instruments().len(), left);
    }
}
