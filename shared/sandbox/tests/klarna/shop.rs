//! A shop with an account at the stand-in, and a clock that tests hold.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use sandbox::klarna::Klarna;
use sandbox::{Answer, Options};
use serde_json::{Value, json};

/// 2026-03-01T12:00:00Z.
pub const NOW: i64 = 1_772_366_400;

pub const SESSIONS: &str = "/payments/v1/sessions";

#[derive(Clone)]
pub struct Shop {
    pub klarna: Klarna,
    clock: Arc<AtomicI64>,
    authorization: Option<String>,
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

    /// Status and code of a refusal with Klarna's error body, and its messages.
    #[track_caller]
    pub fn refusal(&self) -> (u16, String, Vec<String>) {
        assert!(!self.status.is_success(), "{:?}", self.text);
        let body = self.json();
        assert!(body["correlation_id"].is_string(), "{body}");
        let messages = body["error_messages"].as_array().expect("messages").iter();
        (
            self.status.as_u16(),
            body["error_code"].as_str().expect("a code").to_owned(),
            messages.map(|m| m.as_str().unwrap().to_owned()).collect(),
        )
    }

    /// Checks status and code of a refusal.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) {
        let (its_status, its_code, messages) = self.refusal();
        assert_eq!(
            (its_status, its_code.as_str()),
            (status, code),
            "{messages:?}"
        );
    }

    /// Checks that exactly these fields are bad values.
    #[track_caller]
    pub fn bad_values(&self, fields: &[&str]) {
        let messages: Vec<String> = fields.iter().map(|f| format!("Bad value: {f}")).collect();
        assert_eq!(self.refusal(), (400, "BAD_VALUE".to_owned(), messages));
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
        let klarna = Klarna::new(Options {
            clock: Arc::new(move || time.load(Ordering::Relaxed)),
            random: Arc::new(|bytes| bytes.fill(42)),
            state_file,
        });
        let shop = Self {
            klarna: klarna.expect("a stand-in"),
            clock,
            authorization: None,
        };
        shop.with_user("PK00001_shop")
    }

    /// The same stand-in for another user.
    pub fn with_user(&self, user: &str) -> Self {
        let credentials = STANDARD.encode(format!("{user}:a password"));
        self.with_authorization(Some(format!("Basic {credentials}")))
    }

    /// The same stand-in with this header, or none.
    pub fn with_authorization(&self, authorization: Option<String>) -> Self {
        Self {
            authorization,
            ..self.clone()
        }
    }

    pub fn pass_minutes(&self, minutes: i64) {
        self.clock.fetch_add(minutes * 60_000, Ordering::Relaxed);
    }

    pub fn request(
        &self,
        method: Method,
        path: &str,
        body: &Value,
        headers: &[(&str, &str)],
    ) -> Request<Bytes> {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if body.is_null() {
            return request.body(Bytes::new()).unwrap();
        }
        request
            .header("content-type", "application/json")
            .body(Bytes::from(body.to_string()))
            .unwrap()
    }

    /// The answer, or `None` where the connection is dropped.
    pub async fn send(&self, request: Request<Bytes>) -> Option<Reply> {
        match self.klarna.answer(request).await {
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

    async fn call(&self, method: Method, path: &str, body: &Value) -> Reply {
        let request = self.request(method, path, body, &[]);
        self.send(request).await.expect("an answer")
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.call(Method::GET, path, &Value::Null).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.call(Method::DELETE, path, &Value::Null).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.call(Method::POST, path, body).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Reply {
        self.call(Method::PATCH, path, body).await
    }

    /// Posts under an idempotency key.
    pub async fn post_once(&self, key: &str, path: &str, body: &Value) -> Option<Reply> {
        let headers = [("klarna-idempotency-key", key)];
        self.send(self.request(Method::POST, path, body, &headers))
            .await
    }

    /// Opens a session: its id and client token.
    pub async fn session(&self, body: &Value) -> (String, String) {
        let session = self.post(SESSIONS, body).await.ok();
        (text(&session, "session_id"), text(&session, "client_token"))
    }

    /// Opens a session, and the shopper agrees: the authorization token.
    pub async fn authorised(&self, body: &Value) -> String {
        let (id, client_token) = self.session(body).await;
        self.agree(&id, &json!({"client_token": client_token}))
            .await
    }

    /// The shopper agrees: the authorization token.
    pub async fn agree(&self, session: &str, body: &Value) -> String {
        let path = format!("{SESSIONS}/{session}/_authorize");
        text(&self.post(&path, body).await.ok(), "authorization_token")
    }

    pub async fn order(&self, authorization: &str, body: &Value) -> Reply {
        self.post(&order_path(authorization), body).await
    }

    pub async fn mint(&self, authorization: &str) -> Reply {
        self.post(&mint_path(authorization), &token_request()).await
    }

    /// A customer token made by an authorization token of this name.
    pub async fn customer_token(&self, authorization: &str) -> String {
        self.session(&buy_and_tokenize()).await;
        text(&self.mint(authorization).await.ok(), "token_id")
    }
}

pub fn order_path(authorization: &str) -> String {
    format!("/payments/v1/authorizations/{authorization}/order")
}

pub fn mint_path(authorization: &str) -> String {
    format!("/payments/v1/authorizations/{authorization}/customer-token")
}

pub fn token_path(token: &str) -> String {
    format!("/customer-token/v1/tokens/{token}")
}

/// A text member of an object.
pub fn text(object: &Value, name: &str) -> String {
    object[name].as_str().expect("a text").to_owned()
}

/// A purchase of 129.00 EUR in Germany, 19 % tax included.
pub fn purchase() -> Value {
    json!({
        "purchase_country": "DE",
        "purchase_currency": "EUR",
        "order_amount": 12_900,
        "order_tax_amount": 2_060,
        "order_lines": [{
            "name": "Running shoe",
            "quantity": 1,
            "unit_price": 12_900,
            "tax_rate": 1_900,
            "total_amount": 12_900,
            "total_tax_amount": 2_060,
        }],
    })
}

/// The purchase with other members.
pub fn purchase_with(members: Value) -> Value {
    with(purchase(), members)
}

/// The purchase, with a customer token to come.
pub fn buy_and_tokenize() -> Value {
    purchase_with(json!({"intent": "buy_and_tokenize"}))
}

/// The object with other members; null takes one away.
pub fn with(mut object: Value, members: Value) -> Value {
    for (name, value) in members.as_object().expect("an object") {
        if value.is_null() {
            object.as_object_mut().expect("an object").remove(name);
        } else {
            object[name] = value.clone();
        }
    }
    object
}

pub fn token_request() -> Value {
    json!({
        "description": "Saved for later orders",
        "intended_use": "SUBSCRIPTION",
        "locale": "de-DE",
        "purchase_country": "DE",
        "purchase_currency": "EUR",
    })
}

/// An order of 129.00 EUR for a customer token.
pub fn token_order() -> Value {
    with(purchase(), json!({"purchase_country": null}))
}
