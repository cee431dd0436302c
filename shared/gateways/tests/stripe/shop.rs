use bytes::Bytes;
use domain::gateway::{GatewayKind, GatewayRequest, Moving, NewPayment, Payment, Reusable, ToKeep};
use gateways::Gateways;
use http::Request;
use sandbox::stripe::Stripe;
use sandbox::{Fault, Outcome};
use serde_json::{Value, json};

use crate::shop_parts::performed::{customer_of, payment_of};
use crate::shop_parts::{
    self, Direct, HeldTime, NOW, Performed, euros, gateways, moving, next_fault, options, reference,
};

/// A shop with one gateway, and the stand-in that it reaches.
pub struct Shop {
    pub stripe: Stripe,
    gateways: Gateways,
}

impl Shop {
    pub async fn open() -> Self {
        let stripe = Stripe::new(options(|| NOW)).unwrap();
        let keys = json!({"login": "sk_test_shop", "publishable_key": "pk_test_shop"});
        let time = HeldTime::begin();
        let gateways = gateways(Direct(stripe.clone()), keys, time.clone(), time).await;
        Self { stripe, gateways }
    }

    /// The next request with this method and path goes wrong.
    pub fn break_next(&self, method: &str, path: &str, fault: Fault) {
        self.stripe
            .order_fault(next_fault(method, path, fault))
            .unwrap();
    }

    pub async fn perform(&self, subject: &str, attempt: u32, request: GatewayRequest) -> Performed {
        let call = shop_parts::call(GatewayKind::Stripe, subject, attempt, request);
        shop_parts::perform(&self.gateways, &call).await
    }

    pub async fn customer(&self) -> String {
        let email = Some("joan@example.com".to_owned());
        let request = GatewayRequest::CreateCustomer {
            email,
            replaces: None,
        };
        customer_of(self.perform("customerAA", 0, request).await)
    }

    pub async fn pay(&self, subject: &str, payment: NewPayment) -> Payment {
        let request = GatewayRequest::CreatePayment(payment);
        payment_of(self.perform(subject, 0, request).await)
    }

    /// Pays what was opened, the shopper present.
    pub async fn authorize(&self, payment: &Payment, attempt: u32, new: NewPayment) -> Performed {
        let request = GatewayRequest::AuthorizePayment(NewPayment {
            payment: payment.reference.clone(),
            ..new
        });
        self.perform("sourceAAAA", attempt, request).await
    }

    /// A payment of 129.00 EUR with this card, held.
    pub async fn held(&self, method: &str) -> Payment {
        let new = new_payment(None, method);
        let opened = self.pay("sourceAAAA", new.clone()).await;
        payment_of(self.authorize(&opened, 0, new).await)
    }

    /// A payment of 129.00 EUR with this card, captured.
    pub async fn captured(&self, method: &str) -> Payment {
        let payment = self.held(method).await;
        self.moving("captureAAA", Moving::Capture, &payment, 12_900)
            .await
            .unwrap()
            .unwrap();
        payment
    }

    /// Asks for this transaction.
    pub async fn moving(
        &self,
        transaction: &str,
        kind: Moving,
        payment: &Payment,
        cents: i64,
    ) -> Performed {
        let request = GatewayRequest::Move(moving(kind, payment, cents));
        self.perform(transaction, 0, request).await
    }

    /// Asks what became of this transaction.
    pub async fn read_moved(
        &self,
        transaction: &str,
        kind: Moving,
        payment: &Payment,
        reference: Option<&str>,
    ) -> Performed {
        let request = GatewayRequest::ReadMoved {
            asked: moving(kind, payment, 12_900),
            reference: reference.map(str::to_owned),
        };
        self.perform(transaction, 0, request).await
    }

    /// How many requests with this method to this path, below `/v1`, were answered anew.
    pub fn done(&self, method: &str, path: &str) -> usize {
        let requests = self.stripe.requests();
        let is = |it: &&sandbox::Received| {
            let is_new =
                matches!(it.outcome, Outcome::Answered { replayed: false, status } if status < 400);
            it.method == method && it.path == format!("/v1{path}") && is_new
        };
        requests.iter().filter(is).count()
    }

