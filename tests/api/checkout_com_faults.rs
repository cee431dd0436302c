//! Checkout.com on a bad day: what is not known to have happened is not written, and a repeat pays
//! once.

use std::collections::BTreeSet;
use std::time::Duration;

use sandbox::{Fault, FaultOrder};
use serde_json::json;

use crate::app::{App, CHECKOUT_COM_ORDER as ORDER, Reply};
use crate::at_checkout_com::{KIND, payment_id, return_urls, token};
use crate::faults::differing;

/// No usable answer, of whatever kind.
const FAULTS: [Fault; 6] = [
    Fault::Status429,
    Fault::Status500,
    Fault::Garbage,
    Fault::LargeBody,
    Fault::DropBefore,
    Fault::DropAfter,
];

/// As often as a step is tried.
const TRIES: u32 = 3;

fn on(fault: Fault, path: &str) -> FaultOrder {
    FaultOrder::next(fault).on("POST", path).times(TRIES)
}

fn assert_gateway_error(reply: &Reply, fault: Fault) {
    assert_eq!(
        (reply.status, reply.code()),
        (502, "GATEWAY_ERROR"),
        "{fault:?}: {}",
        reply.body
    );
    let text = reply.body.to_string().to_lowercase();
    assert!(!text.contains("checkout"), "{fault:?}: {text}");
}

#[tokio::test]
async fn a_session_that_does_not_open_leaves_the_table_as_it_was() {
    for fault in FAULTS {
        let (app, _) = App::start_timeless().await;
        let customer = app.customer();
        app.fault_at_checkout_com(on(fault, "/payment-sessions"));
        let before = app.table().await;
        let reply = app
            .create_source(&customer, KIND, ORDER, return_urls())
            .await;
        assert_gateway_error(&reply, fault);
        assert_eq!(app.table().await, before, "{fault:?}");

        app.checkout_com().stand_in.withdraw_faults();
        app.create_checkout_com(&customer, ORDER).await;
        let customers = app.posted_to_checkout_com("/customers");
        assert_eq!(customers.len(), 2, "{fault:?}: asked for, and found there");
    }
}

#[tokio::test]
async fn a_payment_without_an_answer_leaves_the_source_as_it_was_and_a_repeat_pays_once() {
    for fault in FAULTS {
        let (app, books, _) = App::start_with_books().await;
        let customer = app.customer();
        let source = app.create_checkout_com(&customer, ORDER).await.id();
        app.fault_at_checkout_com(on(fault, "/payments"));
        let before = app.table().await;
        let reply = app.authorize(&customer, &source, &token("visa", 1)).await;
        assert_gateway_error(&reply, fault);
        let after = app.table().await;
        let mut changed = differing(&before, &after);
        // Attempts are counted while they are under way.
        changed.retain(|it| it != "at");
        assert_eq!(changed.len(), 1, "{fault:?}: {changed:?}");
        assert!(
            changed[0].starts_with("operation#"),
            "the step is noted: {changed:?}"
        );

        app.checkout_com().stand_in.withdraw_faults();
        let repeat = app.authorize(&customer, &source, &token("visa", 1)).await;
        assert_eq!(repeat.status, 200, "{fault:?}: {}", repeat.body);
        assert_eq!(books.payments().len(), 1, "{fault:?}");
        assert_eq!(books.held()[0]["id"], payment_id(&repeat), "{fault:?}");
        assert_eq!(books.instruments().len(), 1, "{fault:?}");
        assert_eq!(app.operations().await, Vec::<String>::new(), "{fault:?}");
    }
}

