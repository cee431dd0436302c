//! The bodies that go to Checkout.com, one function per request.
//!
//! What a caller may say to Checkout.com is named here and nowhere else: the token, `success_url` and
//! `failure_url`. Amount, currency, customer and capture come from the order.

use domain::gateway::{GatewayCall, GatewayRefusal, Move, NewPayment};
use domain::{TableMark, Timestamp};
use http::Uri;
use serde_json::{Value, json};

use super::amounts::UNITS;
use super::endpoint::is_id;
use crate::refusals::{invalid, not_reusable};

/// The longest URL that Checkout.com takes.
const LONGEST_URL: usize = 255;

/// Of an order's number, so that a description keeps to Checkout.com's 100 characters.
const LONGEST_ORDER_NUMBER: usize = 80;

/// The name under which a transaction's id stands in the metadata of what it does.
pub(super) const TRANSACTION: &str = "billfold_transaction";

/// `POST /customers`
pub(super) fn create_customer(asked: &GatewayCall, email: &str) -> Value {
    let mut metadata = json!({
        "billfold_customer": asked.subject,
        "billfold_organization": asked.tenant.organization,
    });
    mark(&mut metadata, asked);
    json!({ "email": email, "metadata": metadata })
}

/// What says of a payment which payment source it was made for.
fn about_source(asked: &GatewayCall) -> Value {
    let mut metadata = json!({ "billfold_payment_source": asked.subject });
    mark(&mut metadata, asked);
    metadata
}

/// The table's mark, which tells what is made here from what is made elsewhere with the same account.
fn mark(metadata: &mut Value, asked: &GatewayCall) {
    if let Some(table) = asked.table.id() {
        metadata[TableMark::METADATA] = json!(table);
    }
}

/// `POST /payment-sessions`: the shopper's browser pays in it, with Flow. The card is stored where
/// there is a customer to store it for, and the shopper agrees: Flow asks them, which takes their e-mail,
/// unless the shop says that its checkout has asked.
pub(super) fn open_session(
    asked: &GatewayCall,
    payment: &NewPayment,
    ends_at: Option<Timestamp>,
) -> Result<Value, GatewayRefusal> {
    let has_asked = asked.settings.text("save_payment_sources") == Some("always");
    let stores = match (&payment.customer_token, has_asked) {
        (Some(_), true) => "enabled",
        (Some(_), false) => "collect_consent",
        (None, _) => "disabled",
    };
    let mut body = terms(asked, payment, payment.customer_token.is_some())?;
    let buyer = payment.basket.as_ref().map(|it| &it.buyer);
    if let (Some(customer), Some(email)) = (
        body.get_mut("customer"),
        buyer.and_then(|it| it.email.as_ref()),
    ) {
        customer["email"] = json!(email);
    }
    body["billing"] = json!({"address": {"country": country(payment)?}});
    if let Some(ends_at) = ends_at {
        body["expires_on"] = json!(ends_at.to_string());
    }
    body["payment_method_configuration"] = json!({"card": {"store_payment_details": stores}});
    for name in ["success_url", "failure_url"] {
        let url = url(payment, name)?;
        body[name] = json!(url.ok_or_else(|| invalid(format!("{name} - can't be blank")))?);
    }
    Ok(body)
}

/// `POST /payments`, with what the shopper's browser brought, or with a saved card while the shopper
/// is there.
pub(super) fn request_payment(
    asked: &GatewayCall,
    payment: &NewPayment,
) -> Result<Value, GatewayRefusal> {
    let is_stored = payment.customer_token.is_some() && payment.shopper_token.is_some();
    let mut body = terms(asked, payment, is_stored)?;
    body["source"] = source(payment)?;
    body["merchant_initiated"] = json!(false);
    for name in ["success_url", "failure_url"] {
        if let Some(url) = url(payment, name)? {
            body[name] = json!(url);
        }
    }
    Ok(body)
}

/// `POST /payments/{id}/voids`
pub(super) fn void(asked: &GatewayCall) -> Value {
    json!({"metadata": about_source(asked)})
}

/// `POST /payments/{id}/captures`: what is left can be captured later, unless this is the last.
pub(super) fn capture(asked: &GatewayCall, capture: &Move) -> Result<Value, GatewayRefusal> {
    let mut body = transaction(asked, capture);
    body["amount"] = json!(UNITS.of(capture.amount)?);
    body["capture_type"] = json!(match capture.is_last {
        true => "Final",
        false => "NonFinal",
    });
    Ok(body)
}

