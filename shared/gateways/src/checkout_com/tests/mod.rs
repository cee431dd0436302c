//! The adapter over the wire: what it sends, and what it makes of the answers.

mod authorizing;
mod creating;
mod ending;
mod endpoints;
mod logging;
mod moving;
mod reading;
mod refusing;
mod retrying;
mod saving;

use domain::Timestamp;
use domain::basket::{Basket, Buyer, PostalAddress};
use domain::gateway::{
    GatewayAnswer, GatewayCall, GatewayKind, GatewayRequest, Move, Moving, NewPayment, Settings,
    ToKeep,
};
use domain::money::Amount;
use domain::refusal::Code;
use serde_json::{Value, json};

use crate::CallFailure;
use crate::testing::{BUDGET, Performed, World, call_to, failure_of, payment_of, refusal_of};

const PAYMENT: &str = "pay_mbabizu24mvu3mela5njyhpit4";
const SOURCE: &str = "src_nwd3m4in3hkuddfpjsaevunhdy";
const CUSTOMER: &str = "cus_udst2tfldj6upmye2reztkmm4i";
const TOKEN: &str = "tok_4gzeau5o2uqubbk6fufs3m7p54";

const ACTION: &str = "act_fd3h6evhpn3uxdoqbuu3lqnqbm";

/// What the vendor puts into every answer of its own.
const OWN: (&str, &str) = ("Cko-Request-Id", "0HL80RJLS76I7");

fn call(request: GatewayRequest) -> GatewayCall {
    call_to(GatewayKind::CheckoutCom, Settings::default(), request)
}

/// A world with the account's keys.
fn world() -> World {
    let world = World::default();
    world.credentials(json!({"secret_key": "sk_sbox_hush", "public_key": "pk_sbox_1"}));
    world
}

async fn perform(world: &World, request: GatewayRequest) -> Performed {
    perform_call(world, &call(request)).await
}

async fn perform_call(world: &World, call: &GatewayCall) -> Performed {
    world.perform_call(call, BUDGET).await
}

/// The vendor's own 404, which has no body.
fn missing(world: &World) {
    world.answer_with(404, &[OWN], "");
}

fn error(codes: &[&str]) -> Value {
    json!({"request_id": "0HL80RJLS76I7", "error_type": "request_invalid", "error_codes": codes})
}

fn card() -> Value {
    json!({
        "type": "card", "id": SOURCE, "scheme": "Visa", "last4": "4242", "bin": "424242",
        "expiry_month": 8, "expiry_year": 2030, "name": "Bruce Wayne",
        "fingerprint": "F31828E2BDABAE63EB694903825CDD36041CC6ED461440B81415895855502832",
        "billing_address": {"city": "Gotham", "country": "GB"},
    })
}

/// A payment as Checkout.com writes it.
fn payment(status: &str) -> Value {
    json!({
        "id": PAYMENT, "action_id": "act_mbabizu24mvu3mela5njyhpit4", "amount": 12_900,
        "currency": "EUR", "approved": status != "Declined", "status": status,
        "auth_code": "770687", "response_code": "10000", "response_summary": "Approved",
        "3ds": {"downgraded": false, "enrolled": "N"}, "source": card(),
        "customer": {"id": CUSTOMER, "email": "joan@example.com", "name": "Joan"},
        "processed_on": "2026-09-10T10:11:12Z", "reference": "qaMAhZkZvd",
        "metadata": {"billfold_payment_source": "eqRZMSaNqM"},
        "_links": {"self": {"href": "https://api.sandbox.checkout.com/payments/pay_1"}},
    })
}

fn declined() -> Value {
    let mut payment = payment("Declined");
    payment["response_code"] = json!("20051");
    payment["response_summary"] = json!("Insufficient Funds");
    payment["source"].as_object_mut().unwrap().remove("id");
    payment
}

/// What is answered with 202.
fn pending() -> Value {
    json!({
        "id": PAYMENT, "status": "Pending", "reference": "qaMAhZkZvd",
        "customer": {"id": CUSTOMER}, "3ds": {"downgraded": false, "enrolled": "Y"},
        "_links": {
            "self": {"href": "https://api.sandbox.checkout.com/payments/pay_1"},
            "redirect": {"href": "https://3ds2-sandbox.ckotech.co/interceptor/sid_1"},
        },
    })
}

fn of(mut answer: Value, customer: Value) -> Value {
    answer["customer"] = customer;
    answer
}

fn instrument() -> Value {
    json!({
        "id": SOURCE, "type": "card", "fingerprint": "vnsdrvikkvre3dtrjjvlm5du4q",
        "scheme": "Visa", "last4": "4242", "bin": "424242", "expiry_month": 8,
        "expiry_year": 2030, "name": "Bruce Wayne",
        "customer": {"id": CUSTOMER, "email": "joan@example.com", "default": true},
        "account_holder": {"billing_address": {"city": "Gotham"}},
    })
}

