use std::sync::Arc;

use bytes::Bytes;
use domain::OrderId;
use domain::basket::{Basket, Buyer, PostalAddress};
use domain::gateway::{
    GatewayKind, GatewayRequest, Move, Moved, NewPayment, Outcome, Payment, Reusable, ToKeep,
};
use gateways::Gateways;
use http::Request;
use sandbox::Fault;
use sandbox::checkout_com::CheckoutCom;
use serde_json::{Value, json};
use system::TokioSleep;

use crate::shop_parts::performed::{customer_of, moved_of, payment_of, reusable_of};
use crate::shop_parts::{self, Direct, Performed, euros, gateways, next_fault, options, reference};
use crate::world::PausedTime;

/// A shop with one gateway, and the stand-in that it reaches.
pub struct Shop {
    pub checkout_com: CheckoutCom,
    pub time: PausedTime,
    gateways: Gateways,
}

impl Shop {
    pub async fn open() -> Self {
        let time = PausedTime::begin();
        let checkout_com = CheckoutCom::new(options(move || time.unix_millis())).unwrap();
        let keys = json!({"secret_key": "sk_sbox_shop", "public_key": "pk_sbox_shop"});
        let direct = Direct(checkout_com.clone());
        let gateways = gateways(direct, keys, Arc::new(time), Arc::new(TokioSleep)).await;
        Self {
            checkout_com,
            time,
            gateways,
        }
    }

    /// The next request with this method and path goes wrong.
    pub fn break_next(&self, method: &str, path: &str, fault: Fault) {
        self.checkout_com
            .order_fault(next_fault(method, path, fault))
            .unwrap();
    }

    pub async fn perform(&self, subject: &str, attempt: u32, request: GatewayRequest) -> Performed {
        let call = shop_parts::call(GatewayKind::CheckoutCom, subject, attempt, request);
        shop_parts::perform(&self.gateways, &call).await
    }

    pub async fn customer(&self) -> String {
        self.customer_with("joan@example.com").await
    }

    pub async fn customer_with(&self, email: &str) -> String {
        let email = Some(email.to_owned());
        let request = GatewayRequest::CreateCustomer {
            email,
            replaces: None,
        };
        customer_of(self.perform("customerAA", 0, request).await)
    }

    pub async fn create(&self, payment: NewPayment) -> Payment {
        let request = GatewayRequest::CreatePayment(payment);
        payment_of(self.perform("sourceAAAA", 0, request).await)
    }

    pub async fn authorize(&self, attempt: u32, payment: NewPayment) -> Payment {
        let request = GatewayRequest::AuthorizePayment(payment);
        payment_of(self.perform("sourceAAAA", attempt, request).await)
    }

    /// A payment of 129.00 EUR, held.
    pub async fn held(&self) -> Payment {
        let paid = new_payment(None, Some(&token("fine")));
        self.authorize(0, paid).await
    }

    /// Asks for this transaction.
    pub async fn moving(&self, transaction: &str, asked: Move) -> Performed {
        self.perform(transaction, 0, GatewayRequest::Move(asked))
            .await
    }

    /// Asks what became of this transaction.
    pub async fn read_moved(
        &self,
        transaction: &str,
        asked: Move,
        reference: Option<&str>,
    ) -> Performed {
        let request = GatewayRequest::ReadMoved {
            asked,
            reference: reference.map(str::to_owned),
        };
        self.perform(transaction, 0, request).await
    }

    /// A transaction that the gateway takes on, and what became of it then.
    pub async fn moved(&self, transaction: &str, asked: Move) -> Moved {
        let accepted = moved_of(self.moving(transaction, asked.clone()).await);
        assert_eq!(accepted.outcome, Outcome::Pending);
        let reference = accepted.reference.as_deref();
        moved_of(self.read_moved(transaction, asked, reference).await)
    }

    pub async fn read(&self, payment: &str) -> Payment {
        let payment = payment.to_owned();
        let request = GatewayRequest::ReadPayment { payment };
        payment_of(self.perform("sourceAAAA", 0, request).await)
    }

    pub async fn save(&self, payment: &Payment, customer: Option<&str>) -> Performed {
        let request = GatewayRequest::MakeReusable(ToKeep {
            payment: payment.reference.clone(),
            shopper_token: None,
            customer: "customerAA".parse().unwrap(),
            customer_token: customer.map(str::to_owned),
            amount: payment.amount,
            buyer: None,
            once: false,
            for_later: false,
            document: None,
        });
        self.perform("sourceAAAA", 0, request).await
    }

