use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use decisions::CallGateway;
use domain::basket::{Basket, BasketLine, Buyer, PostalAddress};
use domain::gateway::{
    GatewayCall, GatewayKind, GatewayRequest, Move, Moving, NewPayment, Payment, Reusable, ToKeep,
};
use gateways::Gateways;
use http::Request;
use sandbox::Fault;
use sandbox::klarna::Klarna;
use serde_json::{Map, Value, json};

use crate::shop_parts::performed::payment_of;
use crate::shop_parts::{
    self, HeldTime, Performed, euros, gateways, next_fault, options, reference,
};
use crate::world::Direct;

/// A shop with one gateway, and the stand-in that it reaches.
pub struct Shop {
    pub klarna: Klarna,
    gateways: Gateways,
    time: Arc<HeldTime>,
}

impl Shop {
    pub async fn open() -> Self {
        let time = HeldTime::begin();
        let clock = time.clone();
        let klarna = Klarna::new(options(move || clock.unix_millis())).unwrap();
        let keys = json!({"country_code": "EU", "api_key": "PK1_shop", "api_secret": "password"});
        let direct = Direct {
            klarna: klarna.clone(),
            time: time.clone(),
        };
        let gateways = gateways(direct, keys, time.clone(), time.clone()).await;
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
        let order = next_fault(method, path, fault).times(times);
        self.klarna.order_fault(order).unwrap();
    }

    pub fn pass_minutes(&self, minutes: u64) {
        self.time.pass(Duration::from_secs(60 * minutes));
    }

    pub async fn perform(&self, attempt: u32, request: GatewayRequest) -> Performed {
        let call = shop_parts::call(GatewayKind::Klarna, "sourceAAAA", attempt, request);
        shop_parts::perform(&self.gateways, &call).await
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

    /// Places an order with what the shopper approved.
    pub async fn order(&self, payment: &Payment, authorization: &str) -> Performed {
        self.perform(0, authorize(payment, authorization)).await
    }

    /// Places an order with a saved source, the shopper present.
    pub async fn order_saved(&self, reusable: &Reusable) -> Performed {
        self.perform(0, authorize_saved(reusable)).await
    }

    /// An order of 129.00 EUR, by its reference.
    pub async fn ordered(&self) -> String {
        let payment = self.pay(new_payment()).await;
        let authorization = self.approve_in_browser(&payment).await;
        let placed = payment_of(self.order(&payment, &authorization).await);
        reference(&placed).to_owned()
    }

    /// Asks for a transaction of this id, noted as the rules note it.
    pub async fn move_money(&self, transaction: &str, asked: Move) -> Performed {
        let call = self.moving(transaction, GatewayRequest::Move(asked));
        shop_parts::perform(&self.gateways, &call).await
    }

    /// Asks what became of a transaction of this id.
    pub async fn read_moved(&self, transaction: &str, asked: Move) -> Performed {
        let reference = None;
        let request = GatewayRequest::ReadMoved { asked, reference };
        let call = self.moving(transaction, request);
        shop_parts::perform(&self.gateways, &call).await
    }

    fn moving(&self, transaction: &str, request: GatewayRequest) -> GatewayCall {
        let mut call = shop_parts::call(GatewayKind::Klarna, transaction, 0, request);
        call.noted = self.gateways.written(&call);
        call
    }

    /// The books of a payment, as Klarna has them: what is held, captured and refunded.
    pub async fn books(&self, payment: &str) -> (i64, i64, i64) {
        let read = self.read_reference(payment).await;
        let books = payment_of(read).books.unwrap();
        (books.held, books.captured, books.refunded)
    }

    pub async fn read_reference(&self, payment: &str) -> Performed {
        let payment = payment.to_owned();
        self.perform(0, GatewayRequest::ReadPayment { payment })
            .await
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
        payment: None,
        document: None,
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
        for_later: false,
        document: None,
    })
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

pub fn authorize(payment: &Payment, authorization: &str) -> GatewayRequest {
    GatewayRequest::AuthorizePayment(NewPayment {
        shopper_token: Some(authorization.to_owned()),
        payment: payment.reference.clone(),
        ..new_payment()
    })
}

pub fn authorize_saved(reusable: &Reusable) -> GatewayRequest {
    let token = Some(reusable.payment_source_token.clone());
    GatewayRequest::AuthorizePayment(NewPayment {
        shopper_token: token.clone(),
        saved: token,
        ..new_payment()
    })
}

/// So many cents of a payment that move.
pub fn moving(kind: Moving, payment: &str, cents: i64) -> Move {
    Move {
        kind,
        order: "qaMAhZkZvd".parse().unwrap(),
        order_number: Some("1234".to_owned()),
        payment: payment.to_owned(),
        capture: None,
        amount: euros(cents),
        is_last: false,
        document: None,
    }
}
