//! The adapter over the wire: what it sends, and what it makes of the answers.

mod authorizing;
mod creating;
mod ending;
mod logging;
mod moving;
mod reading;
mod refusing;
mod retrying;
mod saving;
mod schema;

use domain::gateway::{GatewayRequest, KeptThere, Move, Moving, NewPayment, ToKeep};
use domain::money::Amount;
use serde_json::{Map, Value, json};

use crate::CallFailure;
use crate::testing::{failure_of, payment_of, refusal_of};

/// A PaymentIntent as Stripe writes it, with a card that nobody has attached yet.
fn intent(status: &str) -> Value {
    json!({
        "id": "pi_1", "object": "payment_intent", "amount": 12_900, "currency": "eur",
        "status": status, "client_secret": "pi_1_secret_hush", "customer": "cus_1",
        "setup_future_usage": "off_session", "latest_charge": null, "receipt_email": null,
        "capture_method": "manual", "livemode": false,
        "payment_method": method("pm_1", Value::Null),
    })
}

fn method(id: &str, customer: Value) -> Value {
    json!({
        "id": id, "object": "payment_method", "type": "card", "customer": customer,
        "card": {
            "brand": "visa", "last4": "4242", "exp_month": 8, "exp_year": 2030,
            "funding": "credit", "fingerprint": "AOB934RVNwzk6xtn",
        },
    })
}

fn error(kind: &str, code: &str, param: &str) -> Value {
    json!({"error": {"type": kind, "code": code, "param": param, "message": "Stripe's own words"}})
}

fn invalid(code: &str) -> Value {
    error("invalid_request_error", code, "")
}

fn amount(cents: i64, code: &str) -> Amount {
    Amount {
        cents,
        currency: code.parse().unwrap(),
    }
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    expected.iter().map(owned).collect()
}

/// A payment of 129.00 EUR by a customer, as the how-to has it.
fn new_payment() -> NewPayment {
    NewPayment {
        order: "qaMAhZkZvd".parse().unwrap(),
        order_number: Some("1234".to_owned()),
        amount: amount(12_900, "EUR"),
        customer: Some("customerAA".parse().unwrap()),
        customer_token: Some("cus_1".to_owned()),
        saved: None,
        shopper_token: None,
        given: object(json!({
            "options": {"id": "pm_1", "setup_future_usage": "off_session"},
            "receipt_email": "joan@example.com",
        })),
        basket: None,
        payment: None,
        document: None,
    }
}

fn create_payment() -> GatewayRequest {
    GatewayRequest::CreatePayment(new_payment())
}

/// The shopper is there to pay what was opened.
fn authorize(payment: NewPayment) -> GatewayRequest {
    GatewayRequest::AuthorizePayment(NewPayment {
        payment: Some("pi_1".to_owned()),
        ..payment
    })
}

fn moving(kind: Moving, cents: i64) -> Move {
    Move {
        kind,
        order: "qaMAhZkZvd".parse().unwrap(),
        order_number: Some("1234".to_owned()),
        payment: "pi_1".to_owned(),
        capture: None,
        amount: amount(cents, "EUR"),
        is_last: true,
        document: None,
    }
}

fn read_moved(kind: Moving, reference: Option<&str>) -> GatewayRequest {
    GatewayRequest::ReadMoved {
        asked: moving(kind, 12_900),
        reference: reference.map(str::to_owned),
    }
}

fn refund(status: &str) -> Value {
    json!({
        "id": "re_1", "object": "refund", "amount": 500, "currency": "eur", "status": status,
        "metadata": {"billfold_transaction": "eqRZMSaNqM"},
    })
}

fn read_payment() -> GatewayRequest {
    GatewayRequest::ReadPayment {
        payment: "pi_1".to_owned(),
    }
}

fn read_kept(kept: KeptThere) -> GatewayRequest {
    GatewayRequest::ReadKept { kept }
}

fn update_payment(amount: Option<Amount>, options: Option<Value>) -> GatewayRequest {
    GatewayRequest::UpdatePayment {
        payment: "pi_1".to_owned(),
        to: amount.map(|amount| NewPayment {
            amount,
            ..new_payment()
        }),
        options: options.map(object),
    }
}

fn make_reusable() -> GatewayRequest {
    GatewayRequest::MakeReusable(ToKeep {
        payment: Some("pi_1".to_owned()),
        shopper_token: None,
        customer: "customerAA".parse().unwrap(),
        customer_token: Some("cus_1".to_owned()),
        amount: amount(12_900, "EUR"),
        buyer: None,
        once: false,
        for_later: false,
        document: None,
    })
}

fn release() -> GatewayRequest {
    GatewayRequest::Release {
        payment: Some("pi_1".to_owned()),
        shopper_token: None,
    }
}

fn forget() -> GatewayRequest {
    GatewayRequest::Forget {
        payment_source_token: "pm_1".to_owned(),
    }
}