    /// A card of this customer's, saved.
    pub async fn saved(&self, customer: &str, name: &str) -> Reusable {
        let paid = new_payment(Some(customer), Some(&token(name)));
        let paid = self.authorize(0, paid).await;
        reusable_of(self.save(&paid, Some(customer)).await)
    }

    pub async fn release(&self, payment: &Payment, attempt: u32) -> Performed {
        let request = GatewayRequest::Release {
            payment: payment.reference.clone(),
            shopper_token: None,
        };
        self.perform("sourceAAAA", attempt, request).await
    }

    pub async fn forget(&self, payment_source_token: &str) -> Performed {
        let payment_source_token = payment_source_token.to_owned();
        let request = GatewayRequest::Forget {
            payment_source_token,
        };
        self.perform("entryAAAAA", 0, request).await
    }

    /// The shopper pays in Flow's form, and agrees there that the card is kept.
    pub async fn pay_in_browser(&self, payment: &Payment, token: &str) -> Value {
        let session = &payment.attributes["payment_session"];
        let path = format!("/payment-sessions/{}/_pay", session["id"].as_str().unwrap());
        let key = payment.attributes["public_key"].as_str().unwrap();
        self.post(key, &path, json!({ "token": token, "consent": true }))
            .await
    }

    /// The shopper goes where the payment says, and answers the bank. Gives the session that the bank
    /// sends them back with.
    pub async fn authenticate_in_browser(&self, payment: &Payment, success: bool) -> String {
        let uri = payment.attributes["redirect_uri"].as_str().unwrap();
        let session = uri.rsplit('/').next().unwrap().to_owned();
        let path = format!("/3ds/{session}/_authenticate");
        self.post("", &path, json!({ "success": success })).await;
        session
    }

    /// Somebody captures in Checkout.com's dashboard.
    pub async fn capture(&self, payment: &Payment) -> Value {
        let path = format!("/payments/{}/captures", reference(payment));
        self.post("sk_sbox_shop", &path, json!({})).await
    }

    /// How many requests with this method and path arrived.
    pub fn arrived(&self, method: &str, path: &str) -> usize {
        let requests = self.checkout_com.requests();
        let is = requests
            .iter()
            .filter(|it| it.method == method && it.path == path);
        is.count()
    }

    async fn post(&self, key: &str, path: &str, body: Value) -> Value {
        let request = Request::builder()
            .method("POST")
            .uri(format!("https://api.sandbox.checkout.com{path}"))
            .header("authorization", format!("Bearer {key}"))
            .header("content-type", "application/json")
            .body(Bytes::from(body.to_string()))
            .unwrap();
        let response = self.checkout_com.answer(request).await.response().unwrap();
        assert!(response.status().is_success(), "{response:?}");
        serde_json::from_slice(response.body()).unwrap()
    }
}

/// A token of that name, as the stand-in's documentation has them; any other name is a good Visa.
pub fn token(name: &str) -> String {
    format!("tok_{:0<26}", format!("{name}_"))
}

/// A payment of 129.00 EUR with this token.
pub fn new_payment(customer: Option<&str>, token: Option<&str>) -> NewPayment {
    let given = json!({
        "success_url": "https://shop.test/paid", "failure_url": "https://shop.test/not-paid",
    });
    let billing = PostalAddress {
        country_code: Some("IT".to_owned()),
        ..PostalAddress::default()
    };
    NewPayment {
        order: order(),
        order_number: Some("1234".to_owned()),
        amount: euros(12_900),
        customer: customer.map(|_| "customerAA".parse().unwrap()),
        customer_token: customer.map(str::to_owned),
        saved: None,
        shopper_token: token.map(str::to_owned),
        given: given.as_object().unwrap().clone(),
        basket: Some(Basket {
            buyer: Buyer {
                billing: Some(billing),
                ..Buyer::default()
            },
            lines: Vec::new(),
            taxes_on_top: None,
        }),
        payment: None,
        document: None,
    }
}

/// A payment with what is saved.
pub fn with_saved(customer: &str, saved: &str) -> NewPayment {
    NewPayment {
        saved: Some(saved.to_owned()),
        basket: None,
        ..new_payment(Some(customer), None)
    }
}

pub fn order() -> OrderId {
    "qaMAhZkZvd".parse().unwrap()
}
