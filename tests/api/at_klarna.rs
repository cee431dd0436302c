//! Klarna, as the shopper's browser and the merchant's portal see it.

use billfold::Served;
use bytes::Bytes;
use http::{Method, Request};
use sandbox::klarna::Klarna;
use sandbox::{Fault, FaultOrder, Outcome, Received};
use serde_json::{Value, json};

use crate::app::{App, Reply, SECOND_ORDER};

/// The demo's order and payment method.
pub const KLARNA_ORDER: &str = "dRWnfTqVjs";
pub const KLARNA_METHOD: &str = "TyUiOpAsDf";

/// Where sessions, authorizations and customer tokens are.
pub const SESSIONS: &str = "/payments/v1/sessions";
pub const AUTHORIZATIONS: &str = "/payments/v1/authorizations/";
pub const TOKENS: &str = "/customer-token/v1/tokens/";

impl App {
    /// The stand-in.
    pub fn klarna(&self) -> &Served<Klarna> {
        self.running.stand_ins.klarna.as_ref().unwrap()
    }

    /// Creates a payment source for an order.
    pub async fn create_klarna(&self, caller: &str, order: &str) -> Reply {
        let reply = self
            .create_source(caller, "klarna_payments", order, json!({}))
            .await;
        assert_eq!(reply.status, 201, "{}", reply.body);
        reply
    }

    /// Gives a source the token with which the shopper approved it.
    pub async fn approve(&self, caller: &str, source: &str, auth_token: &str) -> Reply {
        let attributes = json!({ "auth_token": auth_token });
        self.patch_source(caller, "klarna_payments", source, attributes)
            .await
    }

    /// Creates a payment source for an order and gives it this token.
    pub async fn approved_klarna(&self, caller: &str, order: &str, auth_token: &str) -> Reply {
        let source = self.create_klarna(caller, order).await;
        let approved = self.approve(caller, &source.id(), auth_token).await;
        assert_eq!(approved.status, 200, "{}", approved.body);
        approved
    }

    /// Creates a payment source for an order and has the shopper approve it: the source, and the
    /// authorization token.
    pub async fn approved_in_browser(&self, caller: &str, order: &str) -> (Reply, String) {
        let source = self.create_klarna(caller, order).await;
        let approval = self.approve_in_browser(&source).await;
        let approved = self.approve(caller, &source.id(), &approval).await;
        assert_eq!(approved.status, 200, "{}", approved.body);
        (approved, approval)
    }

    /// Pays the demo order and saves what paid: the entry's id, and the customer token.
    pub async fn saved_with_klarna(&self, auth_token: &str) -> (String, String) {
        let customer = self.customer();
        self.approved_klarna(&customer, KLARNA_ORDER, auth_token)
            .await;
        let reply = self.save(&customer, KLARNA_ORDER).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        let entry = reply.wallet()[0].clone();
        let token = &reply.included(&entry)["attributes"]["payment_source_token"];
        let token = token.as_str().unwrap().to_owned();
        (entry, token)
    }

    /// Another order to pay with Klarna, in Germany as the demo's.
    pub async fn second_klarna_order(&self) -> &'static str {
        self.selected(SECOND_ORDER, KLARNA_METHOD).await;
        self.set_country(SECOND_ORDER, "DE").await;
        SECOND_ORDER
    }

    /// The shopper approves in Klarna's form: the session's authorization token.
    pub async fn approve_in_browser(&self, source: &Reply) -> String {
        let session = source.attribute("session_id").as_str();
        let session = session.unwrap_or_else(|| panic!("no session: {}", source.body));
        let path = format!("{SESSIONS}/{session}/_authorize");
        let body = json!({ "client_token": source.attribute("client_token") });
        let answer = self.ask_klarna(Method::POST, &path, &body).await;
        answer["authorization_token"].as_str().unwrap().to_owned()
    }

    /// A customer token as it is at Klarna now.
    pub async fn klarna_token(&self, token: &str) -> Value {
        let path = format!("{TOKENS}{token}");
        self.ask_klarna(Method::GET, &path, &Value::Null).await
    }

    /// A source's session as it is at Klarna now.
    pub async fn klarna_session(&self, source: &Reply) -> Value {
        let session = source.attribute("session_id").as_str().unwrap();
        let path = format!("{SESSIONS}/{session}");
        self.ask_klarna(Method::GET, &path, &Value::Null).await
    }

    /// The shopper ends a customer token in Klarna's app.
    pub async fn cancel_at_klarna(&self, token: &str) {
        let path = format!("{TOKENS}{token}/status");
        let body = json!({ "status": "CANCELLED" });
        self.ask_klarna(Method::PATCH, &path, &body).await;
    }

    async fn ask_klarna(&self, method: Method, path: &str, body: &Value) -> Value {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.klarna().url))
            .header("authorization", "Basic a2xhcm5hX3Rlc3RfZGVtbzpkZW1v")
            .header("content-type", "application/json");
        let body = match body {
            Value::Null => Bytes::new(),
            body => Bytes::from(body.to_string()),
        };
        self.request(request.body(body).unwrap()).await.body
    }

    /// Orders Klarna's stand-in to misbehave.
    pub fn fault_at_klarna(&self, fault: Fault, times: u32, (method, path): (&str, &str)) {
        let order = FaultOrder::next(fault).on(method, path).times(times);
        self.klarna().stand_in.order_fault(order).unwrap();
    }

    /// The requests of this method whose path begins so.
    pub fn heard_by_klarna(&self, method: &str, path: &str) -> Vec<Received> {
        let mut received = self.klarna().stand_in.requests();
        received.retain(|it| it.method == method && it.path.starts_with(path));
        received
    }

    /// The mints that Klarna carried out and answered, or would have: repeats are left out.
    pub fn mints(&self) -> usize {
        let mut mints = self.heard_by_klarna("POST", AUTHORIZATIONS);
        mints.retain(|it| match it.outcome {
            Outcome::Answered { status, replayed } => status == 200 && !replayed,
            Outcome::Dropped | Outcome::Pending => false,
        });
        mints.len()
    }

    /// What was asked of Klarna, in order.
    pub fn asked_of_klarna(&self) -> Vec<String> {
        let received = self.klarna().stand_in.requests();
        received
            .iter()
            .map(|it| format!("{} {}", it.method, it.path))
            .collect()
    }
}
