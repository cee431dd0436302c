use sandbox::NotPossible;
use serde_json::{Value, json};

use crate::shop::{NOW, Shop, id};

const WEEK: i64 = 7 * 24 * 60 * 60;

#[tokio::test]
async fn a_hold_says_when_it_ends_and_ends_then() {
    let shop = Shop::open();
    let intent = id(&shop.held("pm_card_visa").await);
    let held = shop.read(&intent).await;
    let card = &held["latest_charge"]["payment_method_details"]["card"];
    assert_eq!(card["capture_before"], NOW + WEEK);

    shop.pass_hours(7 * 24 - 1);
    assert_eq!(shop.read(&intent).await["status"], "requires_capture");
    shop.pass_hours(1);
    let over = shop.read(&intent).await;
    assert_eq!(over["status"], "canceled");
    assert_eq!(over["cancellation_reason"], "expired");
    assert_eq!(over["amount_capturable"], 0);
    let charge = &over["latest_charge"];
    assert_eq!(
        (&charge["captured"], &charge["amount_refunded"]),
        (&json!(false), &json!(0))
    );
    let path = format!("/v1/payment_intents/{intent}/capture");
    let error = shop.post(&path, &[]).await.error(400);
    assert_eq!(error["code"], "payment_intent_unexpected_state");
}

#[tokio::test]
async fn a_hold_runs_out_when_it_is_told_to() {
    let shop = Shop::open();
    let intent = id(&shop.held("pm_card_visa").await);
    shop.stripe.expire_hold(&intent).unwrap();
    assert_eq!(shop.read(&intent).await["cancellation_reason"], "expired");
    let again = shop.stripe.expire_hold(&intent).unwrap_err();
    assert!(matches!(again, NotPossible::State(_)), "{again}");
    let unknown = shop.stripe.expire_hold("pi_none").unwrap_err();
    assert!(matches!(unknown, NotPossible::Unknown), "{unknown}");

    let intent = id(&shop.held("pm_card_visa").await);
    let path = format!("/v1/payment_intents/{intent}/_expire");
    assert_eq!(shop.post(&path, &[]).await.ok()["status"], "canceled");
}

#[tokio::test]
async fn what_is_captured_or_cancelled_does_not_run_out() {
    let shop = Shop::open();
    let captured = shop.captured("pm_card_visa").await;
    let cancelled = id(&shop.held("pm_card_visa").await);
    let path = format!("/v1/payment_intents/{cancelled}/cancel");
    let reason = [("cancellation_reason", "abandoned")];
    shop.post(&path, &reason).await.ok();
    shop.pass_hours(30 * 24);
    assert_eq!(shop.read(&captured).await["status"], "succeeded");
    let cancelled = shop.read(&cancelled).await;
    assert_eq!(cancelled["cancellation_reason"], "abandoned");
    let charge = &cancelled["latest_charge"];
    assert_eq!(
        (&charge["amount_captured"], &charge["refunded"]),
        (&json!(0), &json!(false))
    );
}

#[tokio::test]
async fn one_capture_takes_a_part_and_lets_go_of_the_rest() {
    let shop = Shop::open();
    let intent = id(&shop.held("pm_card_visa").await);
    let path = format!("/v1/payment_intents/{intent}/capture");
    let several = [("amount_to_capture", "100"), ("final_capture", "false")];
    let error = shop.post(&path, &several).await.error(400);
    assert_eq!(error["param"], "final_capture");
    let part = [
        ("amount_to_capture", "100"),
        ("metadata[billfold_transaction]", "a"),
    ];
    let captured = shop.post(&path, &part).await.ok();
    assert_eq!(captured["metadata"], json!({"billfold_transaction": "a"}));
    let read = shop.read(&intent).await;
    let charge = &read["latest_charge"];
    let amounts: [&Value; 3] = [
        &charge["amount"],
        &charge["amount_captured"],
        &read["amount_received"],
    ];
    assert_eq!(amounts, [&json!(12_900), &json!(100), &json!(100)]);
}
