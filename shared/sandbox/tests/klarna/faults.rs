use sandbox::{Fault, FaultOrder, Outcome};
use serde_json::{Value, json};

use crate::shop::{SESSIONS, Shop, buy_and_tokenize, mint_path, purchase, token_request};

fn order(shop: &Shop, fault: Fault) {
    let order = FaultOrder::next(fault).on("POST", "/payments/v1/*");
    shop.klarna.order_fault(order).unwrap();
}

#[tokio::test]
async fn ordered_errors_are_klarnas_own() {
    let shop = Shop::open();
    for (fault, status, code) in [
        (Fault::Status429, 429, "TOO_MANY_REQUESTS"),
        (Fault::Status500, 500, "INTERNAL_SERVER_ERROR"),
        (Fault::Status402, 403, "REJECTED"),
    ] {
        order(&shop, fault);
        shop.post(SESSIONS, &purchase()).await.refused(status, code);
    }
    let reply = shop.mint("unseen").await;
    reply.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn too_many_requests_leave_the_key_free_other_errors_do_not() {
    let shop = Shop::open();
    order(&shop, Fault::Status429);
    let reply = shop.post_once("k", SESSIONS, &purchase()).await.unwrap();
    reply.refused(429, "TOO_MANY_REQUESTS");
    shop.post_once("k", SESSIONS, &purchase())
        .await
        .unwrap()
        .ok();

    order(&shop, Fault::Status500);
    for _ in 0..2 {
        let reply = shop.post_once("l", SESSIONS, &purchase()).await.unwrap();
        reply.refused(500, "INTERNAL_SERVER_ERROR");
    }
}

#[tokio::test]
async fn a_lost_answer_is_found_under_its_key() {
    let shop = Shop::open();
    let path = mint_path(&shop.authorised(&buy_and_tokenize()).await);
    order(&shop, Fault::DropAfter);
    assert!(shop.post_once("k", &path, &token_request()).await.is_none());
    let without_key = shop.post(&path, &token_request()).await;
    without_key.refused(403, "INVALID_OPERATION");
    let again = shop.post_once("k", &path, &token_request()).await.unwrap();
    assert!(again.ok()["token_id"].is_string());
    let outcome = shop.klarna.requests().last().unwrap().outcome;
    let replayed = true;
    assert_eq!(
        outcome,
        Outcome::Answered {
            status: 200,
            replayed
        }
    );
}

#[tokio::test]
async fn dropped_before_nothing_has_happened() {
    let shop = Shop::open();
    let path = mint_path(&shop.authorised(&buy_and_tokenize()).await);
    order(&shop, Fault::DropBefore);
    assert!(shop.post_once("k", &path, &token_request()).await.is_none());
    shop.post(&path, &token_request()).await.ok();
}

#[tokio::test]
async fn faults_are_ordered_over_http_too() {
    let shop = Shop::open();
    let fault = json!({"fault": "garbage"});
    assert_eq!(shop.post("/_sandbox/faults", &fault).await.status, 201);
    let reply = shop.post(SESSIONS, &purchase()).await;
    assert_eq!(reply.status, 200);
    assert!(serde_json::from_slice::<Value>(&reply.text).is_err());
}

#[tokio::test]
async fn the_requests_received_can_be_read() {
    let shop = Shop::open();
    shop.post_once("k", SESSIONS, &purchase())
        .await
        .unwrap()
        .ok();
    let requests = shop.klarna.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].path, SESSIONS);
    assert_eq!(requests[0].body, purchase());
    assert_eq!(requests[0].header("klarna-idempotency-key"), Some("k"));
    assert_eq!(requests[0].header("authorization"), None);
}
