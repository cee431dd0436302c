//! Orders that Klarna takes hours to decide on, and how a shop hears of it.

use std::sync::Mutex;

use http::StatusCode;
use sandbox::klarna::Decision;
use serde_json::{Value, json};

use crate::order_management::order_management_path;
use crate::shop::{Shop, purchase, purchase_with, text};

const URL: &str = "https://shop.test/hooks/klarna/secret?order={order.id}";

/// The id of a pending order of 129.00 EUR, whose decision is told there.
async fn pending(shop: &Shop) -> String {
    shop.session(&purchase()).await;
    let body = purchase_with(json!({"merchant_urls": {"notification": URL}}));
    let order = shop.order("pending-1", &body).await.ok();
    assert_eq!(order["fraud_status"], "PENDING");
    text(&order, "order_id")
}

async fn order(shop: &Shop, id: &str) -> Value {
    shop.get(&order_management_path(id)).await.ok()
}

async fn capture(shop: &Shop, id: &str) -> u16 {
    let path = format!("{}/captures", order_management_path(id));
    let reply = shop.post(&path, &json!({"captured_amount": 12_900})).await;
    reply.status.as_u16()
}

#[tokio::test]
async fn a_pending_order_is_captured_once_klarna_has_accepted_it() {
    let shop = Shop::open();
    let id = pending(&shop).await;
    assert_eq!(capture(&shop, &id).await, 403);
    assert_eq!(shop.klarna.callbacks(), []);
    assert!(shop.klarna.decide(&id, Decision::Accepted).unwrap());
    assert_eq!(order(&shop, &id).await["fraud_status"], "ACCEPTED");
    assert_eq!(capture(&shop, &id).await, 201);
}

#[tokio::test]
async fn a_rejected_and_a_stopped_order_are_cancelled() {
    let shop = Shop::open();
    let id = pending(&shop).await;
    assert!(shop.klarna.decide(&id, Decision::Rejected).unwrap());
    let rejected = order(&shop, &id).await;
    assert_eq!(rejected["fraud_status"], "REJECTED");
    assert_eq!(rejected["status"], "CANCELLED");
    assert!(!shop.klarna.decide(&id, Decision::Accepted).unwrap());

    let shop = Shop::open();
    let id = pending(&shop).await;
    assert!(!shop.klarna.decide(&id, Decision::Stopped).unwrap());
    assert!(shop.klarna.decide(&id, Decision::Accepted).unwrap());
    assert!(shop.klarna.decide(&id, Decision::Stopped).unwrap());
    assert_eq!(order(&shop, &id).await["status"], "CANCELLED");
    assert!(!shop.klarna.decide("none", Decision::Accepted).unwrap());
}

#[tokio::test]
async fn the_shop_is_told_until_it_takes_it() {
    let shop = Shop::open();
    let id = pending(&shop).await;
    let path = format!("{}/_decide", order_management_path(&id));
    let decided = shop
        .post(&path, &json!({"event_type": "FRAUD_RISK_ACCEPTED"}))
        .await;
    assert_eq!(decided.status, 204);

    let seen = Mutex::new(Vec::new());
    for (answer, left) in [(None, 1), (Some(500), 1), (Some(200), 0)] {
        let answer = answer.map(|it| StatusCode::from_u16(it).unwrap());
        let send = |request: http::Request<bytes::Bytes>| {
            seen.lock().unwrap().push(request);
            std::future::ready(answer)
        };
        let deliveries = shop.klarna.deliver_callbacks(send).await;
        assert_eq!(deliveries.len(), 1);
        assert_eq!(deliveries[0].status, answer);
        assert_eq!(shop.klarna.callbacks().len(), left);
    }
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 3);
    for request in seen.iter() {
        assert_eq!(request.method(), "POST");
        assert_eq!(request.uri().to_string(), URL.replace("{order.id}", &id));
        let body: Value = serde_json::from_slice(request.body()).unwrap();
        assert_eq!(
            body,
            json!({"order_id": id, "event_type": "FRAUD_RISK_ACCEPTED"})
        );
        let names: Vec<_> = request.headers().keys().map(|it| it.as_str()).collect();
        assert_eq!(names, ["content-type"], "nothing is signed");
    }
}

#[tokio::test]
async fn a_shop_that_gave_no_url_is_not_told() {
    let shop = Shop::open();
    shop.session(&purchase()).await;
    let order = shop.order("pending-1", &purchase()).await.ok();
    let id = text(&order, "order_id");
    assert!(shop.klarna.decide(&id, Decision::Accepted).unwrap());
    assert_eq!(shop.klarna.callbacks(), []);
}

#[tokio::test]
async fn what_waits_outlives_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("klarna.json");
    let shop = Shop::with_state_file(Some(file.clone()));
    let id = pending(&shop).await;
    shop.klarna.decide(&id, Decision::Accepted).unwrap();
    let waiting = shop.klarna.callbacks();
    drop(shop);
    let shop = Shop::with_state_file(Some(file));
    assert_eq!(shop.klarna.callbacks(), waiting);
    assert_eq!(order(&shop, &id).await["fraud_status"], "ACCEPTED");
}
