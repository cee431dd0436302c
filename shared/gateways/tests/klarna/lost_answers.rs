//! Orders and transactions whose answers are lost on the way.

use domain::gateway::{Moving, Outcome, Progress};
use gateways::CallFailure;
use sandbox::Fault;

use crate::shop::{Shop, moving, new_payment};
use crate::shop_parts::performed::{failure_of, moved_of, payment_of, refusal_of, reusable_of};
use crate::shop_parts::reference;

const PLACE: &str = "/payments/v1/authorizations/*";
const PLACE_TOKEN: &str = "/customer-token/v1/tokens/*";
const ORDERS: &str = "/ordermanagement/v1/orders/*";

/// What ends the call without an answer, though the request took effect.
const UNANSWERED: &[Fault] = &[
    Fault::Garbage,
    Fault::LargeBody,
    Fault::DropAfter,
    Fault::Delay,
];

#[tokio::test]
async fn one_order_is_placed_whatever_is_lost_on_the_way() {
    for fault in [
        Fault::DropBefore,
        Fault::DropAfter,
        Fault::Status429,
        Fault::Status500,
    ] {
        let shop = Shop::open().await;
        let payment = shop.pay(new_payment()).await;
        let authorization = shop.approve_in_browser(&payment).await;
        shop.break_next("POST", PLACE, fault);
        let placed = payment_of(shop.order(&payment, &authorization).await);
        let again = payment_of(shop.order(&payment, &authorization).await);
        assert_eq!(placed, again, "{fault:?}");
    }
}

#[tokio::test]
async fn an_order_without_an_answer_is_asked_for_again_and_is_one() {
    for fault in UNANSWERED {
        let shop = Shop::open().await;
        let payment = shop.pay(new_payment()).await;
        let authorization = shop.approve_in_browser(&payment).await;
        shop.break_times("POST", PLACE, *fault, 3);
        failure_of(shop.order(&payment, &authorization).await);
        shop.klarna.withdraw_faults();
        let placed = payment_of(shop.order(&payment, &authorization).await);
        assert_eq!(placed.progress, Progress::Authorized, "{fault:?}");
    }
}

#[tokio::test]
async fn an_order_of_a_saved_source_is_one_whatever_is_lost_on_the_way() {
    for fault in UNANSWERED {
        let shop = Shop::open().await;
        shop.pay(new_payment()).await;
        let reusable = reusable_of(shop.save("token-1").await);
        shop.break_times("POST", PLACE_TOKEN, *fault, 3);
        failure_of(shop.order_saved(&reusable).await);
        shop.klarna.withdraw_faults();
        let first = payment_of(shop.order_saved(&reusable).await);
        let again = payment_of(shop.order_saved(&reusable).await);
        assert_eq!(first.reference, again.reference, "{fault:?}");
    }
}

#[tokio::test]
async fn an_order_whose_answer_was_lost_for_an_hour_is_not_taken_for_none() {
    let shop = Shop::open().await;
    let payment = shop.pay(new_payment()).await;
    let authorization = shop.approve_in_browser(&payment).await;
    shop.break_times("POST", PLACE, Fault::DropAfter, 3);
    failure_of(shop.order(&payment, &authorization).await);
    shop.klarna.withdraw_faults();
    shop.pass_minutes(61);
    let failure = failure_of(shop.order(&payment, &authorization).await);
    assert!(
        matches!(failure, CallFailure::NotUnderstood(_)),
        "{failure}"
    );

    let untouched = shop.pay(new_payment()).await;
    let approved = shop.approve_in_browser(&untouched).await;
    shop.pass_minutes(61);
    let (_, detail) = refusal_of(shop.order(&untouched, &approved).await);
    assert!(detail.contains("approve the payment again"), "{detail}");
}

#[tokio::test]
async fn a_refund_that_a_fault_leaves_open_is_not_asked_for_a_second_time() {
    let shop = Shop::open().await;
    let order = shop.ordered().await;
    let capture = moving(Moving::Capture, &order, 5_000);
    moved_of(shop.move_money("captureAAA", capture).await);
    let refund = moving(Moving::Refund, &order, 5_000);
    shop.break_times("POST", ORDERS, Fault::Status500, 3);
    for _ in 0..2 {
        let moved = moved_of(shop.move_money("refundAAAA", refund.clone()).await);
        assert_eq!((moved.outcome, moved.reference), (Outcome::Pending, None));
        shop.klarna.withdraw_faults();
    }
    let found = moved_of(shop.read_moved("refundAAAA", refund).await);
    assert!(matches!(found.outcome, Outcome::Failed(_)), "{found:?}");
    assert_eq!(shop.books(&order).await, (7_900, 5_000, 0));
}

#[tokio::test]
async fn money_moves_once_whatever_is_lost_on_the_way() {
    let faults = UNANSWERED
        .iter()
        .chain(&[Fault::DropBefore, Fault::Status429]);
    for fault in faults {
        let shop = Shop::open().await;
        let order = shop.ordered().await;
        for (transaction, kind, books) in [
            ("captureAAA", Moving::Capture, (7_900, 5_000, 0)),
            ("refundAAAA", Moving::Refund, (7_900, 5_000, 5_000)),
        ] {
            let asked = moving(kind, &order, 5_000);
            shop.break_times("POST", ORDERS, *fault, 3);
            let first = shop.move_money(transaction, asked.clone()).await;
            shop.klarna.withdraw_faults();
            let moved = moved_of(shop.move_money(transaction, asked.clone()).await);
            assert_eq!(moved.outcome, Outcome::Succeeded, "{fault:?} {first:?}");
            assert!(moved.reference.is_some(), "{fault:?}");
            assert_eq!(shop.books(&order).await, books, "{fault:?}");
            let found = moved_of(shop.read_moved(transaction, asked).await);
            assert_eq!(found, moved, "{fault:?}");
        }
        let void = moving(Moving::Void, &order, 7_900);
        shop.break_times("POST", ORDERS, *fault, 3);
        let first = shop.move_money("voidAAAAAA", void.clone()).await;
        shop.klarna.withdraw_faults();
        let moved = moved_of(shop.move_money("voidAAAAAA", void).await);
        assert_eq!(moved.outcome, Outcome::Succeeded, "{fault:?} {first:?}");
        assert_eq!(shop.books(&order).await, (0, 5_000, 5_000));
    }
}

#[tokio::test]
async fn a_transaction_that_klarna_has_forgotten_the_key_of_is_found_by_its_reference() {
    let shop = Shop::open().await;
    let order = shop.ordered().await;
    let capture = moving(Moving::Capture, &order, 12_900);
    let first = moved_of(shop.move_money("captureAAA", capture.clone()).await);
    shop.pass_minutes(25 * 60);
    let later = moved_of(shop.move_money("captureAAA", capture.clone()).await);
    assert_eq!(later, first);
    let other = moved_of(shop.move_money("captureBBB", capture).await);
    assert!(matches!(other.outcome, Outcome::Failed(_)));
}

#[tokio::test]
async fn what_never_arrived_did_not_move() {
    let shop = Shop::open().await;
    let order = shop.ordered().await;
    let capture = moving(Moving::Capture, &order, 12_900);
    shop.break_times("POST", ORDERS, Fault::DropBefore, 3);
    failure_of(shop.move_money("captureAAA", capture.clone()).await);
    let found = moved_of(shop.read_moved("captureAAA", capture).await);
    assert!(matches!(found.outcome, Outcome::Failed(_)));
    let payment = payment_of(shop.read_reference(&order).await);
    assert_eq!(reference(&payment), order);
}
