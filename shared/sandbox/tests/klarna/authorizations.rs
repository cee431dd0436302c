use serde_json::{Value, json};

use crate::shop::{
    SESSIONS, Shop, buy_and_tokenize, mint_path, purchase, purchase_with, text, token_request, with,
};

fn path(token: &str) -> String {
    format!("/payments/v1/authorizations/{token}")
}

/// A purchase of so many cents.
fn of(amount: i64) -> Value {
    purchase_with(json!({
        "order_amount": amount,
        "order_tax_amount": 0,
        "order_lines": [
            {"name": "Socks", "quantity": 1, "unit_price": amount, "total_amount": amount},
        ],
    }))
}

async fn status_of(shop: &Shop, session: &str) -> String {
    let session = shop.get(&format!("{SESSIONS}/{session}")).await.ok();
    text(&session, "status")
}

#[tokio::test]
async fn a_page_authorises_its_session_without_credentials() {
    let shop = Shop::open();
    let (id, client_token) = shop.session(&purchase()).await;
    let page = shop.with_authorization(None);
    let token = page
        .agree(&id, &json!({"client_token": client_token}))
        .await;
    shop.order(&token, &purchase()).await.ok();
    assert_eq!(status_of(&shop, &id).await, "complete");
}

#[tokio::test]
async fn a_page_needs_its_own_client_token() {
    let shop = Shop::open();
    let (id, _) = shop.session(&purchase()).await;
    let (_, other) = shop.session(&purchase()).await;
    let path = format!("{SESSIONS}/{id}/_authorize");
    let reply = shop.post(&path, &json!({"client_token": other})).await;
    reply.bad_values(&["client_token"]);
}

#[tokio::test]
async fn an_unseen_token_is_authorised_for_the_session_with_these_terms() {
    let shop = Shop::open();
    let (small, _) = shop.session(&of(500)).await;
    let (large, _) = shop.session(&of(900)).await;
    shop.order("seen-now", &of(500)).await.ok();
    assert_eq!(status_of(&shop, &small).await, "complete");
    assert_eq!(status_of(&shop, &large).await, "incomplete");
}

#[tokio::test]
async fn of_equal_sessions_the_newest_that_is_not_authorised_is_meant() {
    let shop = Shop::open();
    let (first, _) = shop.session(&buy_and_tokenize()).await;
    let (second, _) = shop.session(&buy_and_tokenize()).await;
    shop.mint("one").await.ok();
    shop.mint("two").await.ok();
    shop.order("one", &purchase()).await.ok();
    assert_eq!(status_of(&shop, &second).await, "complete");
    assert_eq!(status_of(&shop, &first).await, "incomplete");
    shop.order("two", &purchase()).await.ok();
    assert_eq!(status_of(&shop, &first).await, "complete");
}

#[tokio::test]
async fn terms_that_no_open_session_has_are_named() {
    let shop = Shop::open();
    shop.session(&buy_and_tokenize()).await;
    let (status, code, messages) = shop.order("unseen", &of(500)).await.refusal();
    assert_eq!((status, code.as_str()), (409, "BAD_VALUE"));
    assert_eq!(messages, ["Not matching fields: [order_amount]"]);
    let request = with(token_request(), json!({"purchase_country": "AT"}));
    let reply = shop.post(&mint_path("unseen"), &request).await;
    let messages = reply.refusal().2;
    assert_eq!(messages, ["Not matching fields: [purchase_country]"]);
    shop.mint("unseen").await.ok();
}

#[tokio::test]
async fn without_a_session_there_is_no_authorization() {
    let shop = Shop::open();
    let invalid = (
        404,
        "NOT_FOUND".to_owned(),
        vec!["Invalid authorization token".to_owned()],
    );
    assert_eq!(shop.mint("unseen").await.refusal(), invalid);
    assert_eq!(shop.order("unseen", &purchase()).await.refusal(), invalid);
    assert_eq!(shop.delete(&path("unseen")).await.refusal(), invalid);
}

#[tokio::test]
async fn names_tell_the_fate() {
    let shop = Shop::open();
    shop.session(&buy_and_tokenize()).await;
    for (name, status, code) in [
        ("expired-1", 404, "NOT_FOUND"),
        ("rejected-1", 403, "REJECTED"),
    ] {
        shop.mint(name).await.refused(status, code);
        shop.order(name, &purchase()).await.refused(status, code);
        shop.delete(&path(name)).await.refused(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn a_name_that_cannot_be_new_is_no_authorization_token() {
    let shop = Shop::open();
    let token = shop.customer_token("unseen").await;
    let (session, _) = shop.session(&buy_and_tokenize()).await;
    for name in [token, session, "no%20token".to_owned(), "x".repeat(256)] {
        shop.mint(&name).await.refused(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn an_authorization_lives_60_minutes() {
    let shop = Shop::open();
    let token = shop.authorised(&buy_and_tokenize()).await;
    shop.pass_minutes(59);
    shop.mint(&token).await.ok();
    shop.pass_minutes(1);
    let reply = shop.order(&token, &purchase()).await;
    reply.refused(404, "NOT_FOUND");
    shop.delete(&path(&token)).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn an_authorization_outlives_its_session() {
    let shop = Shop::open();
    let (id, client_token) = shop.session(&purchase()).await;
    shop.pass_minutes(48 * 60 - 1);
    let token = shop
        .agree(&id, &json!({"client_token": client_token}))
        .await;
    shop.pass_minutes(30);
    shop.order(&token, &purchase()).await.ok();
}

#[tokio::test]
async fn a_released_authorization_is_gone() {
    let shop = Shop::open();
    for token in [
        shop.authorised(&buy_and_tokenize()).await,
        "unseen".to_owned(),
    ] {
        let reply = shop.delete(&path(&token)).await;
        assert_eq!((reply.status.as_u16(), reply.text.len()), (204, 0));
        shop.delete(&path(&token)).await.refused(404, "NOT_FOUND");
        shop.mint(&token).await.refused(404, "NOT_FOUND");
        let reply = shop.order(&token, &purchase()).await;
        reply.refused(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn an_authorization_with_an_order_is_not_released() {
    let shop = Shop::open();
    let token = shop.authorised(&purchase()).await;
    shop.order(&token, &purchase()).await.ok();
    let reply = shop.delete(&path(&token)).await;
    reply.refused(403, "INVALID_OPERATION");
}

#[tokio::test]
async fn a_page_may_name_the_token() {
    let shop = Shop::open();
    let (id, client_token) = shop.session(&buy_and_tokenize()).await;
    let page = json!({"client_token": client_token, "authorization_token": "invoice-7"});
    assert_eq!(shop.agree(&id, &page).await, "invoice-7");
    let reply = shop
        .post(&format!("{SESSIONS}/{id}/_authorize"), &page)
        .await;
    reply.bad_values(&["authorization_token"]);
}
