use serde_json::json;

use crate::shop::{SESSIONS, Shop, buy_and_tokenize, purchase, purchase_with, text};

#[tokio::test]
async fn an_order_is_placed_once() {
    let shop = Shop::open();
    let token = shop.authorised(&purchase()).await;
    let body = purchase_with(json!({"auto_capture": false}));
    let order = shop.order(&token, &body).await.ok();
    assert_eq!(order["fraud_status"], "ACCEPTED");
    assert!(order["order_id"].is_string() && order["redirect_url"].is_string());
    assert_eq!(order["authorized_payment_method"]["type"], "invoice");
    assert_eq!(shop.order(&token, &body).await.ok(), order);
}

#[tokio::test]
async fn another_order_for_the_same_authorization_is_a_conflict() {
    let shop = Shop::open();
    let token = shop.authorised(&purchase()).await;
    shop.order(&token, &purchase()).await.ok();
    let body = purchase_with(json!({"auto_capture": true}));
    let (status, code, messages) = shop.order(&token, &body).await.refusal();
    assert_eq!((status, code.as_str()), (409, "BAD_VALUE"));
    let message = "The order has been already completed with different request body";
    assert_eq!(messages, [message]);
}

#[tokio::test]
async fn an_order_must_be_as_authorised() {
    let shop = Shop::open();
    let address = json!({"city": "Berlin"});
    let session = purchase_with(json!({"billing_address": address}));
    let token = shop.authorised(&session).await;
    let mut other = purchase();
    other["order_lines"][0]["name"] = json!("Sandal");
    other["billing_address"] = json!({"city": "Bonn"});
    let (status, code, messages) = shop.order(&token, &other).await.refusal();
    assert_eq!((status, code.as_str()), (409, "BAD_VALUE"));
    assert_eq!(
        messages,
        ["Not matching fields: [order_lines, billing_address]"]
    );
    shop.order(&token, &purchase()).await.ok();
}

#[tokio::test]
async fn what_changed_after_the_authorization_needs_another() {
    let shop = Shop::open();
    let (id, client_token) = shop.session(&purchase()).await;
    let page = json!({"client_token": client_token});
    let stale = shop.agree(&id, &page).await;
    let mut changed = purchase();
    changed["order_lines"][0]["name"] = json!("Sandal");
    shop.post(&format!("{SESSIONS}/{id}"), &changed).await;
    shop.order(&stale, &changed).await.refused(409, "BAD_VALUE");
    let fresh = shop.agree(&id, &page).await;
    shop.order(&fresh, &changed).await.ok();
}

#[tokio::test]
async fn a_session_ends_with_its_order() {
    let shop = Shop::open();
    let (id, client_token) = shop.session(&purchase()).await;
    let page = json!({"client_token": client_token});
    let late = shop.agree(&id, &page).await;
    let token = shop.agree(&id, &page).await;
    shop.order(&token, &purchase()).await.ok();

    let path = format!("{SESSIONS}/{id}");
    assert_eq!(text(&shop.get(&path).await.ok(), "status"), "complete");
    let update = shop.post(&path, &json!({"locale": "de-DE"})).await;
    update.refused(404, "SESSION_COMPLETED");
    let again = shop.post(&format!("{path}/_authorize"), &page).await;
    again.refused(404, "SESSION_COMPLETED");
    let reply = shop.order(&late, &purchase()).await;
    reply.refused(404, "SESSION_COMPLETED");
    let reply = shop.order("unseen", &purchase()).await;
    reply.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn nothing_is_bought_with_intent_tokenize() {
    let shop = Shop::open();
    let session = purchase_with(json!({"intent": "tokenize"}));
    let token = shop.authorised(&session).await;
    let reply = shop.order(&token, &purchase()).await;
    reply.refused(403, "INVALID_OPERATION");
}

#[tokio::test]
async fn a_customer_token_first_then_the_order() {
    let shop = Shop::open();
    let token = shop.authorised(&buy_and_tokenize()).await;
    shop.mint(&token).await.ok();
    shop.order(&token, &purchase()).await.ok();
}

#[tokio::test]
async fn letters_of_country_and_currency_may_be_small() {
    let shop = Shop::open();
    let token = shop.authorised(&purchase()).await;
    let body = purchase_with(json!({"purchase_country": "de", "purchase_currency": "eur"}));
    shop.order(&token, &body).await.ok();
}
