use serde_json::json;

use crate::shop::{
    Shop, buy_and_tokenize, mint_path, purchase, purchase_with, token_order, token_path,
    token_request, with,
};

fn cancel() -> serde_json::Value {
    json!({"status": "CANCELLED"})
}

async fn order_with(shop: &Shop, token: &str) -> crate::shop::Reply {
    let path = format!("{}/order", token_path(token));
    shop.post(&path, &token_order()).await
}

#[tokio::test]
async fn a_token_is_made_and_read() {
    let shop = Shop::open();
    let authorization = shop.authorised(&buy_and_tokenize()).await;
    let request = with(
        token_request(),
        json!({
            "billing_address": {"city": "Berlin"},
            "customer": {"date_of_birth": "1990-02-28", "last_four_ssn": "1234"},
        }),
    );
    let made = shop.post(&mint_path(&authorization), &request).await.ok();
    assert!(made["redirect_url"].is_string() && made["payment_method_reference"].is_string());
    assert_eq!(made["billing_address"], json!({"city": "Berlin"}));
    assert_eq!(made["customer"], json!({"date_of_birth": "1990-02-28"}));
    let token = made["token_id"].as_str().unwrap();
    assert_eq!(
        shop.get(&token_path(token)).await.ok(),
        json!({
            "status": "ACTIVE",
            "payment_method_type": "CARD",
            "card": {
                "brand": "VISA",
                "expiry_date": "12/2030",
                "masked_number": "************1234",
            },
        })
    );
}

#[tokio::test]
async fn names_tell_the_payment_method() {
    let shop = Shop::open();
    let token = shop.customer_token("invoice-1").await;
    let invoice = json!({"status": "ACTIVE", "payment_method_type": "INVOICE"});
    assert_eq!(shop.get(&token_path(&token)).await.ok(), invoice);
    let token = shop.customer_token("direct-debit-1").await;
    let debit = shop.get(&token_path(&token)).await.ok();
    assert_eq!(debit["payment_method_type"], "DIRECT_DEBIT");
    assert!(debit["direct_debit"]["masked_number"].is_string());
}

#[tokio::test]
async fn a_token_needs_the_intent() {
    let shop = Shop::open();
    let authorization = shop.authorised(&purchase()).await;
    let (status, code, messages) = shop.mint(&authorization).await.refusal();
    assert_eq!((status, code.as_str()), (403, "INVALID_OPERATION"));
    assert_eq!(
        messages,
        ["Not allowed to create customer token for intent buy"]
    );
    let tokenize = purchase_with(json!({"intent": "tokenize"}));
    let authorization = shop.authorised(&tokenize).await;
    shop.mint(&authorization).await.ok();
}

#[tokio::test]
async fn an_authorization_makes_one_token() {
    let shop = Shop::open();
    let authorization = shop.authorised(&buy_and_tokenize()).await;
    shop.mint(&authorization).await.ok();
    let (status, code, messages) = shop.mint(&authorization).await.refusal();
    assert_eq!((status, code.as_str()), (403, "INVALID_OPERATION"));
    assert_eq!(messages, ["Authorization token already consumed"]);
}

#[tokio::test]
async fn no_token_after_the_order() {
    let shop = Shop::open();
    let authorization = shop.authorised(&buy_and_tokenize()).await;
    shop.order(&authorization, &purchase()).await.ok();
    let reply = shop.mint(&authorization).await;
    reply.refused(403, "INVALID_OPERATION");
}

#[tokio::test]
async fn a_token_for_another_country_is_a_conflict() {
    let shop = Shop::open();
    let authorization = shop.authorised(&buy_and_tokenize()).await;
    let request = with(
        token_request(),
        json!({"purchase_country": "CH", "purchase_currency": "CHF"}),
    );
    let reply = shop.post(&mint_path(&authorization), &request).await;
    let messages = reply.refusal().2;
    let expected = "Not matching fields: [purchase_country, purchase_currency]";
    assert_eq!(messages, [expected]);
    reply.refused(409, "BAD_VALUE");
    shop.mint(&authorization).await.ok();
}

