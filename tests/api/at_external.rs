//! The reference of an external gateway.

use billfold::Served;
use sandbox::external::External;
use sandbox::{Fault, FaultOrder, Received};
use serde_json::{Value, json};

use crate::app::{App, Reply, SECOND_ORDER};

/// The demo's order and payment method.
pub const EXTERNAL_ORDER: &str = "gYzLhKcMxp";
pub const EXTERNAL_METHOD: &str = "HgFdSaPoIu";

/// What saving asks of it.
pub const TOKEN: (&str, &str) = ("POST", "/token");

impl App {
    /// The reference gateway.
    pub fn external(&self) -> &Served<External> {
        &self.running.stand_ins.external
    }

    /// Creates a payment source for an order.
    pub async fn create_external(&self, caller: &str, order: &str, token: &str) -> Reply {
        let attributes = json!({ "payment_source_token": token });
        let reply = self
            .create_source(caller, "external_payments", order, attributes)
            .await;
        assert_eq!(reply.status, 201, "{}", reply.body);
        reply
    }

    /// Pays the demo order with this token and saves what paid.
    pub async fn save_external(&self, token: &str) -> Reply {
        let customer = self.customer();
        self.create_external(&customer, EXTERNAL_ORDER, token).await;
        self.save(&customer, EXTERNAL_ORDER).await
    }

    /// Another order to pay at the external gateway.
    pub async fn second_external_order(&self) -> &'static str {
        self.selected(SECOND_ORDER, EXTERNAL_METHOD).await;
        SECOND_ORDER
    }

    /// Orders the reference gateway to misbehave.
    pub fn fault_at_external(&self, fault: Fault, times: u32) {
        let (method, path) = TOKEN;
        let order = FaultOrder::next(fault).on(method, path).times(times);
        self.external().stand_in.order_fault(order).unwrap();
    }

    /// What the reference gateway heard, in order.
    pub fn heard_by_external(&self) -> Vec<Received> {
        self.external().stand_in.requests()
    }

    /// The customer's wallet.
    pub async fn entries(&self) -> Vec<Value> {
        let path = "/api/customer_payment_sources";
        let list = self.get(&self.customer(), path).await;
        assert_eq!(list.status, 200, "{}", list.body);
        list.body["data"].as_array().unwrap().clone()
    }

    /// What was asked of it, in order.
    pub fn asked_of_external(&self) -> Vec<String> {
        let received = self.external().stand_in.requests();
        received
            .iter()
            .map(|it| format!("{} {}", it.method, it.path))
            .collect()
    }
}
