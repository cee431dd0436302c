//! Money at the shop's own gateway.

use domain::gateway::{Moved, Moving, Outcome, Progress};
use gateways::CallFailure;
use sandbox::Fault;
use sandbox::external::Verdict;
use serde_json::json;

use crate::shop::Shop;
use crate::shop_parts::performed::{failure_of, moved_of, payment_of};
use crate::shop_parts::reference;

fn code(moved: &Moved) -> &str {
    match &moved.outcome {
        Outcome::Failed(decline) => decline.code.as_deref().unwrap_or_default(),
        other => panic!("{other:?}"),
    }
}

async fn authorized(shop: &Shop, source: &str) -> String {
    let payment = payment_of(shop.authorize(source).await);
    assert_eq!(payment.progress, Progress::Authorized);
    reference(&payment).to_owned()
}

#[tokio::test]
async fn an_order_is_authorised_captured_in_parts_and_refunded_in_equal_parts() {
    let shop = Shop::open();
    let payment = payment_of(shop.authorize("tok_1").await);
    assert_eq!(payment.books.unwrap().held, 12_900);
    assert_eq!(json!(payment.metadata), json!({"gateway": "reference"}));
    let held = reference(&payment);
    let capture = |transaction, cents| shop.move_money(transaction, Moving::Capture, held, cents);
    let first = moved_of(capture("captureAAA", 5_000).await);
    let again = moved_of(capture("captureAAA", 5_000).await);
    assert_eq!(first, again);
    moved_of(capture("captureBBB", 7_900).await);
    assert_eq!(
        code(&moved_of(capture("captureCCC", 1).await)),
        "AMOUNT_TOO_LARGE"
    );

    let taken = first.reference.unwrap();
    let refund = |transaction, cents| shop.move_money(transaction, Moving::Refund, &taken, cents);
    for transaction in ["refundAAAA", "refundBBBB", "refundBBBB"] {
        let moved = moved_of(refund(transaction, 2_500).await);
        assert_eq!(moved.outcome, Outcome::Succeeded);
    }
    assert_eq!(
        code(&moved_of(refund("refundCCCC", 1).await)),
        "AMOUNT_TOO_LARGE"
    );
}

#[tokio::test]
async fn what_is_voided_is_not_captured() {
    let shop = Shop::open();
    let held = authorized(&shop, "tok_1").await;
    let void = shop
        .move_money("voidAAAAAA", Moving::Void, &held, 12_900)
        .await;
    assert_eq!(moved_of(void).outcome, Outcome::Succeeded);
    let capture = shop
        .move_money("captureAAA", Moving::Capture, &held, 1)
        .await;
    assert_eq!(code(&moved_of(capture)), "AMOUNT_TOO_LARGE");
}

#[tokio::test]
async fn declines_are_answers_and_close_the_circuit() {
    let shop = Shop::open();
    let declined = payment_of(shop.authorize("declined-1").await);
    assert_eq!(declined.progress, Progress::Declined);
    assert_eq!(
        declined.decline.unwrap().code.as_deref(),
        Some("CARD_DECLINED")
    );
    let shop = Shop::open();
    let held = authorized(&shop, "capture-declined-1").await;
    let capture = shop
        .move_money("captureAAA", Moving::Capture, &held, 1)
        .await;
    assert_eq!(code(&moved_of(capture)), "CARD_DECLINED");
    assert_eq!(shop.circuit().await.failures, 0);
}

#[tokio::test]
async fn what_is_decided_later_is_named_by_its_action() {
    let shop = Shop::open();
    let payment = payment_of(shop.authorize("pending-1").await);
    assert!(payment.is_undecided());
    assert_eq!(shop.gateway.actions(), [reference(&payment)]);

    let held = authorized(&Shop::open(), "tok_1").await;
    assert!(held.starts_with("txn_"));
    let shop = Shop::open();
    let held = authorized(&shop, "refund-pending-1").await;
    let taken = shop
        .move_money("captureAAA", Moving::Capture, &held, 500)
        .await;
    let taken = moved_of(taken).reference.unwrap();
    let refund = shop
        .move_money("refundAAAA", Moving::Refund, &taken, 500)
        .await;
    let refund = moved_of(refund);
    assert_eq!(refund.outcome, Outcome::Pending);
    let action = refund.reference.unwrap();
    let url = "https://billfold.test/hooks/external";
    assert!(
        shop.gateway
            .settle(&action, Verdict::Succeeded, url)
            .unwrap()
    );
    assert!(shop.gateway.callbacks()[0].body.contains(&action));
}

#[tokio::test]
async fn a_promise_that_nobody_can_settle_is_a_failure() {
    let shop = Shop::open();
    let failure = failure_of(shop.authorize("no-action-1").await);
    assert!(
        matches!(failure, CallFailure::NotUnderstood(_)),
        "{failure}"
    );
    assert_eq!(shop.circuit().await.failures, 1);
}

#[tokio::test]
async fn money_moves_once_whatever_is_lost_on_the_way() {
    for fault in [
        Fault::DropBefore,
        Fault::DropAfter,
        Fault::Garbage,
        Fault::LargeBody,
        Fault::Status429,
        Fault::Status500,
    ] {
        let shop = Shop::open();
        shop.break_path("/authorize", fault);
        failure_of(shop.authorize("tok_1").await);
        assert_eq!(shop.requests(), 1, "nobody knows whether it arrived");
        let held = authorized(&shop, "tok_1").await;
        assert_eq!(authorized(&shop, "tok_1").await, held, "{fault:?}");

        shop.break_path("/capture", fault);
        let capture = || shop.move_money("captureAAA", Moving::Capture, &held, 12_900);
        failure_of(capture().await);
        let moved = moved_of(capture().await);
        assert_eq!(moved.outcome, Outcome::Succeeded, "{fault:?}");
        assert_eq!(shop.circuit().await.failures, 0);
    }
}

#[tokio::test]
async fn a_wrong_secret_is_not_taken_for_a_decline() {
    let shop = Shop::open().signing_with("yesterdays-shared-secret");
    let failure = failure_of(shop.authorize("tok_1").await);
    assert_eq!(failure, CallFailure::CredentialsRefused(401));
}
