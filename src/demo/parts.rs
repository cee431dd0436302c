//! What the demo's records are made of: fixed ids, and how a record is put together.

use domain::record::{Identifier, Record};
use domain::{Id, ResourceType, Timestamp};
use serde_json::{Value, json};

/// The market that everything is sold in.
pub const MARKET: &str = "dlQbPhNNop";
/// The gateway of the Stripe orders.
pub const STRIPE_GATEWAY: &str = "PxTsWkGgNl";
/// The gateway of the Checkout.com order.
pub const CHECKOUT_COM_GATEWAY: &str = "RkDmYhQqNl";
/// The gateway of the Klarna order.
pub const KLARNA_GATEWAY: &str = "GhJkLpQwEr";
/// The gateway of the external order.
pub const EXTERNAL_GATEWAY: &str = "MnBvCxZlKj";

/// How every order is shipped.
pub(super) const SHIPPING_METHOD: &str = "SwHdGjKlMn";

/// What is sold: code, name, price.
pub(super) const SKUS: [(&str, &str, i64); 2] = [
    ("TSHIRT-WHITE-M", "White T-shirt, M", 4500),
    ("CAP-BLACK", "Black cap", 3900),
];

/// A gateway's id, and the payment method of it: type of source, name, id.
pub(super) const METHODS: [(ResourceType, &str, &str, &str, &str); 4] = [
    (
        ResourceType::StripeGateways,
        STRIPE_GATEWAY,
        "stripe_payments",
        "Stripe Payment",
        "WmOodsVPmQ",
    ),
    (
        ResourceType::CheckoutComGateways,
        CHECKOUT_COM_GATEWAY,
        "checkout_com_payments",
        "Checkout.com Payment",
        "ZqXcVbNmLk",
    ),
    (
        ResourceType::KlarnaGateways,
        KLARNA_GATEWAY,
        "klarna_payments",
        "Klarna Payment",
        "TyUiOpAsDf",
    ),
    (
        ResourceType::ExternalGateways,
        EXTERNAL_GATEWAY,
        "external_payments",
        "External Payment",
        "HgFdSaPoIu",
    ),
];

/// A fixed id: ten letters, or one that is derived from the text.
pub fn id(text: &str) -> Id {
    text.parse()
        .unwrap_or_else(|_| Id::derived(&["demo", text]))
}

pub(super) fn record(kind: ResourceType, id: Id, now: Timestamp, attributes: Value) -> Record {
    let mut record = Record::new(kind, id, now);
    if let Value::Object(attributes) = attributes {
        for (name, value) in attributes {
            record.set(&name, value);
        }
    }
    record
}

pub(super) fn relate(record: &mut Record, relationship: &str, kind: ResourceType, id: Id) {
    record.relate(relationship, Some(Identifier { kind, id }));
}

pub(super) fn address_attributes(country: &str) -> Value {
    let mut attributes = json!({
        "business": false,
        "first_name": "Ada",
        "last_name": "Example",
        "country_code": country,
    });
    let place = match country {
        "DE" => json!({
            "line_1": "Beispielstraße 1",
            "city": "Berlin",
            "zip_code": "10115",
            "phone": "+49 30 00000000",
        }),
        _ => json!({
            "line_1": "Via dell'Esempio 1",
            "city": "Milano",
            "zip_code": "20121",
            "state_code": "MI",
            "phone": "+39 02 0000 0000",
        }),
    };
    if let (Some(all), Value::Object(place)) = (attributes.as_object_mut(), place) {
        all.extend(place);
    }
    attributes
}
