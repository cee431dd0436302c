//! A PaymentIntent in the words of the rules.

use domain::gateway::Payment;
use serde_json::{Map, Value, json};

use super::amounts::UNITS;
use super::answers::{PaymentIntent, PaymentMethod, Reference, Status};
use crate::failure::CallFailure;
use crate::members::members;

impl PaymentIntent {
    /// The intent as a payment. What it has not is null, so that nothing older stays.
    ///
    /// # Errors
    /// Its amount is none in its currency.
    pub fn payment(&self, publishable_key: Option<&str>) -> Result<Payment, CallFailure> {
        let method = self.payment_method.as_ref();
        let expanded = method.and_then(|it| it.expanded());
        let shown = match (method, expanded) {
            (_, Some(expanded)) => expanded.shown(),
            (Some(method), None) => json!({"id": method.id()}),
            (None, None) => Value::Null,
        };
        let attributes = members([
            ("stripe_id", json!(self.id)),
            ("client_secret", json!(self.client_secret)),
            (
                "charge_id",
                json!(self.latest_charge.as_ref().map(Reference::id)),
            ),
            ("publishable_key", json!(publishable_key)),
            ("receipt_email", json!(self.receipt_email)),
            ("payment_method", shown),
            (
                "payment_instrument",
                expanded.map_or(Value::Null, PaymentMethod::payment_instrument),
            ),
        ]);
        Ok(Payment {
            reference: Some(self.id.clone()),
            order: None,
            amount: UNITS.amount(self.amount, &self.currency)?,
            customer_token: self.customer.as_ref().map(|it| it.id().to_owned()),
            progress: self.status.progress(),
            failed: self.status == Status::RequiresPaymentMethod
                && self.last_payment_error.is_some(),
            instrument: None,
            attributes,
            details: self.details(),
        })
    }

    /// `payment_source_details` of an order. `payment_method_id` is what the wallet entry has as its
    /// `payment_source_token`; storefronts look the entry up by it.
    fn details(&self) -> Value {
        let mut details = Map::new();
        details.insert("type".to_owned(), json!("stripe_payment"));
        if let Some(method) = &self.payment_method {
            details.insert("payment_method_id".to_owned(), json!(method.id()));
            if let Some(method) = method.expanded() {
                details.insert("payment_method_type".to_owned(), json!(method.kind));
                details.insert("payment_method_details".to_owned(), method.shown_details());
            }
        }
        Value::Object(details)
    }
}
