//! Orders: placed, captured, let go of and refunded.

use domain::gateway::{GatewayRequest, Moved, Moving, NewPayment, Outcome, Payment, Progress};
use sandbox::klarna::Decision;

use crate::shop::{Shop, authorize_saved, moving, new_payment};
use crate::shop_parts::performed::{done, moved_of, payment_of, refusal_of, reusable_of};
use crate::shop_parts::reference;

fn code(moved: &Moved) -> &str {
    match &moved.outcome {
        Outcome::Failed(decline) => decline.code.as_deref().unwrap_or_default(),
        other => panic!("{other:?}"),
    }
}

fn order_id(payment: &str) -> &str {
    payment.strip_prefix("orders/").unwrap()
}

#[tokio::test]
async fn an_order_is_held_captured_in_parts_and_refunded_in_equal_parts() {
    let shop = Shop::open().await;
    let order = shop.ordered().await;
    assert_eq!(shop.books(&order).await, (12_900, 0, 0));

    for (transaction, cents) in [("captureAAA", 5_000), ("captureBBB", 7_900)] {
        let capture = moving(Moving::Capture, &order, cents);
        let moved = moved_of(shop.move_money(transaction, capture).await);
        assert_eq!(moved.outcome, Outcome::Succeeded);
        assert!(moved.reference.is_some());
    }
    assert_eq!(shop.books(&order).await, (0, 12_900, 0));
    for transaction in ["refundAAAA", "refundBBBB", "refundBBBB"] {
        let refund = moving(Moving::Refund, &order, 500);
        moved_of(shop.move_money(transaction, refund).await);
    }
    assert_eq!(shop.books(&order).await, (0, 12_900, 1_000));

    let read = payment_of(shop.read_reference(&order).await);
    assert_eq!(read.progress, Progress::Captured);
    assert_eq!(read.order, Some("qaMAhZkZvd".parse().unwrap()));
}

#[tokio::test]
async fn no_more_is_captured_than_held_nor_refunded_than_captured() {
    let shop = Shop::open().await;
    let order = shop.ordered().await;
    let refund = moving(Moving::Refund, &order, 1);
    let moved = moved_of(shop.move_money("refundAAAA", refund).await);
    assert_eq!(code(&moved), "REFUND_NOT_ALLOWED");
    let capture = moving(Moving::Capture, &order, 12_901);
    let moved = moved_of(shop.move_money("captureAAA", capture).await);
    assert_eq!(code(&moved), "CAPTURE_NOT_ALLOWED");
    assert_eq!(shop.books(&order).await, (12_900, 0, 0));
}

#[tokio::test]
async fn a_void_lets_go_of_the_whole_or_of_what_captures_left() {
    for captured in [0, 5_000] {
        let shop = Shop::open().await;
        let order = shop.ordered().await;
        if captured > 0 {
            let capture = moving(Moving::Capture, &order, captured);
            moved_of(shop.move_money("captureAAA", capture).await);
        }
        for transaction in ["voidAAAAAA", "voidAAAAAA", "voidBBBBBB"] {
            let void = moving(Moving::Void, &order, 12_900 - captured);
            let moved = moved_of(shop.move_money(transaction, void).await);
            assert_eq!(moved.outcome, Outcome::Succeeded, "{captured}");
        }
        assert_eq!(shop.books(&order).await, (0, captured, 0));
    }
}

#[tokio::test]
async fn an_order_that_ran_out_is_released_and_neither_captured_nor_voided() {
    let shop = Shop::open().await;
    let order = shop.ordered().await;
    shop.klarna.expire_order(order_id(&order)).unwrap();
    let read = payment_of(shop.read_reference(&order).await);
    assert_eq!(read.progress, Progress::Released);
    assert_eq!(read.decline.unwrap().code.as_deref(), Some("expired"));
    let void = moving(Moving::Void, &order, 12_900);
    let moved = moved_of(shop.move_money("voidAAAAAA", void).await);
    assert_eq!(code(&moved), "expired");
    let capture = moving(Moving::Capture, &order, 12_900);
    let moved = moved_of(shop.move_money("captureAAA", capture).await);
    assert_eq!(code(&moved), "CAPTURE_NOT_ALLOWED");
}

#[tokio::test]
async fn an_order_that_is_not_wanted_is_released_once_or_twice_and_not_once_captured() {
    let release = |order: &str| GatewayRequest::Release {
        payment: Some(order.to_owned()),
        shopper_token: None,
    };
    let shop = Shop::open().await;
    let order = shop.ordered().await;
    for attempt in 0..2 {
        done(shop.perform(attempt, release(&order)).await);
    }
    let read = payment_of(shop.read_reference(&order).await);
    assert_eq!(read.progress, Progress::Released);

    let order = shop.ordered().await;
    let capture = moving(Moving::Capture, &order, 100);
    moved_of(shop.move_money("captureAAA", capture).await);
    let (_, detail) = refusal_of(shop.perform(0, release(&order)).await);
    assert!(detail.contains("only be refunded"), "{detail}");
}

