use domain::gateway::{NewPayment, Payment, Progress};
use serde_json::{Map, Value, json};

/// Nothing is sent: the shopper's token, or the saved one, is what the shop is asked to authorise once
/// the order is placed.
pub(super) fn create_payment(payment: &NewPayment) -> Payment {
    let mut attributes = Map::new();
    if let Some(token) = &payment.saved {
        attributes.insert(
            "payment_source_token".to_owned(),
            Value::from(token.clone()),
        );
    }
    Payment {
        reference: None,
        order: None,
        amount: payment.amount,
        customer_token: None,
        progress: Progress::Open,
        failed: false,
        instrument: None,
        attributes,
        details: json!({ "type": "external_payment" }),
    }
}
