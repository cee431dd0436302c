use crate::shop::{Shop, id};

#[tokio::test]
async fn without_a_key_nobody_is_served() {
    let shop = Shop::open().with_key("");
    let reply = shop.get("/v1/customers").await;
    let error = reply.error(401);
    assert_eq!(error["type"], "invalid_request_error");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .starts_with("You did not provide an API key")
    );
}

#[tokio::test]
async fn live_and_made_up_keys_are_invalid() {
    for key in ["sk_live_abcdefghijkl", "whatever"] {
        let reply = Shop::open().with_key(key).get("/v1/customers").await;
        let message = reply.error(401)["message"].to_string();
        assert!(message.contains("Invalid API Key provided"), "{message}");
        assert!(!message.contains(key), "{message}");
    }
}

#[tokio::test]
async fn each_secret_key_is_an_account_of_its_own() {
    let shop = Shop::open();
    let other = shop.with_key("sk_test_other");
    let customer = shop.customer().await;
    let intent = id(&shop
        .intent(&[("payment_method", "pm_card_visa")])
        .await
        .ok());
    let method = shop
        .get(&format!("/v1/payment_intents/{intent}"))
        .await
        .ok();
    let method = method["payment_method"].as_str().unwrap().to_owned();
    for path in [
        format!("/v1/customers/{customer}"),
        format!("/v1/payment_intents/{intent}"),
        format!("/v1/payment_methods/{method}"),
    ] {
        assert_eq!(
            other.get(&path).await.error(404)["code"],
            "resource_missing"
        );
    }
    assert_eq!(
        other.get("/v1/customers").await.ok()["data"],
        serde_json::json!([])
    );
}

#[tokio::test]
async fn every_answer_has_a_request_id_and_the_version() {
    let shop = Shop::open();
    let headers = [("stripe-version", "2023-10-16")];
    let request = shop.request(http::Method::GET, "/v1/customers", &[], &headers);
    let reply = shop.send(request).await.unwrap();
    assert!(reply.header("request-id").unwrap().starts_with("req_"));
    assert_eq!(reply.header("stripe-version"), Some("2023-10-16"));
    let refused = shop.get("/v1/nothing").await;
    refused.error(404);
    assert!(refused.header("request-id").is_some());
}

#[tokio::test]
async fn json_bodies_are_refused() {
    let shop = Shop::open();
    let headers = [("content-type", "application/json")];
    let request = shop.request(http::Method::POST, "/v1/customers", &[], &headers);
    shop.send(request).await.unwrap().error(400);
}
