use http::Method;
use sandbox::{Fault, FaultOrder, Outcome};
use serde_json::Value;

use crate::caller::{SECRET, document, gateway, post, read, request, save, send, signature};

const CUSTOMER: &str = "DXWkhvJpnq";

fn body() -> String {
    document(CUSTOMER, "tok_1").to_string()
}

#[tokio::test]
async fn a_lost_answer_is_given_again() {
    let gateway = gateway(SECRET);
    let order = FaultOrder::next(Fault::DropAfter).on("POST", "/token");
    gateway.order_fault(order).unwrap();
    let signed = signature(&body(), SECRET);
    let lost = request(Method::POST, "/token", &body(), Some(&signed));
    assert!(send(&gateway, lost).await.is_none());
    assert_eq!(save(&gateway, CUSTOMER, "tok_1").await["success"], true);

    let requests = gateway.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].outcome, Outcome::Dropped);
    assert_eq!(requests[0].body, document(CUSTOMER, "tok_1"));
    assert_eq!(
        requests[0].header("x-commercelayer-signature"),
        Some(signed.as_str())
    );
}

#[tokio::test]
async fn ordered_failures_are_the_gateways_own() {
    for (fault, status, code) in [
        (Fault::Status429, 429, "/error/code TOO_MANY_REQUESTS"),
        (Fault::Status500, 500, "/error/code INTERNAL_ERROR"),
        (Fault::Status402, 200, "/data/error/code CARD_DECLINED"),
    ] {
        let gateway = gateway(SECRET);
        gateway.order_fault(FaultOrder::next(fault)).unwrap();
        let (answered, answer) = post(&gateway, &body()).await;
        assert_eq!(answered, status, "{fault:?}");
        assert_eq!(answer["success"], false);
        let (pointer, code) = code.split_once(' ').unwrap();
        assert_eq!(answer.pointer(pointer).unwrap(), code);
        assert_eq!(save(&gateway, CUSTOMER, "tok_1").await["success"], true);
    }
}

#[tokio::test]
async fn garbage_and_ten_mebibytes_can_be_ordered() {
    let gateway = gateway(SECRET);
    for fault in [Fault::Garbage, Fault::LargeBody] {
        gateway.order_fault(FaultOrder::next(fault)).unwrap();
        let signed = signature(&body(), SECRET);
        let request = request(Method::POST, "/token", &body(), Some(&signed));
        let response = send(&gateway, request).await.unwrap();
        let is_json = serde_json::from_slice::<Value>(response.body()).is_ok();
        let is_large = response.body().len() == 10 * 1024 * 1024;
        let is_garbage = fault == Fault::Garbage;
        assert_eq!((is_json, is_large), (!is_garbage, !is_garbage));
    }
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_can_be_ordered() {
    let gateway = gateway(SECRET);
    let order = FaultOrder::next(Fault::Delay).delay_ms(30_000);
    gateway.order_fault(order).unwrap();
    let asked_at = tokio::time::Instant::now();
    assert_eq!(post(&gateway, &body()).await.0, 200);
    assert_eq!(asked_at.elapsed().as_secs(), 30);
}

#[tokio::test]
async fn every_answer_has_a_request_id_of_its_own() {
    let gateway = gateway(SECRET);
    let mut ids = Vec::new();
    for _ in 0..2 {
        let request = request(Method::POST, "/token", "", None);
        let response = send(&gateway, request).await.unwrap();
        assert_eq!(read(&response).0, 401);
        ids.push(response.headers()["x-request-id"].clone());
    }
    assert_ne!(ids[0], ids[1]);
}