#[tokio::test]
async fn every_try_of_a_payment_has_the_same_key_and_another_payment_another() {
    let (app, books, _) = App::start_with_books().await;
    let customer = app.customer();
    let source = app.create_checkout_com(&customer, ORDER).await.id();
    app.fault_at_checkout_com(on(Fault::Status500, "/payments"));
    let keys = || {
        let heard = app.heard_by_checkout_com().into_iter();
        let payments = heard.filter(|it| it.method == "POST" && it.path == "/payments");
        let key = |it: sandbox::Received| it.header("cko-idempotency-key").unwrap().to_owned();
        payments.map(key).collect::<Vec<_>>()
    };
    app.authorize(&customer, &source, &token("visa", 1)).await;
    app.authorize(&customer, &source, &token("visa", 1)).await;
    assert_eq!(keys().len(), 4);
    assert_eq!(keys().into_iter().collect::<BTreeSet<_>>().len(), 1);
    app.authorize(&customer, &source, &token("visa", 2)).await;
    assert_eq!(keys().into_iter().collect::<BTreeSet<_>>().len(), 2);
    assert_eq!(books.held().len(), 1);
}

#[tokio::test]
async fn an_answer_that_was_lost_once_is_asked_for_again() {
    let (app, books, _) = App::start_with_books().await;
    let customer = app.customer();
    let source = app.create_checkout_com(&customer, ORDER).await.id();
    app.fault_at_checkout_com(FaultOrder::next(Fault::DropAfter).on("POST", "/payments"));
    let paid = app.authorize(&customer, &source, &token("visa", 1)).await;
    assert_eq!(paid.status, 200, "{}", paid.body);
    assert_eq!(books.payments().len(), 1);
}