fn session() -> Value {
    json!({
        "id": "ps_2Un6I6lRpIAiIEwQIyxWVnV1CqQ", "payment_session_token": "eyJpZCI6InBzXzJVbiJ9",
        "payment_session_secret": "pss_9823241e2-5f5d",
        "_links": {"self": {"href": "https://api.sandbox.checkout.com/payment-sessions/ps_2Un"}},
    })
}

fn euros(cents: i64) -> Amount {
    Amount {
        cents,
        currency: "EUR".parse().unwrap(),
    }
}

/// A payment of 129.00 EUR by a customer who is billed in Italy.
fn new_payment() -> NewPayment {
    let billing = PostalAddress {
        country_code: Some("it".to_owned()),
        ..PostalAddress::default()
    };
    let given = json!({
        "success_url": "https://shop.test/paid", "failure_url": "https://shop.test/not-paid",
    });
    NewPayment {
        order: "qaMAhZkZvd".parse().unwrap(),
        order_number: Some("1234".to_owned()),
        amount: euros(12_900),
        customer: Some("customerAA".parse().unwrap()),
        customer_token: Some(CUSTOMER.to_owned()),
        saved: None,
        shopper_token: None,
        given: given.as_object().unwrap().clone(),
        basket: Some(Basket {
            buyer: Buyer {
                billing: Some(billing),
                email: Some("joan@example.com".to_owned()),
                ..Buyer::default()
            },
            lines: Vec::new(),
            taxes_on_top: None,
        }),
        payment: None,
        document: None,
    }
}

fn by_guest(payment: NewPayment) -> NewPayment {
    NewPayment {
        customer: None,
        customer_token: None,
        ..payment
    }
}

fn with_token() -> NewPayment {
    NewPayment {
        shopper_token: Some(TOKEN.to_owned()),
        basket: None,
        ..new_payment()
    }
}

fn with_saved() -> NewPayment {
    NewPayment {
        saved: Some(SOURCE.to_owned()),
        given: serde_json::Map::new(),
        basket: None,
        ..new_payment()
    }
}

fn create_customer(email: Option<&str>) -> GatewayRequest {
    GatewayRequest::CreateCustomer {
        email: email.map(str::to_owned),
        replaces: None,
    }
}

fn create(payment: NewPayment) -> GatewayRequest {
    GatewayRequest::CreatePayment(payment)
}

fn authorize(payment: NewPayment) -> GatewayRequest {
    GatewayRequest::AuthorizePayment(payment)
}

/// A capture, void or refund of so much.
fn ask(kind: Moving, cents: i64) -> GatewayRequest {
    GatewayRequest::Move(moving(kind, cents))
}

fn moving(kind: Moving, cents: i64) -> Move {
    Move {
        kind,
        order: "qaMAhZkZvd".parse().unwrap(),
        order_number: Some("1234".to_owned()),
        payment: PAYMENT.to_owned(),
        capture: None,
        amount: euros(cents),
        is_last: true,
        document: None,
    }
}

fn read_moved(kind: Moving, reference: Option<&str>) -> GatewayRequest {
    GatewayRequest::ReadMoved {
        asked: moving(kind, 500),
        reference: reference.map(str::to_owned),
    }
}

/// What is answered to a capture, a void or a refund.
fn accepted() -> Value {
    json!({"action_id": ACTION, "reference": "eqRZMSaNqM"})
}

fn read_payment(payment: &str) -> GatewayRequest {
    GatewayRequest::ReadPayment {
        payment: payment.to_owned(),
    }
}

fn make_reusable() -> GatewayRequest {
    GatewayRequest::MakeReusable(to_keep())
}

fn to_keep() -> ToKeep {
    ToKeep {
        payment: Some(PAYMENT.to_owned()),
        shopper_token: None,
        customer: "customerAA".parse().unwrap(),
        customer_token: Some(CUSTOMER.to_owned()),
        amount: euros(12_900),
        buyer: None,
        once: false,
        for_later: false,
        document: None,
    }
}

fn release() -> GatewayRequest {
    GatewayRequest::Release {
        payment: Some(PAYMENT.to_owned()),
        shopper_token: None,
    }
}

fn watch() -> GatewayRequest {
    GatewayRequest::Watch {
        order: new_payment().order,
        until: Timestamp::from_unix_millis(0),
    }
}

fn forget() -> GatewayRequest {
    GatewayRequest::Forget {
        payment_source_token: SOURCE.to_owned(),
    }
}
