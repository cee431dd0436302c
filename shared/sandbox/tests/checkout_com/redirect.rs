use serde_json::{Value, json};

use crate::shop::{Reply, Shop, text};

fn with_three_ds(mut purchase: Value) -> Value {
    purchase["3ds"] = json!({"enabled": true});
    purchase["success_url"] = json!("https://shop.example/paid?order=1");
    purchase["failure_url"] = json!("https://shop.example/failed");
    purchase
}

/// The shopper at the bank, who has no key.
async fn authenticate(shop: &Shop, id: &str, success: bool) -> Reply {
    let path = format!("/3ds/{id}/_authenticate");
    shop.with_key("")
        .post(&path, &json!({ "success": success }))
        .await
}

#[tokio::test]
async fn the_bank_asks_and_the_shopper_passes() {
    let shop = Shop::open();
    let reply = shop.pay(&with_three_ds(shop.purchase("redirect"))).await;
    let payment = reply.body(202);
    assert_eq!(payment["status"], "Pending");
    assert!(payment.get("source").is_none());
    let redirect = text(&payment["_links"]["redirect"]["href"]);
    let (_, session) = redirect.rsplit_once('/').unwrap();
    assert!(session.starts_with("sid_"));
    let path = format!("/payments/{session}");
    let read = shop.get(&path).await.body(200);
    assert_eq!(
        (&read["status"], &read["approved"]),
        (&json!("Pending"), &json!(false))
    );
    assert!(read["source"].get("id").is_none());

    let challenge = shop.with_key("").get(&format!("/3ds/{session}")).await;
    assert_eq!(challenge.body(200)["status"], "Pending");
    let done = authenticate(&shop, session, true).await.body(200);
    assert_eq!(done["status"], "Authorized");
    let back = format!("https://shop.example/paid?order=1&cko-session-id={session}");
    assert_eq!(done["redirect_url"], back);
    let read = shop.get(&path).await.body(200);
    assert_eq!(
        (&read["id"], &read["status"]),
        (&payment["id"], &json!("Authorized"))
    );
    let source = text(&read["source"]["id"]);
    shop.get(&format!("/instruments/{source}")).await.body(200);
    authenticate(&shop, session, true).await.empty(403);
}

#[tokio::test]
async fn the_bank_asks_and_the_shopper_fails() {
    let shop = Shop::open();
    let reply = shop.pay(&with_three_ds(shop.purchase("redirect"))).await;
    let id = text(&reply.body(202)["id"]);
    let done = authenticate(&shop, &id, false).await.body(200);
    assert_eq!(done["status"], "Declined");
    assert!(text(&done["redirect_url"]).starts_with("https://shop.example/failed?"));
    let read = shop.get(&format!("/payments/{id}")).await.body(200);
    assert_eq!(read["status"], "Declined");
    assert_eq!(read["actions"][0]["response_code"], "20151");
}

#[tokio::test]
async fn without_three_ds_such_a_card_is_declined() {
    let shop = Shop::open();
    let payment = shop.pay(&shop.purchase("redirect")).await.body(201);
    assert_eq!(payment["response_code"], "20154");
}

#[tokio::test]
async fn a_stored_card_is_asked_for_again_unless_the_merchant_pays() {
    let shop = Shop::open();
    let reply = shop.pay(&with_three_ds(shop.purchase("redirect"))).await;
    let id = text(&reply.body(202)["id"]);
    authenticate(&shop, &id, true).await.body(200);
    let read = shop.get(&format!("/payments/{id}")).await.body(200);
    let source = text(&read["source"]["id"]);

    let again = with_three_ds(shop.repurchase(&source));
    shop.pay(&again).await.body(202);
    let mut alone = shop.repurchase(&source);
    alone["merchant_initiated"] = json!(true);
    alone["payment_type"] = json!("Unscheduled");
    alone["previous_payment_id"] = json!(id);
    assert_eq!(shop.pay(&alone).await.body(201)["approved"], true);
}

#[tokio::test]
async fn nobodys_challenge_is_not_found() {
    let shop = Shop::open();
    authenticate(&shop, "sid_nobody", true).await.empty(404);
}

#[tokio::test]
async fn the_bank_asks_on_a_page_and_sends_the_shopper_back() {
    for (answer, place, status) in [
        (
            "success=true",
            "https://shop.example/paid?order=1&",
            "Authorized",
        ),
        ("success=false", "https://shop.example/failed?", "Declined"),
    ] {
        let shop = Shop::open();
        let reply = shop.pay(&with_three_ds(shop.purchase("redirect"))).await;
        let redirect = text(&reply.body(202)["_links"]["redirect"]["href"]);
        let (_, session) = redirect.rsplit_once('/').unwrap();
        let browser = shop.with_key("");
        let html = [("accept", "text/html")];
        let path = format!("/3ds/{session}");
        let page = browser.request(http::Method::GET, &path, None, &html);
        let page = browser.send(page).await.unwrap();
        assert_eq!(
            page.header("content-type"),
            Some("text/html; charset=utf-8")
        );
        assert!(String::from_utf8_lossy(&page.text).contains("Is this you?"));

        let path = format!("{path}/_authenticate");
        let mut form = browser.request(http::Method::POST, &path, None, &html);
        *form.body_mut() = answer.into();
        let back = browser.send(form).await.unwrap();
        assert_eq!(back.status, 303);
        let location = format!("{place}cko-session-id={session}");
        assert_eq!(back.header("location"), Some(location.as_str()));
        let read = shop.get(&format!("/payments/{session}")).await.body(200);
        assert_eq!(read["status"], status);
    }
}