#[tokio::test]
async fn a_token_pays_many_orders() {
    let shop = Shop::open();
    let token = shop.customer_token("unseen").await;
    let first = order_with(&shop, &token).await.ok();
    assert_eq!(first["fraud_status"], "ACCEPTED");
    let second = order_with(&shop, &token).await.ok();
    assert_ne!(first["order_id"], second["order_id"]);
}

#[tokio::test]
async fn an_order_for_a_token_is_checked() {
    let shop = Shop::open();
    let token = shop.customer_token("unseen").await;
    let path = format!("{}/order", token_path(&token));
    for (name, body) in [
        ("purchase_country", purchase()),
        (
            "order_tax_amount",
            with(token_order(), json!({"order_tax_amount": null})),
        ),
        (
            "order_amount",
            with(token_order(), json!({"order_amount": 1})),
        ),
        ("step_up", with(token_order(), json!({"step_up": "MAYBE"}))),
    ] {
        shop.post(&path, &body).await.bad_values(&[name]);
    }
    let body = with(
        token_order(),
        json!({"auto_capture": false, "step_up": "SUPPORTED"}),
    );
    shop.post(&path, &body).await.ok();
}

#[tokio::test]
async fn a_token_pays_in_its_own_currency() {
    let shop = Shop::open();
    let token = shop.customer_token("unseen").await;
    let path = format!("{}/order", token_path(&token));
    let body = with(token_order(), json!({"purchase_currency": "CHF"}));
    let reply = shop.post(&path, &body).await;
    reply.refused(403, "PAYMENT_METHOD_CURRENCY_MISMATCH");
}

#[tokio::test]
async fn a_cancelled_token_stays_cancelled() {
    let shop = Shop::open();
    let token = shop.customer_token("unseen").await;
    let path = format!("{}/status", token_path(&token));
    for status in ["ACTIVE", "SUSPENDED", "cancelled"] {
        let reply = shop.patch(&path, &json!({"status": status})).await;
        reply.bad_values(&["status"]);
    }
    let reply = shop.patch(&path, &cancel()).await;
    assert_eq!((reply.status.as_u16(), reply.text.len()), (202, 0));
    let read = shop.get(&token_path(&token)).await.ok();
    assert_eq!(read["status"], "CANCELLED");
    shop.patch(&path, &cancel())
        .await
        .refused(403, "TOKEN_CANCELLED");
    order_with(&shop, &token)
        .await
        .refused(403, "TOKEN_CANCELLED");
}

#[tokio::test]
async fn tokens_that_cannot_pay_say_why() {
    let shop = Shop::open();
    for (name, code) in [
        ("suspended-1", "TOKEN_SUSPENDED"),
        ("unavailable-1", "UNAVAILABLE_PAYMENT_METHOD"),
    ] {
        let token = shop.customer_token(name).await;
        order_with(&shop, &token).await.refused(403, code);
        let path = format!("{}/status", token_path(&token));
        assert_eq!(shop.patch(&path, &cancel()).await.status, 202);
    }
}

#[tokio::test]
async fn an_unknown_token_is_not_found() {
    let shop = Shop::open();
    let authorization = shop.authorised(&buy_and_tokenize()).await;
    let path = token_path(&authorization);
    shop.get(&path).await.refused(404, "TOKEN_NOT_FOUND");
    order_with(&shop, &authorization)
        .await
        .refused(404, "TOKEN_NOT_FOUND");
    let reply = shop.patch(&format!("{path}/status"), &cancel()).await;
    reply.refused(404, "TOKEN_NOT_FOUND");
}

#[tokio::test]
async fn tokens_do_not_expire() {
    let shop = Shop::open();
    let token = shop.customer_token("unseen").await;
    shop.pass_minutes(366 * 24 * 60);
    order_with(&shop, &token).await.ok();
}
