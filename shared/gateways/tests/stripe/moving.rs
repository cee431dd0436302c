use domain::gateway::{Moving, Outcome, Progress};
use domain::refusal::Code;
use sandbox::Fault;

use crate::shop::Shop;
use crate::shop_parts::performed::{decline_of, moved_of, refusal_of};
use crate::shop_parts::{euros, reference};

#[tokio::test]
async fn what_is_held_is_captured_and_refunded_in_parts() {
    let shop = Shop::open().await;
    let payment = shop.held("pm_card_visa").await;
    let capture = moved_of(
        shop.moving("captureAAA", Moving::Capture, &payment, 12_000)
            .await,
    );
    assert_eq!(capture.outcome, Outcome::Succeeded);
    assert_eq!(capture.reference, payment.reference);
    assert_eq!(capture.released, Some(euros(900)));

    let first = moved_of(
        shop.moving("refundAAAA", Moving::Refund, &payment, 500)
            .await,
    );
    let repeat = moved_of(
        shop.moving("refundAAAA", Moving::Refund, &payment, 500)
            .await,
    );
    let second = moved_of(
        shop.moving("refundBBBB", Moving::Refund, &payment, 500)
            .await,
    );
    assert_eq!(first, repeat);
    assert_ne!(first.reference, second.reference);
    let read = shop.read(&payment).await;
    assert_eq!(read.progress, Progress::Captured);
    let books = read.books.unwrap();
    assert_eq!(
        (books.held, books.captured, books.refunded),
        (0, 12_000, 1_000)
    );
    assert_eq!(books.holds_until, None);

    let found = moved_of(
        shop.read_moved("refundBBBB", Moving::Refund, &payment, None)
            .await,
    );
    assert_eq!(found, second);
    let found = moved_of(
        shop.read_moved("captureAAA", Moving::Capture, &payment, None)
            .await,
    );
    assert_eq!(found, capture);
    let (code, _) = refusal_of(
        shop.read_moved("refundCCCC", Moving::Refund, &payment, None)
            .await,
    );
    assert_eq!(code, Code::ValidationError);
}

#[tokio::test]
async fn what_is_held_is_let_go_of() {
    let shop = Shop::open().await;
    let payment = shop.held("pm_card_visa").await;
    let void = moved_of(
        shop.moving("voidAAAAAA", Moving::Void, &payment, 12_900)
            .await,
    );
    assert_eq!((void.outcome, void.released), (Outcome::Succeeded, None));
    let read = shop.read(&payment).await;
    assert_eq!((read.progress, read.decline), (Progress::Released, None));
    let capture = decline_of(
        shop.moving("captureAAA", Moving::Capture, &payment, 12_900)
            .await,
    );
    assert_eq!(capture.code.as_deref(), Some("canceled"));
}

#[tokio::test]
async fn a_hold_that_ran_out_is_not_captured_and_says_so() {
    let shop = Shop::open().await;
    let payment = shop.held("pm_card_visa").await;
    shop.stripe.expire_hold(reference(&payment)).unwrap();
    let read = shop.read(&payment).await;
    assert_eq!(read.progress, Progress::Released);
    assert_eq!(read.decline.unwrap().code.as_deref(), Some("expired"));
    for (transaction, kind) in [
        ("captureAAA", Moving::Capture),
        ("voidAAAAAA", Moving::Void),
    ] {
        let decline = decline_of(shop.moving(transaction, kind, &payment, 12_900).await);
        assert_eq!(decline.code.as_deref(), Some("expired"), "{kind:?}");
    }
}

#[tokio::test]
async fn what_stripe_will_not_do_failed_with_its_code() {
    let shop = Shop::open().await;
    let payment = shop.held("pm_card_visa").await;
    let ask = async |transaction, kind, cents| {
        let decline = decline_of(shop.moving(transaction, kind, &payment, cents).await);
        decline.code.unwrap_or_default()
    };
    assert_eq!(
        ask("captureAAA", Moving::Capture, 12_901).await,
        "amount_too_large"
    );
    moved_of(
        shop.moving("captureBBB", Moving::Capture, &payment, 12_900)
            .await,
    );
    assert_eq!(
        ask("captureCCC", Moving::Capture, 1).await,
        "payment_intent_unexpected_state"
    );
    assert_eq!(
        ask("voidAAAAAA", Moving::Void, 12_900).await,
        "payment_intent_unexpected_state"
    );
    moved_of(
        shop.moving("refundAAAA", Moving::Refund, &payment, 12_900)
            .await,
    );
    assert_eq!(
        ask("refundBBBB", Moving::Refund, 1).await,
        "charge_already_refunded"
    );

    let shop = Shop::open().await;
    let payment = shop.captured("pm_card_visa").await;
    let charge = shop.read(&payment).await.attributes["charge_id"].clone();
    shop.stripe.dispute(charge.as_str().unwrap()).unwrap();
    let decline = decline_of(shop.moving("refundCCCC", Moving::Refund, &payment, 1).await);
    assert_eq!(decline.code.as_deref(), Some("refund_disputed_payment"));
}

