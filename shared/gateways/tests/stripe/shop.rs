use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use domain::gateway::{
    GatewayAnswer, GatewayCall, GatewayRefusal, GatewayRequest, NewPayment, Payment, Reusable,
    Settings, ToKeep,
};
use domain::money::Amount;
use domain::refusal::Code;
use domain::{Id, Mode, ResourceType, Tenant};
use effects::{Deadline, Secret, Secrets, SecretsFile};
use gateways::{BaseUrls, GatewayFailure, Gateways, credentials_name};
use http::Request;
use sandbox::stripe::{Options, Stripe};
use sandbox::{Fault, FaultOrder};
use serde_json::{Value, json};

use crate::circuits::CircuitsInMemory;
use crate::world::{Direct, HeldTime};

/// 2027-01-15, held.
const NOW: i64 = 1_800_000_000_000;

pub type Performed = Result<Result<GatewayAnswer, GatewayRefusal>, GatewayFailure>;

/// A shop with one gateway, and the stand-in that it reaches.
pub struct Shop {
    pub stripe: Stripe,
    gateways: Gateways,
}

impl Shop {
    pub async fn open() -> Self {
        let options = Options {
            clock: Arc::new(|| NOW),
            random: Arc::new(|bytes| bytes.fill(7)),
            state_file: None,
        };
        let stripe = Stripe::new(options).unwrap();
        let time = Arc::new(HeldTime::at(NOW));
        let secrets = SecretsFile::in_memory();
        let keys = json!({"login": "sk_test_shop", "publishable_key": "pk_test_shop"});
        let name = credentials_name(tenant(), gateway());
        secrets
            .put(&name, Secret::new(keys.to_string()))
            .await
            .unwrap();
        let gateways = Gateways {
            transport: Arc::new(Direct(stripe.clone())),
            guarded: Arc::new(Direct(stripe.clone())),
            circuits: Arc::new(CircuitsInMemory::default()),
            secrets: Arc::new(secrets),
            clock: time.clone(),
            sleep: time,
            bases: BaseUrls::from_lookup(|_| None).unwrap(),
        };
        Self { stripe, gateways }
    }

    /// The next request with this method and path goes wrong.
    pub fn break_next(&self, method: &str, path: &str, fault: Fault) {
        let order = FaultOrder::next(fault).on(method, path);
        self.stripe.order_fault(order).unwrap();
    }

    pub async fn perform(&self, subject: &str, attempt: u32, request: GatewayRequest) -> Performed {
        let call = GatewayCall {
            tenant: tenant(),
            gateway: gateway(),
            kind: ResourceType::StripeGateways,
            settings: Settings::default(),
            subject: subject.parse().unwrap(),
            attempt,
            request,
        };
        let now = self.gateways.clock.now();
        let deadline = Deadline::after(now, Duration::from_secs(12));
        self.gateways.perform(&call, deadline).await
    }

    pub async fn customer(&self) -> String {
        let email = Some("joan@example.com".to_owned());
        let request = GatewayRequest::CreateCustomer { email };
        match self.perform("customerAA", 0, request).await {
            Ok(Ok(GatewayAnswer::Customer(token))) => token,
            other => panic!("{other:?}"),
        }
    }

    pub async fn pay(&self, subject: &str, payment: NewPayment) -> Payment {
        let request = GatewayRequest::CreatePayment(payment);
        payment_of(self.perform(subject, 0, request).await)
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
    }
}

pub fn euros(cents: i64) -> Amount {
    Amount {
        cents,
        currency: "EUR".parse().unwrap(),
    }
}

pub fn payment_of(performed: Performed) -> Payment {
    match performed {
        Ok(Ok(GatewayAnswer::Payment(payment))) => payment,
        other => panic!("{other:?}"),
    }
}

pub fn reusable_of(performed: Performed) -> Reusable {
    match performed {
        Ok(Ok(GatewayAnswer::Reusable(reusable))) => reusable,
        other => panic!("{other:?}"),
    }
}

pub fn refusal_of(performed: Performed) -> (Code, String) {
    match performed {
        Ok(Err(refusal)) => (refusal.code, refusal.detail),
        other => panic!("{other:?}"),
    }
}

pub fn reference(payment: &Payment) -> &str {
    payment.reference.as_deref().unwrap()
}

fn client_secret(payment: &Payment) -> &str {
    payment.attributes["client_secret"].as_str().unwrap()
}

fn tenant() -> Tenant {
    Tenant {
        organization: "enWoxFMOnp".parse().unwrap(),
        mode: Mode::Test,
    }
}

fn gateway() -> Id {
    "WmOodsVPmQ".parse().unwrap()
}
