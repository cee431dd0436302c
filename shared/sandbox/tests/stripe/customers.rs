use serde_json::json;

use crate::shop::{NOW, Shop, id};

#[tokio::test]
async fn a_customer_is_created_read_changed_and_deleted() {
    let shop = Shop::open();
    let form = [
        ("email", "a@example.com"),
        ("name", "Ada"),
        ("metadata[order]", "1"),
        ("address[city]", "Rome"),
    ];
    let customer = shop.post("/v1/customers", &form).await.ok();
    assert_eq!(customer["object"], "customer");
    assert_eq!(customer["created"], NOW);
    assert_eq!(customer["livemode"], false);
    assert_eq!(customer["metadata"], json!({"order": "1"}));
    assert_eq!(customer["address"]["city"], "Rome");
    let path = format!("/v1/customers/{}", id(&customer));
    assert_eq!(shop.get(&path).await.ok(), customer);
    let changes = [
        ("name", ""),
        ("metadata[order]", ""),
        ("metadata[cart]", "2"),
    ];
    let changed = shop.post(&path, &changes).await.ok();
    assert_eq!(changed["name"], json!(null));
    assert_eq!(changed["metadata"], json!({"cart": "2"}));
    assert_eq!(changed["email"], "a@example.com");
    let deleted = json!({"id": id(&customer), "object": "customer", "deleted": true});
    assert_eq!(shop.delete(&path).await.ok(), deleted);
    assert_eq!(shop.get(&path).await.ok(), deleted);
    shop.post(&path, &[("name", "x")]).await.error(404);
}

#[tokio::test]
async fn customers_are_found_by_email() {
    let shop = Shop::open();
    shop.customer().await;
    shop.post("/v1/customers", &[("email", "b@example.com")])
        .await
        .ok();
    let list = shop.get("/v1/customers?email=b%40example.com").await.ok();
    assert_eq!(list["object"], "list");
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
    assert_eq!(list["data"][0]["email"], "b@example.com");
}

#[tokio::test]
async fn lists_are_newest_first_and_paged() {
    let shop = Shop::open();
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.insert(0, shop.customer().await);
    }
    let first = shop.get("/v1/customers?limit=2").await.ok();
    assert_eq!(first["has_more"], true);
    assert_eq!([id(&first["data"][0]), id(&first["data"][1])], ids[..2]);
    let next = format!("/v1/customers?limit=2&starting_after={}", ids[1]);
    let second = shop.get(&next).await.ok();
    assert_eq!(second["has_more"], false);
    assert_eq!(id(&second["data"][0]), ids[2]);
    for limit in ["0", "101", "x"] {
        let reply = shop.get(&format!("/v1/customers?limit={limit}")).await;
        assert_eq!(reply.error(400)["param"], "limit", "{limit}");
    }
}

#[tokio::test]
async fn a_deleted_customers_cards_are_gone() {
    let shop = Shop::open();
    let (customer, method) = shop.customer_with_card("pm_card_visa").await;
    shop.delete(&format!("/v1/customers/{customer}")).await.ok();
    let method = shop
        .get(&format!("/v1/payment_methods/{method}"))
        .await
        .ok();
    assert_eq!(method["customer"], json!(null));
    let reply = shop.intent(&[("customer", &customer)]).await;
    assert_eq!(reply.error(400)["code"], "resource_missing");
}

#[tokio::test]
async fn a_default_payment_method_must_be_the_customers() {
    let shop = Shop::open();
    let (customer, method) = shop.customer_with_card("pm_card_visa").await;
    let name = "invoice_settings[default_payment_method]";
    let path = format!("/v1/customers/{customer}");
    shop.post(&path, &[(name, "pm_other")]).await.error(400);
    let changed = shop.post(&path, &[(name, &method)]).await.ok();
    assert_eq!(
        changed["invoice_settings"]["default_payment_method"],
        method
    );
    shop.post(&format!("/v1/payment_methods/{method}/detach"), &[])
        .await
        .ok();
    let customer = shop.get(&path).await.ok();
    assert_eq!(
        customer["invoice_settings"]["default_payment_method"],
        json!(null)
    );
}
