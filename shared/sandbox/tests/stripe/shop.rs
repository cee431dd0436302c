//! A shop with an account at the stand-in, a clock and an order of ids that tests hold.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use sandbox::Answer;
use sandbox::stripe::{Options, Stripe};
use serde_json::Value;

/// 2026-03-01T12:00:00Z.
pub const NOW: i64 = 1_772_366_400;

#[derive(Clone)]
pub struct Shop {
    pub stripe: Stripe,
    pub clock: Arc<AtomicI64>,
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

    /// The body of a success.
    #[track_caller]
    pub fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{:?}", self.text);
        self.json()
    }

    /// The error of a refusal with this status.
    #[track_caller]
    pub fn error(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{:?}", self.text);
        self.json()["error"].clone()
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
        let clock = Arc::new(AtomicI64::new(NOW * 1_000));
        let time = Arc::clone(&clock);
        let stripe = Stripe::new(Options {
            clock: Arc::new(move || time.load(Ordering::Relaxed)),
            random: Arc::new(|bytes| bytes.fill(42)),
            state_file,
        });
        Self {
            stripe: stripe.expect("a stand-in"),
            clock,
            key: "sk_test_shop".to_owned(),
        }
    }

    /// The same stand-in with another key.
    pub fn with_key(&self, key: &str) -> Self {
        let mut shop = self.clone();
        key.clone_into(&mut shop.key);
        shop
    }

    pub fn pass_hours(&self, hours: i64) {
        self.clock.fetch_add(hours * 3_600_000, Ordering::Relaxed);
    }

    pub fn request(
        &self,
        method: Method,
        path: &str,
        form: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Request<Bytes> {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let mut request = Request::builder().method(method).uri(path);
        if !self.key.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.key));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(Bytes::from(body)).unwrap()
    }

    /// The answer, or `None` where the connection is dropped.
    pub async fn send(&self, request: Request<Bytes>) -> Option<Reply> {
        match self.stripe.answer(request).await {
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
        let request = self.request(Method::GET, path, &[], &[]);
        self.send(request).await.expect("an answer")
    }

    /// A payment of 129.00 EUR with this card, held.
    pub async fn held(&self, card: &str) -> Value {
        let form = [("payment_method", card), ("confirm", "true")];
        self.intent(&form).await.ok()
    }

    /// A payment of 129.00 EUR with this card, captured: the intent's id.
    pub async fn captured(&self, card: &str) -> String {
        let intent = id(&self.held(card).await);
        let path = format!("/v1/payment_intents/{intent}/capture");
        self.post(&path, &[]).await.ok();
        intent
    }

    /// A PaymentIntent with its charge.
    pub async fn read(&self, intent: &str) -> Value {
        let path = format!("/v1/payment_intents/{intent}?expand[]=latest_charge");
        self.get(&path).await.ok()
    }

    pub async fn refund(&self, intent: &str, form: &[(&str, &str)]) -> Reply {
        let mut all = vec![("payment_intent", intent)];
        all.extend_from_slice(form);
        self.post("/v1/refunds", &all).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        let request = self.request(Method::DELETE, path, &[], &[]);
        self.send(request).await.expect("an answer")
    }

    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Reply {
        let request = self.request(Method::POST, path, form, &[]);
        self.send(request).await.expect("an answer")
    }

    /// Posts under an idempotency key.
    pub async fn post_once(&self, key: &str, path: &str, form: &[(&str, &str)]) -> Option<Reply> {
        let headers = [("idempotency-key", key)];
        self.send(self.request(Method::POST, path, form, &headers))
            .await
    }

    pub async fn customer(&self) -> String {
        let form = [("email", "customer@example.com")];
        id(&self.post("/v1/customers", &form).await.ok())
    }

    /// A PaymentIntent over 129.00 EUR with manual capture and what `form` adds.
    pub async fn intent(&self, form: &[(&str, &str)]) -> Reply {
        let mut all = vec![
            ("amount", "12900"),
            ("currency", "eur"),
            ("capture_method", "manual"),
            ("automatic_payment_methods[enabled]", "true"),
            ("automatic_payment_methods[allow_redirects]", "never"),
        ];
        let is_other = |it: &(&str, &str)| {
            it.0 == "payment_method_types[]" || it.0.starts_with("automatic_payment_methods")
        };
        if form.iter().any(is_other) {
            all.truncate(3);
        }
        all.extend_from_slice(form);
        self.post("/v1/payment_intents", &all).await
    }

    /// A customer with an attached card: the ids of both.
    pub async fn customer_with_card(&self, card: &str) -> (String, String) {
        let customer = self.customer().await;
        let path = format!("/v1/payment_methods/{card}/attach");
        let method = self.post(&path, &[("customer", &customer)]).await.ok();
        let method = id(&method);
        (customer, method)
    }
}

pub fn id(object: &Value) -> String {
    object["id"].as_str().expect("an id").to_owned()
}
