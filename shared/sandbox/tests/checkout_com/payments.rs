use serde_json::json;

use crate::shop::{Shop, text};

#[tokio::test]
async fn an_approved_payment_is_authorised_and_has_a_source() {
    let shop = Shop::open();
    let reply = shop.pay(&shop.purchase("")).await;
    assert!(reply.header("cko-request-id").is_some());
    assert!(reply.header("cko-version").is_some());
    let payment = reply.body(201);
    assert_eq!(payment["approved"], true);
    assert_eq!(payment["status"], "Authorized");
    assert_eq!(payment["response_code"], "10000");
    assert_eq!(payment["reference"], "order-1");
    assert_eq!(payment["processed_on"], "2026-03-01T12:00:00Z");
    let source = &payment["source"];
    assert_eq!(
        (&source["last4"], &source["scheme"]),
        (&json!("4242"), &json!("Visa"))
    );
    assert_eq!(
        (&source["expiry_month"], &source["expiry_year"]),
        (&json!(12), &json!(2030))
    );
    assert_eq!(text(&source["fingerprint"]).len(), 64);
    assert!(text(&source["id"]).starts_with("src_"));
    assert_eq!(payment["balances"]["total_captured"], 0);

    let path = format!("/payments/{}", text(&payment["id"]));
    let read = shop.get(&path).await.body(200);
    assert_eq!(read["status"], "Authorized");
    assert_eq!(read["source"], payment["source"]);
    assert_eq!(read["balances"]["available_to_void"], 12_900);
}

#[tokio::test]
async fn all_that_is_not_asked_otherwise_is_captured() {
    let shop = Shop::open();
    let mut purchase = shop.purchase("");
    purchase.as_object_mut().unwrap().remove("capture");
    let payment = shop.pay(&purchase).await.body(201);
    assert_eq!(payment["status"], "Authorized");
    let path = format!("/payments/{}", text(&payment["id"]));
    let read = shop.get(&path).await.body(200);
    assert_eq!(read["status"], "Captured");
    assert_eq!(read["balances"]["total_captured"], 12_900);
    shop.post(&format!("{path}/voids"), &json!({}))
        .await
        .empty(403);
}

#[tokio::test]
async fn an_amount_of_nothing_verifies_the_card() {
    let shop = Shop::open();
    let mut purchase = shop.purchase("");
    purchase["amount"] = json!(0);
    assert_eq!(
        shop.pay(&purchase).await.body(201)["status"],
        "Card Verified"
    );
}

#[tokio::test]
async fn a_payment_is_voided_once() {
    let shop = Shop::open();
    let payment = shop.pay(&shop.purchase("")).await.body(201);
    let path = format!("/payments/{}", text(&payment["id"]));
    let voids = format!("{path}/voids");
    let accepted = shop
        .post(&voids, &json!({"reference": "v-1"}))
        .await
        .body(202);
    assert!(text(&accepted["action_id"]).starts_with("act_"));
    assert_eq!(accepted["reference"], "v-1");
    let read = shop.get(&path).await.body(200);
    assert_eq!(read["status"], "Voided");
    assert_eq!(read["balances"]["total_voided"], 12_900);
    shop.post(&voids, &json!({})).await.empty(403);
    shop.post("/payments/pay_nobody/voids", &json!({}))
        .await
        .empty(404);
}

#[tokio::test]
async fn captures_add_up_to_the_amount_at_most() {
    let shop = Shop::open();
    let payment = shop.pay(&shop.purchase("")).await.body(201);
    let path = format!("/payments/{}", text(&payment["id"]));
    let captures = format!("{path}/captures");
    let part = json!({"amount": 10_000, "capture_type": "NonFinal"});
    shop.post(&captures, &part).await.body(202);
    let read = shop.get(&path).await.body(200);
    assert_eq!(read["status"], "Partially Captured");
    assert_eq!(read["balances"]["available_to_capture"], 2_900);
    let reply = shop.post(&captures, &part).await;
    assert_eq!(
        reply.codes(),
        ["capture_value_greater_than_remaining_authorized"]
    );
    shop.post(&captures, &json!({})).await.body(202);
    let read = shop.get(&path).await.body(200);
    assert_eq!(read["status"], "Captured");
    shop.post(&captures, &json!({})).await.empty(403);
}

#[tokio::test]
async fn a_token_is_good_for_one_payment() {
    let shop = Shop::open();
    let purchase = shop.purchase("");
    shop.pay(&purchase).await.body(201);
    assert_eq!(shop.pay(&purchase).await.codes(), ["token_used"]);
}

#[tokio::test]
async fn a_card_has_one_fingerprint_however_often_it_is_entered() {
    let shop = Shop::open();
    let mut fingerprints = Vec::new();
    for name in ["", "", "other_visa", "mastercard", "expires_next_year"] {
        let payment = shop.pay(&shop.purchase(name)).await.body(201);
        fingerprints.push(text(&payment["source"]["fingerprint"]));
    }
    assert_eq!(fingerprints[0], fingerprints[1]);
    assert_ne!(fingerprints[0], fingerprints[2]);
    assert_ne!(fingerprints[2], fingerprints[3]);
    assert_eq!(fingerprints[0], fingerprints[4]);
}

#[tokio::test]
async fn cards_that_expire_soon_say_so() {
    let shop = Shop::open();
    for (name, year) in [("expires_this_month", 2026), ("expires_next_year", 2027)] {
        let payment = shop.pay(&shop.purchase(name)).await.body(201);
        assert_eq!(payment["source"]["expiry_month"], 3);
        assert_eq!(payment["source"]["expiry_year"], year);
    }
}

#[tokio::test]
async fn accounts_do_not_see_each_others_payments() {
    let shop = Shop::open();
    let payment = shop.pay(&shop.purchase("")).await.body(201);
    let other = shop.with_key("sk_sbox_other");
    let path = format!("/payments/{}", text(&payment["id"]));
    other.get(&path).await.empty(404);
    let source = text(&payment["source"]["id"]);
    other
        .get(&format!("/instruments/{source}"))
        .await
        .empty(404);
    let reply = other.pay(&other.repurchase(&source)).await;
    assert_eq!(reply.codes(), ["source_id_not_found"]);
}
