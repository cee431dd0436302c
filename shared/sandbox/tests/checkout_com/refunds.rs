use serde_json::json;

use crate::shop::Shop;

#[tokio::test]
async fn what_was_captured_goes_back_in_parts_and_never_more() {
    let shop = Shop::open();
    let path = shop.captured().await;
    let refunds = format!("{path}/refunds");
    let part =
        json!({"amount": 2_900, "reference": "a", "metadata": {"billfold_transaction": "a"}});
    let accepted = shop.post(&refunds, &part).await.body(202);
    assert_eq!(accepted["reference"], "a");
    let read = shop.get(&path).await.body(200);
    assert_eq!(read["status"], "Partially Refunded");
    assert_eq!(read["balances"]["total_refunded"], 2_900);
    assert_eq!(read["balances"]["available_to_refund"], 10_000);
    let action = &shop.get(&format!("{path}/actions")).await.body(200)[0];
    assert_eq!(action["id"], accepted["action_id"]);
    assert_eq!(action["metadata"], json!({"billfold_transaction": "a"}));
    assert_eq!(action["amount"], 2_900);

    let too_much = shop.post(&refunds, &json!({"amount": 10_001})).await;
    assert_eq!(too_much.codes(), ["refund_amount_exceeds_balance"]);
    shop.post(&refunds, &json!({})).await.body(202);
    assert_eq!(shop.get(&path).await.body(200)["status"], "Refunded");
    shop.post(&refunds, &json!({})).await.empty(403);
}

#[tokio::test]
async fn what_is_not_captured_is_not_refunded() {
    let shop = Shop::open();
    let path = shop.held().await;
    shop.post(&format!("{path}/refunds"), &json!({}))
        .await
        .empty(403);
    shop.post("/payments/pay_none/refunds", &json!({}))
        .await
        .empty(404);
    shop.get("/payments/pay_none/actions").await.empty(404);
}

#[tokio::test]
async fn a_repeated_key_is_one_refund() {
    let shop = Shop::open();
    let path = shop.captured().await;
    let refunds = format!("{path}/refunds");
    let part = json!({"amount": 500});
    let one = shop
        .post_once("a", &refunds, &part)
        .await
        .unwrap()
        .body(202);
    let again = shop
        .post_once("a", &refunds, &part)
        .await
        .unwrap()
        .body(202);
    let other = shop
        .post_once("b", &refunds, &part)
        .await
        .unwrap()
        .body(202);
    assert_eq!(one, again);
    assert_ne!(one["action_id"], other["action_id"]);
    let read = shop.get(&path).await.body(200);
    assert_eq!(read["balances"]["total_refunded"], 1_000);
}
