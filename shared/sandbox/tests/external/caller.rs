//! Who calls an external gateway: with a shared secret, and an order of a customer.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::{Method, Request, Response};
use sandbox::external::{Api, External};
use sandbox::{Answer, Options};
use serde_json::{Value, json};
use sha2::Sha256;

pub const SECRET: &str = "reference-shared-secret";

/// 2026-03-01T12:00:00Z.
const NOW: i64 = 1_772_366_400_000;

pub fn gateway(shared_secret: &str) -> External {
    let options = Options {
        clock: Arc::new(|| NOW),
        random: Arc::new(|bytes| bytes.fill(42)),
        state_file: None,
    };
    External::with(Api::new(shared_secret), options).expect("a gateway")
}

/// What is sent when `customer` saves the payment source with this token.
pub fn document(customer: &str, payment_source_token: &str) -> Value {
    json!({
        "data": {
            "type": "external_payments",
            "id": "WeLxKcMpQz",
            "attributes": {"payment_source_token": payment_source_token, "options": {}},
            "relationships": {"order": {"data": {"type": "orders", "id": "gYzLhKcMxp"}}},
        },
        "included": [
            {
                "type": "orders",
                "id": "gYzLhKcMxp",
                "attributes": {"total_amount_cents": 12900, "currency_code": "EUR"},
                "relationships": {"customer": {"data": {"type": "customers", "id": customer}}},
            },
            {"type": "customers", "id": customer, "attributes": {"email": "customer@example.com"}},
        ],
    })
}

pub fn signature(body: &str, shared_secret: &str) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(shared_secret.as_bytes()).unwrap();
    STANDARD.encode(mac.chain_update(body).finalize().into_bytes())
}

/// A request with this signature, or with none.
pub fn request(method: Method, path: &str, body: &str, signed: Option<&str>) -> Request<Bytes> {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("content-type", "application/vnd.api+json");
    if let Some(signature) = signed {
        request = request.header("x-commercelayer-signature", signature);
    }
    request.body(Bytes::from(body.to_owned())).unwrap()
}

/// The response, or `None` where the connection is dropped.
pub async fn send(gateway: &External, request: Request<Bytes>) -> Option<Response<Bytes>> {
    match gateway.answer(request).await {
        Answer::Respond(response) => Some(response),
        Answer::Drop => None,
    }
}

/// Status and body of what is answered to a rightly signed body.
pub async fn post(gateway: &External, body: &str) -> (u16, Value) {
    let signed = signature(body, SECRET);
    let request = request(Method::POST, "/token", body, Some(&signed));
    read(&send(gateway, request).await.expect("an answer"))
}

pub async fn save(gateway: &External, customer: &str, payment_source_token: &str) -> Value {
    let body = document(customer, payment_source_token).to_string();
    let (status, answer) = post(gateway, &body).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

pub fn read(response: &Response<Bytes>) -> (u16, Value) {
    let body = serde_json::from_slice(response.body()).expect("a JSON body");
    (response.status().as_u16(), body)
}
