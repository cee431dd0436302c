use http::Method;
use serde_json::{Value, json};

use crate::shop::{Shop, text};

async fn open(shop: &Shop, session: &Value) -> String {
    let body = shop.post("/payment-sessions", session).await.body(201);
    assert!(text(&body["payment_session_secret"]).starts_with("pss_"));
    assert!(body["payment_session_token"].is_string());
    let id = text(&body["id"]);
    assert!(id.starts_with("ps_"));
    format!("/payment-sessions/{id}/_pay")
}

#[tokio::test]
async fn the_shopper_pays_in_the_page_and_the_shop_reads_the_payment() {
    let shop = Shop::open();
    let pay = open(&shop, &shop.session()).await;
    let token = json!({"token": shop.token("")});
    let paid = shop.page().post(&pay, &token).await;
    assert_eq!(paid.header("access-control-allow-origin"), Some("*"));
    let paid = paid.body(201);
    assert_eq!(paid["status"], "Authorized");
    assert!(paid.get("source").is_none());

    let path = format!("/payments/{}", text(&paid["id"]));
    let payment = shop.get(&path).await.body(200);
    assert_eq!(payment["amount"], 12_900);
    assert_eq!(payment["reference"], "order-1");
    assert_eq!(payment["status"], "Authorized");
    assert_eq!(payment["customer"]["email"], "customer@example.com");
    assert_eq!(payment["source"]["billing_address"]["country"], "IT");
    let again = shop
        .page()
        .post(&pay, &json!({"token": shop.token("")}))
        .await;
    assert_eq!(again.codes(), ["payment_session_completed"]);
}

#[tokio::test]
async fn a_card_is_stored_where_the_session_or_the_shopper_says_so() {
    let shop = Shop::open();
    for (setting, consent, stored) in [
        (None, None, false),
        (Some("disabled"), Some(true), false),
        (Some("enabled"), None, true),
        (Some("collect_consent"), None, false),
        (Some("collect_consent"), Some(true), true),
    ] {
        let mut session = shop.session();
        if let Some(setting) = setting {
            let card = json!({ "store_payment_details": setting });
            session["payment_method_configuration"] = json!({ "card": card });
        }
        let pay = open(&shop, &session).await;
        let mut body = json!({"token": shop.token("")});
        if let Some(consent) = consent {
            body["consent"] = json!(consent);
        }
        let paid = shop.page().post(&pay, &body).await.body(201);
        let path = format!("/payments/{}", text(&paid["id"]));
        let payment = shop.get(&path).await.body(200);
        let source = text(&payment["source"]["id"]);
        let status = if stored { 200 } else { 404 };
        let instrument = shop.get(&format!("/instruments/{source}")).await;
        assert_eq!(instrument.status, status, "{setting:?} {consent:?}");
    }
}

#[tokio::test]
async fn after_a_decline_the_shopper_tries_another_card() {
    let shop = Shop::open();
    let pay = open(&shop, &shop.session()).await;
    let declined = json!({"token": shop.token("declined")});
    let paid = shop.page().post(&pay, &declined).await.body(201);
    assert_eq!(paid["status"], "Declined");
    let paid = shop
        .page()
        .post(&pay, &json!({"token": shop.token("")}))
        .await;
    assert_eq!(paid.body(201)["status"], "Authorized");
}

#[tokio::test]
async fn three_ds_sends_the_shopper_away() {
    let shop = Shop::open();
    let mut session = shop.session();
    session["3ds"] = json!({"enabled": true});
    let pay = open(&shop, &session).await;
    let paid = shop
        .page()
        .post(&pay, &json!({"token": shop.token("redirect")}))
        .await;
    let paid = paid.body(202);
    assert_eq!(paid["status"], "Pending");
    let redirect = text(&paid["_links"]["redirect"]["href"]);
    assert!(redirect.contains("/3ds/sid_"), "{redirect}");
}

#[tokio::test]
async fn a_session_needs_what_flow_needs() {
    let shop = Shop::open();
    for (name, code) in [
        ("amount", "amount_required"),
        ("currency", "currency_required"),
        ("billing", "billing_required"),
        ("success_url", "success_url_required"),
        ("failure_url", "failure_url_required"),
    ] {
        let mut session = shop.session();
        session.as_object_mut().unwrap().remove(name);
        assert_eq!(
            shop.post("/payment-sessions", &session).await.codes(),
            [code]
        );
    }
    let mut session = shop.session();
    session["billing"] = json!({"address": {}});
    let reply = shop.post("/payment-sessions", &session).await;
    assert_eq!(reply.codes(), ["billing_address_country_required"]);
}

#[tokio::test]
async fn pages_pay_with_the_public_key_of_the_account() {
    let shop = Shop::open();
    let pay = open(&shop, &shop.session()).await;
    let body = |key: &str| json!({"token": shop.token(""), "public_key": key});
    let nobody = shop.with_key("");
    nobody
        .post(&pay, &json!({"token": shop.token("")}))
        .await
        .empty(401);
    shop.post(&pay, &json!({"token": shop.token("")}))
        .await
        .empty(401);
    nobody.post(&pay, &body("pk_sbox_other")).await.empty(404);
    nobody.post(&pay, &body("pk_sbox_shop")).await.body(201);
}

#[tokio::test]
async fn pages_may_ask_first() {
    let shop = Shop::open();
    let headers = [("origin", "https://shop.example")];
    let request = shop.request(
        Method::OPTIONS,
        "/payment-sessions/ps_1/_pay",
        None,
        &headers,
    );
    let reply = shop.send(request).await.unwrap();
    assert_eq!(reply.status, 200);
    let allowed = reply.header("access-control-allow-headers").unwrap();
    assert!(allowed.contains("authorization"), "{allowed}");
    assert!(shop.gateway.requests().is_empty());
}
