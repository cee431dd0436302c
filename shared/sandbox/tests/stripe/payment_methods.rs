use serde_json::{Value, json};

use crate::shop::{Shop, id};

async fn retrieve(shop: &Shop, id: &str) -> Value {
    shop.get(&format!("/v1/payment_methods/{id}")).await.ok()
}

#[tokio::test]
async fn each_use_of_a_test_card_makes_a_new_payment_method_of_the_same_card() {
    let shop = Shop::open();
    let first = retrieve(&shop, "pm_card_visa").await;
    let second = retrieve(&shop, "pm_card_visa").await;
    assert_ne!(first["id"], second["id"]);
    assert_eq!(first["card"]["fingerprint"], second["card"]["fingerprint"]);
    assert_eq!(first["card"]["last4"], "4242");
    assert_eq!(
        (&first["card"]["exp_month"], &first["card"]["exp_year"]),
        (&json!(12), &json!(2030))
    );
    let mastercard = retrieve(&shop, "pm_card_mastercard").await;
    assert_eq!(mastercard["card"]["display_brand"], "mastercard");
    assert_eq!(mastercard["card"]["last4"], "4444");
    assert_ne!(
        mastercard["card"]["fingerprint"],
        first["card"]["fingerprint"]
    );
}

#[tokio::test]
async fn a_payment_method_of_a_real_page_is_a_visa_under_its_own_id() {
    let shop = Shop::open();
    let method = retrieve(&shop, "pm_1IixtoEw0yMev2I0jGzoT9Js").await;
    assert_eq!(method["id"], "pm_1IixtoEw0yMev2I0jGzoT9Js");
    assert_eq!(method["card"]["last4"], "4242");
    let visa = retrieve(&shop, "pm_card_visa").await;
    assert_eq!(method["card"]["fingerprint"], visa["card"]["fingerprint"]);
}

#[tokio::test]
async fn what_cannot_be_a_payment_method_is_missing() {
    let shop = Shop::open();
    for id in ["pm_missing", "pm_card_nonsense", "card_1", "pm_a-b", "pm_"] {
        let error = shop
            .get(&format!("/v1/payment_methods/{id}"))
            .await
            .error(404);
        assert_eq!(error["code"], "resource_missing", "{id}");
    }
}

#[tokio::test]
async fn a_token_becomes_a_payment_method() {
    let shop = Shop::open();
    let form = [
        ("type", "card"),
        ("card[token]", "tok_amex"),
        ("billing_details[email]", "a@example.com"),
    ];
    let method = shop.post("/v1/payment_methods", &form).await.ok();
    assert_eq!(method["card"]["brand"], "amex");
    assert_eq!(method["billing_details"]["email"], "a@example.com");
    assert_eq!(method["billing_details"]["address"]["city"], json!(null));
}

#[tokio::test]
async fn a_card_number_is_refused_and_nowhere_written_down() {
    let shop = Shop::open();
    let form = [("type", "card"), ("card[number]", "4242424242424242")];
    let error = shop.post("/v1/payment_methods", &form).await.error(402);
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .starts_with("Sending credit card numbers")
    );
    let requests = serde_json::to_string(&shop.stripe.requests()).unwrap();
    assert!(!requests.contains("4242424242424242"), "{requests}");
}

#[tokio::test]
async fn attaching_puts_a_card_on_a_customers_list() {
    let shop = Shop::open();
    let (customer, method) = shop.customer_with_card("pm_card_visa").await;
    assert!(method.starts_with("pm_1"));
    for path in [
        format!("/v1/customers/{customer}/payment_methods"),
        format!("/v1/payment_methods?customer={customer}&type=card"),
    ] {
        let list = shop.get(&path).await.ok();
        assert_eq!(list["data"].as_array().unwrap().len(), 1, "{path}");
        assert_eq!(list["data"][0]["id"], method);
    }
}

#[tokio::test]
async fn attaching_needs_a_customer_that_is_there() {
    let shop = Shop::open();
    let path = "/v1/payment_methods/pm_card_visa/attach";
    assert_eq!(
        shop.post(path, &[]).await.error(400)["code"],
        "parameter_missing"
    );
    let error = shop
        .post(path, &[("customer", "cus_nobody")])
        .await
        .error(400);
    assert_eq!(error["code"], "resource_missing");
    assert_eq!(error["param"], "customer");
}

#[tokio::test]
async fn an_attached_card_is_not_attached_to_another_customer() {
    let shop = Shop::open();
    let (_, method) = shop.customer_with_card("pm_card_visa").await;
    let other = shop.customer().await;
    let path = format!("/v1/payment_methods/{method}/attach");
    let error = shop.post(&path, &[("customer", &other)]).await.error(400);
    let message = "The payment method you provided has already been attached to a customer.";
    assert_eq!(error["message"], message);
}

#[tokio::test]
async fn detaching_is_final() {
    let shop = Shop::open();
    let (customer, method) = shop.customer_with_card("pm_card_visa").await;
    let detach = format!("/v1/payment_methods/{method}/detach");
    assert_eq!(shop.post(&detach, &[]).await.ok()["customer"], json!(null));
    let again = shop.post(&detach, &[]).await.error(400);
    assert!(
        again["message"]
            .as_str()
            .unwrap()
            .contains("is not attached to a customer")
    );
    let attach = format!("/v1/payment_methods/{method}/attach");
    let error = shop
        .post(&attach, &[("customer", &customer)])
        .await
        .error(400);
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("may not be used again")
    );
    let form = [("customer", customer.as_str()), ("payment_method", &method)];
    let error = shop.intent(&form).await.error(400);
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("may not be used again")
    );
}

#[tokio::test]
async fn a_declining_card_cannot_be_attached() {
    let shop = Shop::open();
    let customer = shop.customer().await;
    let path = "/v1/payment_methods/pm_card_chargeDeclined/attach";
    let error = shop.post(path, &[("customer", &customer)]).await.error(402);
    assert_eq!(error["code"], "card_declined");
}

#[tokio::test]
async fn only_an_attached_card_can_be_changed() {
    let shop = Shop::open();
    let (_, method) = shop.customer_with_card("pm_card_visa").await;
    let path = format!("/v1/payment_methods/{method}");
    let form = [
        ("metadata[a]", "b"),
        ("card[exp_month]", "1"),
        ("card[exp_year]", "2020"),
    ];
    let changed = shop.post(&path, &form).await.ok();
    assert_eq!(changed["metadata"], json!({"a": "b"}));
    assert_eq!(changed["card"]["exp_year"], 2020);
    let loose = id(&retrieve(&shop, "pm_card_visa").await);
    shop.post(&format!("/v1/payment_methods/{loose}"), &form)
        .await
        .error(400);
}
