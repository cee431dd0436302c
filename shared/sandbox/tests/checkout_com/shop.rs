//! A shop with an account at the stand-in, a clock and an order of ids that tests hold.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use sandbox::checkout_com::CheckoutCom;
use sandbox::{Answer, Options};
use serde_json::{Value, json};

/// 2026-03-01T12:00:00Z.
pub const NOW: i64 = 1_772_366_400_000;

#[derive(Clone)]
pub struct Shop {
    pub gateway: CheckoutCom,
    pub clock: Arc<AtomicI64>,
    tokens: Arc<AtomicU32>,
    key: String,
}

#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: Bytes,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.text).expect("a JSON body")
    }

    /// The body of an answer with this status.
    #[track_caller]
    pub fn body(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{:?}", self.text);
        self.json()
    }

    /// The error codes of a 422.
    #[track_caller]
    pub fn codes(&self) -> Vec<String> {
        let body = self.body(422);
        assert_eq!(body["error_type"], "request_invalid");
        let codes = body["error_codes"].as_array().expect("codes");
        codes.iter().map(text).collect()
    }

    /// Asserts an answer without a body.
    #[track_caller]
    pub fn empty(&self, status: u16) {
        assert_eq!((self.status.as_u16(), self.text.len()), (status, 0));
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

impl Shop {
    pub fn open() -> Self {
        Self::with_state_file(None)
    }

    pub fn with_state_file(state_file: Option<PathBuf>) -> Self {
        let clock = Arc::new(AtomicI64::new(NOW));
        let time = Arc::clone(&clock);
        let gateway = CheckoutCom::new(Options {
            clock: Arc::new(move || time.load(Ordering::Relaxed)),
            random: Arc::new(|bytes| bytes.fill(42)),
            state_file,
        });
        Self {
            gateway: gateway.expect("a stand-in"),
            clock,
            tokens: Arc::default(),
            key: "sk_sbox_shop".to_owned(),
        }
    }

    /// The same stand-in with another key.
    pub fn with_key(&self, key: &str) -> Self {
        let mut shop = self.clone();
        key.clone_into(&mut shop.key);
        shop
    }

    /// The same stand-in from a page.
    pub fn page(&self) -> Self {
        self.with_key("pk_sbox_shop")
    }

    pub fn pass_days(&self, days: i64) {
        self.clock.fetch_add(days * 86_400_000, Ordering::Relaxed);
    }

    /// A token that nobody has used, with this name, or a plain one for an empty name.
    pub fn token(&self, name: &str) -> String {
        let number = self.tokens.fetch_add(1, Ordering::Relaxed);
        let name = match name {
            "" => String::new(),
            name => format!("{name}_"),
        };
        let width = 26 - name.len();
        format!("tok_{name}{number:0width$}")
    }

    pub fn request(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> Request<Bytes> {
        let mut request = Request::builder().method(method).uri(path);
        if !self.key.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.key));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = body.map(Value::to_string).unwrap_or_default();
        request.body(Bytes::from(body)).unwrap()
    }

    /// The answer, or `None` where the connection is dropped.
    pub async fn send(&self, request: Request<Bytes>) -> Option<Reply> {
        match self.gateway.answer(request).await {
            Answer::Drop => None,
            Answer::Respond(response) => {
                let (parts, text) = response.into_parts();
                Some(Reply {
                    status: parts.status,
                    headers: parts.headers,
                    text,
                })
            }
        }
    }

    pub async fn get(&self, path: &str) -> Reply {
        let request = self.request(Method::GET, path, None, &[]);
        self.send(request).await.expect("an answer")
    }

    pub async fn delete(&self, path: &str) -> Reply {
        let request = self.request(Method::DELETE, path, None, &[]);
        self.send(request).await.expect("an answer")
    }

    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        let request = self.request(Method::POST, path, Some(body), &[]);
        self.send(request).await.expect("an answer")
    }

    /// Posts under an idempotency key.
    pub async fn post_once(&self, key: &str, path: &str, body: &Value) -> Option<Reply> {
        let headers = [("cko-idempotency-key", key)];
        self.send(self.request(Method::POST, path, Some(body), &headers))
            .await
    }

    /// A payment of 129.00 EUR with a new token of this name, authorised only.
    pub fn purchase(&self, name: &str) -> Value {
        json!({
            "source": {"type": "token", "token": self.token(name)},
            "amount": 12_900,
            "currency": "EUR",
            "capture": false,
            "reference": "order-1",
        })
    }

    /// A payment of 129.00 EUR with a stored card, authorised only.
    pub fn repurchase(&self, source: &str) -> Value {
        json!({
            "source": {"type": "id", "id": source},
            "amount": 12_900,
            "currency": "EUR",
            "capture": false,
        })
    }

    /// A session of 129.00 EUR in which Flow pays, authorised only.
    pub fn session(&self) -> Value {
        json!({
            "amount": 12_900,
            "currency": "EUR",
            "billing": {"address": {"country": "IT"}},
            "success_url": "https://shop.example/paid",
            "failure_url": "https://shop.example/failed",
            "reference": "order-1",
            "capture": false,
            "customer": {"email": "customer@example.com", "name": "A Customer"},
        })
    }

    pub async fn pay(&self, purchase: &Value) -> Reply {
        self.post("/payments", purchase).await
    }

    /// A payment of 129.00 EUR, held: its path.
    pub async fn held(&self) -> String {
        let payment = self.pay(&self.purchase("")).await.body(201);
        format!("/payments/{}", text(&payment["id"]))
    }

    /// A payment of 129.00 EUR, captured: its path.
    pub async fn captured(&self) -> String {
        let path = self.held().await;
        let captures = format!("{path}/captures");
        self.post(&captures, &json!({})).await.body(202);
        path
    }

    /// What was done to the payment of this path, the newest first: what, and whether it was approved.
    pub async fn actions(&self, path: &str) -> Vec<(String, bool)> {
        let actions = self.get(&format!("{path}/actions")).await.body(200);
        let actions = actions.as_array().expect("actions").clone();
        let seen = |it: &Value| (text(&it["type"]), it["approved"] == true);
        actions.iter().map(seen).collect()
    }

    pub async fn customer(&self, email: &str) -> String {
        let body = json!({"email": email, "name": "A Customer"});
        text(&self.post("/customers", &body).await.body(201)["id"])
    }

    /// A customer with a card that was stored by a payment: the ids of both.
    pub async fn customer_with_card(&self, name: &str) -> (String, String) {
        let customer = self.customer("customer@example.com").await;
        let mut purchase = self.purchase(name);
        purchase["customer"] = json!({ "id": customer });
        let payment = self.pay(&purchase).await.body(201);
        (customer, text(&payment["source"]["id"]))
    }
}

/// The text of a JSON value.
pub fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}
