use serde_json::json;

use crate::shop::{Shop, text};

#[tokio::test]
async fn a_customer_is_read_by_id_and_by_email_with_the_cards() {
    let shop = Shop::open();
    let (customer, source) = shop.customer_with_card("").await;
    for identifier in [&customer, "Customer@example.com", "customer%40example.com"] {
        let read = shop
            .get(&format!("/customers/{identifier}"))
            .await
            .body(200);
        assert_eq!(read["id"], customer.as_str());
        assert_eq!(read["email"], "customer@example.com");
        assert_eq!(read["default"], source.as_str());
        assert_eq!(read["instruments"][0]["id"], source.as_str());
    }
    shop.get("/customers/nobody@example.com").await.empty(404);
}

#[tokio::test]
async fn an_email_is_one_customers() {
    let shop = Shop::open();
    shop.customer("a@example.com").await;
    let reply = shop
        .post("/customers", &json!({"email": "A@example.com"}))
        .await;
    assert_eq!(reply.codes(), ["customer_email_already_exists"]);
    let reply = shop.post("/customers", &json!({"name": "A"})).await;
    assert_eq!(reply.codes(), ["email_required"]);
}

#[tokio::test]
async fn a_payment_with_an_email_finds_the_customer_or_makes_one() {
    let shop = Shop::open();
    let mut ids = Vec::new();
    for _ in 0..2 {
        let mut purchase = shop.purchase("");
        purchase["customer"] = json!({"email": "new@example.com", "name": "New"});
        let payment = shop.pay(&purchase).await.body(201);
        ids.push(text(&payment["customer"]["id"]));
    }
    assert_eq!(ids[0], ids[1]);
    let read = shop.get("/customers/new@example.com").await.body(200);
    assert_eq!(read["instruments"].as_array().unwrap().len(), 2);
}
