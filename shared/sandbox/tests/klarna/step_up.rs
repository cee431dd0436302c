//! Orders for customer tokens that want the shopper.

use serde_json::{Value, json};

use crate::shop::{Reply, SESSIONS, Shop, purchase, purchase_with, token_order, token_path, with};

async fn charge(shop: &Shop, token: &str, members: Value) -> Reply {
    let path = format!("{}/order", token_path(token));
    shop.post(&path, &with(token_order(), members)).await
}

#[tokio::test]
async fn the_shopper_approves_in_a_session_and_the_token_pays_again() {
    let shop = Shop::open();
    let token = shop.customer_token("step-up-1").await;
    let supported = json!({"step_up": "SUPPORTED"});
    let refused = charge(&shop, &token, supported.clone()).await;
    refused.refused(403, "STEP_UP_REQUIRED");
    let step_up = refused.json()["step_up_id"].as_str().unwrap().to_owned();

    let session = purchase_with(json!({"step_up_id": step_up}));
    let authorization = shop.authorised(&session).await;
    shop.order(&authorization, &purchase()).await.ok();
    charge(&shop, &token, supported).await.ok();
}

#[tokio::test]
async fn a_shop_that_cannot_ask_the_shopper_is_refused() {
    let shop = Shop::open();
    let token = shop.customer_token("step-up-1").await;
    for members in [json!({}), json!({"step_up": "NOT_SUPPORTED"})] {
        let refused = charge(&shop, &token, members).await;
        refused.refused(403, "PAYMENT_METHOD_FAILED");
        assert_eq!(refused.json().get("step_up_id"), None);
    }
}

#[tokio::test]
async fn no_session_is_opened_for_a_step_up_that_nobody_asked_for() {
    let shop = Shop::open();
    let session = purchase_with(json!({"step_up_id": "made-up"}));
    shop.post(SESSIONS, &session)
        .await
        .bad_values(&["step_up_id"]);
}

#[tokio::test]
async fn an_order_for_a_token_is_managed_like_others() {
    let shop = Shop::open();
    let token = shop.customer_token("token-1").await;
    let order = charge(&shop, &token, json!({})).await.ok();
    let id = order["order_id"].as_str().unwrap();
    let path = format!("/ordermanagement/v1/orders/{id}");
    assert_eq!(shop.get(&path).await.ok()["status"], "AUTHORIZED");
}
