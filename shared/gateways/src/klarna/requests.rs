//! The bodies that go to Klarna, one function per endpoint. Nothing that a caller gives the payment
//! source goes to Klarna: it hears of the order alone.

use domain::TableMark;
use domain::basket::{Basket, Buyer};
use domain::gateway::{GatewayCall, GatewayRefusal, Move, Moving, NewPayment, ToKeep};
use domain::money::Amount;
use serde_json::{Map, Value, json};

use super::client::KlarnaClient;
use super::lines::OrderLines;
use super::{buyer, text};
use crate::members::members;
use crate::minor_units::MinorUnits;

/// References and descriptions.
const LONGEST: usize = 255;

/// How Klarna counts: all currencies that it lends in have two decimals. What it lends is for it to say.
pub(crate) const UNITS: MinorUnits = MinorUnits {
    vendor: "Klarna",
    zero_decimal: &[],
    three_decimal: &[],
    hundredths_of_nothing: &[],
    largest: i64::MAX,
    largest_in: &[],
};

/// What a session is for; it cannot change later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Intent {
    Buy,
    /// The shopper agrees to be charged again, too.
    BuyAndTokenize,
}

impl Intent {
    /// Guests keep nothing.
    pub const fn of(payment: &NewPayment) -> Self {
        match payment.customer {
            Some(_) => Self::BuyAndTokenize,
            None => Self::Buy,
        }
    }
}

/// `POST /payments/v1/sessions`
pub(super) fn create_session(
    client: &KlarnaClient<'_>,
    payment: &NewPayment,
    basket: &Basket,
    intent: Intent,
) -> Result<Value, GatewayRefusal> {
    let mut session = purchase(payment, basket)?;
    let intent = match intent {
        Intent::Buy => "buy",
        Intent::BuyAndTokenize => "buy_and_tokenize",
    };
    session.insert("intent".to_owned(), intent.into());
    if let Some(url) = client.notification() {
        session.insert("merchant_urls".to_owned(), json!({ "notification": url }));
    }
    mark(&mut session, client.exchange.asked);
    Ok(Value::Object(session))
}

/// `POST /payments/v1/sessions`, for a shopper whose saved source does not pay. With `step_up` it belongs to
/// the order that Klarna wanted them for. What they have saved is not saved again.
pub(super) fn recover(
    client: &KlarnaClient<'_>,
    payment: &NewPayment,
    basket: &Basket,
    step_up: Option<&str>,
) -> Result<Value, GatewayRefusal> {
    let mut session = create_session(client, payment, basket, Intent::Buy)?;
    if let Some(step_up) = step_up {
        session["step_up_id"] = step_up.into();
    }
    Ok(session)
}

/// `POST /payments/v1/authorizations/{token}/order`: what the session said when the shopper approved it,
/// to the letter, or Klarna refuses it.
pub(super) fn place_order(
    asked: &GatewayCall,
    payment: &NewPayment,
    basket: &Basket,
) -> Result<Value, GatewayRefusal> {
    let mut order = purchase(payment, basket)?;
    mark(&mut order, asked);
    order.insert("auto_capture".to_owned(), false.into());
    Ok(Value::Object(order))
}

/// `POST /customer-token/v1/tokens/{token}/order`, the shopper present.
pub(super) fn place_token_order(
    asked: &GatewayCall,
    payment: &NewPayment,
    basket: &Basket,
) -> Result<Value, GatewayRefusal> {
    let mut order = purchase(payment, basket)?;
    // The token knows them.
    order.remove("locale");
    order.remove("purchase_country");
    mark(&mut order, asked);
    order.insert("auto_capture".to_owned(), false.into());
    order.insert("step_up".to_owned(), "SUPPORTED".into());
    Ok(Value::Object(order))
}

/// `POST /ordermanagement/v1/orders/{id}/captures` and `/refunds`; a void has no body.
pub(super) fn move_money(asked: &GatewayCall, moving: &Move) -> Option<Value> {
    let amount = match moving.kind {
        Moving::Capture => "captured_amount",
        Moving::Refund => "refunded_amount",
        Moving::Void => return None,
    };
    Some(json!({ amount: moving.amount.cents, "reference": asked.subject.as_str() }))
}

/// Klarna has no metadata, but data of the shop's that it passes through.
fn mark(body: &mut Map<String, Value>, asked: &GatewayCall) {
    if let Some(table) = asked.table.id() {
        let data = json!({ TableMark::METADATA: table }).to_string();
        body.insert("merchant_data".to_owned(), data.into());
    }
}

/// `POST /payments/v1/sessions/{id}`
pub(super) fn update_session(
    payment: &NewPayment,
    basket: &Basket,
) -> Result<Value, GatewayRefusal> {
    purchase(payment, basket).map(Value::Object)
}

/// `POST /payments/v1/authorizations/{token}/customer-token`. No address: Klarna has the one that the
/// shopper approved, and another would be a contradiction.
pub(super) fn mint_token(keep: &ToKeep) -> Result<Value, GatewayRefusal> {
    let nobody = Buyer::default();
    let buyer = keep.buyer.as_ref().unwrap_or(&nobody);
    let country = buyer::country(buyer)?;
    Ok(json!({
        "description": "Saved for later orders",
        "intended_use": "SUBSCRIPTION",
        "locale": buyer::locale(buyer, &country),
        "purchase_country": country,
        "purchase_currency": keep.amount.currency.code(),
    }))
}

/// `PATCH /customer-token/v1/tokens/{token}/status`
pub(super) fn cancel_token() -> Value {
    json!({"status": "CANCELLED"})
}

/// What sessions say when they are opened and when they change. Not who buys: names, addresses, e-mail and
/// phone are Klarna's business once the shopper chooses it, and come from their browser then.
fn purchase(payment: &NewPayment, basket: &Basket) -> Result<Map<String, Value>, GatewayRefusal> {
    let Amount { cents, currency } = payment.amount;
    UNITS.require_decimals(currency)?;
    let buyer = &basket.buyer;
    let country = buyer::country(buyer)?;
    let OrderLines { lines, tax } = OrderLines::of(basket, cents)?;
    let number = payment.order_number.as_deref();
    Ok(members([
        ("locale", Some(buyer::locale(buyer, &country).into())),
        ("purchase_country", Some(country.into())),
        ("purchase_currency", Some(currency.code().into())),
        ("order_amount", Some(cents.into())),
        ("order_tax_amount", Some(tax.into())),
        ("order_lines", Some(json!(lines))),
        ("merchant_reference1", Some(payment.order.as_str().into())),
        (
            "merchant_reference2",
            number
                .and_then(|it| text::at_most(it, LONGEST))
                .map(Value::from),
        ),
    ]))
}
