use domain::gateway::{NewPayment, Payment, Progress};
use domain::money::Amount;
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
        attributes,
        ..unpaid(payment.amount)
    }
}

/// A payment of which the gateway knows nothing.
pub(super) fn unpaid(amount: Amount) -> Payment {
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
        details: json!({ "type": "external_payment" }),
        metadata: Map::new(),
    }
}