#[tokio::test]
async fn a_pending_order_holds_nothing_until_klarna_has_decided() {
    for (decision, progress, held) in [
        (Decision::Accepted, Progress::Authorized, 12_900),
        (Decision::Rejected, Progress::Declined, 0),
    ] {
        let shop = Shop::open().await;
        let payment = shop.pay(new_payment()).await;
        let placed = payment_of(shop.order(&payment, "pending-1").await);
        assert!(placed.is_undecided());
        let order = reference(&placed);
        assert!(payment_of(shop.read_reference(order).await).is_undecided());
        assert!(shop.klarna.decide(order_id(order), decision).unwrap());
        let read = payment_of(shop.read_reference(order).await);
        assert_eq!((read.progress, read.is_undecided()), (progress, false));
        assert_eq!(read.books.unwrap().held, held);
    }
}

#[tokio::test]
async fn a_rejected_shopper_is_declined() {
    let shop = Shop::open().await;
    let payment = shop.pay(new_payment()).await;
    let declined = payment_of(shop.order(&payment, "rejected-1").await);
    assert_eq!(declined.progress, Progress::Declined);
    assert_eq!(declined.decline.unwrap().code.as_deref(), Some("REJECTED"));
}

#[tokio::test]
async fn the_token_is_minted_first_and_then_the_order_placed() {
    let shop = Shop::open().await;
    let payment = shop.pay(new_payment()).await;
    let authorization = shop.approve_in_browser(&payment).await;
    let reusable = reusable_of(shop.save(&authorization).await);
    payment_of(shop.order(&payment, &authorization).await);
    let second = payment_of(shop.order_saved(&reusable).await);
    assert_eq!(second.progress, Progress::Authorized);
    assert_eq!(shop.books(reference(&second)).await, (12_900, 0, 0));
}

/// A source that was saved with an authorization of this name.
async fn saved_with(shop: &Shop, authorization: &str) -> domain::gateway::Reusable {
    shop.pay(new_payment()).await;
    reusable_of(shop.save(authorization).await)
}

#[tokio::test]
async fn where_klarna_wants_the_shopper_they_go_on_in_a_session() {
    let shop = Shop::open().await;
    let reusable = saved_with(&shop, "step-up-1").await;
    let open = payment_of(shop.order_saved(&reusable).await);
    assert_eq!((open.progress, open.failed), (Progress::Open, false));
    assert!(open.attributes["client_token"].is_string());

    let authorization = shop.approve_in_browser(&open).await;
    let placed = payment_of(
        shop.perform(
            1,
            with_saved(&open, &authorization, &reusable.payment_source_token),
        )
        .await,
    );
    assert_eq!(placed.progress, Progress::Authorized);
    let mended = payment_of(shop.perform(2, authorize_saved(&reusable)).await);
    assert_eq!(mended.progress, Progress::Authorized);
}

fn with_saved(open: &Payment, authorization: &str, saved: &str) -> GatewayRequest {
    GatewayRequest::AuthorizePayment(NewPayment {
        shopper_token: Some(authorization.to_owned()),
        saved: Some(saved.to_owned()),
        payment: open.reference.clone(),
        ..new_payment()
    })
}

#[tokio::test]
async fn a_saved_source_that_does_not_pay_opens_a_session_with_the_reason() {
    for (authorization, code) in [
        ("suspended-1", "TOKEN_SUSPENDED"),
        ("unavailable-1", "UNAVAILABLE_PAYMENT_METHOD"),
    ] {
        let shop = Shop::open().await;
        let reusable = saved_with(&shop, authorization).await;
        let open = payment_of(shop.order_saved(&reusable).await);
        assert_eq!((open.progress, open.failed), (Progress::Open, true));
        assert_eq!(open.decline.as_ref().unwrap().code.as_deref(), Some(code));
        let approved = shop.approve_in_browser(&open).await;
        let placed = payment_of(shop.order(&open, &approved).await);
        assert_eq!(placed.progress, Progress::Authorized);
    }
}

#[tokio::test]
async fn an_order_that_changed_since_it_was_approved_is_refused() {
    let shop = Shop::open().await;
    let payment = shop.pay(new_payment()).await;
    let authorization = shop.approve_in_browser(&payment).await;
    let mut changed = new_payment();
    changed.basket.as_mut().unwrap().lines[0].name = "Other".to_owned();
    let request = GatewayRequest::AuthorizePayment(NewPayment {
        shopper_token: Some(authorization),
        payment: payment.reference.clone(),
        ..changed
    });
    let (_, detail) = refusal_of(shop.perform(0, request).await);
    assert!(detail.contains("not what the shopper approved"), "{detail}");
}
