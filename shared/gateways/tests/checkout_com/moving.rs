use domain::gateway::{Move, Moving, Outcome, Progress};
use domain::refusal::Code;
use sandbox::Fault;
use sandbox::checkout_com::ActionKind;

use crate::shop::{Shop, new_payment, token};
use crate::shop_parts::performed::{decline_of, moved_of, refusal_of};
use crate::shop_parts::{NOW, euros, moving, reference};

#[tokio::test(start_paused = true)]
async fn what_is_held_is_captured_in_parts_and_refunded_in_parts() {
    let shop = Shop::open().await;
    let payment = shop.held().await;
    let books = payment.books.unwrap();
    assert_eq!((books.held, books.captured), (12_900, 0));
    let week = 7 * 24 * 60 * 60 * 1_000;
    assert_eq!(books.holds_until.unwrap().unix_millis(), NOW + week);

    let part = Move {
        is_last: false,
        ..moving(Moving::Capture, &payment, 10_000)
    };
    let first = shop.moved("captureAAA", part).await;
    assert_eq!((first.outcome, first.released), (Outcome::Succeeded, None));
    let books = shop.read(reference(&payment)).await.books.unwrap();
    assert_eq!((books.held, books.captured), (2_900, 10_000));
    let last = shop
        .moved("captureBBB", moving(Moving::Capture, &payment, 2_000))
        .await;
    assert_eq!(
        (last.outcome, last.released),
        (Outcome::Succeeded, Some(euros(900)))
    );

    let refund = || moving(Moving::Refund, &payment, 500);
    let one = shop.moved("refundAAAA", refund()).await;
    let repeat = shop.moved("refundAAAA", refund()).await;
    let other = shop.moved("refundBBBB", refund()).await;
    assert_eq!(one, repeat);
    assert_ne!(one.reference, other.reference);
    let read = shop.read(reference(&payment)).await;
    assert_eq!(read.progress, Progress::Captured);
    let books = read.books.unwrap();
    assert_eq!(
        (books.held, books.captured, books.refunded),
        (0, 12_000, 1_000)
    );
    assert_eq!(books.holds_until, None);
}

#[tokio::test(start_paused = true)]
async fn what_was_taken_on_is_pending_until_it_is_done_or_declined() {
    let shop = Shop::open().await;
    shop.checkout_com.hold_actions().unwrap();
    let payment = shop.held().await;
    let void = || moving(Moving::Void, &payment, 12_900);
    let accepted = moved_of(shop.moving("voidAAAAAA", void()).await);
    let reference = accepted.reference.as_deref();
    let read = async || moved_of(shop.read_moved("voidAAAAAA", void(), reference).await).outcome;
    assert_eq!(read().await, Outcome::Pending);
    shop.checkout_com.decline_next(ActionKind::Void).unwrap();
    shop.checkout_com.settle_actions().unwrap();
    let Outcome::Failed(decline) = read().await else {
        panic!("a void that was declined");
    };
    assert_eq!(decline.code.as_deref(), Some("20005"));

    let accepted = moved_of(shop.moving("voidBBBBBB", void()).await);
    shop.checkout_com.settle_actions().unwrap();
    let done = moved_of(shop.read_moved("voidBBBBBB", void(), None).await);
    assert_eq!(
        (done.outcome, done.reference),
        (Outcome::Succeeded, accepted.reference)
    );
    let (code, _) = refusal_of(shop.read_moved("voidCCCCCC", void(), None).await);
    assert_eq!(code, Code::ValidationError);
}

