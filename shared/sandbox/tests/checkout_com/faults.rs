use sandbox::{Fault, FaultOrder, Outcome};
use serde_json::{Value, json};

use crate::shop::Shop;

fn order(shop: &Shop, fault: Fault) {
    shop.gateway.order_fault(FaultOrder::next(fault)).unwrap();
}

async fn pay(shop: &Shop, purchase: &Value) -> Option<crate::shop::Reply> {
    shop.post_once("k", "/payments", purchase).await
}

#[tokio::test]
async fn dropped_before_nothing_has_happened() {
    let shop = Shop::open();
    let purchase = shop.purchase("");
    order(&shop, Fault::DropBefore);
    assert!(pay(&shop, &purchase).await.is_none());
    shop.pay(&purchase).await.body(201);
}

#[tokio::test]
async fn dropped_after_it_has_happened_and_the_key_tells() {
    let shop = Shop::open();
    let purchase = shop.purchase("");
    order(&shop, Fault::DropAfter);
    assert!(pay(&shop, &purchase).await.is_none());
    assert_eq!(shop.pay(&purchase).await.codes(), ["token_used"]);
    pay(&shop, &purchase).await.unwrap().body(201);
    let requests = shop.gateway.requests();
    assert_eq!(requests[0].outcome, Outcome::Dropped);
    let replayed = Outcome::Answered {
        status: 201,
        replayed: true,
    };
    assert_eq!(requests[2].outcome, replayed);
}

#[tokio::test]
async fn errors_execute_nothing_and_leave_the_key() {
    let shop = Shop::open();
    let purchase = shop.purchase("");
    order(&shop, Fault::Status500);
    assert_eq!(pay(&shop, &purchase).await.unwrap().status, 500);
    order(&shop, Fault::Status429);
    let busy = pay(&shop, &purchase).await.unwrap().body(429);
    assert_eq!(busy["error_codes"], json!(["api_calls_quota_exceeded"]));
    pay(&shop, &purchase).await.unwrap().body(201);
}

#[tokio::test]
async fn an_ordered_decline_is_a_declined_payment() {
    let shop = Shop::open();
    order(&shop, Fault::Status402);
    let payment = shop.pay(&shop.purchase("")).await.body(201);
    assert_eq!(payment["status"], "Declined");
    assert_eq!(payment["response_code"], "20005");
}

#[tokio::test]
async fn spoilt_answers_come_after_the_effect() {
    let shop = Shop::open();
    let purchase = shop.purchase("");
    order(&shop, Fault::Garbage);
    let reply = pay(&shop, &purchase).await.unwrap();
    assert_eq!(reply.status, 200);
    assert!(serde_json::from_slice::<Value>(&reply.text).is_err());
    order(&shop, Fault::LargeBody);
    let reply = pay(&shop, &purchase).await.unwrap();
    assert_eq!(reply.text.len(), 10 * 1024 * 1024);
    pay(&shop, &purchase).await.unwrap().body(201);
}

#[tokio::test(start_paused = true)]
async fn a_delayed_answer_is_late() {
    let shop = Shop::open();
    let fault = FaultOrder::next(Fault::Delay).delay_ms(500);
    shop.gateway.order_fault(fault).unwrap();
    let before = tokio::time::Instant::now();
    shop.pay(&shop.purchase("")).await.body(201);
    assert_eq!(before.elapsed().as_millis(), 500);
}

#[tokio::test]
async fn faults_and_requests_have_their_paths() {
    let shop = Shop::open();
    let fault = json!({"method": "GET", "path": "/customers/*", "fault": "status_500"});
    shop.post("/_sandbox/faults", &fault).await.body(201);
    shop.pay(&shop.purchase("")).await.body(201);
    shop.get("/customers/a@example.com").await.empty(500);
    let list = shop.get("/_sandbox/requests").await.body(200);
    assert_eq!(list["data"][0]["path"], "/payments");
    assert_eq!(list["data"][0]["body"]["currency"], "EUR");
    assert!(!list.to_string().contains("sk_sbox"));
}
