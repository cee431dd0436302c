use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::shop::{
    SESSIONS, Shop, buy_and_tokenize, mint_path, purchase, token_path, token_request,
};

fn basic(credentials: &str) -> Option<String> {
    Some(format!("Basic {}", STANDARD.encode(credentials)))
}

#[tokio::test]
async fn who_is_not_known_gets_no_word() {
    let shop = Shop::open();
    for authorization in [
        None,
        Some("Bearer PK00001_shop".to_owned()),
        Some("Basic ???".to_owned()),
        basic("PK00001_shop"),
        basic("PK00001_shop:"),
        basic(":a password"),
        basic("live_shop:a password"),
        basic("klarna_live_api_shop:a password"),
        basic("shop:klarna_live_api_secret"),
    ] {
        let stranger = shop.with_authorization(authorization.clone());
        let reply = stranger.post(SESSIONS, &purchase()).await;
        assert_eq!(reply.status, 401, "{authorization:?}");
        assert!(reply.text.is_empty(), "{authorization:?}");
    }
}

#[tokio::test]
async fn each_user_is_an_account_of_its_own() {
    let shop = Shop::open();
    let other = shop.with_user("PK00002_other");
    let (session, _) = shop.session(&buy_and_tokenize()).await;
    let token = shop.customer_token("made-here").await;
    for path in [format!("{SESSIONS}/{session}"), token_path(&token)] {
        assert_eq!(other.get(&path).await.status, 404, "{path}");
        shop.get(&path).await.ok();
    }
    other.session(&buy_and_tokenize()).await;
    let reply = other.post(&mint_path("made-here"), &token_request()).await;
    reply.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn every_answer_has_a_correlation_id() {
    let shop = Shop::open();
    let header = "klarna-correlation-id";
    let reply = shop.post(SESSIONS, &purchase()).await;
    let first = reply.header(header).unwrap().to_owned();
    let refused = shop.get("/payments/v1/nothing").await;
    refused.refused(404, "NOT_FOUND");
    assert_eq!(
        refused.json()["correlation_id"],
        refused.header(header).unwrap()
    );
    assert_ne!(refused.header(header).unwrap(), first);
    let stranger = shop.with_authorization(None);
    assert!(stranger.get(SESSIONS).await.header(header).is_some());
}

#[tokio::test]
async fn only_json_is_read() {
    let shop = Shop::open();
    let mut request = shop.request(http::Method::POST, SESSIONS, &purchase(), &[]);
    let form = "application/x-www-form-urlencoded".parse().unwrap();
    request.headers_mut().insert("content-type", form);
    assert_eq!(shop.send(request).await.unwrap().status, 415);

    let mut request = shop.request(http::Method::POST, SESSIONS, &purchase(), &[]);
    *request.body_mut() = "{\"order_amount\":".into();
    shop.send(request)
        .await
        .unwrap()
        .refused(400, "BAD_REQUEST");
}
