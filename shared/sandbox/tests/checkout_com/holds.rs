use sandbox::NotPossible;
use sandbox::checkout_com::ActionKind;
use serde_json::json;

use crate::shop::{Shop, text};

fn pay_id(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}

#[tokio::test]
async fn a_hold_says_when_it_ends_and_ends_then() {
    let shop = Shop::open();
    let payment = shop.pay(&shop.purchase("")).await.body(201);
    assert_eq!(payment["expires_on"], "2026-03-08T12:00:00Z");
    let path = format!("/payments/{}", text(&payment["id"]));
    shop.pass_days(6);
    assert_eq!(shop.get(&path).await.body(200)["status"], "Authorized");
    shop.pass_days(1);
    let over = shop.get(&path).await.body(200);
    assert_eq!(over["status"], "Expired");
    assert_eq!(over["balances"]["available_to_capture"], 0);
    assert_eq!(over["balances"]["total_voided"], 12_900);
    for action in ["captures", "voids", "refunds"] {
        shop.post(&format!("{path}/{action}"), &json!({}))
            .await
            .empty(403);
    }
}

#[tokio::test]
async fn a_hold_ends_when_it_is_told_to() {
    let shop = Shop::open();
    let path = shop.held().await;
    shop.gateway.expire_hold(pay_id(&path)).unwrap();
    assert_eq!(shop.get(&path).await.body(200)["status"], "Expired");
    let again = shop.gateway.expire_hold(pay_id(&path)).unwrap_err();
    assert!(matches!(again, NotPossible::State(_)), "{again}");
    let unknown = shop.gateway.expire_hold("pay_none").unwrap_err();
    assert!(matches!(unknown, NotPossible::Unknown), "{unknown}");
    let path = shop.held().await;
    let expired = shop.post(&format!("{path}/_expire"), &json!({})).await;
    assert_eq!(expired.body(200)["status"], "Expired");
}

#[tokio::test]
async fn what_is_left_of_a_hold_ends_with_a_final_capture_or_with_time() {
    let shop = Shop::open();
    let part = |kind: &str| json!({"amount": 100, "capture_type": kind});
    let last = shop.held().await;
    shop.post(&format!("{last}/captures"), &part("Final"))
        .await
        .body(202);
    let read = shop.get(&last).await.body(200);
    assert_eq!(read["balances"]["total_voided"], 12_800);
    assert_eq!(read["balances"]["available_to_capture"], 0);

    let first = shop.held().await;
    shop.post(&format!("{first}/captures"), &part("NonFinal"))
        .await
        .body(202);
    assert_eq!(
        shop.get(&first).await.body(200)["balances"]["available_to_capture"],
        12_800
    );
    shop.pass_days(7);
    let read = shop.get(&first).await.body(200);
    assert_eq!(read["status"], "Partially Captured");
    assert_eq!(read["balances"]["available_to_capture"], 0);
}

#[tokio::test]
async fn what_is_accepted_is_done_when_a_test_asks_for_it() {
    let shop = Shop::open();
    shop.gateway.hold_actions().unwrap();
    let path = shop.captured().await;
    let waiting = shop.get(&path).await.body(200);
    assert_eq!(waiting["status"], "Authorized");
    assert_eq!(
        shop.actions(&path).await,
        [("Authorization".to_owned(), true)]
    );
    // Accepted as well, and declined once the first is done.
    shop.post(&format!("{path}/captures"), &json!({}))
        .await
        .body(202);
    shop.gateway.settle_actions().unwrap();
    assert_eq!(shop.get(&path).await.body(200)["status"], "Captured");
    let capture = |approved| ("Capture".to_owned(), approved);
    let expected = [
        capture(false),
        capture(true),
        ("Authorization".to_owned(), true),
    ];
    assert_eq!(shop.actions(&path).await, expected);
}

#[tokio::test]
async fn what_was_accepted_may_be_declined() {
    let shop = Shop::open();
    for (kind, name) in [
        (ActionKind::Capture, "captures"),
        (ActionKind::Void, "voids"),
    ] {
        let path = shop.held().await;
        shop.gateway.decline_next(kind).unwrap();
        let asked = json!({"reference": "a"});
        let accepted = shop.post(&format!("{path}/{name}"), &asked).await.body(202);
        let actions = shop.get(&format!("{path}/actions")).await.body(200);
        assert_eq!(actions[0]["id"], accepted["action_id"]);
        assert_eq!(actions[0]["reference"], "a");
        assert_eq!(
            (&actions[0]["approved"], &actions[0]["response_code"]),
            (&json!(false), &json!("20005"))
        );
        assert_eq!(shop.get(&path).await.body(200)["status"], "Authorized");
    }
}
