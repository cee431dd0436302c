//! Saving a card by paying with it, and paying with a saved one.

use serde_json::json;

use crate::shop::{Shop, id};

const NOT_AGAIN: &str = "The provided PaymentMethod was previously used with a PaymentIntent \
     without Customer attachment, shared with a connected account without Customer attachment, or \
     was detached from a Customer. It may not be used again. To use a PaymentMethod multiple \
     times, you must attach it to a Customer first.";

async fn owner(shop: &Shop, method: &str) -> serde_json::Value {
    let path = format!("/v1/payment_methods/{method}");
    shop.get(&path).await.ok()["customer"].clone()
}

#[tokio::test]
async fn customer_and_setup_future_usage_save_the_card_at_confirmation() {
    let shop = Shop::open();
    let customer = shop.customer().await;
    let form = [
        ("customer", customer.as_str()),
        ("payment_method", "pm_card_visa"),
        ("setup_future_usage", "off_session"),
    ];
    let intent = shop.intent(&form).await.ok();
    let method = intent["payment_method"].as_str().unwrap();
    assert_eq!(owner(&shop, method).await, json!(null));
    let confirm = format!("/v1/payment_intents/{}/confirm", id(&intent));
    shop.post(&confirm, &[]).await.ok();
    assert_eq!(owner(&shop, method).await, customer);

    let again = [
        ("customer", customer.as_str()),
        ("payment_method", method),
        ("confirm", "true"),
    ];
    assert_eq!(shop.intent(&again).await.ok()["status"], "requires_capture");
    assert_eq!(owner(&shop, method).await, customer);
}

#[tokio::test]
async fn a_card_that_was_used_without_saving_is_spent() {
    let shop = Shop::open();
    let customer = shop.customer().await;
    for form in [
        vec![("payment_method", "pm_card_visa"), ("confirm", "true")],
        vec![
            ("payment_method", "pm_card_visa"),
            ("confirm", "true"),
            ("customer", customer.as_str()),
        ],
    ] {
        let intent = shop.intent(&form).await.ok();
        let method = intent["payment_method"].as_str().unwrap();
        let error = shop.intent(&[("payment_method", method)]).await.error(400);
        assert_eq!(error["message"], NOT_AGAIN);
        let path = format!("/v1/payment_methods/{method}/attach");
        shop.post(&path, &[("customer", &customer)])
            .await
            .error(400);
    }
}

#[tokio::test]
async fn a_card_on_two_intents_is_spent_by_the_first_confirmation() {
    let shop = Shop::open();
    let form = [("payment_method", "pm_1IixtoEw0yMev2I0jGzoT9Js")];
    let first = id(&shop.intent(&form).await.ok());
    let second = id(&shop.intent(&form).await.ok());
    shop.post(&format!("/v1/payment_intents/{first}/confirm"), &[])
        .await
        .ok();
    let error = shop
        .post(&format!("/v1/payment_intents/{second}/confirm"), &[])
        .await
        .error(400);
    assert_eq!(error["message"], NOT_AGAIN);
    assert_eq!(error["payment_intent"]["status"], "requires_confirmation");
}

#[tokio::test]
async fn a_saved_card_is_its_customers_alone() {
    let shop = Shop::open();
    let (owner, method) = shop.customer_with_card("pm_card_visa").await;
    let other = shop.customer().await;
    let form = [("customer", other.as_str()), ("payment_method", &method)];
    let error = shop.intent(&form).await.error(400);
    let message = format!("The PaymentMethod {method} does not belong to the Customer");
    assert!(error["message"].as_str().unwrap().starts_with(&message));
    let error = shop.intent(&[("payment_method", &method)]).await.error(400);
    let message = format!("belongs to the Customer {owner}");
    assert!(error["message"].as_str().unwrap().contains(&message));
}

#[tokio::test]
async fn the_card_is_saved_only_after_the_shopper_has_answered_the_bank() {
    let shop = Shop::open();
    let customer = shop.customer().await;
    let form = [
        ("customer", customer.as_str()),
        ("payment_method", "pm_card_authenticationRequired"),
        ("setup_future_usage", "off_session"),
        ("confirm", "true"),
    ];
    let intent = shop.intent(&form).await.ok();
    assert_eq!(intent["status"], "requires_action");
    assert_eq!(intent["next_action"]["type"], "use_stripe_sdk");
    let method = intent["payment_method"].as_str().unwrap();
    assert_eq!(owner(&shop, method).await, json!(null));

    let path = format!("/v1/payment_intents/{}/_authenticate", id(&intent));
    let secret = intent["client_secret"].as_str().unwrap();
    let page = shop.with_key("");
    let done = page
        .post(&path, &[("client_secret", secret), ("success", "true")])
        .await
        .ok();
    assert_eq!(done["status"], "requires_capture");
    assert_eq!(owner(&shop, method).await, customer);
}

#[tokio::test]
async fn a_failed_authentication_saves_nothing() {
    let shop = Shop::open();
    let customer = shop.customer().await;
    let form = [
        ("customer", customer.as_str()),
        ("payment_method", "pm_card_authenticationRequired"),
        ("setup_future_usage", "off_session"),
        ("confirm", "true"),
        ("return_url", "https://shop.example/done"),
    ];
    let intent = shop.intent(&form).await.ok();
    assert_eq!(intent["next_action"]["type"], "redirect_to_url");
    let method = intent["payment_method"].as_str().unwrap();
    let path = format!("/v1/payment_intents/{}/_authenticate", id(&intent));
    let secret = intent["client_secret"].as_str().unwrap();
    shop.post(&path, &[("client_secret", "x"), ("success", "true")])
        .await
        .error(400);
    let failed = shop
        .post(&path, &[("client_secret", secret), ("success", "false")])
        .await
        .ok();
    assert_eq!(failed["status"], "requires_payment_method");
    let code = "payment_intent_authentication_failure";
    assert_eq!(failed["last_payment_error"]["code"], code);
    assert_eq!(owner(&shop, method).await, json!(null));
    shop.post(&path, &[("client_secret", secret), ("success", "true")])
        .await
        .error(400);
}
