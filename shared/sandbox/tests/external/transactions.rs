//! Money at the reference gateway: held, taken, let go of, given back, at once or later.

use std::sync::Mutex;

use http::{Method, StatusCode};
use sandbox::external::{External, Verdict};
use serde_json::{Value, json};

use crate::caller::{SECRET, gateway, read, request, send, signature};

const HOOK: &str = "https://billfold.test/hooks/external";

/// Status and body of the answer to a document under an idempotency key.
async fn post(gateway: &External, path: &str, key: &str, document: &Value) -> (u16, Value) {
    let body = document.to_string();
    let signed = signature(&body, SECRET);
    let mut request = request(Method::POST, path, &body, Some(&signed));
    let key = key.parse().unwrap();
    request.headers_mut().insert("idempotency-key", key);
    read(&send(gateway, request).await.expect("an answer"))
}

/// An external payment of an order of 129.00 EUR.
fn payment(source: &str) -> Value {
    json!({
        "data": {
            "type": "external_payments", "id": "WeLxKcMpQz",
            "attributes": {"payment_source_token": source},
        },
        "included": [{
            "type": "orders", "id": "gYzLhKcMxp",
            "attributes": {"total_amount_cents": 1, "total_amount_with_taxes_cents": 12_900},
        }],
    })
}

fn transaction(kind: &str, token: &str, attributes: Value) -> Value {
    let mut document =
        json!({"data": {"type": kind, "id": "AbCdEfGhIj", "attributes": attributes}});
    document["data"]["attributes"]["token"] = json!(token);
    document
}

