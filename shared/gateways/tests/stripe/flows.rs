use domain::gateway::{GatewayAnswer, GatewayRequest, NewPayment, Progress};
use domain::refusal::Code;
use serde_json::{Value, json};

use crate::shop::{Shop, new_payment};
use crate::shop_parts::performed::{payment_of, refusal_of, reusable_of};
use crate::shop_parts::{euros, reference};

#[tokio::test]
async fn a_card_is_saved_reused_released_and_forgotten() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    assert!(customer.starts_with("cus_"));

    let first = shop
        .pay(
            "sourceAAAA",
            new_payment(Some(&customer), "pm_1IixtoEw0yMev2I0jGzoT9Js"),
        )
        .await;
    assert_eq!(first.amount, euros(12_900));
    assert_eq!(first.progress, Progress::Open);
    assert_eq!(first.customer_token.as_deref(), Some(customer.as_str()));
    assert_eq!(first.attributes["publishable_key"], "pk_test_shop");
    assert_eq!(first.attributes["receipt_email"], "joan@example.com");
    assert_eq!(first.attributes["charge_id"], Value::Null);

    let reusable = reusable_of(shop.save(&first, &customer).await);
    assert_eq!(reusable.name, "XXXX-XXXX-XXXX-4242");
    assert_eq!(reusable.customer_token, customer);
    assert!(reusable.fingerprint.is_some());
    assert!(reusable.expiry.is_some());
    assert_eq!(reusable.snapshot["payment_instrument"]["card_type"], "visa");
    assert_eq!(
        first.details["payment_method_id"],
        reusable.payment_source_token
    );

    let again = reusable_of(shop.save(&first, &customer).await);
    assert_eq!(again, reusable);

    let second = NewPayment {
        saved: Some(reusable.payment_source_token.clone()),
        ..new_payment(Some(&customer), "pm_ignored")
    };
    let second = shop.pay("sourceBBBB", second).await;
    assert_ne!(second.reference, first.reference);
    assert_eq!(second.progress, Progress::Open);
    let shown = &second.attributes["payment_instrument"];
    assert_eq!(shown["card_last_digits"], "4242");

    shop.confirm_in_browser(&second).await;
    let confirmed = shop.read(&second).await;
    assert_eq!(confirmed.progress, Progress::Authorized);
    assert!(confirmed.attributes["charge_id"].is_string());

    for payment in [&first, &second] {
        for attempt in 0..2 {
            let released = shop.release(payment, attempt).await;
            assert_eq!(released, Ok(Ok(GatewayAnswer::Done)));
        }
        assert_eq!(shop.read(payment).await.progress, Progress::Released);
    }
    for attempt in 0..2 {
        let forgotten = shop.forget(&reusable, attempt).await;
        assert_eq!(forgotten, Ok(Ok(GatewayAnswer::Done)));
    }

    let third = GatewayRequest::CreatePayment(NewPayment {
        saved: Some(reusable.payment_source_token),
        ..new_payment(Some(&customer), "pm_ignored")
    });
    let (code, _) = refusal_of(shop.perform("sourceCCCC", 0, third).await);
    assert_eq!(code, Code::PaymentSourceNotReusable);
}

#[tokio::test]
async fn a_test_card_is_kept_under_the_id_that_stripe_makes_of_it() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let payment = shop
        .pay(
            "sourceAAAA",
            new_payment(Some(&customer), "pm_card_mastercard"),
        )
        .await;
    let reusable = reusable_of(shop.save(&payment, &customer).await);
    assert_ne!(reusable.payment_source_token, "pm_card_mastercard");
    assert_eq!(reusable.name, "XXXX-XXXX-XXXX-4444");
}

#[tokio::test]
async fn a_card_is_saved_after_the_shopper_has_paid() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let payment = shop
        .pay("sourceAAAA", new_payment(Some(&customer), "pm_card_visa"))
        .await;
    shop.confirm_in_browser(&payment).await;
    let held = reusable_of(shop.save(&payment, &customer).await);
    shop.capture(&payment).await;
    let taken = reusable_of(shop.save(&payment, &customer).await);
    assert_eq!(held, taken);
}

#[tokio::test]
async fn a_card_that_the_bank_asks_about_is_saved_once_the_shopper_has_answered() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let method = "pm_card_authenticationRequired";
    let payment = shop
        .pay("sourceAAAA", new_payment(Some(&customer), method))
        .await;
    let confirmed = shop.confirm_in_browser(&payment).await;
    assert_eq!(confirmed["status"], "requires_action");

    let (code, _) = refusal_of(shop.save(&payment, &customer).await);
    assert_eq!(code, Code::PaymentSourceNotReady);

    shop.authenticate_in_browser(&payment).await;
    let reusable = reusable_of(shop.save(&payment, &customer).await);
    assert_eq!(reusable.name, "XXXX-XXXX-XXXX-3184");
}

#[tokio::test]
async fn an_open_payment_takes_another_amount_and_card() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let payment = shop
        .pay("sourceAAAA", new_payment(Some(&customer), "pm_card_visa"))
        .await;
    let update = |amount| GatewayRequest::UpdatePayment {
        payment: reference(&payment).to_owned(),
        to: Some(NewPayment {
            amount,
            ..new_payment(Some(&customer), "pm_card_visa")
        }),
        options: json!({"id": "pm_card_amex"}).as_object().cloned(),
    };
    let updated = payment_of(shop.perform("sourceAAAA", 1, update(euros(9_900))).await);
    assert_eq!(updated.reference, payment.reference);
    assert_eq!(updated.amount, euros(9_900));
    assert_eq!(updated.details["payment_method_details"]["brand"], "amex");

    shop.confirm_in_browser(&updated).await;
    shop.capture(&updated).await;
    let (code, detail) = refusal_of(shop.perform("sourceAAAA", 2, update(euros(100))).await);
    assert_eq!(code, Code::ValidationError);
    assert!(detail.contains("new payment source"), "{detail}");
}

#[tokio::test]
async fn a_guest_pays_without_a_customer() {
    let shop = Shop::open().await;
    let payment = shop
        .pay("sourceAAAA", new_payment(None, "pm_card_visa"))
        .await;
    assert_eq!(payment.customer_token, None);
    shop.confirm_in_browser(&payment).await;
    assert_eq!(shop.read(&payment).await.progress, Progress::Authorized);
}
