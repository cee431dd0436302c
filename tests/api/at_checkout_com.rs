//! Checkout.com, as the shopper's browser and bank and the shop's dashboard see it.

use std::sync::Arc;
use std::time::Duration;

use billfold::{Options, Served};
use bytes::Bytes;
use domain::Sleep;
use futures_util::future::BoxFuture;
use http::{Method, Request};
use sandbox::checkout_com::CheckoutCom;
use sandbox::{FaultOrder, Received};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::app::{App, Reply};
use crate::faults::TestClock;

/// The demo's payment method.
pub const CHECKOUT_COM_METHOD: &str = "ZqXcVbNmLk";

pub const KIND: &str = "checkout_com_payments";

/// On requests that a test sends itself, to tell them from what Billfold asks.
const BY_TEST: &str = "x-by-test";

/// The attributes of a new payment source.
pub fn return_urls() -> Value {
    json!({
        "success_url": "https://shop.example.com/success",
        "failure_url": "https://shop.example.com/failure",
    })
}

/// A token of this name that was not used yet: `tok_declined_…`.
pub fn token(name: &str, number: usize) -> String {
    let padding = 26_usize.saturating_sub(name.len() + 1);
    format!("tok_{name}_{number:0>padding$}")
}

/// Everything that Checkout.com has, payments included whose ids nobody was told.
pub struct Books(TempDir);

impl Books {
    pub fn payments(&self) -> Vec<Value> {
        self.of_account("payments")
    }

    pub fn instruments(&self) -> Vec<Value> {
        self.of_account("instruments")
    }

    /// The payments that hold an amount.
    pub fn held(&self) -> Vec<Value> {
        let mut payments = self.payments();
        payments.retain(|it| it["status"] == "Authorized");
        payments
    }

    fn of_account(&self, objects: &str) -> Vec<Value> {
        let text = std::fs::read(self.0.path().join("checkout-com.json")).unwrap();
        let state: Value = serde_json::from_slice(&text).unwrap();
        let accounts = state["accounts"].as_object().unwrap();
        let found = accounts
            .values()
            .flat_map(|it| it[objects].as_object().unwrap().values());
        found.cloned().collect()
    }
}

/// Pauses that take no time, but put the clock forward by this much.
struct Pause(Arc<TestClock>, Duration);

impl Sleep for Pause {
    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        self.0.pass(self.1);
        Box::pin(std::future::ready(()))
    }
}

const PUBLIC_KEY: &str = "pk_sbox_demoaaaaaaaaaaaaaaaaaaaaaaa";
const SECRET_KEY: &str = "sk_sbox_demoaaaaaaaaaaaaaaaaaaaaaaa";
/// Of tables that were made before the demo's keys looked like real ones.
const EARLIER_SECRET_KEY: &str = "sk_sbox_demo";

impl App {
    /// Billfold with Checkout.com's books open, pauses that take no time, and a clock to put forward.
    pub async fn start_with_books() -> (Self, Books, Arc<TestClock>) {
        Self::start_with_pauses(Duration::ZERO).await
    }

    /// The same; each pause between two tries puts the clock forward.
    pub async fn start_with_pauses(pause: Duration) -> (Self, Books, Arc<TestClock>) {
        let clock = Arc::new(TestClock::default());
        let folder = tempfile::tempdir().unwrap();
        let app = Self::start_with(Options {
            data: Some(folder.path().to_owned()),
            clock: clock.clone(),
            sleep: Arc::new(Pause(clock.clone(), pause)),
            ..Options::in_memory(0)
        });
        (app.await, Books(folder), clock)
    }

    /// The stand-in.
    pub fn checkout_com(&self) -> &Served<CheckoutCom> {
        self.running.stand_ins.checkout_com.as_ref().unwrap()
    }

    /// Creates a payment source for an order.
    pub async fn create_checkout_com(&self, caller: &str, order: &str) -> Reply {
        let reply = self.create_source(caller, KIND, order, return_urls()).await;
        assert_eq!(reply.status, 201, "{}", reply.body);
        reply
    }

    /// Asks for the payment of a source with this token.
    pub async fn authorize(&self, caller: &str, source: &str, token: &str) -> Reply {
        let attributes = json!({ "token": token, "_authorize": true });
        self.patch_source(caller, KIND, source, attributes).await
    }

    /// An order with an approved payment of this token; gives the source's id.
    pub async fn paid_with_checkout_com(&self, caller: &str, order: &str, token: &str) -> String {
        let source = self.create_checkout_com(caller, order).await.id();
        let reply = self.authorize(caller, &source, token).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        assert_eq!(reply.attribute("payment_response")["status"], "Authorized");
        source
    }

    /// Pays an order with this token and saves what paid: the entry, as the answer includes it.
    pub async fn saved_with_checkout_com(&self, order: &str, token: &str) -> Value {
        let caller = self.customer();
        self.paid_with_checkout_com(&caller, order, token).await;
        let reply = self.save(&caller, order).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        let newest = reply.wallet().pop().unwrap();
        reply.included(&newest).clone()
    }

