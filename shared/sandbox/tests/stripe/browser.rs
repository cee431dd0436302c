//! What a shop's page does with the publishable key.

use crate::shop::{Shop, id};

#[tokio::test]
async fn a_page_confirms_with_the_client_secret() {
    let shop = Shop::open();
    let intent = shop.intent(&[]).await.ok();
    let secret = intent["client_secret"].as_str().unwrap();
    let path = format!("/v1/payment_intents/{}/confirm", id(&intent));
    let form = [
        ("key", "pk_test_shop"),
        ("client_secret", secret),
        ("payment_method", "pm_card_visa"),
    ];
    let confirmed = shop.with_key("").post(&path, &form).await.ok();
    assert_eq!(confirmed["status"], "requires_capture");
    assert!(confirmed.get("metadata").is_none(), "{confirmed}");
    assert!(confirmed.get("customer").is_none(), "{confirmed}");
}

#[tokio::test]
async fn a_page_needs_the_right_secret() {
    let shop = Shop::open();
    let page = shop.with_key("pk_test_shop");
    let intent = shop.intent(&[]).await.ok();
    let path = format!("/v1/payment_intents/{}", id(&intent));
    assert_eq!(
        page.get(&path).await.error(400)["code"],
        "parameter_missing"
    );
    let wrong = format!("{path}?client_secret={}_secret_wrong", id(&intent));
    let error = page.get(&wrong).await.error(400);
    assert_eq!(error["code"], "payment_intent_invalid_parameter");
    let right = format!(
        "{path}?client_secret={}",
        intent["client_secret"].as_str().unwrap()
    );
    assert_eq!(page.get(&right).await.ok()["id"], intent["id"]);
    shop.with_key("pk_test_other").get(&right).await.error(404);
}

#[tokio::test]
async fn a_page_may_do_nothing_else() {
    let page = Shop::open().with_key("pk_test_shop");
    for path in [
        "/v1/customers",
        "/v1/payment_intents",
        "/v1/payment_methods",
    ] {
        assert_eq!(
            page.get(path).await.error(401)["code"],
            "secret_key_required"
        );
    }
    let intent = [("amount", "100"), ("currency", "eur")];
    page.post("/v1/payment_intents", &intent).await.error(401);
}

#[tokio::test]
async fn a_page_may_only_ask_for_wider_future_use() {
    let shop = Shop::open();
    let customer = shop.customer().await;
    let form = [
        ("customer", customer.as_str()),
        ("setup_future_usage", "off_session"),
    ];
    let intent = shop.intent(&form).await.ok();
    let page = shop.with_key("pk_test_shop");
    let path = format!("/v1/payment_intents/{}/confirm", id(&intent));
    let secret = intent["client_secret"].as_str().unwrap();
    let confirm = |usage| {
        [
            ("client_secret", secret),
            ("payment_method", "pm_card_visa"),
            ("setup_future_usage", usage),
        ]
    };
    let error = page.post(&path, &confirm("on_session")).await.error(400);
    assert_eq!(error["param"], "setup_future_usage");
    page.post(&path, &confirm("off_session")).await.ok();
}

#[tokio::test]
async fn browsers_are_let_through() {
    let shop = Shop::open().with_key("");
    let path = "/v1/payment_intents/pi_1/confirm";
    let request = shop.request(http::Method::OPTIONS, path, &[], &[]);
    let reply = shop.send(request).await.unwrap();
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
}
