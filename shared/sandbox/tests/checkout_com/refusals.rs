use http::Method;
use serde_json::{Value, json};

use crate::shop::Shop;

#[tokio::test]
async fn only_this_accounts_secret_test_key_pays() {
    let shop = Shop::open();
    for key in ["", "sk_live", "sk_shop", "pk_sbox_shop", "sk_sbox_"] {
        let reply = shop.with_key(key).pay(&shop.purchase("")).await;
        reply.empty(401);
        assert!(reply.header("cko-request-id").is_some());
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_payment_is_named() {
    let shop = Shop::open();
    let cases: &[(&str, Value, &str)] = &[
        ("amount", json!(-1), "amount_invalid"),
        ("amount", json!("12900"), "amount_invalid"),
        ("currency", json!(null), "currency_required"),
        ("currency", json!("eur"), "currency_invalid"),
        ("reference", json!("r".repeat(51)), "reference_invalid"),
        ("customer", json!({"id": "cus_1"}), "customer_id_invalid"),
        ("customer", json!({"name": "A"}), "customer_email_required"),
        ("3ds", json!({"enabled": "yes"}), "3ds_enabled_invalid"),
        ("metadata", json!({"a": {"b": 1}}), "metadata_invalid"),
        ("payment_ip", json!("here"), "payment_ip_invalid"),
        ("success_url", json!("shop"), "success_url_invalid"),
        ("payment_type", json!("Always"), "payment_type_invalid"),
        (
            "processing_channel_id",
            json!("pc_1"),
            "processing_channel_id_invalid",
        ),
        ("colour", json!("red"), "colour_unknown"),
        ("source", json!(null), "payment_source_required"),
        ("source", json!({"type": "card"}), "source_type_invalid"),
        ("source", json!({"type": "token"}), "token_required"),
        (
            "source",
            json!({"type": "token", "token": "tok_1"}),
            "token_invalid",
        ),
        (
            "source",
            json!({"type": "id", "id": "src_1"}),
            "source_id_invalid",
        ),
    ];
    for (name, value, code) in cases {
        let mut purchase = shop.purchase("");
        purchase[*name] = value.clone();
        assert_eq!(
            shop.pay(&purchase).await.codes(),
            [*code],
            "{name}: {value}"
        );
    }
}

#[tokio::test]
async fn a_refused_payment_leaves_the_token_and_makes_no_customer() {
    let shop = Shop::open();
    let good = shop.purchase("");
    let mut bad = good.clone();
    bad["customer"] = json!({"email": "new@example.com"});
    bad["currency"] = json!("euro");
    shop.pay(&bad).await.codes();
    shop.get("/customers/new@example.com").await.empty(404);
    bad["currency"] = json!("EUR");
    bad["customer"] = json!({"id": format!("cus_{}", "a".repeat(26))});
    assert_eq!(shop.pay(&bad).await.codes(), ["customer_not_found"]);
    shop.pay(&good).await.body(201);
    bad["customer"] = json!({"email": "new@example.com"});
    assert_eq!(shop.pay(&bad).await.codes(), ["token_used"]);
    shop.get("/customers/new@example.com").await.empty(404);
}

#[tokio::test]
async fn dead_tokens_are_refused() {
    let shop = Shop::open();
    for (name, code) in [
        ("expired_token", "token_expired"),
        ("invalid_token", "token_invalid"),
    ] {
        let reply = shop.pay(&shop.purchase(name)).await;
        assert_eq!(reply.codes(), [code]);
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_is_malformed() {
    let shop = Shop::open();
    let mut request = shop.request(Method::POST, "/payments", None, &[]);
    *request.body_mut() = "source=card".into();
    let body = shop.send(request).await.unwrap().body(400);
    assert_eq!(body["error_type"], "request_malformed");
    assert!(body["request_id"].is_string());
}

#[tokio::test]
async fn card_data_is_not_taken_nor_written_down() {
    let shop = Shop::open();
    let card = json!({
        "type": "card",
        "number": "4242".repeat(4),
        "expiry_month": 12,
        "expiry_year": 2030,
        "cvv": "987",
    });
    let reply = shop.page().post("/tokens", &card).await;
    assert_eq!(reply.codes(), ["card_data_not_taken"]);
    let mut purchase = shop.repurchase(&format!("src_{}", "a".repeat(26)));
    purchase["source"]["cvv"] = json!("987");
    shop.pay(&purchase).await.codes();
    let journal = serde_json::to_string(&shop.gateway.requests()).unwrap();
    assert!(!journal.contains("987"), "{journal}");
    assert!(!journal.contains(&"4242".repeat(4)), "{journal}");
}

#[tokio::test]
async fn paths_that_are_not_there_are_not_found() {
    let shop = Shop::open();
    shop.get("/payment").await.empty(404);
    shop.get("/v1/customers").await.empty(404);
    shop.post("/payments/pay_1/refunds", &json!({}))
        .await
        .empty(404);
}