/// `POST /payments/{id}/voids`, of what is held.
pub(super) fn void_hold(asked: &GatewayCall, void: &Move) -> Value {
    transaction(asked, void)
}

/// `POST /payments/{id}/refunds`
pub(super) fn refund(asked: &GatewayCall, refund: &Move) -> Result<Value, GatewayRefusal> {
    let mut body = transaction(asked, refund);
    body["amount"] = json!(UNITS.of(refund.amount)?);
    Ok(body)
}

/// What a capture, a void and a refund have in common: the transaction's id, by which it is found again.
fn transaction(asked: &GatewayCall, moving: &Move) -> Value {
    let mut metadata = json!({TRANSACTION: asked.subject, "billfold_order": moving.order});
    mark(&mut metadata, asked);
    json!({"reference": asked.subject, "metadata": metadata})
}

/// What a session and a payment have in common. It is never captured from here. A card that may be kept
/// is challenged, so that later payments with it are not declined
/// (checkout.com/docs/payments/store-payment-details).
fn terms(
    asked: &GatewayCall,
    payment: &NewPayment,
    may_be_kept: bool,
) -> Result<Value, GatewayRefusal> {
    let number = payment.order_number.as_deref();
    let order = number.map_or_else(|| payment.order.to_string(), shortened);
    let mut body = json!({
        "amount": UNITS.of(payment.amount)?,
        "currency": payment.amount.currency,
        "capture": false,
        "payment_type": "Regular",
        "reference": payment.order,
        "description": format!("Order {order}"),
        "3ds": {"enabled": true},
        "metadata": about_source(asked),
    });
    if may_be_kept {
        body["3ds"]["challenge_indicator"] = json!("challenge_requested_mandate");
    }
    if let Some(customer) = &payment.customer_token {
        body["customer"] = json!({ "id": customer });
    }
    if let Some(channel) = asked.settings.text("processing_channel_id") {
        body["processing_channel_id"] = json!(channel);
    }
    Ok(body)
}

/// A card is stored for a customer alone: a guest has nobody to keep it for.
fn source(payment: &NewPayment) -> Result<Value, GatewayRefusal> {
    match (payment.shopper_token.as_deref(), payment.saved.as_deref()) {
        (Some(token), _) if is_id(token, "tok_") => Ok(json!({
            "type": "token",
            "token": token,
            "store_for_future_use": payment.customer_token.is_some(),
        })),
        (None, Some(saved)) if is_id(saved, "src_") => Ok(json!({"type": "id", "id": saved})),
        (Some(_), _) => Err(invalid(
            "token must be what Checkout.com gave the shopper's browser, such as tok_4gzeau5o2uqubbk6fufs3m7p54.",
        )),
        (None, Some(_)) => Err(not_reusable(
            "The saved card is not known at the gateway. Let the shopper enter the card again.",
        )),
        (None, None) => Err(invalid("token - can't be blank: it is what is paid with.")),
    }
}

/// The country that the order is billed to, as two capital letters.
fn country(payment: &NewPayment) -> Result<String, GatewayRefusal> {
    let basket = payment.basket.as_ref();
    let country = basket.and_then(|it| it.buyer.country()).unwrap_or_default();
    let is_code = country.len() == 2 && country.bytes().all(|it| it.is_ascii_alphabetic());
    match is_code {
        true => Ok(country.to_ascii_uppercase()),
        false => Err(invalid(
            "The order needs a billing address with a country, as a code of two letters.",
        )),
    }
}

/// A URL that the caller gave, where it did.
fn url<'p>(payment: &'p NewPayment, name: &str) -> Result<Option<&'p str>, GatewayRefusal> {
    match payment.given_text(name) {
        None => Ok(None),
        Some(url) if is_url(url) => Ok(Some(url)),
        Some(_) => Err(invalid(format!(
            "{name} must be an http or https URL of at most {LONGEST_URL} characters."
        ))),
    }
}

fn is_url(text: &str) -> bool {
    let Ok(uri) = text.parse::<Uri>() else {
        return false;
    };
    let has_host = uri.host().is_some_and(|host| !host.is_empty());
    text.len() <= LONGEST_URL && matches!(uri.scheme_str(), Some("http" | "https")) && has_host
}

fn shortened(number: &str) -> String {
    number.chars().take(LONGEST_ORDER_NUMBER).collect()
}
