//! The adapter over the wire: what it sends, and what it makes of the answers.

mod creating;
mod ending;
mod endpoints;
mod failing;
mod lines;
mod logging;
mod moving;
mod orders;
mod placing;
mod reading;
mod reusing;
mod saving;

use std::time::Duration;

use domain::basket::{Basket, BasketLine, Buyer, PostalAddress};
use domain::gateway::{
    GatewayCall, GatewayKind, GatewayRequest, Move, Moving, NewPayment, Settings, ToKeep,
};
use domain::money::Amount;
use domain::refusal::Code;
use serde_json::{Map, Value, json};

use crate::CallFailure;
use crate::testing::{
    BUDGET, Performed, World, call_to, done, failure_of, moved_of, payment_of, refusal_of,
    reusable_of,
};

const SESSION: &str = "0b1d9815-165e-42e2-8867-35bc03789e00";
const AUTHORIZATION: &str = "b4bd3423-24e3-5a0d-8d2f-a8e2e5c0f2aa";
const ORDER: &str = "3eaeb557-5e30-47f8-b840-b8d987f5945d";
const TOKEN: &str = "0b1d9815-165e-42e2-8867-35bc03789e99";

/// A world whose gateway is a test account at Klarna in Europe.
fn world() -> World {
    let world = World::default();
    world.credentials(json!({
        "country_code": "EU", "api_key": "klarna_test_api_shop", "api_secret": "hush",
    }));
    world
}

fn call(request: GatewayRequest) -> GatewayCall {
    call_to(GatewayKind::Klarna, Settings::default(), request)
}

async fn perform(world: &World, request: GatewayRequest) -> Performed {
    world.perform_call(&call(request), BUDGET).await
}

/// Klarna's answer to a new session.
fn new_session() -> Value {
    json!({
        "session_id": SESSION, "client_token": "eyJ.client.hush",
        "payment_method_categories": [{
            "identifier": "klarna", "name": "Pay with Klarna",
            "asset_urls": {"standard": "https://x.klarnacdn.net/klarna.svg"},
        }],
    })
}

/// A session as Klarna reads it out.
fn session(status: &str) -> Value {
    json!({
        "status": status, "order_amount": 12_900, "purchase_currency": "EUR",
        "purchase_country": "DE", "merchant_reference1": "qaMAhZkZvd", "intent": "buy_and_tokenize",
        "expires_at": "2027-01-17T00:00:00Z", "order_lines": [],
    })
}

fn token(status: &str) -> Value {
    json!({
        "status": status, "payment_method_type": "CARD",
        "card": {"brand": "VISA", "expiry_date": "12/2030", "masked_number": "************1234"},
    })
}

fn card() -> Value {
    json!({
        "issuer_type": "card", "card_type": "visa", "card_last_digits": "1234",
        "card_expiry_month": "12", "card_expiry_year": "2030",
    })
}

fn error(code: &str, message: &str) -> Value {
    json!({"error_code": code, "error_messages": [message], "correlation_id": "6a9a5c2b"})
}

fn tokens_refused() -> Value {
    error(
        "BAD_REQUEST",
        "PIX is not valid for creating customer tokens in DE",
    )
}

fn amount(cents: i64, code: &str) -> Amount {
    Amount {
        cents,
        currency: code.parse().unwrap(),
    }
}

/// A T-shirt twice and its shipping, with taxes in the prices.
fn basket() -> Basket {
    let line = |item_type: &str, name: &str, quantity, total_cents| BasketLine {
        item_type: item_type.to_owned(),
        name: name.to_owned(),
        sku_code: (item_type == "skus").then(|| "TSHIRTMM".to_owned()),
        quantity,
        total_cents,
        tax_cents: 0,
        tax_rate: 0.19,
    };
    Basket {
        buyer: buyer(),
        lines: vec![
            line("skus", "T-shirt", 2, 12_200),
            line("shipments", "Standard shipping", 1, 700),
        ],
        taxes_on_top: None,
    }
}

