use domain::gateway::{GatewayRequest, NewPayment};
use domain::refusal::Code;

use crate::shop::{Shop, new_payment};
use crate::shop_parts::performed::refusal_of;

#[tokio::test]
async fn a_payment_that_was_not_opened_for_it_is_not_reusable() {
    let shop = Shop::open().await;
    let guests = NewPayment {
        customer: None,
        ..new_payment()
    };
    let payment = shop.pay(guests).await;
    let authorization = shop.approve_in_browser(&payment).await;
    let (code, detail) = refusal_of(shop.save(&authorization).await);
    assert_eq!(code, Code::PaymentSourceNotReusable);
    assert!(detail.contains("token of the order's customer"), "{detail}");
}

#[tokio::test]
async fn an_approval_is_good_for_an_hour() {
    let shop = Shop::open().await;
    let payment = shop.pay(new_payment()).await;
    let authorization = shop.approve_in_browser(&payment).await;
    shop.pass_minutes(61);
    for authorization in [authorization.as_str(), "expired-1"] {
        let (code, detail) = refusal_of(shop.save(authorization).await);
        assert_eq!(code, Code::ValidationError);
        assert!(detail.contains("approve the payment again"), "{detail}");
    }
}

#[tokio::test]
async fn an_approval_gives_one_token() {
    let shop = Shop::open().await;
    let payment = shop.pay(new_payment()).await;
    let authorization = shop.approve_in_browser(&payment).await;
    shop.save(&authorization).await.unwrap().unwrap();
    let next = crate::shop::make_reusable(&authorization);
    let (code, detail) = refusal_of(shop.perform(1, next).await);
    assert_eq!(code, Code::ValidationError);
    assert!(detail.contains("used before"), "{detail}");
}

#[tokio::test]
async fn a_decline_is_one() {
    let shop = Shop::open().await;
    shop.pay(new_payment()).await;
    let (code, _) = refusal_of(shop.save("rejected-1").await);
    assert_eq!(code, Code::PaymentDeclined);
}

#[tokio::test]
async fn a_suspended_token_is_not_reusable_for_now() {
    let shop = Shop::open().await;
    shop.pay(new_payment()).await;
    let reusable = crate::shop_parts::performed::reusable_of(shop.save("suspended-1").await);
    let (code, detail) = refusal_of(shop.reuse(&reusable).await);
    assert_eq!(code, Code::PaymentSourceNotReusable);
    assert!(detail.contains("for now"), "{detail}");
}

#[tokio::test]
async fn a_session_that_has_lapsed_is_gone() {
    let shop = Shop::open().await;
    let payment = shop.pay(new_payment()).await;
    shop.pass_minutes(48 * 60);
    let (_, detail) = refusal_of(shop.read(&payment).await);
    assert!(detail.contains("Create a new payment source"), "{detail}");
}

#[tokio::test]
async fn a_currency_that_is_not_the_countrys_is_refused_in_our_words() {
    let shop = Shop::open().await;
    let mut in_pounds = new_payment();
    in_pounds.amount.currency = "GBP".parse().unwrap();
    let request = GatewayRequest::CreatePayment(in_pounds);
    let (code, detail) = refusal_of(shop.perform(0, request).await);
    assert_eq!(code, Code::ValidationError);
    assert!(
        detail.contains("currency in the buyer's country"),
        "{detail}"
    );
}
