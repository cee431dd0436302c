use http::Method;
use serde_json::json;

use crate::shop::{
    SESSIONS, Shop, buy_and_tokenize, mint_path, order_path, purchase, purchase_with, token_order,
    token_path, token_request,
};

const HEADER: &str = "klarna-idempotency-key";

#[tokio::test]
async fn a_token_order_is_placed_once_for_a_key() {
    let shop = Shop::open();
    let token = shop.customer_token("unseen").await;
    let path = format!("{}/order", token_path(&token));
    let first = shop.post_once("k", &path, &token_order()).await.unwrap();
    let again = shop.post_once("k", &path, &token_order()).await.unwrap();
    assert_eq!(first.ok(), again.ok());
    let other = shop.post_once("l", &path, &token_order()).await.unwrap();
    assert_ne!(first.ok()["order_id"], other.ok()["order_id"]);
}

#[tokio::test]
async fn a_repeated_mint_gets_the_token_again() {
    let shop = Shop::open();
    let path = mint_path(&shop.authorised(&buy_and_tokenize()).await);
    let first = shop.post_once("k", &path, &token_request()).await.unwrap();
    let again = shop.post_once("k", &path, &token_request()).await.unwrap();
    assert_eq!(first.ok()["token_id"], again.ok()["token_id"]);
    let other = shop.post_once("l", &path, &token_request()).await.unwrap();
    other.refused(403, "INVALID_OPERATION");
}

#[tokio::test]
async fn a_session_is_opened_once_for_a_key() {
    let shop = Shop::open();
    let first = shop.post_once("k", SESSIONS, &purchase()).await.unwrap();
    let again = shop.post_once("k", SESSIONS, &purchase()).await.unwrap();
    assert_eq!(first.ok(), again.ok());
}

#[tokio::test]
async fn a_repeated_cancellation_is_a_success_again() {
    let shop = Shop::open();
    let token = shop.customer_token("unseen").await;
    let path = format!("{}/status", token_path(&token));
    let body = json!({"status": "CANCELLED"});
    for _ in 0..2 {
        let request = shop.request(Method::PATCH, &path, &body, &[(HEADER, "k")]);
        let reply = shop.send(request).await.unwrap();
        assert_eq!((reply.status.as_u16(), reply.text.len()), (202, 0));
    }
    let reply = shop.patch(&path, &body).await;
    reply.refused(403, "TOKEN_CANCELLED");
}

#[tokio::test]
async fn refusals_are_kept_too() {
    let shop = Shop::open();
    let path = order_path("unseen");
    let first = shop.post_once("k", &path, &purchase()).await.unwrap();
    first.refused(404, "NOT_FOUND");
    shop.session(&purchase()).await;
    let again = shop.post_once("k", &path, &purchase()).await.unwrap();
    again.refused(404, "NOT_FOUND");
    assert_eq!(first.json(), again.json());
    let new = shop.post_once("l", &path, &purchase()).await.unwrap();
    new.ok();
}

#[tokio::test]
async fn a_result_is_kept_for_a_day() {
    let shop = Shop::open();
    let first = shop.post_once("k", SESSIONS, &purchase()).await.unwrap();
    shop.pass_minutes(24 * 60 - 1);
    let again = shop.post_once("k", SESSIONS, &purchase()).await.unwrap();
    assert_eq!(first.ok(), again.ok());
    shop.pass_minutes(1);
    let anew = shop.post_once("k", SESSIONS, &purchase()).await.unwrap();
    assert_ne!(first.ok()["session_id"], anew.ok()["session_id"]);
}

#[tokio::test]
async fn a_key_stands_for_one_request() {
    let shop = Shop::open();
    shop.post_once("k", SESSIONS, &purchase())
        .await
        .unwrap()
        .ok();
    let other = purchase_with(json!({"locale": "de-DE"}));
    let reply = shop.post_once("k", SESSIONS, &other).await.unwrap();
    reply.refused(409, "BAD_VALUE");
    let path = order_path("unseen");
    let reply = shop.post_once("k", &path, &purchase()).await.unwrap();
    reply.refused(409, "BAD_VALUE");
}

#[tokio::test]
async fn keys_of_accounts_do_not_meet() {
    let shop = Shop::open();
    let other = shop.with_user("PK00002_other");
    let first = shop.post_once("k", SESSIONS, &purchase()).await.unwrap();
    let second = other.post_once("k", SESSIONS, &purchase()).await.unwrap();
    assert_ne!(first.ok()["session_id"], second.ok()["session_id"]);
}

#[tokio::test]
async fn a_key_has_1_to_255_characters() {
    let shop = Shop::open();
    for key in ["", &"k".repeat(256)] {
        let reply = shop.post_once(key, SESSIONS, &purchase()).await.unwrap();
        reply.bad_values(&["Klarna-Idempotency-Key"]);
    }
    let longest = "k".repeat(255);
    let reply = shop.post_once(&longest, SESSIONS, &purchase()).await;
    reply.unwrap().ok();
}

#[tokio::test(start_paused = true)]
async fn a_key_is_in_use_until_the_answer() {
    let shop = Shop::open();
    let late = sandbox::FaultOrder::next(sandbox::Fault::Delay).delay_ms(1_000);
    shop.klarna.order_fault(late).unwrap();
    let purchase = purchase();
    let (first, second) = tokio::join!(
        shop.post_once("k", SESSIONS, &purchase),
        shop.post_once("k", SESSIONS, &purchase),
    );
    let first = first.unwrap().ok();
    second.unwrap().refused(503, "SERVICE_UNAVAILABLE");
    let third = shop.post_once("k", SESSIONS, &purchase).await.unwrap();
    assert_eq!(third.ok(), first);
}