#[tokio::test]
async fn a_refund_that_takes_its_time_is_asked_for_and_one_that_failed_later_says_so() {
    let shop = Shop::open().await;
    let payment = shop.captured("pm_card_pendingRefund").await;
    let pending = moved_of(
        shop.moving("refundAAAA", Moving::Refund, &payment, 12_900)
            .await,
    );
    assert_eq!(pending.outcome, Outcome::Pending);
    let reference = pending.reference.as_deref();
    let refund = reference.unwrap();
    let read = async || {
        let read = shop
            .read_moved("refundAAAA", Moving::Refund, &payment, reference)
            .await;
        moved_of(read).outcome
    };
    assert_eq!(read().await, Outcome::Pending);
    shop.stripe.succeed_refund(refund).unwrap();
    assert_eq!(read().await, Outcome::Succeeded);
    shop.stripe.fail_refund(refund).unwrap();
    let Outcome::Failed(decline) = read().await else {
        panic!("a refund that failed");
    };
    assert_eq!(decline.code.as_deref(), Some("lost_or_stolen_card"));
    assert_eq!(shop.read(&payment).await.books.unwrap().refunded, 0);
}

#[tokio::test]
async fn whatever_is_lost_on_the_way_money_moves_once() {
    for fault in [
        Fault::DropBefore,
        Fault::DropAfter,
        Fault::Status429,
        Fault::Garbage,
    ] {
        let shop = Shop::open().await;
        let payment = shop.held("pm_card_visa").await;
        let intent = format!("/payment_intents/{}", reference(&payment));
        for (transaction, kind, path) in [
            ("captureAAA", Moving::Capture, format!("{intent}/capture")),
            ("refundAAAA", Moving::Refund, "/refunds".to_owned()),
        ] {
            shop.break_next("POST", &format!("/v1{path}"), fault);
            let mut performed = shop.moving(transaction, kind, &payment, 12_900).await;
            if performed.is_err() {
                performed = shop.moving(transaction, kind, &payment, 12_900).await;
            }
            assert_eq!(moved_of(performed).outcome, Outcome::Succeeded, "{fault:?}");
        }
        let books = shop.read(&payment).await.books.unwrap();
        assert_eq!(
            (books.captured, books.refunded),
            (12_900, 12_900),
            "{fault:?}"
        );

        let shop = Shop::open().await;
        let payment = shop.held("pm_card_visa").await;
        let path = format!("/v1/payment_intents/{}/cancel", reference(&payment));
        shop.break_next("POST", &path, fault);
        let mut performed = shop
            .moving("voidAAAAAA", Moving::Void, &payment, 12_900)
            .await;
        if performed.is_err() {
            performed = shop
                .moving("voidAAAAAA", Moving::Void, &payment, 12_900)
                .await;
        }
        assert_eq!(moved_of(performed).outcome, Outcome::Succeeded, "{fault:?}");
    }
}

#[tokio::test]
async fn what_was_done_under_a_key_that_stripe_forgot_is_found() {
    let shop = Shop::open().await;
    let payment = shop.captured("pm_card_visa").await;
    moved_of(
        shop.moving("refundAAAA", Moving::Refund, &payment, 12_900)
            .await,
    );
    // Another attempt has another key, as one that Stripe has forgotten.
    for (transaction, kind) in [
        ("captureAAA", Moving::Capture),
        ("refundAAAA", Moving::Refund),
    ] {
        let asked = crate::shop_parts::moving(kind, &payment, 12_900);
        let request = domain::gateway::GatewayRequest::Move(asked);
        let again = moved_of(shop.perform(transaction, 1, request).await);
        assert_eq!(again.outcome, Outcome::Succeeded, "{kind:?}");
    }
    assert_eq!(shop.read(&payment).await.books.unwrap().refunded, 12_900);
}

#[tokio::test]
async fn a_fault_that_stripe_keeps_is_read_again_and_moves_nothing() {
    let shop = Shop::open().await;
    let payment = shop.captured("pm_card_visa").await;
    shop.break_next("POST", "/v1/refunds", Fault::Status500);
    for _ in 0..2 {
        let asked = shop.moving("refundAAAA", Moving::Refund, &payment, 500);
        let moved = moved_of(asked.await);
        assert_eq!((moved.outcome, moved.reference), (Outcome::Pending, None));
    }
    assert_eq!(shop.read(&payment).await.books.unwrap().refunded, 0);
}
