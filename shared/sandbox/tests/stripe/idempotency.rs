use std::time::Duration;

use sandbox::{Fault, FaultOrder};

use crate::shop::{Shop, id};

const CUSTOMERS: &str = "/v1/customers";
const INTENTS: &str = "/v1/payment_intents";
const FORM: &[(&str, &str)] = &[("amount", "12900"), ("currency", "eur")];

async fn how_many(shop: &Shop) -> usize {
    let list = shop.get("/v1/payment_intents?limit=100").await.ok();
    list["data"].as_array().unwrap().len()
}

#[tokio::test]
async fn the_same_key_gives_the_first_answer_again() {
    let shop = Shop::open();
    let first = shop.post_once("k", INTENTS, FORM).await.unwrap();
    let again = shop.post_once("k", INTENTS, FORM).await.unwrap();
    assert_eq!(first.text, again.text);
    assert_eq!(first.header("idempotent-replayed"), None);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.header("original-request"), first.header("request-id"));
    assert_ne!(again.header("request-id"), first.header("request-id"));
    assert_eq!(how_many(&shop).await, 1);
}

#[tokio::test]
async fn the_order_of_parameters_does_not_matter() {
    let shop = Shop::open();
    shop.post_once("k", INTENTS, FORM).await.unwrap().ok();
    let turned: Vec<_> = FORM.iter().rev().copied().collect();
    shop.post_once("k", INTENTS, &turned).await.unwrap().ok();
    assert_eq!(how_many(&shop).await, 1);
}

#[tokio::test]
async fn same_key_with_other_parameters_is_an_idempotency_error() {
    let shop = Shop::open();
    shop.post_once("k", INTENTS, FORM).await.unwrap().ok();
    let other = [("amount", "100"), ("currency", "eur")];
    let error = shop
        .post_once("k", INTENTS, &other)
        .await
        .unwrap()
        .error(400);
    assert_eq!(error["type"], "idempotency_error");
    let message = error["message"].as_str().unwrap();
    assert!(message.starts_with("Keys for idempotent requests can only be used with the same"));
    assert_eq!(how_many(&shop).await, 1);
}

#[tokio::test]
async fn same_key_at_another_endpoint_is_an_idempotency_error() {
    let shop = Shop::open();
    shop.post_once("k", INTENTS, FORM).await.unwrap().ok();
    let error = shop
        .post_once("k", CUSTOMERS, &[])
        .await
        .unwrap()
        .error(400);
    assert_eq!(error["type"], "idempotency_error");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("('/v1/customers' vs '/v1/payment_intents')")
    );
}

#[tokio::test]
async fn a_decline_is_given_again() {
    let shop = Shop::open();
    let form = [
        FORM,
        &[
            ("payment_method", "pm_card_chargeDeclined"),
            ("confirm", "true"),
            ("return_url", "https://shop.example.com/back"),
        ],
    ]
    .concat();
    let first = shop.post_once("k", INTENTS, &form).await.unwrap();
    first.error(402);
    let again = shop.post_once("k", INTENTS, &form).await.unwrap();
    again.error(402);
    assert_eq!(first.text, again.text);
    assert_eq!(again.header("stripe-should-retry"), Some("false"));
    assert_eq!(how_many(&shop).await, 1);
}

#[tokio::test]
async fn a_key_whose_request_was_not_valid_is_still_free() {
    let shop = Shop::open();
    let bad = [("amount", "1"), ("currency", "eur")];
    shop.post_once("k", INTENTS, &bad).await.unwrap().error(400);
    shop.post_once("k", INTENTS, &[]).await.unwrap().error(400);
    let reply = shop.post_once("k", INTENTS, FORM).await.unwrap();
    reply.ok();
    assert_eq!(reply.header("idempotent-replayed"), None);
}

#[tokio::test]
async fn a_key_that_met_a_rate_limit_is_still_free() {
    let shop = Shop::open();
    shop.stripe
        .order_fault(FaultOrder::next(Fault::Status429))
        .unwrap();
    let error = shop.post_once("k", INTENTS, FORM).await.unwrap().error(429);
    assert_eq!(error["code"], "rate_limit");
    shop.post_once("k", INTENTS, FORM).await.unwrap().ok();
}

#[tokio::test]
async fn an_error_of_stripes_own_is_given_again() {
    let shop = Shop::open();
    shop.stripe
        .order_fault(FaultOrder::next(Fault::Status500))
        .unwrap();
    let error = shop.post_once("k", INTENTS, FORM).await.unwrap().error(500);
    assert_eq!(error["type"], "api_error");
    let again = shop.post_once("k", INTENTS, FORM).await.unwrap();
    again.error(500);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    shop.post_once("other", INTENTS, FORM).await.unwrap().ok();
    assert_eq!(how_many(&shop).await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_key_is_in_use_until_its_answer() {
    let shop = Shop::open();
    let slow = FaultOrder::next(Fault::Delay).delay_ms(5_000);
    shop.stripe.order_fault(slow).unwrap();
    let first = tokio::spawn({
        let shop = shop.clone();
        async move { shop.post_once("k", INTENTS, FORM).await.unwrap().ok() }
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    let conflict = shop.post_once("k", INTENTS, FORM).await.unwrap();
    assert_eq!(conflict.error(409)["code"], "idempotency_key_in_use");
    assert_eq!(conflict.header("stripe-should-retry"), Some("true"));
    let first = first.await.unwrap();
    let again = shop.post_once("k", INTENTS, FORM).await.unwrap().ok();
    assert_eq!(id(&first), id(&again));
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_waiting_finds_the_effect() {
    let shop = Shop::open();
    let slow = FaultOrder::next(Fault::Delay).delay_ms(60_000);
    shop.stripe.order_fault(slow).unwrap();
    let patience = Duration::from_secs(10);
    let answer = tokio::time::timeout(patience, shop.post_once("k", INTENTS, FORM)).await;
    assert!(answer.is_err());
    let again = shop.post_once("k", INTENTS, FORM).await.unwrap();
    again.ok();
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(how_many(&shop).await, 1);
}

#[tokio::test]
async fn keys_are_forgotten_after_a_day() {
    let shop = Shop::open();
    shop.post_once("k", INTENTS, FORM).await.unwrap().ok();
    shop.pass_hours(23);
    shop.post_once("k", INTENTS, FORM).await.unwrap().ok();
    assert_eq!(how_many(&shop).await, 1);
    shop.pass_hours(1);
    shop.post_once("k", INTENTS, FORM).await.unwrap().ok();
    assert_eq!(how_many(&shop).await, 2);
}

#[tokio::test]
async fn another_account_has_its_own_keys() {
    let shop = Shop::open();
    shop.post_once("k", INTENTS, FORM).await.unwrap().ok();
    let other = shop.with_key("sk_test_other");
    let reply = other.post_once("k", INTENTS, FORM).await.unwrap();
    assert_eq!(reply.header("idempotent-replayed"), None);
}

#[tokio::test]
async fn keys_have_at_most_255_characters() {
    let shop = Shop::open();
    shop.post_once(&"k".repeat(255), INTENTS, FORM)
        .await
        .unwrap()
        .ok();
    shop.post_once(&"k".repeat(256), INTENTS, FORM)
        .await
        .unwrap()
        .error(400);
}
