use domain::gateway::{Expiry, GatewayRequest, NewPayment, Progress};
use domain::refusal::Code;
use serde_json::{Value, json};

use crate::shop::{Shop, new_payment, new_payment_in};
use crate::shop_parts::performed::{done, payment_of, refusal_of, reusable_of};
use crate::shop_parts::{euros, reference};

#[tokio::test]
async fn a_source_is_opened_approved_saved_reused_and_forgotten() {
    let shop = Shop::open().await;
    let first = shop.pay(new_payment()).await;
    assert_eq!(first.progress, Progress::Open);
    assert_eq!(first.amount, euros(12_900));
    assert!(first.attributes["client_token"].is_string());
    let shown = &first.attributes["payment_methods"][0];
    assert_eq!(shown["identifier"], "klarna");

    let authorization = shop.approve_in_browser(&first).await;
    let reusable = reusable_of(shop.save(&authorization).await);
    assert_eq!(reusable.name, "XXXX-XXXX-XXXX-1234");
    assert_eq!(reusable.customer_token, "customerAA");
    let expiry = Expiry {
        year: 2031,
        month: 12,
    };
    assert_eq!(reusable.expiry, Some(expiry));

    let second = payment_of(shop.reuse(&reusable).await);
    assert_eq!(second.reference, None);
    assert_eq!(
        second.attributes["auth_token"],
        reusable.payment_source_token
    );
    assert_eq!(
        second.attributes["payment_instrument"],
        reusable.snapshot["payment_instrument"]
    );

    for _ in 0..2 {
        done(shop.forget(&reusable).await);
    }
    let (code, _) = refusal_of(shop.reuse(&reusable).await);
    assert_eq!(code, Code::PaymentSourceNotReusable);
}

#[tokio::test]
async fn klarna_hears_of_the_order_and_says_so_when_it_is_read() {
    let shop = Shop::open().await;
    let payment = shop.pay(new_payment()).await;
    let session = shop.session(&payment).await;
    assert_eq!(session["intent"], "buy_and_tokenize");
    assert_eq!(session["merchant_reference2"], "1234");
    assert_eq!(session["billing_address"], serde_json::Value::Null);

    let read = payment_of(shop.read(&payment).await);
    assert_eq!(read.order, Some("qaMAhZkZvd".parse().unwrap()));
    assert_eq!(read.reference, payment.reference);
    assert_eq!(read.amount, payment.amount);
    assert_eq!(read.attributes, payment.attributes);
}

#[tokio::test]
async fn what_is_no_card_is_saved_too() {
    let cases = [
        ("invoice-1", "Klarna invoice"),
        ("direct-debit-1", "Klarna direct debit 5678"),
        ("suspended-1", "XXXX-XXXX-XXXX-1234"),
    ];
    for (authorization, name) in cases {
        let shop = Shop::open().await;
        shop.pay(new_payment()).await;
        let reusable = reusable_of(shop.save(authorization).await);
        assert_eq!(reusable.name, name);
    }
}

#[tokio::test]
async fn an_open_session_takes_another_amount() {
    let shop = Shop::open().await;
    let payment = shop.pay(new_payment()).await;
    let cheaper = NewPayment {
        amount: euros(9_900),
        ..new_payment()
    };
    let request = GatewayRequest::UpdatePayment {
        payment: reference(&payment).to_owned(),
        to: Some(cheaper),
        options: None,
    };
    let updated = payment_of(shop.perform(1, request).await);
    assert_eq!(updated.reference, payment.reference);
    assert_eq!(updated.amount, euros(9_900));
    let session = shop.session(&payment).await;
    assert_eq!(session["order_amount"], 9_900);
    assert_eq!(session["intent"], "buy_and_tokenize");
    assert_eq!(session["order_lines"][2]["type"], "discount");
}

#[tokio::test]
async fn an_approval_that_is_not_wanted_is_released_once_or_twice() {
    let shop = Shop::open().await;
    let payment = shop.pay(new_payment()).await;
    let authorization = shop.approve_in_browser(&payment).await;
    for _ in 0..2 {
        done(shop.release(&payment, &authorization).await);
    }
    let (_, detail) = refusal_of(shop.save(&authorization).await);
    assert!(detail.contains("approve the payment again"), "{detail}");
    let read = payment_of(shop.read(&payment).await);
    assert_eq!(read.progress, Progress::Open, "it may be approved again");
}

#[tokio::test]
async fn an_approval_can_be_released_though_its_source_was_saved() {
    let shop = Shop::open().await;
    let payment = shop.pay(new_payment()).await;
    let authorization = shop.approve_in_browser(&payment).await;
    let reusable = reusable_of(shop.save(&authorization).await);
    done(shop.release(&payment, &authorization).await);
    payment_of(shop.reuse(&reusable).await);
}

#[tokio::test]
async fn a_session_with_an_order_is_authorized_and_not_to_be_released() {
    let shop = Shop::open().await;
    let payment = shop.pay(new_payment()).await;
    let authorization = shop.approve_in_browser(&payment).await;
    let order = shop.place_order(&payment, &authorization).await;
    assert!(order["order_id"].is_string(), "{order}");

    let read = payment_of(shop.read(&payment).await);
    assert_eq!(read.progress, Progress::Authorized);
    let (_, detail) = refusal_of(shop.release(&payment, &authorization).await);
    assert!(detail.contains("cancelled there"), "{detail}");
    let (_, detail) = refusal_of(shop.save(&authorization).await);
    assert!(detail.contains("used before"), "{detail}");
    let request = GatewayRequest::UpdatePayment {
        payment: reference(&payment).to_owned(),
        to: Some(new_payment()),
        options: None,
    };
    let (_, detail) = refusal_of(shop.perform(1, request).await);
    assert!(detail.contains("An order was placed"), "{detail}");
}

#[tokio::test]
async fn guests_and_customers_where_klarna_keeps_nothing_pay_without_agreeing_to_more() {
    let guests = NewPayment {
        customer: None,
        ..new_payment()
    };
    for payment in [guests, new_payment_in("IT")] {
        let shop = Shop::open().await;
        let payment = shop.pay(payment).await;
        assert_eq!(shop.session(&payment).await["intent"], json!("buy"));
        assert_eq!(payment.attributes.get("auth_token"), None::<&Value>);
    }
}
