use crate::shop::{Shop, text};

#[tokio::test]
async fn a_decline_is_a_created_payment_without_a_source_id() {
    let shop = Shop::open();
    for (name, code) in [
        ("declined", "20005"),
        ("insufficient_funds", "20051"),
        ("expired_card", "20054"),
        ("sca_required", "20154"),
    ] {
        let payment = shop.pay(&shop.purchase(name)).await.body(201);
        assert_eq!(payment["approved"], false, "{name}");
        assert_eq!(payment["status"], "Declined", "{name}");
        assert_eq!(payment["response_code"], code, "{name}");
        assert!(payment["source"].get("id").is_none(), "{name}");
        assert_eq!(payment["source"]["last4"], "4242", "{name}");
        let path = format!("/payments/{}", text(&payment["id"]));
        let read = shop.get(&path).await.body(200);
        assert_eq!(read["status"], "Declined", "{name}");
        assert_eq!(read["balances"]["total_authorized"], 0, "{name}");
        shop.post(&format!("{path}/voids"), &serde_json::json!({}))
            .await
            .empty(403);
    }
}

#[tokio::test]
async fn a_declined_token_is_used_up_too() {
    let shop = Shop::open();
    let purchase = shop.purchase("declined");
    shop.pay(&purchase).await.body(201);
    assert_eq!(shop.pay(&purchase).await.codes(), ["token_used"]);
}

#[tokio::test]
async fn a_stored_card_can_be_declined_later() {
    let shop = Shop::open();
    let (_, source) = shop.customer_with_card("later_declined").await;
    let payment = shop.pay(&shop.repurchase(&source)).await.body(201);
    assert_eq!(payment["response_code"], "20051");
    let instrument = shop.get(&format!("/instruments/{source}")).await;
    assert_eq!(instrument.status, 200);
}

#[tokio::test]
async fn a_stored_card_is_declined_once_it_has_expired() {
    let shop = Shop::open();
    let (_, source) = shop.customer_with_card("expires_this_month").await;
    shop.pass_days(30);
    let payment = shop.pay(&shop.repurchase(&source)).await.body(201);
    assert_eq!(payment["approved"], true);
    shop.pass_days(1);
    let payment = shop.pay(&shop.repurchase(&source)).await.body(201);
    assert_eq!(payment["response_code"], "20054");
}
