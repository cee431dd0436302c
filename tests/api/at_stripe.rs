//! Stripe, as the shopper's browser and the shop's dashboard see it.

use billfold::Served;
use bytes::Bytes;
use http::{Method, Request};
use sandbox::FaultOrder;
use sandbox::stripe::Stripe;
use serde_json::{Value, json};

use crate::app::{App, Reply};

impl App {
    /// The stand-in.
    pub fn stripe(&self) -> &Served<Stripe> {
        self.running.stand_ins.stripe.as_ref().unwrap()
    }

    /// Creates a Stripe payment for an order.
    pub async fn create_payment(&self, token: &str, order: &str, attributes: Value) -> Reply {
        self.create_source(token, "stripe_payments", order, attributes)
            .await
    }

    /// Creates a Stripe payment that can be kept, with this card.
    pub async fn create_reusable(&self, token: &str, order: &str, card: &str) -> Reply {
        let options = json!({ "id": card, "setup_future_usage": "off_session" });
        let reply = self
            .create_payment(token, order, json!({ "options": options }))
            .await;
        assert_eq!(reply.status, 201, "{}", reply.body);
        reply
    }

    /// An object as it is at Stripe now: not part of what was asked.
    pub async fn stripe_object(&self, objects: &str, id: &Value) -> Value {
        let path = format!("/v1/{objects}/{}", id.as_str().unwrap());
        self.ask_stripe(Method::GET, &path, "sk_test_demo", "")
            .await
    }

    /// Confirms a payment source's payment, as the shopper's browser does.
    pub async fn confirm(&self, source: &Reply) -> Value {
        self.ask_as_browser(source, "confirm", "&use_stripe_sdk=true")
            .await
    }

    /// Enters a card in the shopper's browser, and confirms with it.
    pub async fn confirm_with(&self, source: &Reply, card: &str) -> Value {
        let more = format!("&use_stripe_sdk=true&payment_method={card}");
        self.ask_as_browser(source, "confirm", &more).await
    }

    /// Completes the authentication that a bank asked for, as the shopper's browser does.
    pub async fn authenticate(&self, source: &Reply) -> Value {
        self.ask_as_browser(source, "_authenticate", "&success=true")
            .await
    }

    /// Confirms a payment on a page of a shop with another account than the demo's.
    pub async fn confirm_at(&self, publishable_key: &str, source: &Reply) -> Value {
        self.ask_on_page(publishable_key, source, "confirm", "&use_stripe_sdk=true")
            .await
    }

    async fn ask_as_browser(&self, source: &Reply, step: &str, more: &str) -> Value {
        self.ask_on_page("pk_test_demo", source, step, more).await
    }

    async fn ask_on_page(&self, key: &str, source: &Reply, step: &str, more: &str) -> Value {
        let id = source.attribute("stripe_id").as_str().unwrap();
        let secret = source.attribute("client_secret").as_str().unwrap();
        let form = format!("client_secret={secret}{more}");
        let path = format!("/v1/payment_intents/{id}/{step}");
        self.ask_stripe(Method::POST, &path, key, &form).await
    }

    /// Takes the money of a confirmed payment, as the shop does in Stripe's dashboard.
    pub async fn capture(&self, source: &Reply) -> Value {
        let id = source.attribute("stripe_id").as_str().unwrap();
        let path = format!("/v1/payment_intents/{id}/capture");
        self.ask_stripe(Method::POST, &path, "sk_test_demo", "")
            .await
    }

    /// Opens a payment at Stripe, as a shop does that opens its own.
    pub async fn open_payment(&self, form: &str) -> Value {
        let path = "/v1/payment_intents";
        self.ask_stripe(Method::POST, path, "sk_test_demo", form)
            .await
    }

    /// Something that is done in the shop's dashboard, or that happens there.
    pub async fn at_stripe(&self, path: &str, form: &str) -> Value {
        self.ask_stripe(Method::POST, path, "sk_test_demo", form)
            .await
    }

    /// Every payment that Stripe has.
    pub async fn payments_at_stripe(&self) -> Vec<Value> {
        let path = "/v1/payment_intents?limit=100";
        let list = self.ask_stripe(Method::GET, path, "sk_test_demo", "").await;
        list["data"].as_array().unwrap().clone()
    }

    /// The shop deletes a customer in Stripe's dashboard.
    pub async fn delete_customer_at_stripe(&self, id: &Value) {
        let path = format!("/v1/customers/{}", id.as_str().unwrap());
        let deleted = self.ask_stripe(Method::DELETE, &path, "sk_test_demo", "");
        assert_eq!(deleted.await["deleted"], true);
    }

    /// A customer and a card of theirs that the shop has at Stripe by other means.
    pub async fn card_kept_at_stripe(&self) -> [Value; 2] {
        let post = |path: String, form: String| async move {
            self.ask_stripe(Method::POST, &path, "sk_test_demo", &form)
                .await["id"]
                .clone()
        };
        let customer = post("/v1/customers".to_owned(), String::new()).await;
        let form = format!("customer={}", customer.as_str().unwrap());
        let attach = "/v1/payment_methods/pm_card_visa/attach".to_owned();
        let card = post(attach, form).await;
        [customer, card]
    }

    /// How many customers Stripe has.
    pub async fn customers_at_stripe(&self) -> usize {
        let path = "/v1/customers?limit=100";
        let list = self.ask_stripe(Method::GET, path, "sk_test_demo", "").await;
        list["data"].as_array().unwrap().len()
    }

    async fn ask_stripe(&self, method: Method, path: &str, key: &str, form: &str) -> Value {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.stripe().url))
            .header("authorization", format!("Bearer {key}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Bytes::from(form.to_owned()));
        self.request(request.unwrap()).await.body
    }

    /// Orders Stripe's stand-in to misbehave.
    pub fn order_fault(&self, order: FaultOrder) {
        self.stripe().stand_in.order_fault(order).unwrap();
    }

    /// What was asked of Stripe: `POST /v1/payment_intents`, in order.
    pub fn asked_of_stripe(&self) -> Vec<String> {
        let received = self.stripe().stand_in.requests();
        received
            .iter()
            .map(|it| format!("{} {}", it.method, it.path))
            .collect()
    }
}