#[tokio::test]
async fn an_answer_after_the_deadline_is_none() {
    // The pause after the first try leaves the second half a second.
    let (app, books, _) = App::start_with_pauses(Duration::from_millis(9_400)).await;
    let customer = app.customer();
    let source = app.create_checkout_com(&customer, ORDER).await.id();
    app.fault_at_checkout_com(FaultOrder::next(Fault::DropBefore).on("POST", "/payments"));
    let late = FaultOrder::next(Fault::Delay).on("POST", "/payments");
    app.fault_at_checkout_com(late.delay_ms(1_500));
    let reply = app.authorize(&customer, &source, &token("visa", 1)).await;
    assert_gateway_error(&reply, Fault::Delay);
    let kept = app.get(&customer, &format!("/api/{KIND}/{source}")).await;
    assert_eq!(kept.attribute("payment_response"), &json!({}));
    assert_eq!(books.payments().len(), 1, "it took effect all the same");

    // The key is in use until the late answer is given.
    let mut repeat = reply;
    for _ in 0..50 {
        repeat = app.authorize(&customer, &source, &token("visa", 1)).await;
        if repeat.status != 502 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(repeat.status, 200, "{}", repeat.body);
    assert_eq!(books.payments().len(), 1);
    assert_eq!(app.payment_of(&repeat).await["status"], "Authorized");
}

#[tokio::test]
async fn a_refusal_of_the_gateways_own_is_passed_on_in_our_words() {
    let app = App::start().await;
    let customer = app.customer();
    app.fault_at_checkout_com(FaultOrder::next(Fault::Status402).on("POST", "/payment-sessions"));
    let reply = app
        .create_source(&customer, KIND, ORDER, return_urls())
        .await;
    assert_eq!(
        (reply.status, reply.code()),
        (422, "PAYMENT_DECLINED"),
        "{}",
        reply.body
    );
    let source = app.create_checkout_com(&customer, ORDER).await.id();
    app.fault_at_checkout_com(FaultOrder::next(Fault::Status402).on("POST", "/payments"));
    let declined = app.authorize(&customer, &source, &token("visa", 1)).await;
    assert_eq!(declined.status, 200, "{}", declined.body);
    assert_eq!(declined.attribute("payment_response")["status"], "Declined");
}

#[tokio::test]
async fn a_save_that_the_gateway_does_not_answer_keeps_nothing_until_the_repeat() {
    for fault in FAULTS {
        let (app, _) = App::start_timeless().await;
        let customer = app.customer();
        app.paid_with_checkout_com(&customer, ORDER, &token("visa", 1))
            .await;
        for path in ["/payments/*", "/instruments/*"] {
            let order = FaultOrder::next(fault).on("GET", path).times(TRIES);
            app.fault_at_checkout_com(order);
            let before = app.table().await;
            assert_gateway_error(&app.save(&customer, ORDER).await, fault);
            let after = app.table().await;
            assert!(differing(&before, &after).is_empty(), "{fault:?} {path}");
            app.checkout_com().stand_in.withdraw_faults();
        }
        let saved = app.save(&customer, ORDER).await;
        assert_eq!(saved.wallet().len(), 1, "{fault:?}: {}", saved.body);
    }
}

#[tokio::test]
async fn equal_requests_at_once_make_one_payment_source() {
    let app = App::start().await;
    let customer = app.customer();
    let create = || app.create_checkout_com(&customer, ORDER);
    let (a, b, c) = futures_util::join!(create(), create(), create());
    assert_eq!(a.id(), b.id());
    assert_eq!(b.id(), c.id());
    assert_eq!(app.sources_of(ORDER).await, 1);
    assert_eq!(
        a.attribute("payment_session"),
        b.attribute("payment_session")
    );
    assert_eq!(
        b.attribute("payment_session"),
        c.attribute("payment_session")
    );
}

#[tokio::test]
async fn the_same_token_at_once_is_one_payment() {
    let (app, books, _) = App::start_with_books().await;
    let customer = app.customer();
    let source = app.create_checkout_com(&customer, ORDER).await.id();
    let card = token("visa", 1);
    let pay = || app.authorize(&customer, &source, &card);
    let (a, b, c) = futures_util::join!(pay(), pay(), pay());
    for reply in [&a, &b, &c] {
        assert_eq!(reply.status, 200, "{}", reply.body);
        assert_eq!(payment_id(reply), payment_id(&a));
    }
    assert_eq!(books.payments().len(), 1);
    assert_eq!(books.held().len(), 1);
}

#[tokio::test]
async fn two_cards_at_once_leave_one_live_payment() {
    let (app, books, clock) = App::start_with_books().await;
    let customer = app.customer();
    let source = app.create_checkout_com(&customer, ORDER).await.id();
    let cards = [token("visa", 1), token("mastercard", 2)];
    let (a, b) = futures_util::join!(
        app.authorize(&customer, &source, &cards[0]),
        app.authorize(&customer, &source, &cards[1]),
    );
    assert!(a.status < 500 && b.status < 500, "{} {}", a.body, b.body);
    clock.pass(Duration::from_secs(61));
    app.sweep().await;
    let order = app.order(&app.customer(), ORDER).await;
    let shown = &order.payment_source()["attributes"]["payment_response"]["id"];
    let held = books.held();
    assert_eq!(held.len(), 1, "{held:?}");
    assert_eq!(&held[0]["id"], shown);
    assert_eq!(books.instruments().len(), 1);
}

#[tokio::test]
async fn a_void_that_failed_is_carried_on_by_the_sweeper() {
    let (app, books, clock) = App::start_with_books().await;
    let customer = app.customer();
    app.paid_with_checkout_com(&customer, ORDER, &token("visa", 1))
        .await;
    app.fault_at_checkout_com(on(Fault::Status500, "/payments/*"));
    let forget = FaultOrder::next(Fault::DropAfter).on("DELETE", "/instruments/*");
    app.fault_at_checkout_com(forget.times(TRIES));
    let drop = json!({ "_nullify_payment_source": true });
    let reply = app.patch_order(&customer, ORDER, drop).await;
    assert_eq!(
        reply.status, 200,
        "the shopper does not wait for it: {}",
        reply.body
    );
    assert_eq!(books.held().len(), 1);
    clock.pass(Duration::from_secs(61));
    app.sweep().await;
    assert_eq!((books.held().len(), books.instruments().len()), (0, 0));
    assert_eq!(app.operations().await, Vec::<String>::new());
}
