//! The adapter over the wire: what it sends, and what it makes of the answers.

mod answering;
mod breaking;
mod logging;
mod paying;
mod saving;
mod without_request;

use std::time::Duration;

use domain::Timestamp;
use domain::gateway::{
    GatewayAnswer, GatewayCall, GatewayKind, GatewayRequest, Move, Moving, NewPayment, Settings,
    ToKeep,
};
use domain::money::Amount;
use domain::record::Record;
use domain::refusal::Code;
use serde_json::{Map, Value, json};

use super::requests::Endpoint;
use crate::CallFailure;
use crate::testing::{
    BUDGET, Performed, Sent, World, call_to, failure_of, moved_of, payment_of, refusal_of,
    reusable_of,
};

const URL: &str = "https://shop.example.com/token";
const SECRET: &str = "reference-shared-secret";

/// The settings of a gateway's record with these attributes.
fn settings(attributes: Value) -> Settings {
    let at = Timestamp::from_unix_millis(0);
    let mut gateway = Record::new(
        GatewayKind::External.resource_type(),
        "WmOodsVPmQ".parse().unwrap(),
        at,
    );
    gateway.attributes = object(attributes).into_iter().collect();
    Settings::of(Some(&gateway))
}

/// A call to the shop's gateway.
fn call(request: GatewayRequest) -> GatewayCall {
    let mut attributes = json!({ "token_url": URL, "shared_secret": SECRET });
    for name in ["authorize_url", "capture_url", "void_url", "refund_url"] {
        attributes[name] = json!(URL.replace("token", name));
    }
    let settings = settings(attributes);
    call_to(GatewayKind::External, settings, request)
}

async fn perform(world: &World, request: GatewayRequest) -> Performed {
    world.perform_call(&call(request), BUDGET).await
}

async fn save(world: &World) -> Performed {
    perform(world, make_reusable(document())).await
}

/// What comes of a save that is answered so.
async fn saved(status: u16, body: &str) -> Performed {
    let world = World::default();
    save(world.answer_with(status, &[], body)).await
}

fn document() -> Value {
    json!({
        "data": {
            "type": "external_payments",
            "id": "eqRZMSaNqM",
            "attributes": {"payment_source_token": "token-of-the-shopper", "options": {"a": 1.0}},
        },
        "included": [{"type": "customers", "id": "customerAA"}],
    })
}

fn make_reusable(document: Value) -> GatewayRequest {
    GatewayRequest::MakeReusable(ToKeep {
        payment: None,
        shopper_token: Some("token-of-the-shopper".to_owned()),
        customer: "customerAA".parse().unwrap(),
        customer_token: None,
        amount: euros(),
        buyer: None,
        once: true,
        for_later: false,
        document: Some(document),
    })
}

fn new_payment(saved: Option<&str>) -> GatewayRequest {
    GatewayRequest::CreatePayment(NewPayment {
        order: "gYzLhKcMxp".parse().unwrap(),
        order_number: None,
        amount: euros(),
        customer: None,
        customer_token: None,
        saved: saved.map(str::to_owned),
        shopper_token: Some("token-of-the-shopper".to_owned()),
        given: object(json!({"options": {"payment_instrument": {"card_type": "visa"}}})),
        basket: None,
        payment: None,
        document: None,
    })
}

/// Asks for 129.00 EUR to be held.
fn authorize() -> GatewayRequest {
    let GatewayRequest::CreatePayment(mut new) = new_payment(None) else {
        panic!("another request");
    };
    new.document = Some(document());
    GatewayRequest::AuthorizePayment(new)
}

/// 129.00 EUR that move.
fn moving(kind: Moving) -> Move {
    Move {
        kind,
        order: "gYzLhKcMxp".parse().unwrap(),
        order_number: None,
        payment: "transaction-1".to_owned(),
        capture: None,
        amount: euros(),
        is_last: false,
        document: Some(json!({"data": {"type": "authorizations", "id": "eqRZMSaNqM"}})),
    }
}

fn euros() -> Amount {
    Amount {
        cents: 12_900,
        currency: "EUR".parse().unwrap(),
    }
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

/// The answer of the how-to, with a card.
fn answer() -> Value {
    json!({"success": true, "data": {
        "customer_token": "customer-1",
        "payment_source_token": "source-1",
        "metadata": {"hush": true},
        "fingerprint": "print-1",
        "payment_instrument": {
            "issuer_type": "credit card", "card_type": "visa", "card_last_digits": "4242",
            "card_expiry_month": "12", "card_expiry_year": "2030",
        },
    }})
}
