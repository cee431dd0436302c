use domain::gateway::{GatewayAnswer, GatewayRequest};
use domain::refusal::Code;
use gateways::CallFailure;
use sandbox::Fault;

use crate::shop::{Shop, new_payment};
use crate::shop_parts::performed::{payment_of, refusal_of, reusable_of};
use crate::shop_parts::reference;

const PAYMENTS: &str = "/v1/payment_intents";

fn request() -> GatewayRequest {
    GatewayRequest::CreatePayment(new_payment(None, "pm_1"))
}

#[tokio::test]
async fn the_same_call_again_is_the_same_payment() {
    let shop = Shop::open().await;
    let first = payment_of(shop.perform("sourceAAAA", 0, request()).await);
    let repeat = payment_of(shop.perform("sourceAAAA", 0, request()).await);
    assert_eq!(repeat, first);
    let next = payment_of(shop.perform("sourceAAAA", 1, request()).await);
    assert_ne!(next.reference, first.reference);
}

#[tokio::test]
async fn whatever_is_lost_on_the_way_one_payment_is_opened() {
    for fault in [Fault::DropBefore, Fault::DropAfter, Fault::Status429] {
        let shop = Shop::open().await;
        shop.break_next("POST", PAYMENTS, fault);
        payment_of(shop.perform("sourceAAAA", 0, request()).await);
        assert_eq!(shop.payments_opened().await, 1, "{fault:?}");
    }
}

#[tokio::test]
async fn an_answer_that_does_not_read_is_asked_for_again_with_the_same_key() {
    for fault in [Fault::Garbage, Fault::LargeBody] {
        let shop = Shop::open().await;
        shop.break_next("POST", PAYMENTS, fault);
        let failed = shop.perform("sourceAAAA", 0, request()).await;
        assert!(
            matches!(failed, Err(CallFailure::NotUnderstood(_))),
            "{failed:?}"
        );
        payment_of(shop.perform("sourceAAAA", 0, request()).await);
        assert_eq!(shop.payments_opened().await, 1, "{fault:?}");
    }
}

#[tokio::test]
async fn a_fault_that_stripe_keeps_ends_the_attempt() {
    let shop = Shop::open().await;
    shop.break_next("POST", PAYMENTS, Fault::Status500);
    for _ in 0..2 {
        let (code, _) = refusal_of(shop.perform("sourceAAAA", 0, request()).await);
        assert_eq!(code, Code::GatewayError);
    }
    payment_of(shop.perform("sourceAAAA", 1, request()).await);
}

#[tokio::test]
async fn a_customer_is_made_even_where_stripe_keeps_a_fault() {
    let shop = Shop::open().await;
    shop.break_next("POST", "/v1/customers", Fault::Status500);
    let customer = shop.customer().await;
    assert_eq!(shop.customer().await, customer);
}

#[tokio::test]
async fn a_save_whose_answer_is_lost_is_saved_once() {
    for fault in [Fault::DropAfter, Fault::DropBefore, Fault::Status429] {
        let shop = Shop::open().await;
        let customer = shop.customer().await;
        let payment = shop
            .pay("sourceAAAA", new_payment(Some(&customer), "pm_1"))
            .await;
        shop.break_next("POST", "/v1/payment_methods/pm_1/attach", fault);
        let reusable = reusable_of(shop.save(&payment, &customer).await);
        assert_eq!(reusable.payment_source_token, "pm_1");
    }
}

#[tokio::test]
async fn a_release_whose_answer_is_lost_is_done() {
    for fault in [Fault::DropAfter, Fault::DropBefore, Fault::Status429] {
        let shop = Shop::open().await;
        let payment = shop.pay("sourceAAAA", new_payment(None, "pm_1")).await;
        shop.break_next(
            "POST",
            &format!("{PAYMENTS}/{}/cancel", reference(&payment)),
            fault,
        );
        let released = shop.release(&payment, 0).await;
        assert_eq!(released, Ok(Ok(GatewayAnswer::Done)));
    }
}

#[tokio::test]
async fn a_release_whose_fault_stripe_keeps_is_owed_until_its_next_try() {
    let shop = Shop::open().await;
    let payment = shop.pay("sourceAAAA", new_payment(None, "pm_1")).await;
    let path = format!("{PAYMENTS}/{}/cancel", reference(&payment));
    shop.break_next("POST", &path, Fault::Status500);
    for _ in 0..2 {
        let owed = shop.release(&payment, 0).await;
        assert_eq!(owed, Err(CallFailure::Unavailable(500)));
    }
    let released = shop.release(&payment, 1).await;
    assert_eq!(released, Ok(Ok(GatewayAnswer::Done)));
}

#[tokio::test]
async fn a_decline_is_an_answer_and_not_asked_for_again() {
    let shop = Shop::open().await;
    shop.break_next("POST", PAYMENTS, Fault::Status402);
    let (code, _) = refusal_of(shop.perform("sourceAAAA", 0, request()).await);
    assert_eq!(code, Code::PaymentDeclined);
    assert_eq!(shop.stripe.requests().len(), 1);
}