fn buyer() -> Buyer {
    let text = |text: &str| Some(text.to_owned());
    Buyer {
        email: text("joan@example.com"),
        language: text("de"),
        billing: Some(PostalAddress {
            first_name: text("Joan"),
            last_name: text("Doe"),
            line_1: text("Torstraße 1"),
            city: text("Berlin"),
            zip_code: text("10119"),
            country_code: text("DE"),
            phone: text("+49 30 123456"),
            ..PostalAddress::default()
        }),
        shipping: None,
    }
}

/// A payment of 129.00 EUR by a customer.
fn new_payment() -> NewPayment {
    NewPayment {
        order: "qaMAhZkZvd".parse().unwrap(),
        order_number: Some("1234".to_owned()),
        amount: amount(12_900, "EUR"),
        customer: Some("customerAA".parse().unwrap()),
        customer_token: None,
        saved: None,
        shopper_token: None,
        given: Map::new(),
        basket: Some(basket()),
        payment: None,
        document: None,
    }
}

fn create_payment() -> GatewayRequest {
    GatewayRequest::CreatePayment(new_payment())
}

fn reuse(token: &str) -> GatewayRequest {
    GatewayRequest::CreatePayment(NewPayment {
        saved: Some(token.to_owned()),
        basket: None,
        ..new_payment()
    })
}

fn read_payment() -> GatewayRequest {
    GatewayRequest::ReadPayment {
        payment: SESSION.to_owned(),
    }
}

fn update_payment(to: Option<NewPayment>) -> GatewayRequest {
    GatewayRequest::UpdatePayment {
        payment: SESSION.to_owned(),
        to,
        options: None,
    }
}

fn to_keep() -> ToKeep {
    ToKeep {
        payment: Some(SESSION.to_owned()),
        shopper_token: Some(AUTHORIZATION.to_owned()),
        customer: "customerAA".parse().unwrap(),
        customer_token: None,
        amount: amount(12_900, "EUR"),
        buyer: Some(buyer()),
        once: true,
        for_later: false,
        document: None,
    }
}

fn make_reusable() -> GatewayRequest {
    GatewayRequest::MakeReusable(to_keep())
}

fn release(shopper_token: Option<&str>) -> GatewayRequest {
    GatewayRequest::Release {
        payment: Some(SESSION.to_owned()),
        shopper_token: shopper_token.map(str::to_owned),
    }
}

fn forget() -> GatewayRequest {
    GatewayRequest::Forget {
        payment_source_token: TOKEN.to_owned(),
    }
}

/// Places an order with what the shopper approved.
fn authorize() -> GatewayRequest {
    GatewayRequest::AuthorizePayment(NewPayment {
        shopper_token: Some(AUTHORIZATION.to_owned()),
        payment: Some(SESSION.to_owned()),
        ..new_payment()
    })
}

/// Places an order with a saved source.
fn authorize_saved() -> GatewayRequest {
    GatewayRequest::AuthorizePayment(NewPayment {
        shopper_token: Some(TOKEN.to_owned()),
        saved: Some(TOKEN.to_owned()),
        ..new_payment()
    })
}

/// The reference of the order.
fn order_reference() -> String {
    format!("orders/{ORDER}")
}

/// 50.00 EUR that move, or all of it where it is let go of.
fn moving(kind: Moving) -> Move {
    Move {
        kind,
        order: "qaMAhZkZvd".parse().unwrap(),
        order_number: Some("1234".to_owned()),
        payment: order_reference(),
        capture: None,
        amount: amount(5_000, "EUR"),
        is_last: false,
        document: None,
    }
}

fn move_money(kind: Moving) -> GatewayRequest {
    GatewayRequest::Move(moving(kind))
}

/// An order of 129.00 EUR as Klarna reads it out, with other members.
fn order(members: Value) -> Value {
    let mut order = json!({
        "order_id": ORDER, "status": "AUTHORIZED", "fraud_status": "ACCEPTED",
        "order_amount": 12_900, "original_order_amount": 12_900, "purchase_currency": "EUR",
        "captured_amount": 0, "refunded_amount": 0, "remaining_authorized_amount": 12_900,
        "expires_at": "2027-02-12T08:00:00Z", "merchant_reference1": "qaMAhZkZvd",
        "captures": [], "refunds": [],
    });
    for (name, value) in members.as_object().unwrap() {
        order[name] = value.clone();
    }
    order
}
