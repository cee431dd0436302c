use http::Method;
use sandbox::{Fault, FaultOrder, Outcome};
use serde_json::json;

use crate::shop::{Reply, Shop};

const CUSTOMERS: &str = "/v1/customers";

async fn order(shop: &Shop, order: serde_json::Value) -> Reply {
    let mut request = shop.request(Method::POST, "/_sandbox/faults", &[], &[]);
    *request.body_mut() = order.to_string().into();
    shop.send(request).await.unwrap()
}

async fn how_many(shop: &Shop) -> usize {
    let list = shop.get(CUSTOMERS).await.ok();
    list["data"].as_array().unwrap().len()
}

#[tokio::test]
async fn dropped_before_nothing_has_happened() {
    let shop = Shop::open();
    let fault = json!({"method": "POST", "path": "/v1/*", "fault": "drop_before"});
    assert_eq!(order(&shop, fault).await.status, 201);
    assert!(shop.post_once("k", CUSTOMERS, &[]).await.is_none());
    assert_eq!(how_many(&shop).await, 0);
    let reply = shop.post_once("k", CUSTOMERS, &[]).await.unwrap();
    assert_eq!(reply.header("idempotent-replayed"), None);
}

#[tokio::test]
async fn dropped_after_it_has_happened_and_the_key_tells() {
    let shop = Shop::open();
    order(&shop, json!({"method": "POST", "fault": "drop_after"})).await;
    assert!(shop.post_once("k", CUSTOMERS, &[]).await.is_none());
    assert_eq!(how_many(&shop).await, 1);
    let reply = shop.post_once("k", CUSTOMERS, &[]).await.unwrap();
    assert_eq!(reply.header("idempotent-replayed"), Some("true"));
    assert_eq!(how_many(&shop).await, 1);
}

#[tokio::test]
async fn garbage_comes_after_the_effect() {
    let shop = Shop::open();
    order(&shop, json!({"method": "POST", "fault": "garbage"})).await;
    let reply = shop.post_once("k", CUSTOMERS, &[]).await.unwrap();
    assert_eq!(reply.status, 200);
    assert!(serde_json::from_slice::<serde_json::Value>(&reply.text).is_err());
    assert_eq!(how_many(&shop).await, 1);
    shop.post_once("k", CUSTOMERS, &[]).await.unwrap().ok();
}

#[tokio::test]
async fn a_large_body_is_ten_mebibytes_of_json() {
    let shop = Shop::open();
    order(&shop, json!({"fault": "large_body"})).await;
    let reply = shop.get(CUSTOMERS).await;
    assert_eq!(reply.text.len(), 10 * 1024 * 1024);
    assert!(serde_json::from_slice::<serde_json::Value>(&reply.text).is_ok());
}

#[tokio::test]
async fn a_refused_payment_can_be_ordered() {
    let shop = Shop::open();
    order(&shop, json!({"fault": "status_402"})).await;
    assert_eq!(shop.intent(&[]).await.error(402)["code"], "card_declined");
}

#[tokio::test]
async fn a_fault_happens_as_often_as_ordered() {
    let shop = Shop::open();
    order(&shop, json!({"fault": "status_429", "times": 2})).await;
    shop.get(CUSTOMERS).await.error(429);
    shop.get(CUSTOMERS).await.error(429);
    shop.get(CUSTOMERS).await.ok();
}

#[tokio::test]
async fn orders_can_be_seen_and_withdrawn() {
    let shop = Shop::open();
    shop.stripe
        .order_fault(FaultOrder::next(Fault::Garbage).times(5))
        .unwrap();
    let waiting = shop.get("/_sandbox/faults").await.ok();
    assert_eq!(waiting["data"][0]["fault"], "garbage");
    assert_eq!(shop.delete("/_sandbox/faults").await.status, 204);
    shop.get(CUSTOMERS).await.ok();
}

#[tokio::test]
async fn an_order_that_is_not_understood_is_refused() {
    let shop = Shop::open();
    for text in [
        json!({"fault": "explode"}),
        json!({"fault": "delay"}),
        json!({"fault": "garbage", "often": 2}),
        json!({}),
    ] {
        assert_eq!(order(&shop, text.clone()).await.status, 400, "{text}");
    }
}

#[tokio::test]
async fn pages_cannot_order_faults() {
    let shop = Shop::open();
    let headers = [("origin", "https://elsewhere.example")];
    let request = shop.request(Method::DELETE, "/_sandbox/faults", &[], &headers);
    assert_eq!(shop.send(request).await.unwrap().status, 403);
}

#[tokio::test]
async fn the_requests_received_can_be_read() {
    let shop = Shop::open();
    let form = [("email", "a@example.com"), ("metadata[a]", "b")];
    shop.post_once("k", CUSTOMERS, &form).await.unwrap().ok();
    shop.post_once("k", CUSTOMERS, &form).await.unwrap().ok();
    shop.stripe
        .order_fault(FaultOrder::next(Fault::DropBefore))
        .unwrap();
    shop.send(shop.request(Method::GET, "/v1/customers?limit=1", &[], &[]))
        .await;

    let requests = shop.stripe.requests();
    assert_eq!(requests.len(), 3);
    assert_eq!(
        (requests[0].method.as_str(), requests[0].path.as_str()),
        ("POST", CUSTOMERS)
    );
    assert_eq!(
        requests[0].body,
        json!({"email": "a@example.com", "metadata[a]": "b"})
    );
    assert_eq!(requests[0].header("idempotency-key"), Some("k"));
    assert_eq!(requests[0].header("authorization"), None);
    let answered = |replayed| Outcome::Answered {
        status: 200,
        replayed,
    };
    assert_eq!(requests[0].outcome, answered(false));
    assert_eq!(requests[1].outcome, answered(true));
    assert_eq!(requests[2].outcome, Outcome::Dropped);
    assert_eq!(requests[2].query.as_deref(), Some("limit=1"));

    let list = shop.get("/_sandbox/requests").await.ok();
    assert_eq!(list["data"].as_array().unwrap().len(), 3);
    assert_eq!(list["data"][1]["outcome"]["replayed"], true);
}
