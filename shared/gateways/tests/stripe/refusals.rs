use domain::gateway::{GatewayRequest, NewPayment};
use domain::refusal::Code;
use serde_json::json;

use crate::shop::{Shop, new_payment};
use crate::shop_parts::euros;
use crate::shop_parts::performed::refusal_of;

async fn refused(payment: NewPayment) -> (Code, String) {
    let shop = Shop::open().await;
    let request = GatewayRequest::CreatePayment(payment);
    refusal_of(shop.perform("sourceAAAA", 0, request).await)
}

#[tokio::test]
async fn what_stripe_does_not_take_is_refused_in_our_words() {
    let unknown_method = new_payment(None, "pm_missing1");
    let unknown_customer = new_payment(Some("cus_missing1"), "pm_card_visa");
    let too_little = NewPayment {
        amount: euros(1),
        ..new_payment(None, "pm_card_visa")
    };
    let cases = [
        (
            unknown_method,
            Code::ValidationError,
            "payment method is not known at the gateway",
        ),
        (
            unknown_customer,
            Code::GatewayCustomerUnknown,
            "does not know the customer",
        ),
        (too_little, Code::ValidationError, "smallest"),
    ];
    for (payment, expected, part) in cases {
        let (code, detail) = refused(payment).await;
        assert_eq!(code, expected);
        assert!(detail.contains(part), "{detail}");
    }
}

#[tokio::test]
async fn a_card_that_is_declined_cannot_be_saved() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let method = "pm_card_visa_chargeDeclinedInsufficientFunds";
    let payment = shop
        .pay("sourceAAAA", new_payment(Some(&customer), method))
        .await;
    let (code, detail) = refusal_of(shop.save(&payment, &customer).await);
    assert_eq!(code, Code::PaymentDeclined);
    assert!(detail.contains("not enough funds"), "{detail}");

    shop.confirm_in_browser(&payment).await;
    let (code, _) = refusal_of(shop.save(&payment, &customer).await);
    assert_eq!(code, Code::PaymentSourceNotReady);
}

#[tokio::test]
async fn a_payment_without_setup_cannot_be_saved_and_the_refusal_says_when_to_ask_for_it() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let given = json!({"options": {"id": "pm_card_visa"}});
    let plain = NewPayment {
        given: given.as_object().unwrap().clone(),
        ..new_payment(Some(&customer), "pm_card_visa")
    };
    let payment = shop.pay("sourceAAAA", plain).await;
    for confirmed in [false, true] {
        if confirmed {
            shop.confirm_in_browser(&payment).await;
        }
        let (code, detail) = refusal_of(shop.save(&payment, &customer).await);
        assert_eq!(code, Code::PaymentSourceNotReusable);
        assert!(
            detail.contains("options.setup_future_usage: off_session"),
            "{detail}"
        );
    }
}

#[tokio::test]
async fn a_payment_is_saved_for_its_own_customer_alone() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let own = shop
        .pay("sourceAAAA", new_payment(Some(&customer), "pm_card_visa"))
        .await;
    let guests = shop
        .pay("sourceBBBB", new_payment(None, "pm_card_visa"))
        .await;
    for (payment, customer) in [(&own, "cus_other"), (&guests, &customer)] {
        let (code, _) = refusal_of(shop.save(payment, customer).await);
        assert_eq!(code, Code::PaymentSourceNotReusable);
    }
}

#[tokio::test]
async fn a_card_that_a_guest_used_is_not_taken_again() {
    let shop = Shop::open().await;
    let payment = shop.pay("sourceAAAA", new_payment(None, "pm_once")).await;
    shop.confirm_in_browser(&payment).await;
    let again = GatewayRequest::CreatePayment(new_payment(None, "pm_once"));
    let (code, detail) = refusal_of(shop.perform("sourceBBBB", 0, again).await);
    assert_eq!(code, Code::PaymentSourceNotReusable);
    assert!(detail.contains("enter it anew"), "{detail}");
}

#[tokio::test]
async fn a_payment_without_a_card_is_not_ready() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let given = json!({"options": {"setup_future_usage": "off_session"}});
    let empty = NewPayment {
        given: given.as_object().unwrap().clone(),
        ..new_payment(Some(&customer), "")
    };
    let payment = shop.pay("sourceAAAA", empty).await;
    let (code, _) = refusal_of(shop.save(&payment, &customer).await);
    assert_eq!(code, Code::PaymentSourceNotReady);
}

#[tokio::test]
async fn a_released_payment_cannot_be_saved_nor_a_captured_one_released() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let released = shop
        .pay("sourceAAAA", new_payment(Some(&customer), "pm_card_visa"))
        .await;
    shop.release(&released, 0).await.unwrap().unwrap();
    let (code, _) = refusal_of(shop.save(&released, &customer).await);
    assert_eq!(code, Code::PaymentSourceNotReusable);

    let captured = shop
        .pay("sourceBBBB", new_payment(Some(&customer), "pm_card_visa"))
        .await;
    shop.confirm_in_browser(&captured).await;
    shop.capture(&captured).await;
    let (code, detail) = refusal_of(shop.release(&captured, 0).await);
    assert_eq!(code, Code::ValidationError);
    assert!(detail.contains("captured"), "{detail}");
}