    /// The shopper pays in Flow's form, in which the browser makes the payment itself.
    pub async fn pay_in_flow(&self, source: &Reply, token: &str) -> Value {
        let session = source.attribute("payment_session")["id"].as_str().unwrap();
        let path = format!("/payment-sessions/{session}/_pay");
        let body = json!({ "token": token });
        self.ask_checkout_com(Method::POST, &path, PUBLIC_KEY, &body)
            .await
    }

    /// The shopper answers the bank.
    pub async fn answer_bank(&self, payment: &str, success: bool) -> Value {
        let path = format!("/3ds/{payment}/_authenticate");
        let body = json!({ "success": success });
        self.ask_checkout_com(Method::POST, &path, PUBLIC_KEY, &body)
            .await
    }

    /// The shop takes the money, in the dashboard.
    pub async fn capture_at_checkout_com(&self, payment: &str) -> Value {
        let path = format!("/payments/{payment}/captures");
        self.ask_checkout_com(Method::POST, &path, SECRET_KEY, &json!({}))
            .await
    }

    /// The shopper asks their bank for the money back.
    pub async fn dispute_at_checkout_com(&self, source: &Reply) {
        let path = format!("/payments/{}/_dispute", payment_id(source));
        let disputed = self
            .ask_checkout_com(Method::POST, &path, SECRET_KEY, &json!({}))
            .await;
        assert_eq!(disputed["status"], "Captured");
    }

    /// The shop captures or refunds so much of a source's payment, in the dashboard.
    pub async fn move_at_checkout_com(&self, source: &Reply, how: &str, cents: i64) -> Value {
        let path = format!("/payments/{}/{how}", payment_id(source));
        let body = json!({ "amount": cents });
        let taken_on = self
            .ask_checkout_com(Method::POST, &path, SECRET_KEY, &body)
            .await;
        assert!(taken_on["action_id"].is_string(), "{taken_on}");
        taken_on
    }

    /// A customer whom the shop made there; gives the id.
    pub async fn customer_at_checkout_com(&self, email: &str) -> Value {
        let body = json!({ "email": email });
        let made = self.ask_checkout_com(Method::POST, "/customers", SECRET_KEY, &body);
        made.await["id"].clone()
    }

    /// The shop deletes a stored card in the dashboard.
    pub async fn forget_at_checkout_com(&self, instrument: &str) {
        let path = format!("/instruments/{instrument}");
        self.ask_checkout_com(Method::DELETE, &path, SECRET_KEY, &Value::Null)
            .await;
        assert!(!self.is_stored(instrument).await);
    }

    /// An object as it is at Checkout.com now, in the demo's account or that of earlier tables; null where
    /// there is none.
    pub async fn checkout_com_object(&self, path: &str) -> Value {
        let mut found = Value::Null;
        for key in [SECRET_KEY, EARLIER_SECRET_KEY] {
            if found.is_null() {
                found = self
                    .ask_checkout_com(Method::GET, path, key, &Value::Null)
                    .await;
            }
        }
        found
    }

    /// The payment of a source, as it is at Checkout.com now.
    pub async fn payment_of(&self, source: &Reply) -> Value {
        let payment = payment_id(source);
        self.checkout_com_object(&format!("/payments/{payment}"))
            .await
    }

    /// Whether a card is stored at Checkout.com.
    pub async fn is_stored(&self, instrument: &str) -> bool {
        let path = format!("/instruments/{instrument}");
        self.checkout_com_object(&path).await["id"] == instrument
    }

    async fn ask_checkout_com(&self, method: Method, path: &str, key: &str, body: &Value) -> Value {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.checkout_com().url))
            .header("authorization", format!("Bearer {key}"))
            .header(BY_TEST, "1")
            .header("content-type", "application/json");
        let body = match body {
            Value::Null => Bytes::new(),
            body => Bytes::from(body.to_string()),
        };
        self.request(request.body(body).unwrap()).await.body
    }

    /// Orders Checkout.com's stand-in to misbehave.
    pub fn fault_at_checkout_com(&self, order: FaultOrder) {
        self.checkout_com().stand_in.order_fault(order).unwrap();
    }

    /// What Billfold sent to Checkout.com, in order.
    pub fn heard_by_checkout_com(&self) -> Vec<Received> {
        let mut received = self.checkout_com().stand_in.requests();
        received.retain(|it| it.header(BY_TEST).is_none());
        received
    }

    /// What was asked of Checkout.com, but for what tests ask: `POST /payments`, in order.
    pub fn asked_of_checkout_com(&self) -> Vec<String> {
        let received = self.heard_by_checkout_com();
        received
            .iter()
            .map(|it| format!("{} {}", it.method, it.path))
            .collect()
    }

    /// The bodies of all `POST` requests to this path, in order.
    pub fn posted_to_checkout_com(&self, path: &str) -> Vec<Value> {
        let received = self.heard_by_checkout_com().into_iter();
        received
            .filter(|it| it.method == "POST" && it.path == path)
            .map(|it| it.body)
            .collect()
    }
}

/// The id of a source's payment, `pay_…`.
pub fn payment_id(source: &Reply) -> &str {
    source.attribute("payment_response")["id"].as_str().unwrap()
}

/// The id of the card that paid, `src_…`.
pub fn card_id(source: &Reply) -> &str {
    let card = &source.attribute("payment_response")["source"];
    card["id"].as_str().unwrap()
}
