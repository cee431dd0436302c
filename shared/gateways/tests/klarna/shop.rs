use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use domain::basket::{Basket, BasketLine, Buyer, PostalAddress};
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
use sandbox::klarna::Klarna;
use sandbox::{Fault, FaultOrder, Options};
use serde_json::{Map, Value, json};

use crate::circuits::CircuitsInMemory;
use crate::world::{Direct, HeldTime};

/// 2027-01-15.
const NOW: i64 = 1_800_000_000_000;

pub type Performed = Result<Result<GatewayAnswer, GatewayRefusal>, GatewayFailure>;

/// A shop with one gateway, and the stand-in that it reaches.
pub struct Shop {
    pub klarna: Klarna,
    gateways: Gateways,
    time: Arc<HeldTime>,
}

impl Shop {
    pub async fn open() -> Self {
        let time = Arc::new(HeldTime::at(NOW));
        let clock = time.clone();
        let options = Options {
            clock: Arc::new(move || clock.millis()),
            random: Arc::new(|bytes| bytes.fill(7)),
            state_file: None,
        };
        let klarna = Klarna::new(options).unwrap();
        let secrets = SecretsFile::in_memory();
        let keys = json!({"country_code": "EU", "api_key": "PK1_shop", "api_secret": "password"});
        let name = credentials_name(tenant(), gateway());
        let keys = Secret::new(keys.to_string());
        secrets.put(&name, keys).await.unwrap();
        let direct = Arc::new(Direct {
            klarna: klarna.clone(),
            time: time.clone(),
        });
        let gateways = Gateways {
            transport: direct.clone(),
            guarded: direct,
            circuits: Arc::new(CircuitsInMemory::default()),
            secrets: Arc::new(secrets),
            clock: time.clone(),
            sleep: time.clone(),
            bases: BaseUrls::from_lookup(|_| None).unwrap(),
        };
        Self {
            klarna,
            gateways,
            time,
        }
    }

    /// The next request with this method and path goes wrong.
    pub fn break_next(&self, method: &str, path: &str, fault: Fault) {
        self.break_times(method, path, fault, 1);
    }

    pub fn break_times(&self, method: &str, path: &str, fault: Fault, times: u32) {
        let order = FaultOrder::next(fault).on(method, path).times(times);
        let order = match fault {
            Fault::Delay => order.delay_ms(60_000),
            _ => order,
        };
        self.klarna.order_fault(order).unwrap();
    }

    pub fn pass_minutes(&self, minutes: u64) {
        self.time.pass(Duration::from_secs(60 * minutes));
    }

    pub async fn perform(&self, attempt: u32, request: GatewayRequest) -> Performed {
        let call = GatewayCall {
            tenant: tenant(),
            gateway: gateway(),
            kind: ResourceType::KlarnaGateways,
            settings: Settings::default(),
            subject: "sourceAAAA".parse().unwrap(),
            attempt,
            request,
        };
        let deadline = Deadline::after(self.gateways.clock.now(), Duration::from_secs(12));
        self.gateways.perform(&call, deadline).await
    }

    pub async fn pay(&self, payment: NewPayment) -> Payment {
        payment_of(
            self.perform(0, GatewayRequest::CreatePayment(payment))
                .await,
        )
    }

    pub async fn read(&self, payment: &Payment) -> Performed {
        let payment = reference(payment).to_owned();
        let request = GatewayRequest::ReadPayment { payment };
        self.perform(0, request).await
    }

    pub async fn save(&self, authorization: &str) -> Performed {
        self.perform(0, make_reusable(authorization)).await
    }

    pub async fn reuse(&self, reusable: &Reusable) -> Performed {
        let request = GatewayRequest::CreatePayment(NewPayment {
            saved: Some(reusable.payment_source_token.clone()),
            basket: None,
            ..new_payment()
        });
        self.perform(0, request).await
    }

    pub async fn release(&self, payment: &Payment, authorization: &str) -> Performed {
        let request = GatewayRequest::Release {
            payment: payment.reference.clone(),
            shopper_token: Some(authorization.to_owned()),
        };
        self.perform(0, request).await
    }

    pub async fn forget(&self, reusable: &Reusable) -> Performed {
        let payment_source_token = reusable.payment_source_token.clone();
        let request = GatewayRequest::Forget {
            payment_source_token,
        };
        self.perform(0, request).await
    }