    pub async fn read(&self, payment: &Payment) -> Payment {
        let payment = reference(payment).to_owned();
        let request = GatewayRequest::ReadPayment { payment };
        payment_of(self.perform("sourceAAAA", 0, request).await)
    }

    pub async fn save(&self, payment: &Payment, customer: &str) -> Performed {
        let request = GatewayRequest::MakeReusable(ToKeep {
            payment: payment.reference.clone(),
            shopper_token: None,
            customer: "customerAA".parse().unwrap(),
            customer_token: Some(customer.to_owned()),
            amount: payment.amount,
            buyer: None,
            once: false,
            for_later: false,
            document: None,
        });
        self.perform("sourceAAAA", 0, request).await
    }

    pub async fn release(&self, payment: &Payment, attempt: u32) -> Performed {
        let request = GatewayRequest::Release {
            payment: payment.reference.clone(),
            shopper_token: None,
        };
        self.perform("sourceAAAA", attempt, request).await
    }

    pub async fn forget(&self, reusable: &Reusable, attempt: u32) -> Performed {
        let payment_source_token = reusable.payment_source_token.clone();
        let request = GatewayRequest::Forget {
            payment_source_token,
        };
        self.perform("entryAAAAA", attempt, request).await
    }

    /// The shopper's browser confirms, with what it has: publishable key and client secret.
    pub async fn confirm_in_browser(&self, payment: &Payment) -> Value {
        let form = format!(
            "client_secret={}&use_stripe_sdk=true",
            client_secret(payment)
        );
        let path = format!("{}/confirm", reference(payment));
        self.post("pk_test_shop", &path, form).await
    }

    /// The shopper answers the bank.
    pub async fn authenticate_in_browser(&self, payment: &Payment) -> Value {
        let form = format!("client_secret={}&success=true", client_secret(payment));
        let path = format!("{}/_authenticate", reference(payment));
        self.post("pk_test_shop", &path, form).await
    }

    /// Somebody captures in Stripe's dashboard.
    pub async fn capture(&self, payment: &Payment) -> Value {
        let path = format!("{}/capture", reference(payment));
        self.post("sk_test_shop", &path, String::new()).await
    }

    /// How many payments were opened, as far as Stripe tells.
    pub async fn payments_opened(&self) -> usize {
        let list = self
            .send("GET", "sk_test_shop", "?limit=100", String::new())
            .await;
        list["data"].as_array().unwrap().len()
    }

    async fn post(&self, key: &str, path: &str, form: String) -> Value {
        self.send("POST", key, &format!("/{path}"), form).await
    }

    async fn send(&self, method: &str, key: &str, path: &str, form: String) -> Value {
        let request = Request::builder()
            .method(method)
            .uri(format!("https://api.stripe.com/v1/payment_intents{path}"))
            .header("authorization", format!("Bearer {key}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Bytes::from(form))
            .unwrap();
        let response = self.stripe.answer(request).await.response().unwrap();
        serde_json::from_slice(response.body()).unwrap()
    }
}

/// A payment of 129.00 EUR with the card of that name.
pub fn new_payment(customer: Option<&str>, method: &str) -> NewPayment {
    let options = json!({"id": method, "setup_future_usage": "off_session"});
    let given = json!({"options": options, "receipt_email": "joan@example.com"});
    NewPayment {
        order: "qaMAhZkZvd".parse().unwrap(),
        order_number: Some("1234".to_owned()),
        amount: euros(12_900),
        customer: customer.map(|_| "customerAA".parse().unwrap()),
        customer_token: customer.map(str::to_owned),
        saved: None,
        shopper_token: None,
        given: given.as_object().unwrap().clone(),
        basket: None,
        payment: None,
        document: None,
    }
}

fn client_secret(payment: &Payment) -> &str {
    payment.attributes["client_secret"].as_str().unwrap()
}