fn token(answer: &Value) -> String {
    assert_eq!(answer["success"], true, "{answer}");
    answer["data"]["transaction_token"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn code(answer: &Value) -> &str {
    assert_eq!(answer["success"], false, "{answer}");
    answer["data"]["error"]["code"].as_str().unwrap()
}

async fn authorized(gateway: &External, source: &str) -> String {
    let (status, answer) = post(gateway, "/authorize", "a", &payment(source)).await;
    assert_eq!(status, 200);
    token(&answer)
}

async fn capture(gateway: &External, key: &str, token: &str, cents: i64) -> Value {
    let document = transaction(
        "authorizations",
        token,
        json!({"amount_cents": 12_900, "capture_amount_cents": cents}),
    );
    post(gateway, "/capture", key, &document).await.1
}

async fn refund(gateway: &External, key: &str, token: &str, cents: i64) -> Value {
    let attributes = json!({"amount_cents": 12_900, "refund_amount_cents": cents});
    let document = transaction("captures", token, attributes);
    post(gateway, "/refund", key, &document).await.1
}

async fn void(gateway: &External, key: &str, token: &str) -> Value {
    let document = transaction("authorizations", token, json!({"amount_cents": 12_900}));
    post(gateway, "/void", key, &document).await.1
}

#[tokio::test]
async fn an_order_is_authorised_captured_and_refunded_in_parts() {
    let gateway = gateway(SECRET);
    let (_, answer) = post(&gateway, "/authorize", "a", &payment("tok_1")).await;
    assert_eq!(answer["data"]["amount_cents"], 12_900);
    assert!(answer["data"]["metadata"].is_object());
    let held = token(&answer);
    let first = token(&capture(&gateway, "c1", &held, 5_000).await);
    let second = token(&capture(&gateway, "c2", &held, 7_900).await);
    assert_ne!(first, second);
    assert_eq!(
        code(&capture(&gateway, "c3", &held, 1).await),
        "AMOUNT_TOO_LARGE"
    );
    token(&refund(&gateway, "r1", &first, 2_000).await);
    token(&refund(&gateway, "r2", &first, 3_000).await);
    assert_eq!(
        code(&refund(&gateway, "r3", &first, 1).await),
        "AMOUNT_TOO_LARGE"
    );
    assert_eq!(code(&void(&gateway, "v1", &held).await), "NOTHING_LEFT");
}

#[tokio::test]
async fn what_is_voided_is_not_captured_and_voided_once() {
    let gateway = gateway(SECRET);
    let held = authorized(&gateway, "tok_1").await;
    let voided = void(&gateway, "v1", &held).await;
    assert_eq!(voided["data"]["amount_cents"], 12_900);
    assert_eq!(code(&void(&gateway, "v2", &held).await), "NOTHING_LEFT");
    assert_eq!(
        code(&capture(&gateway, "c1", &held, 1).await),
        "AMOUNT_TOO_LARGE"
    );
}

#[tokio::test]
async fn a_repeat_with_its_key_moves_nothing_and_without_moves_again() {
    let gateway = gateway(SECRET);
    let held = authorized(&gateway, "tok_1").await;
    assert_eq!(authorized(&gateway, "tok_1").await, held, "same key");
    let first = token(&capture(&gateway, "c1", &held, 5_000).await);
    assert_eq!(token(&capture(&gateway, "c1", &held, 5_000).await), first);
    assert_ne!(token(&capture(&gateway, "c2", &held, 5_000).await), first);
    token(&refund(&gateway, "r1", &first, 500).await);
    token(&refund(&gateway, "r1", &first, 500).await);
    assert_eq!(
        code(&refund(&gateway, "r2", &first, 4_501).await),
        "AMOUNT_TOO_LARGE"
    );
    token(&refund(&gateway, "r3", &first, 4_500).await);
}

#[tokio::test]
async fn each_transaction_is_declined_on_demand() {
    let gateway = gateway(SECRET);
    let (status, answer) = post(&gateway, "/authorize", "x", &payment("declined-1")).await;
    assert_eq!((status, code(&answer)), (200, "CARD_DECLINED"));
    for (source, name) in [
        ("capture-declined-1", "capture"),
        ("void-declined-1", "void"),
        ("refund-declined-1", "refund"),
    ] {
        let (_, answer) = post(&gateway, "/authorize", source, &payment(source)).await;
        let held = token(&answer);
        let declined = match name {
            "capture" => capture(&gateway, "c1", &held, 100).await,
            "void" => void(&gateway, "v1", &held).await,
            _ => {
                let taken = token(&capture(&gateway, "c2", &held, 100).await);
                refund(&gateway, "r1", &taken, 100).await
            }
        };
        assert_eq!(code(&declined), "CARD_DECLINED", "{name}");
    }
}

#[tokio::test]
async fn what_is_decided_later_is_told_signed_until_it_is_taken() {
    for (verdict, success) in [(Verdict::Succeeded, true), (Verdict::Declined, false)] {
        let gateway = gateway(SECRET);
        let (status, answer) = post(&gateway, "/authorize", "a", &payment("pending-1")).await;
        let action = answer["data"]["action_id"].as_str().unwrap().to_owned();
        assert_eq!((status, gateway.actions()), (202, vec![action.clone()]));
        assert_eq!(gateway.callbacks(), []);

        assert!(gateway.settle(&action, verdict, HOOK).unwrap());
        assert!(!gateway.settle(&action, verdict, HOOK).unwrap());
        let told = Mutex::new(Vec::new());
        for answer in [None, Some(StatusCode::OK)] {
            let send = |request: http::Request<bytes::Bytes>| {
                told.lock().unwrap().push(request);
                std::future::ready(answer)
            };
            assert_eq!(gateway.deliver_callbacks(send).await.len(), 1);
        }
        assert_eq!(gateway.callbacks(), []);
        for request in told.into_inner().unwrap() {
            assert_eq!(*request.uri(), HOOK);
            let body = std::str::from_utf8(request.body()).unwrap();
            let signed = &request.headers()["x-commercelayer-signature"];
            assert_eq!(*signed, signature(body, SECRET));
            let body: Value = serde_json::from_str(body).unwrap();
            assert_eq!(body["success"], success);
            assert_eq!(body["data"]["action_id"], action);
            let held = body["data"]["transaction_token"].as_str().unwrap();
            let captured = capture(&gateway, "c1", held, 12_900).await;
            assert_eq!(captured["success"], success);
        }
    }
}

#[tokio::test]
async fn what_is_set_aside_for_later_is_given_back_when_it_is_declined() {
    let gateway = gateway(SECRET);
    let held = authorized(&gateway, "capture-pending-1").await;
    let pending = capture(&gateway, "c1", &held, 12_900).await;
    let action = pending["data"]["action_id"].as_str().unwrap();
    assert_eq!(
        code(&capture(&gateway, "c2", &held, 1).await),
        "AMOUNT_TOO_LARGE"
    );
    gateway.settle(action, Verdict::Declined, HOOK).unwrap();
    let again = capture(&gateway, "c3", &held, 12_900).await;
    assert!(again["data"]["action_id"].is_string());
}

#[tokio::test]
async fn a_promise_without_an_action_is_made_on_demand() {
    let gateway = gateway(SECRET);
    let (status, answer) = post(&gateway, "/authorize", "a", &payment("no-action-1")).await;
    assert_eq!((status, &answer["data"]), (202, &json!({})));
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_and_moves_nothing() {
    let gateway = gateway(SECRET);
    let held = authorized(&gateway, "tok_1").await;
    let mut without_order = payment("tok_1");
    without_order["included"] = json!([]);
    let mut free = payment("tok_1");
    free["included"][0]["attributes"] = json!({"total_amount_with_taxes_cents": 0});
    for (path, document, expected) in [
        ("/authorize", payment(""), "NO_PAYMENT_SOURCE_TOKEN"),
        ("/authorize", without_order, "NO_ORDER"),
        ("/authorize", free, "NO_AMOUNT"),
        ("/capture", json!({"data": {}}), "NO_TRANSACTION_TOKEN"),
        (
            "/capture",
            transaction("authorizations", &held, json!({})),
            "NO_AMOUNT",
        ),
        ("/void", json!([]), "NO_TRANSACTION_TOKEN"),
    ] {
        let (status, answer) = post(&gateway, path, expected, &document).await;
        assert_eq!((status, &answer["error"]["code"]), (422, &json!(expected)));
    }
    for answer in [
        capture(&gateway, "c1", "nobody's", 1).await,
        refund(&gateway, "r1", "nobody's", 1).await,
        void(&gateway, "v1", "nobody's").await,
    ] {
        assert_eq!(code(&answer), "UNKNOWN_TRANSACTION");
    }
}

#[tokio::test]
async fn money_does_not_move_without_the_signature() {
    let gateway = gateway(SECRET);
    for path in ["/authorize", "/capture", "/void", "/refund"] {
        let body = payment("tok_1").to_string();
        let signed = signature(&body, "another secret");
        for signed in [None, Some(signed.as_str())] {
            let unsigned = request(Method::POST, path, &body, signed);
            let (status, _) = read(&send(&gateway, unsigned).await.unwrap());
            assert_eq!(status, 401, "{path}");
        }
    }
}
