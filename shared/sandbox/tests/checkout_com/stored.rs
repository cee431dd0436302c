use serde_json::json;

use crate::shop::{Shop, text};

#[tokio::test]
async fn a_card_is_stored_for_the_customer_and_pays_again() {
    let shop = Shop::open();
    let (customer, source) = shop.customer_with_card("").await;
    let instrument = shop.get(&format!("/instruments/{source}")).await.body(200);
    assert_eq!(instrument["id"], source.as_str());
    assert_eq!(instrument["last4"], "4242");
    assert_eq!(text(&instrument["fingerprint"]).len(), 26);
    assert_eq!(instrument["customer"]["id"], customer.as_str());
    assert_eq!(instrument["customer"]["default"], true);

    let payment = shop.pay(&shop.repurchase(&source)).await.body(201);
    assert_eq!(payment["source"]["id"], source.as_str());
    assert_eq!(payment["customer"]["id"], customer.as_str());
}

#[tokio::test]
async fn a_card_that_is_not_to_be_stored_cannot_be_used_later() {
    let shop = Shop::open();
    let mut purchase = shop.purchase("");
    purchase["source"]["store_for_future_use"] = json!(false);
    let payment = shop.pay(&purchase).await.body(201);
    let source = text(&payment["source"]["id"]);
    shop.get(&format!("/instruments/{source}")).await.empty(404);
    let reply = shop.pay(&shop.repurchase(&source)).await;
    assert_eq!(reply.codes(), ["source_id_not_found"]);
}

#[tokio::test]
async fn a_deleted_card_is_gone() {
    let shop = Shop::open();
    let (customer, source) = shop.customer_with_card("").await;
    let path = format!("/instruments/{source}");
    shop.delete(&path).await.empty(204);
    shop.get(&path).await.empty(404);
    shop.delete(&path).await.empty(404);
    let reply = shop.pay(&shop.repurchase(&source)).await;
    assert_eq!(reply.codes(), ["source_id_not_found"]);
    let read = shop.get(&format!("/customers/{customer}")).await.body(200);
    assert_eq!(read["instruments"], json!([]));
    assert!(read.get("default").is_none());
}

#[tokio::test]
async fn a_card_is_its_customers_alone() {
    let shop = Shop::open();
    let (_, source) = shop.customer_with_card("").await;
    let other = shop.customer("other@example.com").await;
    let mut purchase = shop.repurchase(&source);
    purchase["customer"] = json!({ "id": other });
    assert_eq!(
        shop.pay(&purchase).await.codes(),
        ["source_id_customer_mismatch"]
    );
}