#[tokio::test(start_paused = true)]
async fn a_hold_that_ran_out_is_not_captured_and_says_so() {
    let shop = Shop::open().await;
    let payment = shop.held().await;
    shop.checkout_com.expire_hold(reference(&payment)).unwrap();
    let read = shop.read(reference(&payment)).await;
    assert_eq!(read.progress, Progress::Released);
    assert_eq!(read.decline.unwrap().code.as_deref(), Some("expired"));
    for kind in [Moving::Capture, Moving::Void] {
        let decline = decline_of(shop.moving("captureAAA", moving(kind, &payment, 500)).await);
        assert_eq!(decline.code.as_deref(), Some("expired"), "{kind:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_vendor_will_not_do_failed_with_a_code() {
    let shop = Shop::open().await;
    let payment = shop.held().await;
    let ask = async |transaction, kind, cents| {
        let decline = decline_of(
            shop.moving(transaction, moving(kind, &payment, cents))
                .await,
        );
        decline.code.unwrap_or_default()
    };
    assert_eq!(ask("refundAAAA", Moving::Refund, 1).await, "not_captured");
    let too_much = "capture_value_greater_than_authorized";
    assert_eq!(ask("captureAAA", Moving::Capture, 12_901).await, too_much);
    shop.moved("captureBBB", moving(Moving::Capture, &payment, 12_900))
        .await;
    assert_eq!(ask("captureCCC", Moving::Capture, 1).await, "captured");
    assert_eq!(ask("voidAAAAAA", Moving::Void, 12_900).await, "captured");
    assert_eq!(
        ask("refundBBBB", Moving::Refund, 12_901).await,
        "refund_amount_exceeds_balance"
    );
    shop.moved("refundCCCC", moving(Moving::Refund, &payment, 12_900))
        .await;
    assert_eq!(ask("refundDDDD", Moving::Refund, 1).await, "refunded");
}

#[tokio::test(start_paused = true)]
async fn a_declined_card_says_why() {
    let shop = Shop::open().await;
    let paid = new_payment(None, Some(&token("insufficient_funds")));
    let declined = shop.authorize(0, paid).await;
    assert_eq!(declined.progress, Progress::Declined);
    let decline = declined.decline.clone().unwrap();
    assert_eq!(decline.code.as_deref(), Some("20051"));
    let read = shop.read(reference(&declined)).await;
    assert_eq!(read.decline, Some(decline));
}

#[tokio::test(start_paused = true)]
async fn whatever_is_lost_on_the_way_money_moves_once() {
    for fault in [
        Fault::DropBefore,
        Fault::DropAfter,
        Fault::Status429,
        Fault::Status500,
        Fault::Garbage,
        Fault::Delay,
    ] {
        let shop = Shop::open().await;
        let payment = shop.held().await;
        for (transaction, kind, name) in [
            ("captureAAA", Moving::Capture, "captures"),
            ("refundAAAA", Moving::Refund, "refunds"),
        ] {
            let path = format!("/payments/{}/{name}", reference(&payment));
            shop.break_next("POST", &path, fault);
            let asked = moving(kind, &payment, 12_900);
            let mut performed = shop.moving(transaction, asked.clone()).await;
            if performed.is_err() {
                performed = shop.moving(transaction, asked.clone()).await;
            }
            let accepted = moved_of(performed);
            let read = shop.read_moved(transaction, asked, accepted.reference.as_deref());
            assert_eq!(
                moved_of(read.await).outcome,
                Outcome::Succeeded,
                "{fault:?}"
            );
        }
        let books = shop.read(reference(&payment)).await.books.unwrap();
        assert_eq!(
            (books.captured, books.refunded),
            (12_900, 12_900),
            "{fault:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_done_under_a_key_that_the_vendor_forgot_is_found() {
    let shop = Shop::open().await;
    let payment = shop.held().await;
    for (transaction, kind) in [
        ("captureAAA", Moving::Capture),
        ("refundAAAA", Moving::Refund),
    ] {
        let asked = moving(kind, &payment, 12_900);
        shop.moved(transaction, asked.clone()).await;
        shop.time.pass(2).await;
        let again = moved_of(shop.moving(transaction, asked).await);
        assert_eq!(again.outcome, Outcome::Succeeded, "{kind:?}");
    }
    let books = shop.read(reference(&payment)).await.books.unwrap();
    assert_eq!((books.captured, books.refunded), (12_900, 12_900));
}