    /// The shopper agrees in Klarna's script, which gives an authorization token.
    pub async fn approve_in_browser(&self, payment: &Payment) -> String {
        let path = format!("/payments/v1/sessions/{}/_authorize", reference(payment));
        let client_token = &payment.attributes["client_token"];
        let answer = self
            .post(&path, json!({"client_token": client_token}))
            .await;
        answer["authorization_token"].as_str().unwrap().to_owned()
    }

    /// Somebody places an order at Klarna with the authorization.
    pub async fn place_order(&self, payment: &Payment, authorization: &str) -> Value {
        let session = self.session(payment).await;
        let mut order = Map::new();
        for name in [
            "order_amount",
            "order_tax_amount",
            "order_lines",
            "purchase_country",
            "purchase_currency",
        ] {
            order.insert(name.to_owned(), session[name].clone());
        }
        let path = format!("/payments/v1/authorizations/{authorization}/order");
        self.post(&path, Value::Object(order)).await
    }

    /// The session as Klarna has it.
    pub async fn session(&self, payment: &Payment) -> Value {
        let path = format!("/payments/v1/sessions/{}", reference(payment));
        self.ask("GET", &path, Value::Null).await
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        self.ask("POST", path, body).await
    }

    async fn ask(&self, method: &str, path: &str, body: Value) -> Value {
        let credentials = STANDARD.encode("PK1_shop:password");
        let request = Request::builder()
            .method(method)
            .uri(format!("https://api.playground.klarna.com{path}"))
            .header("authorization", format!("Basic {credentials}"))
            .header("content-type", "application/json");
        let body = match body {
            Value::Null => Bytes::new(),
            body => Bytes::from(body.to_string()),
        };
        let request = request.body(body).unwrap();
        let response = self.klarna.answer(request).await.response().unwrap();
        serde_json::from_slice(response.body()).unwrap()
    }
}

/// A payment of 129.00 EUR in Germany, by a customer.
pub fn new_payment() -> NewPayment {
    NewPayment {
        order: "qaMAhZkZvd".parse().unwrap(),
        order_number: Some("1234".to_owned()),
        amount: euros(12_900),
        customer: Some("customerAA".parse().unwrap()),
        customer_token: None,
        saved: None,
        shopper_token: None,
        given: Map::new(),
        basket: Some(Basket {
            buyer: buyer("DE"),
            lines: vec![
                line("skus", 2, 12_200, 0.19),
                line("shipments", 1, 700, 0.19),
            ],
            taxes_on_top: None,
        }),
    }
}

/// The same payment in another country.
pub fn new_payment_in(country: &str) -> NewPayment {
    let mut payment = new_payment();
    if let Some(basket) = &mut payment.basket {
        basket.buyer = buyer(country);
    }
    payment
}

pub fn line(item_type: &str, quantity: i64, total_cents: i64, tax_rate: f64) -> BasketLine {
    BasketLine {
        item_type: item_type.to_owned(),
        name: "T-shirt".to_owned(),
        sku_code: Some("TSHIRTMM".to_owned()),
        quantity,
        total_cents,
        tax_cents: 0,
        tax_rate,
    }
}

pub fn make_reusable(authorization: &str) -> GatewayRequest {
    GatewayRequest::MakeReusable(ToKeep {
        payment: None,
        shopper_token: Some(authorization.to_owned()),
        customer: "customerAA".parse().unwrap(),
        customer_token: None,
        amount: euros(12_900),
        buyer: Some(buyer("DE")),
        once: true,
        document: None,
    })
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

pub fn done(performed: Performed) {
    assert_eq!(performed, Ok(Ok(GatewayAnswer::Done)));
}

pub fn reference(payment: &Payment) -> &str {
    payment.reference.as_deref().unwrap()
}

fn buyer(country: &str) -> Buyer {
    Buyer {
        email: Some("joan@example.com".to_owned()),
        language: Some("de".to_owned()),
        billing: Some(PostalAddress {
            first_name: Some("Joan".to_owned()),
            last_name: Some("Doe".to_owned()),
            line_1: Some("Torstraße 1".to_owned()),
            country_code: Some(country.to_owned()),
            ..PostalAddress::default()
        }),
        shipping: None,
    }
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
