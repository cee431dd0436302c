use serde_json::{Value, json};

use crate::shop::{Shop, id};

async fn charge(shop: &Shop, intent: &str) -> Value {
    shop.read(intent).await["latest_charge"].clone()
}

#[tokio::test]
async fn what_was_captured_goes_back_in_parts_and_never_more() {
    let shop = Shop::open();
    let intent = shop.captured("pm_card_visa").await;
    let form = [
        ("amount", "2900"),
        ("metadata[billfold_transaction]", "a"),
        ("reason", "requested_by_customer"),
    ];
    let first = shop.refund(&intent, &form).await.ok();
    assert_eq!(
        (&first["status"], &first["amount"]),
        (&json!("succeeded"), &json!(2_900))
    );
    assert_eq!(first["metadata"], json!({"billfold_transaction": "a"}));
    let part = charge(&shop, &intent).await;
    assert_eq!(
        (&part["amount_refunded"], &part["refunded"]),
        (&json!(2_900), &json!(false))
    );

    let error = shop
        .refund(&intent, &[("amount", "10001")])
        .await
        .error(400);
    assert_eq!(error["param"], "amount");
    let second = shop.refund(&intent, &[]).await.ok();
    assert_eq!(second["amount"], 10_000);
    assert_eq!(charge(&shop, &intent).await["refunded"], true);
    let error = shop.refund(&intent, &[("amount", "1")]).await.error(400);
    assert_eq!(error["code"], "charge_already_refunded");

    let path = format!("/v1/refunds?payment_intent={intent}");
    let listed = shop.get(&path).await.ok();
    assert_eq!(listed["data"], json!([second, first]));
    let path = format!("/v1/refunds/{}", id(&first));
    assert_eq!(shop.get(&path).await.ok(), first);
}

#[tokio::test]
async fn what_is_not_captured_is_not_refunded() {
    let shop = Shop::open();
    let intent = id(&shop.held("pm_card_visa").await);
    let error = shop.refund(&intent, &[]).await.error(400);
    assert_eq!(error["param"], "payment_intent");
    let error = shop.refund("pi_none", &[]).await.error(400);
    assert_eq!(error["code"], "resource_missing");
    let error = shop
        .refund(&shop.captured("pm_card_visa").await, &[("amount", "0")])
        .await;
    assert_eq!(error.error(400)["code"], "parameter_invalid_integer");
    shop.get("/v1/refunds/re_none").await.error(404);
    let other = shop.with_key("sk_test_other");
    let refund = shop
        .refund(&shop.captured("pm_card_visa").await, &[])
        .await
        .ok();
    other
        .get(&format!("/v1/refunds/{}", id(&refund)))
        .await
        .error(404);
}

#[tokio::test]
async fn a_refund_that_fails_later_gives_the_amount_free_again() {
    let shop = Shop::open();
    let intent = shop.captured("pm_card_visa").await;
    let refund = id(&shop.refund(&intent, &[]).await.ok());
    shop.stripe.fail_refund(&refund).unwrap();
    let failed = shop.get(&format!("/v1/refunds/{refund}")).await.ok();
    assert_eq!(failed["status"], "failed");
    assert_eq!(failed["failure_reason"], "lost_or_stolen_card");
    assert_eq!(charge(&shop, &intent).await["amount_refunded"], 0);
    shop.stripe.fail_refund(&refund).unwrap_err();
    shop.stripe.succeed_refund(&refund).unwrap_err();
    shop.refund(&intent, &[]).await.ok();
}

#[tokio::test]
async fn the_cards_for_refunds_go_on_an_hour_later_or_when_told_to() {
    for (card, begins, ends) in [
        ("pm_card_pendingRefund", "pending", "succeeded"),
        ("pm_card_refundFail", "succeeded", "failed"),
    ] {
        let shop = Shop::open();
        let intent = shop.captured(card).await;
        let refund = shop.refund(&intent, &[("amount", "100")]).await.ok();
        assert_eq!(refund["status"], begins, "{card}");
        let path = format!("/v1/refunds/{}", id(&refund));
        assert_eq!(shop.get(&path).await.ok()["status"], begins);
        shop.pass_hours(1);
        assert_eq!(shop.get(&path).await.ok()["status"], ends, "{card}");

        let refund = id(&shop.refund(&intent, &[("amount", "100")]).await.ok());
        let path = format!("/v1/refunds/{refund}/_settle");
        let settled = shop.post(&path, &[("status", ends)]).await.ok();
        assert_eq!(settled["status"], ends, "{card}");
    }
}

#[tokio::test]
async fn what_is_disputed_is_not_refunded() {
    let shop = Shop::open();
    let intent = shop.captured("pm_card_visa").await;
    let id = charge(&shop, &intent).await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    shop.stripe.dispute(&id).unwrap();
    assert_eq!(
        shop.get(&format!("/v1/charges/{id}")).await.ok()["disputed"],
        true
    );
    let error = shop.refund(&intent, &[]).await.error(400);
    assert_eq!(error["code"], "refund_disputed_payment");
}

#[tokio::test]
async fn a_repeated_key_is_one_refund() {
    let shop = Shop::open();
    let intent = shop.captured("pm_card_visa").await;
    let form = [("payment_intent", intent.as_str()), ("amount", "500")];
    let one = shop
        .post_once("a", "/v1/refunds", &form)
        .await
        .unwrap()
        .ok();
    let again = shop
        .post_once("a", "/v1/refunds", &form)
        .await
        .unwrap()
        .ok();
    let other = shop
        .post_once("b", "/v1/refunds", &form)
        .await
        .unwrap()
        .ok();
    assert_eq!(one, again);
    assert_ne!(one["id"], other["id"]);
    assert_eq!(charge(&shop, &intent).await["amount_refunded"], 1_000);
}
