use serde_json::json;

use crate::shop::{Shop, text};

#[tokio::test]
async fn a_repeat_gets_the_same_payment() {
    let shop = Shop::open();
    let purchase = shop.purchase("");
    let first = shop.post_once("k", "/payments", &purchase).await.unwrap();
    let again = shop.post_once("k", "/payments", &purchase).await.unwrap();
    assert_eq!(first.body(201), again.body(201));
    assert_ne!(
        first.header("cko-request-id"),
        again.header("cko-request-id")
    );
}

#[tokio::test]
async fn a_decline_is_kept_and_a_refusal_is_not() {
    let shop = Shop::open();
    let declined = shop.purchase("declined");
    let first = shop.post_once("d", "/payments", &declined).await.unwrap();
    let again = shop.post_once("d", "/payments", &declined).await.unwrap();
    assert_eq!(first.body(201)["id"], again.body(201)["id"]);

    let mut refused = shop.purchase("");
    refused["customer"] = json!({"id": format!("cus_{}", "a".repeat(26))});
    let reply = shop.post_once("r", "/payments", &refused).await.unwrap();
    assert_eq!(reply.codes(), ["customer_not_found"]);
    let good = shop.purchase("");
    shop.post_once("r", "/payments", &good)
        .await
        .unwrap()
        .body(201);
}

#[tokio::test]
async fn a_key_with_another_request_is_refused() {
    let shop = Shop::open();
    let payment = shop
        .post_once("k", "/payments", &shop.purchase(""))
        .await
        .unwrap();
    let other = shop
        .post_once("k", "/payments", &shop.purchase(""))
        .await
        .unwrap();
    assert_eq!(other.codes(), ["idempotency_key_reused"]);
    let voids = format!("/payments/{}/voids", text(&payment.json()["id"]));
    let other = shop.post_once("k", &voids, &json!({})).await.unwrap();
    assert_eq!(other.codes(), ["idempotency_key_reused"]);
}

#[tokio::test]
async fn a_void_is_accepted_once_and_answered_twice() {
    let shop = Shop::open();
    let payment = shop.pay(&shop.purchase("")).await.body(201);
    let voids = format!("/payments/{}/voids", text(&payment["id"]));
    let first = shop.post_once("v", &voids, &json!({})).await.unwrap();
    let again = shop.post_once("v", &voids, &json!({})).await.unwrap();
    assert_eq!(first.body(202), again.body(202));
    shop.post(&voids, &json!({})).await.empty(403);
}

#[tokio::test]
async fn keys_are_forgotten_after_a_day() {
    let shop = Shop::open();
    let purchase = shop.purchase("");
    shop.post_once("k", "/payments", &purchase)
        .await
        .unwrap()
        .body(201);
    shop.pass_days(1);
    let late = shop.post_once("k", "/payments", &purchase).await.unwrap();
    assert_eq!(late.codes(), ["token_used"]);
}

#[tokio::test]
async fn customers_and_sessions_take_no_key() {
    let shop = Shop::open();
    let body = json!({"email": "a@example.com"});
    shop.post_once("k", "/customers", &body)
        .await
        .unwrap()
        .body(201);
    let again = shop.post_once("k", "/customers", &body).await.unwrap();
    assert_eq!(again.codes(), ["customer_email_already_exists"]);
}

#[tokio::test]
async fn keys_are_each_accounts_own() {
    let shop = Shop::open();
    let other = shop.with_key("sk_sbox_other");
    let purchase = shop.purchase("");
    let first = shop.post_once("k", "/payments", &purchase).await.unwrap();
    let others = other.post_once("k", "/payments", &purchase).await.unwrap();
    assert_ne!(first.body(201)["id"], others.body(201)["id"]);
}

#[tokio::test(start_paused = true)]
async fn a_slow_answer_keeps_the_key_in_use_though_the_payment_is_made() {
    let shop = Shop::open();
    let purchase = shop.purchase("slow");
    let slow = {
        let (shop, purchase) = (shop.clone(), purchase.clone());
        tokio::spawn(async move { shop.post_once("k", "/payments", &purchase).await })
    };
    tokio::time::sleep(std::time::Duration::from_secs(59)).await;
    assert!(!slow.is_finished());
    let busy = shop.post_once("k", "/payments", &purchase).await.unwrap();
    assert_eq!(
        busy.body(429)["error_codes"],
        json!(["duplicate_request_detected"])
    );
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    let payment = slow.await.unwrap().unwrap().body(201);
    let again = shop.post_once("k", "/payments", &purchase).await.unwrap();
    assert_eq!(again.body(201), payment);
}
