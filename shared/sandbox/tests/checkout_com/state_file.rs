use crate::shop::{Shop, text};

#[tokio::test]
async fn the_state_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("checkout_com.json");
    let shop = Shop::with_state_file(Some(file.clone()));
    let (customer, source) = shop.customer_with_card("").await;
    let purchase = shop.purchase("redirect");
    let first = shop
        .post_once("k", "/payments", &purchase)
        .await
        .unwrap()
        .body(201);
    let path = format!("/payments/{}", text(&first["id"]));
    let before = shop.get(&path).await.body(200);

    let shop = Shop::with_state_file(Some(file));
    assert_eq!(shop.get(&path).await.body(200), before);
    let again = shop.post_once("k", "/payments", &purchase).await.unwrap();
    assert_eq!(again.body(201), first);
    let read = shop.get(&format!("/customers/{customer}")).await.body(200);
    assert_eq!(read["instruments"][0]["id"], source.as_str());
    assert_ne!(shop.customer("other@example.com").await, customer);
}

#[tokio::test]
async fn the_file_holds_no_key() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("checkout_com.json");
    let shop = Shop::with_state_file(Some(file.clone()));
    shop.customer("a@example.com").await;
    let text = std::fs::read_to_string(file).unwrap();
    assert!(!text.contains("sk_sbox"), "{text}");
}

#[tokio::test]
async fn a_state_that_cannot_be_written_is_an_error_not_a_success() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("missing").join("checkout_com.json");
    let shop = Shop::with_state_file(Some(file));
    assert_eq!(shop.pay(&shop.purchase("")).await.status, 500);
}
