use domain::gateway::{GatewayAnswer, GatewayRequest, NewPayment, Progress};
use domain::refusal::Code;

use crate::shop::{Shop, new_payment, token, with_saved};
use crate::shop_parts::performed::refusal_of;
use crate::shop_parts::reference;

async fn refused(shop: &Shop, payment: NewPayment) -> (Code, String) {
    let request = GatewayRequest::AuthorizePayment(payment);
    refusal_of(shop.perform("sourceAAAA", 0, request).await)
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_no_good_means_entering_the_card_again() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    for (name, part) in [("expired_token", "expired"), ("invalid_token", "not known")] {
        let payment = new_payment(Some(&customer), Some(&token(name)));
        let (code, detail) = refused(&shop, payment).await;
        assert_eq!(code, Code::ValidationError);
        assert!(detail.contains(part), "{detail}");
        assert!(detail.contains("enter the card again"), "{detail}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_is_good_for_one_payment() {
    let shop = Shop::open().await;
    let paid = new_payment(None, Some(&token("fine")));
    shop.authorize(0, paid.clone()).await;
    let request = GatewayRequest::AuthorizePayment(paid);
    let (code, detail) = refusal_of(shop.perform("sourceAAAA", 1, request).await);
    assert_eq!(code, Code::ValidationError);
    assert!(detail.contains("used before"), "{detail}");
}

#[tokio::test(start_paused = true)]
async fn a_saved_card_is_its_customers_alone() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let saved = shop.saved(&customer, "fine").await.payment_source_token;
    let other = shop.customer_with("other@example.com").await;
    let reuse = GatewayRequest::CreatePayment(with_saved(&other, &saved));
    let (code, _) = refusal_of(shop.perform("sourceBBBB", 0, reuse).await);
    assert_eq!(code, Code::PaymentSourceNotReusable);
    let (code, _) = refused(&shop, with_saved(&other, &saved)).await;
    assert_eq!(code, Code::PaymentSourceNotReusable);
}

#[tokio::test(start_paused = true)]
async fn a_payment_is_saved_for_its_own_customer_alone() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let other = shop.customer_with("other@example.com").await;
    let paid = new_payment(Some(&customer), Some(&token("fine")));
    let paid = shop.authorize(0, paid).await;
    let (code, _) = refusal_of(shop.save(&paid, Some(&other)).await);
    assert_eq!(code, Code::PaymentSourceNotReusable);
}

#[tokio::test(start_paused = true)]
async fn a_saved_card_that_has_expired_cannot_be_used() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let saved = shop.saved(&customer, "expires_this_month").await;
    let reuse = || {
        let payment = with_saved(&customer, &saved.payment_source_token);
        GatewayRequest::CreatePayment(payment)
    };
    shop.time.pass(16).await;
    let last_day = shop.perform("sourceBBBB", 0, reuse()).await;
    assert!(matches!(last_day, Ok(Ok(GatewayAnswer::Payment(_)))));
    shop.time.pass(1).await;
    let (code, detail) = refusal_of(shop.perform("sourceBBBB", 1, reuse()).await);
    assert_eq!(code, Code::PaymentSourceNotReusable);
    assert!(detail.contains("expired"), "{detail}");
}

#[tokio::test(start_paused = true)]
async fn a_saved_card_may_be_declined_and_stays_saved() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let saved = shop.saved(&customer, "later_declined").await;
    let payment = with_saved(&customer, &saved.payment_source_token);
    let declined = shop.authorize(1, payment.clone()).await;
    assert_eq!(declined.progress, Progress::Declined);
    shop.create(payment).await;
}

#[tokio::test(start_paused = true)]
async fn a_captured_payment_is_not_released_and_can_be_saved() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let paid = new_payment(Some(&customer), Some(&token("fine")));
    let paid = shop.authorize(0, paid).await;
    shop.capture(&paid).await;
    let read = shop.read(reference(&paid)).await;
    assert_eq!(read.progress, Progress::Captured);
    let (code, detail) = refusal_of(shop.release(&paid, 0).await);
    assert_eq!(code, Code::ValidationError);
    assert!(detail.contains("captured"), "{detail}");
    shop.save(&paid, Some(&customer)).await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_released_payment_cannot_be_saved() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let paid = new_payment(Some(&customer), Some(&token("fine")));
    let paid = shop.authorize(0, paid).await;
    shop.release(&paid, 0).await.unwrap().unwrap();
    let (code, _) = refusal_of(shop.save(&paid, Some(&customer)).await);
    assert_eq!(code, Code::PaymentSourceNotReusable);
}

#[tokio::test(start_paused = true)]
async fn a_payment_that_is_not_there_is_refused_and_needs_no_release() {
    let shop = Shop::open().await;
    let payment = "pay_mbabizu24mvu3mela5njyhpit4".to_owned();
    let read = GatewayRequest::ReadPayment {
        payment: payment.clone(),
    };
    let (code, _) = refusal_of(shop.perform("sourceAAAA", 0, read).await);
    assert_eq!(code, Code::ValidationError);
    let release = GatewayRequest::Release {
        payment: Some(payment),
        shopper_token: None,
    };
    let released = shop.perform("sourceAAAA", 0, release).await;
    assert_eq!(released, Ok(Ok(GatewayAnswer::Done)));
}

#[tokio::test(start_paused = true)]
async fn a_customer_whom_the_gateway_forgot_is_told() {
    let shop = Shop::open().await;
    let gone = "cus_udst2tfldj6upmye2reztkmm4i";
    for request in [
        GatewayRequest::CreatePayment(new_payment(Some(gone), None)),
        GatewayRequest::AuthorizePayment(new_payment(Some(gone), Some(&token("fine")))),
    ] {
        let (code, detail) = refusal_of(shop.perform("sourceAAAA", 0, request).await);
        assert_eq!(code, Code::GatewayCustomerUnknown);
        assert!(detail.contains("does not know the customer"), "{detail}");
    }
}
