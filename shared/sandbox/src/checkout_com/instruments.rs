//! `/instruments` (<https://api-reference.checkout.com/#tag/Instruments>): cards that were stored
//! by an approved payment.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::vendor::Reply;

use super::cards::Card;
use super::customers;
use super::error::Refusal;
use super::state::{Account, Work, without_nulls};

/// A stored card.
#[derive(Deserialize, Serialize)]
pub(super) struct Instrument {
    pub(super) id: String,
    pub(super) card: Card,
    pub(super) customer: Option<String>,
    pub(super) billing_address: Option<Value>,
    pub(super) phone: Option<Value>,
}

impl Instrument {
    /// As `GET /instruments/{id}` and a customer's list show it.
    pub(super) fn to_json(&self, customer: Option<Value>) -> Value {
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

/// Keeps an instrument; the customer's first one is the default one.
pub(super) fn store(account: &mut Account, instrument: Instrument) {
    if let Some(customer) = &instrument.customer {
        customers::link(account, customer, &instrument.id);
    }
    account
        .instruments
        .insert(instrument.id.clone(), instrument);
}

/// `GET /instruments/{id}`
pub(super) fn read(work: &mut Work<'_>, id: &str) -> Result<Reply, Refusal> {
    let account = work.state.account(work.account);
    let instrument = account.instruments.get(id).ok_or(Refusal::NotFound)?;
    let customer = instrument.customer.as_deref().and_then(|customer| {
        let mut shown = customers::summary(account, customer)?;
        let is_default = customers::is_default(account, customer, id);
        shown
            .as_object_mut()?
            .insert("default".to_owned(), Value::from(is_default));
        Some(shown)
    });
    Ok(Reply::json(200, instrument.to_json(customer)))
}

/// `DELETE /instruments/{id}`
pub(super) fn delete(work: &mut Work<'_>, id: &str) -> Result<Reply, Refusal> {
    let account = work.state.account(work.account);
    let instrument = account.instruments.remove(id).ok_or(Refusal::NotFound)?;
    if let Some(customer) = &instrument.customer {
        customers::unlink(account, customer, id);
    }
    Ok(Reply::empty(204))
}
