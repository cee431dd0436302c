//! Answers have the members that Checkout.com publishes.

use published::Api;
use serde_json::json;

use crate::shop::{Shop, text};

#[tokio::test]
async fn answers_have_published_members() {
    let shop = Shop::open();
    let (customer, source) = shop.customer_with_card("").await;
    let made = shop.pay(&shop.repurchase(&source)).await.body(201);
    let declined = shop.pay(&shop.purchase("declined")).await.body(201);
    let path = format!("/payments/{}", text(&made["id"]));
    let read = shop.get(&path).await.body(200);
    let voided = shop.post(&format!("{path}/voids"), &json!({})).await;
    let paid = shop.captured().await;
    let refunded = shop.post(&format!("{paid}/refunds"), &json!({})).await;
    let actions = shop.get(&format!("{paid}/actions")).await.body(200);
    let taken = shop.held().await;
    let captured = shop.post(&format!("{taken}/captures"), &json!({})).await;
    let session = shop.post("/payment-sessions", &shop.session()).await;
    let found = shop.get("/payments?reference=order-1").await.body(200);
    let refusal = shop.post("/payments", &json!({})).await;
    let new = json!({"email": "new@example.com"});
    let api = Api::checkout_com();
    for (object, answer) in [
        ("payment_response", made),
        ("payment_response", declined),
        ("payment_session", session.body(201)),
        ("payments_list", found),
        ("payment_details", read),
        ("void_response", voided.body(202)),
        ("capture_response", captured.body(202)),
        ("refund_response", refunded.body(202)),
        ("payment_details", shop.get(&paid).await.body(200)),
        ("payment_action", actions[0].clone()),
        ("payment_action", actions[2].clone()),
        ("validation_error", refusal.body(422)),
        (
            "stored_customer",
            shop.post("/customers", &new).await.body(201),
        ),
        (
            "customer",
            shop.get(&format!("/customers/{customer}")).await.body(200),
        ),
        (
            "instrument",
            shop.get(&format!("/instruments/{source}")).await.body(200),
        ),
    ] {
        assert_eq!(api.object_problems(object, &answer), [""; 0], "{object}");
    }
}
