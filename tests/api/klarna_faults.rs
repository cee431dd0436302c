//! A Klarna that throttles, breaks or is not there: nothing is done twice, and nothing is lost.

use std::time::Duration;

use sandbox::Fault;
use serde_json::{Value, json};

use crate::app::App;
use crate::at_klarna::{AUTHORIZATIONS, KLARNA_ORDER, SESSIONS, TOKENS};
use crate::faults::differing;

/// Klarna asks to try again, or was not heard.
const PASSING: [Fault; 4] = [
    Fault::Status429,
    Fault::Status500,
    Fault::DropBefore,
    Fault::DropAfter,
];

const MINT: (&str, &str) = ("POST", "/payments/v1/authorizations/*");

async fn wallet(app: &App) -> Vec<Value> {
    let list = app
        .get(&app.customer(), "/api/customer_payment_sources")
        .await;
    list.body["data"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_session_is_opened_at_the_next_try() {
    for fault in PASSING {
        let (app, _) = App::start_timeless().await;
        app.fault_at_klarna(fault, 2, ("POST", SESSIONS));
        app.create_klarna(&app.customer(), KLARNA_ORDER).await;
        assert_eq!(app.heard_by_klarna("POST", SESSIONS).len(), 3, "{fault:?}");
    }
}

#[tokio::test]
async fn a_session_without_a_usable_answer_leaves_the_table_as_it_was() {
    let (app, _) = App::start_timeless().await;
    let customer = app.customer();
    let before = app.table().await;
    let unusable = [Fault::Garbage, Fault::LargeBody];
    for fault in PASSING.iter().chain(&unusable) {
        app.fault_at_klarna(*fault, 3, ("POST", SESSIONS));
        let reply = app
            .create_source(&customer, "klarna_payments", KLARNA_ORDER, json!({}))
            .await;
        assert_eq!(
            (reply.status, reply.code()),
            (502, "GATEWAY_ERROR"),
            "{fault:?}: {}",
            reply.body
        );
        let text = reply.body.to_string().to_lowercase();
        assert!(!text.contains("klarna"), "{text}");
        let after = app.table().await;
        assert!(differing(&before, &after).is_empty(), "{fault:?}");
        assert_eq!(before.len(), after.len(), "{fault:?}");
        app.klarna().stand_in.withdraw_faults();
    }
    app.create_klarna(&customer, KLARNA_ORDER).await;
}

#[tokio::test]
async fn a_token_is_minted_once_whatever_is_lost_on_the_way() {
    for fault in PASSING {
        let (app, _) = App::start_timeless().await;
        let customer = app.customer();
        app.approved_in_browser(&customer, KLARNA_ORDER).await;
        app.fault_at_klarna(fault, 1, MINT);
        let reply = app.save(&customer, KLARNA_ORDER).await;
        assert_eq!(reply.status, 200, "{fault:?}: {}", reply.body);
        assert_eq!(reply.wallet().len(), 1, "{fault:?}");
        let attributes = &reply.included(&reply.wallet()[0])["attributes"];
        assert_eq!(attributes["name"], "XXXX-XXXX-XXXX-1234", "{fault:?}");
        assert_eq!(app.operations().await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_mint_whose_answer_was_lost_is_one_token_when_the_caller_repeats() {
    for fault in [
        Fault::DropAfter,
        Fault::Garbage,
        Fault::LargeBody,
        Fault::Status429,
        Fault::DropBefore,
    ] {
        let (app, _) = App::start_timeless().await;
        let customer = app.customer();
        app.approved_in_browser(&customer, KLARNA_ORDER).await;
        app.fault_at_klarna(fault, 3, MINT);
        let lost = app.save(&customer, KLARNA_ORDER).await;
        assert_eq!(
            (lost.status, lost.code()),
            (502, "GATEWAY_ERROR"),
            "{fault:?}: {}",
            lost.body
        );
        assert!(wallet(&app).await.is_empty(), "{fault:?}");
        assert_eq!(app.operations().await.len(), 1, "{fault:?}: it is noted");

        app.klarna().stand_in.withdraw_faults();
        let repeat = app.save(&customer, KLARNA_ORDER).await;
        assert_eq!(repeat.status, 200, "{fault:?}: {}", repeat.body);
        let entries = repeat.wallet();
        assert_eq!(entries.len(), 1, "{fault:?}");
        let token = &repeat.included(&entries[0])["attributes"]["payment_source_token"];
        let token = app.klarna_token(token.as_str().unwrap()).await;
        assert_eq!(token["status"], "ACTIVE", "{fault:?}");
        assert_eq!(app.operations().await, Vec::<String>::new(), "{fault:?}");

        let keys = app.heard_by_klarna("POST", AUTHORIZATIONS);
        let keys: Vec<_> = keys
            .iter()
            .map(|it| it.header("klarna-idempotency-key").unwrap())
            .collect();
        assert!(keys.iter().all(|it| *it == keys[0]), "{fault:?}: {keys:?}");
    }
}

#[tokio::test]
async fn a_mint_whose_answer_was_lost_becomes_an_entry_without_the_caller() {
    for fault in [Fault::DropAfter, Fault::DropBefore, Fault::Garbage] {
        let (app, clock) = App::start_timeless().await;
        let customer = app.customer();
        app.approved_in_browser(&customer, KLARNA_ORDER).await;
        app.fault_at_klarna(fault, 3, MINT);
        assert_eq!(app.save(&customer, KLARNA_ORDER).await.status, 502);
        app.klarna().stand_in.withdraw_faults();
        app.sweep().await;
        assert!(wallet(&app).await.is_empty(), "{fault:?}: not due yet");

        clock.pass(Duration::from_secs(61));
        app.sweep().await;
        let entries = wallet(&app).await;
        assert_eq!(entries.len(), 1, "{fault:?}");
        assert_eq!(entries[0]["attributes"]["name"], "XXXX-XXXX-XXXX-1234");
        assert_eq!(app.operations().await, Vec::<String>::new(), "{fault:?}");

        let mints = app.heard_by_klarna("POST", AUTHORIZATIONS).len();
        let late = app.save(&customer, KLARNA_ORDER).await;
        assert_eq!(late.status, 200, "{fault:?}: {}", late.body);
        assert_eq!(late.wallet(), [entries[0]["id"].as_str().unwrap()]);
        assert_eq!(app.heard_by_klarna("POST", AUTHORIZATIONS).len(), mints);
    }
}

#[tokio::test]
async fn a_mint_that_comes_too_late_for_its_order_is_given_up_again() {
    let (app, clock) = App::start_timeless().await;
    let customer = app.customer();
    app.approved_in_browser(&customer, KLARNA_ORDER).await;
    app.fault_at_klarna(Fault::DropAfter, 3, MINT);
    assert_eq!(app.save(&customer, KLARNA_ORDER).await.status, 502);
    let nullify = json!({ "_nullify_payment_source": true });
    let reply = app.patch_order(&customer, KLARNA_ORDER, nullify).await;
    assert_eq!(reply.status, 200, "{}", reply.body);

    clock.pass(Duration::from_secs(61));
    app.sweep().await;
    assert!(wallet(&app).await.is_empty());
    let cancelled = app.heard_by_klarna("PATCH", TOKENS);
    assert_eq!(cancelled.len(), 1, "{:?}", app.asked_of_klarna());
    assert_eq!(app.operations().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_mint_of_a_former_approval_is_given_up_again() {
    let (app, clock) = App::start_timeless().await;
    let customer = app.customer();
    let (source, former) = app.approved_in_browser(&customer, KLARNA_ORDER).await;
    app.fault_at_klarna(Fault::DropAfter, 3, MINT);
    assert_eq!(app.save(&customer, KLARNA_ORDER).await.status, 502);
    let newer = app.approve_in_browser(&source).await;
    let approved = app.approve(&customer, &source.id(), &newer).await;
    assert_eq!(approved.status, 200, "{}", approved.body);

    clock.pass(Duration::from_secs(61));
    app.sweep().await;
    assert!(
        wallet(&app).await.is_empty(),
        "{former} is not on the order"
    );
    assert_eq!(app.heard_by_klarna("PATCH", TOKENS).len(), 1);

    let saved = app.save(&customer, KLARNA_ORDER).await;
    assert_eq!(saved.status, 200, "{}", saved.body);
    let minted = app.heard_by_klarna("POST", AUTHORIZATIONS);
    let last = &minted.last().unwrap().path;
    assert_eq!(*last, format!("{AUTHORIZATIONS}{newer}/customer-token"));
    assert_eq!(app.operations().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_fault_that_klarna_keeps_replaying_does_not_block_the_save() {
    let (app, _) = App::start_timeless().await;
    let customer = app.customer();
    app.approved_in_browser(&customer, KLARNA_ORDER).await;
    // Klarna answers a key with its first result for a day, its own faults too.
    app.fault_at_klarna(Fault::Status500, 6, MINT);
    assert_eq!(app.save(&customer, KLARNA_ORDER).await.status, 502);
    app.klarna().stand_in.withdraw_faults();
    let repeat = app.save(&customer, KLARNA_ORDER).await;
    assert_eq!(repeat.status, 200, "{}", repeat.body);
    assert_eq!(repeat.wallet().len(), 1);
}

#[tokio::test]
async fn a_token_that_cannot_be_read_is_kept_all_the_same() {
    let (app, _) = App::start_timeless().await;
    let customer = app.customer();
    app.approved_in_browser(&customer, KLARNA_ORDER).await;
    let path = format!("{TOKENS}*");
    app.fault_at_klarna(Fault::Status500, 3, ("GET", &path));
    let saved = app.save(&customer, KLARNA_ORDER).await;
    assert_eq!(saved.status, 200, "{}", saved.body);
    let entry = saved.included(&saved.wallet()[0]);
    assert_eq!(entry["attributes"]["name"], "Klarna");
    let order = app.second_klarna_order().await;
    let reused = app.reuse(&customer, order, &saved.wallet()[0]).await;
    assert_eq!(reused.status, 200, "{}", reused.body);
    let instrument = &reused.payment_source()["attributes"]["payment_instrument"];
    assert_eq!(instrument["card_last_digits"], "1234");
}

#[tokio::test]
async fn a_saved_source_that_could_not_be_looked_up_changes_nothing() {
    let (app, _) = App::start_timeless().await;
    let (entry, _) = app.saved_with_klarna("first-order").await;
    let customer = app.customer();
    let order = app.second_klarna_order().await;
    let (former, _) = app.approved_in_browser(&customer, order).await;
    let path = format!("{TOKENS}*");
    app.fault_at_klarna(Fault::Status429, 3, ("GET", &path));
    let before = app.table().await;
    let reply = app.reuse(&customer, order, &entry).await;
    assert_eq!((reply.status, reply.code()), (502, "GATEWAY_ERROR"));
    assert!(differing(&before, &app.table().await).is_empty());
    let seen = app.order(&customer, order).await;
    assert_eq!(seen.payment_source()["id"], former.id());
    assert_eq!(app.reuse(&customer, order, &entry).await.status, 200);
}
