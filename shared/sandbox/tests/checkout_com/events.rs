use std::sync::Mutex;

use bytes::Bytes;
use http::{Request, StatusCode};
use sandbox::checkout_com::ActionKind;
use sandbox::{Disorder, EventEndpoint};
use serde_json::{Value, json};

use crate::shop::Shop;

fn listening() -> Shop {
    let shop = Shop::open();
    let endpoint = EventEndpoint {
        url: "http://shop.example/hooks".to_owned(),
        secret: "cko_hush".to_owned(),
    };
    shop.gateway
        .send_events_to("sk_sbox_shop", endpoint)
        .unwrap();
    shop
}

/// What an endpoint that takes everything is sent.
async fn received(shop: &Shop) -> Vec<Request<Bytes>> {
    let received = Mutex::new(Vec::new());
    let send = |request| {
        received.lock().unwrap().push(request);
        std::future::ready(Some(StatusCode::OK))
    };
    shop.gateway.deliver_events(Disorder::NONE, send).await;
    received.into_inner().unwrap()
}

async fn told(shop: &Shop) -> Vec<Value> {
    let received = received(shop).await;
    let body = |it: Request<Bytes>| serde_json::from_slice(it.body()).unwrap();
    received.into_iter().map(body).collect()
}

async fn kinds(shop: &Shop) -> Vec<String> {
    let kind = |it: Value| it["type"].as_str().unwrap().to_owned();
    told(shop).await.into_iter().map(kind).collect()
}

#[tokio::test]
async fn the_life_of_a_payment_is_told_in_order() {
    let shop = listening();
    let path = shop.captured().await;
    shop.post(&format!("{path}/refunds"), &json!({}))
        .await
        .body(202);
    let expected = ["payment_approved", "payment_captured", "payment_refunded"];
    assert_eq!(kinds(&shop).await, expected);
    assert_eq!(kinds(&shop).await, [""; 0]);
}

#[tokio::test]
async fn other_ends_are_told_too() {
    let shop = listening();
    shop.pay(&shop.purchase("declined")).await.body(201);
    let mut asks = shop.purchase("redirect");
    asks["3ds"] = json!({"enabled": true});
    let asked = shop.pay(&asks).await.body(202);
    let path = format!("/3ds/{}/_authenticate", asked["id"].as_str().unwrap());
    shop.post(&path, &json!({"success": true})).await.body(200);
    let path = shop.held().await;
    shop.post(&format!("{path}/voids"), &json!({}))
        .await
        .body(202);
    shop.gateway.decline_next(ActionKind::Refund).unwrap();
    let path = shop.captured().await;
    shop.get(&path).await.body(200);
    shop.post(&format!("{path}/refunds"), &json!({}))
        .await
        .body(202);
    shop.held().await;
    shop.pass_days(7);
    let kinds = kinds(&shop).await;
    for kind in [
        "payment_declined",
        "payment_pending",
        "payment_approved",
        "payment_voided",
        "payment_refund_declined",
        "payment_expired",
    ] {
        assert!(kinds.iter().any(|it| it == kind), "{kind}: {kinds:?}");
    }
}

#[tokio::test]
async fn an_event_is_signed_and_spelled_as_the_vendor_spells_it() {
    let shop = listening();
    let mut purchase = shop.purchase("");
    purchase["metadata"] = json!({"count": 1, "name": "a"});
    let payment = shop.pay(&purchase).await.body(201);
    let path = format!("/payments/{}/captures", payment["id"].as_str().unwrap());
    let accepted = shop
        .post(&path, &json!({"amount": 100, "reference": "c-1"}))
        .await
        .body(202);
    let received = received(&shop).await;
    let signature = received[0].headers()["cko-signature"].to_str().unwrap();
    assert_eq!(signature.len(), 64);
    let body =
        |it: &Request<Bytes>| serde_json::from_slice::<Value>(it.body()).unwrap()["data"].clone();
    let approved = body(&received[0]);
    assert_eq!(
        (&approved["id"], &approved["reference"]),
        (&payment["id"], &json!("order-1"))
    );
    assert_eq!(approved["metadata"], json!({"count": "1", "name": "a"}));
    assert_eq!(approved["source"]["last_4"], "4242");
    assert_eq!(approved["source"]["last4"], Value::Null);
    let captured = body(&received[1]);
    assert_eq!(captured["action_id"], accepted["action_id"]);
    assert_eq!(
        (&captured["amount"], &captured["reference"]),
        (&json!(100), &json!("c-1"))
    );
    assert_eq!(captured["balances"]["total_captured"], 100);
}
