//! A PaymentIntent in the words of the rules.

use domain::Timestamp;
use domain::gateway::{Books, Decline, Payment, Progress};
use serde_json::{Map, Value, json};

use super::amounts::UNITS;
use super::answers::{Charge, ChargeOrId, PaymentIntent, PaymentMethod, Status};
use super::declines;
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
                json!(self.latest_charge.as_ref().map(ChargeOrId::id)),
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
            decline: self.decline(),
            books: self.books()?,
            instrument: self.kept_by_us(),
            attributes,
            details: self.details(),
            metadata: Map::new(),
        })
    }

    /// What is kept with the customer once the shopper has paid, though nobody asked for it.
    fn kept_by_us(&self) -> Option<String> {
        let is_paid = self.status.progress() != Progress::Open;
        let method = self.payment_method.as_ref().map(|it| it.id().to_owned());
        method.filter(|_| is_paid && self.customer.is_some() && self.is_set_up_by_us())
    }

    /// Why it cannot be captured: the last try was declined, or what was held ended by itself.
    fn decline(&self) -> Option<Decline> {
        let error = self.last_payment_error.as_ref();
        match self.status {
            Status::RequiresPaymentMethod => error.map(declines::decline),
            _ if self.has_expired() => Some(Decline {
                code: Some("expired".to_owned()),
                message: declines::EXPIRED.to_owned(),
            }),
            _ => None,
        }
    }

    /// What is held, captured and refunded; none where the charge was not asked for. Of a charge that was
    /// not captured nothing was refunded, whatever it says: older versions of the API counted there what
    /// was let go of.
    fn books(&self) -> Result<Option<Books>, CallFailure> {
        let charge = match &self.latest_charge {
            Some(ChargeOrId::Id(_)) if self.amount_received > 0 => return Ok(None),
            Some(ChargeOrId::Expanded(charge)) => Some(charge),
            Some(ChargeOrId::Id(_)) | None => None,
        };
        let held = match self.status {
            Status::RequiresCapture => self.amount_capturable,
            _ => 0,
        };
        let captured = charge.filter(|it| it.captured);
        let cents = |units| Ok(UNITS.amount(units, &self.currency)?.cents);
        Ok(Some(Books {
            held: cents(held)?,
            captured: cents(self.amount_received)?,
            refunded: cents(captured.map_or(0, |it| it.amount_refunded))?,
            holds_until: charge
                .filter(|_| held > 0)
                .and_then(|it| it.capture_before()),
            is_disputed: captured.is_some_and(|it| it.disputed),
        }))
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

impl Charge {
    /// When the hold ends by itself.
    fn capture_before(&self) -> Option<Timestamp> {
        let seconds = self.payment_method_details["card"]["capture_before"].as_i64()?;
        Some(Timestamp::from_unix_millis(seconds.checked_mul(1_000)?))
    }
}
