//! Sessions and saved sources as payments, in the words of the rules. `auth_token` is the caller's to
//! bring: no session says anything of it.

use domain::gateway::{NewPayment, Payment, Progress};
use domain::money::Amount;
use serde_json::{Map, Value, json};

use super::answers::{CustomerToken, NewSession, Session};
use super::requests::UNITS;
use crate::failure::CallFailure;
use crate::members::members;

impl NewSession {
    /// The session that was opened for `payment`.
    pub fn payment(self, payment: &NewPayment) -> Payment {
        Payment {
            reference: Some(self.session_id.clone()),
            order: None,
            attributes: members([
                ("session_id", Some(json!(self.session_id))),
                ("client_token", Some(json!(self.client_token))),
                (
                    "payment_methods",
                    Some(json!(self.payment_method_categories)),
                ),
                ("payment_instrument", Some(Value::Null)),
            ]),
            ..without_reference(payment.amount)
        }
    }
}

impl Session {
    /// The session of that id. What it does not say stays as it was: a client token is good for the
    /// whole of a session's life.
    ///
    /// # Errors
    /// Its amount is none in its currency.
    pub fn payment(&self, id: &str) -> Result<Payment, CallFailure> {
        let amount = UNITS.amount(self.order_amount, &self.purchase_currency)?;
        let order = self.merchant_reference1.as_deref();
        Ok(Payment {
            reference: Some(id.to_owned()),
            order: order.and_then(|it| it.parse().ok()),
            progress: self.progress(),
            failed: false,
            decline: None,
            books: None,
            attributes: members([
                ("session_id", Some(json!(id))),
                (
                    "client_token",
                    self.client_token.as_ref().map(|it| json!(it)),
                ),
                (
                    "payment_methods",
                    self.payment_method_categories.as_ref().map(|it| json!(it)),
                ),
                ("payment_instrument", Some(Value::Null)),
            ]),
            ..without_reference(amount)
        })
    }
}

impl CustomerToken {
    /// A payment with this saved source: nothing is open at Klarna until the order is authorised with
    /// the token.
    pub fn payment(&self, payment: &NewPayment, token: &str) -> Payment {
        Payment {
            attributes: members([
                ("session_id", Some(Value::Null)),
                ("client_token", Some(Value::Null)),
                ("payment_methods", Some(Value::Null)),
                ("auth_token", Some(json!(token))),
                ("payment_instrument", Some(self.payment_instrument())),
            ]),
            ..without_reference(payment.amount)
        }
    }
}

/// A payment that nothing is known of at Klarna.
pub(super) fn without_reference(amount: Amount) -> Payment {
    Payment {
        reference: None,
        order: None,
        amount,
        customer_token: None,
        progress: Progress::Open,
        failed: false,
        decline: None,
        books: None,
        instrument: None,
        attributes: Map::new(),
        details: json!({"type": "klarna_payment"}),
        metadata: Map::new(),
    }
}
