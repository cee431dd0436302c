use serde_json::{Value, json};

use crate::shop::{Shop, id};

#[tokio::test]
async fn the_state_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("stripe.json");
    let shop = Shop::with_state_file(Some(file.clone()));
    let (customer, method) = shop.customer_with_card("pm_card_visa").await;
    let form = [
        ("amount", "100"),
        ("currency", "eur"),
        ("customer", &customer),
    ];
    let intent = shop
        .post_once("k", "/v1/payment_intents", &form)
        .await
        .unwrap()
        .ok();

    let shop = Shop::with_state_file(Some(file));
    let path = format!("/v1/payment_intents/{}", id(&intent));
    assert_eq!(shop.get(&path).await.ok(), intent);
    let list = shop
        .get(&format!("/v1/customers/{customer}/payment_methods"))
        .await
        .ok();
    assert_eq!(list["data"][0]["id"], method);
    let again = shop
        .post_once("k", "/v1/payment_intents", &form)
        .await
        .unwrap();
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_ne!(shop.customer().await, customer);
}

#[tokio::test]
async fn the_file_holds_no_key() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("stripe.json");
    let shop = Shop::with_state_file(Some(file.clone()));
    shop.customer().await;
    let text = std::fs::read_to_string(file).unwrap();
    assert!(!text.contains("sk_test"), "{text}");
}

#[tokio::test]
async fn a_payment_method_that_was_only_read_is_kept_too() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("stripe.json");
    let shop = Shop::with_state_file(Some(file.clone()));
    let path = "/v1/payment_methods/pm_1IixtoEw0yMev2I0jGzoT9Js";
    let first = shop.get(path).await.ok();
    let shop = Shop::with_state_file(Some(file));
    shop.pass_hours(1);
    assert_eq!(shop.get(path).await.ok(), first);
}

#[tokio::test]
async fn a_state_that_cannot_be_written_is_an_error_not_a_success() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("missing").join("stripe.json");
    let shop = Shop::with_state_file(Some(file));
    assert_eq!(
        shop.post("/v1/customers", &[]).await.error(500)["type"],
        "api_error"
    );
}

#[tokio::test]
async fn the_state_of_an_earlier_version_is_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("stripe.json");
    let shop = Shop::with_state_file(Some(file.clone()));
    let customer = shop.customer().await;
    let mut state: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    // Kept results stood with their account.
    state.as_object_mut().unwrap().remove("results");
    for account in state["accounts"].as_object_mut().unwrap().values_mut() {
        account["kept_results"] = json!({});
    }
    std::fs::write(&file, state.to_string()).unwrap();

    let shop = Shop::with_state_file(Some(file));
    let path = format!("/v1/customers/{customer}");
    assert_eq!(shop.get(&path).await.ok()["id"], customer.as_str());
}
