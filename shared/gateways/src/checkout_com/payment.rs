//! A payment in the words of the rules.

use domain::gateway::{NewPayment, Payment, Progress};
use domain::money::Amount;
use serde_json::{Map, Value, json};

use super::amounts::UNITS;
use super::answers::PaymentAnswer;
use super::card::Card;
use super::declines;
use crate::failure::CallFailure;
use crate::members::members;

/// What `payment_response` shows beside `source` and `customer`.
const SHOWN: &[&str] = &[
    "id",
    "action_id",
    "amount",
    "currency",
    "approved",
    "status",
    "response_code",
    "response_summary",
    "3ds",
    "risk",
    "eci",
    "scheme_id",
    "reference",
    "payment_type",
    "requested_on",
    "processed_on",
];

/// The longest value that is shown, as JSON text.
const LONGEST_VALUE: usize = 1024;

impl PaymentAnswer {
    /// The payment that was asked for (`asked`), or read. What it has not is null, so that nothing
    /// older stays; but `payment_session`, which it knows nothing of, is left as it is.
    ///
    /// # Errors
    /// It has no amount, or none in its currency.
    pub fn payment(
        &self,
        public_key: Option<&str>,
        asked: Option<&NewPayment>,
    ) -> Result<Payment, CallFailure> {
        let facts = &self.facts;
        let customer = self.customer();
        let card = facts.source.as_ref();
        let attributes = members([
            ("public_key", json!(public_key)),
            ("source_id", json!(card.and_then(Card::id))),
            ("customer_token", json!(customer)),
            ("redirect_uri", json!(self.redirect())),
            ("payment_response", self.shown()),
            (
                "payment_instrument",
                card.map_or(Value::Null, Card::payment_instrument),
            ),
        ]);
        Ok(Payment {
            reference: Some(facts.id.clone()),
            order: facts.reference.as_deref().and_then(|it| it.parse().ok()),
            amount: self.amount(asked)?,
            customer_token: customer.map(str::to_owned),
            progress: self.progress(),
            failed: false,
            decline: self.decline(),
            books: self.books()?,
            instrument: self.instrument().map(str::to_owned),
            attributes,
            details: details(Some(&facts.id), card),
            metadata: Map::new(),
        })
    }

    /// A payment that waits for the shopper is answered without its amount.
    fn amount(&self, asked: Option<&NewPayment>) -> Result<Amount, CallFailure> {
        match (self.facts.amount, &self.facts.currency, asked) {
            (Some(units), Some(currency), _) => UNITS.amount(units, currency),
            (_, _, Some(asked)) => Ok(asked.amount),
            _ => Err(CallFailure::NotUnderstood(
                "a payment without an amount".to_owned(),
            )),
        }
    }

    fn shown(&self) -> Value {
        let mut shown: Map<_, _> = SHOWN
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), self.whole.get(*name)?.clone())))
            .filter(|(_, value)| value.to_string().len() <= LONGEST_VALUE)
            .collect();
        let code = self.facts.response_code.as_deref();
        if let Some(instead) = code.and_then(declines::instead_of) {
            shown.insert("response_code".to_owned(), json!(instead));
            shown.insert("response_summary".to_owned(), json!(declines::DECLINED));
        }
        if let Some(card) = &self.facts.source {
            shown.insert("source".to_owned(), card.shown());
        }
        if let Some(customer) = self.customer() {
            shown.insert("customer".to_owned(), json!({ "id": customer }));
        }
        Value::Object(shown)
    }
}

/// A payment source that nothing was paid with yet, but that can be paid with: in this session.
pub(super) fn opened(new: &NewPayment, public_key: Option<&str>, session: Value) -> Payment {
    unpaid(new, public_key, session, None)
}

/// A payment source that can be paid with by this saved card.
pub(super) fn reused(new: &NewPayment, public_key: Option<&str>, card: &Card) -> Payment {
    unpaid(new, public_key, Value::Null, Some(card))
}

fn unpaid(
    new: &NewPayment,
    public_key: Option<&str>,
    session: Value,
    card: Option<&Card>,
) -> Payment {
    let response = card.map(|card| json!({"source": card.shown()}));
    let attributes = members([
        ("public_key", json!(public_key)),
        ("payment_session", session),
        ("source_id", json!(card.and_then(Card::id))),
        ("customer_token", json!(new.customer_token)),
        ("redirect_uri", Value::Null),
        ("payment_response", response.unwrap_or_default()),
        (
            "payment_instrument",
            card.map_or(Value::Null, Card::payment_instrument),
        ),
    ]);
    Payment {
        reference: None,
        order: Some(new.order),
        amount: new.amount,
        customer_token: new.customer_token.clone(),
        progress: Progress::Open,
        failed: false,
        decline: None,
        books: None,
        instrument: None,
        attributes,
        details: details(None, card),
        metadata: Map::new(),
    }
}

/// `payment_source_details` of an order.
fn details(payment: Option<&str>, card: Option<&Card>) -> Value {
    Value::Object(members([
        ("type", Some(json!("checkout_com_payment"))),
        ("payment_method_id", payment.map(Value::from)),
        ("payment_method_details", card.map(Card::shown)),
    ]))
}
