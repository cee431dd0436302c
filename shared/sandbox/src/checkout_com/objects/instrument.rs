//! A stored card as it is remembered and shown.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::cards::Card;
use super::super::spelling::without_nulls;

/// A stored card.
#[derive(Deserialize, Serialize)]
pub(crate) struct Instrument {
    pub(crate) id: String,
    pub(crate) card: Card,
    pub(crate) customer: Option<String>,
    pub(crate) billing_address: Option<Value>,
    pub(crate) phone: Option<Value>,
}

impl Instrument {
    /// As `GET /instruments/{id}` and a customer's list show it.
    pub(crate) fn to_json(&self, customer: Option<Value>) -> Value {
        let holder = json!({"billing_address": self.billing_address, "phone": self.phone});
        let holder = without_nulls(holder);
        let has_holder = holder.as_object().is_some_and(|holder| !holder.is_empty());
        without_nulls(json!({
            "id": self.id,
            "type": "card",
            "fingerprint": self.card.instrument_fingerprint(),
            "expiry_month": self.card.expiry_month,
            "expiry_year": self.card.expiry_year,
            "scheme": self.card.scheme,
            "last4": self.card.last4,
            "bin": self.card.bin,
            "card_type": "Credit",
            "card_category": "Consumer",
            "issuer_country": "GB",
            "product_id": "F",
            "product_type": "CLASSIC",
            "customer": customer,
            "account_holder": has_holder.then_some(holder),
        }))
    }
}
