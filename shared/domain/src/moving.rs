//! Records that are moved to another table: what of them stays behind, and what says so in its place.

use serde_json::{Map, Value};

use crate::record::{Corrupt, Record};
use crate::resource::ValueType;
use crate::resources::{PAYMENT_SOURCES, ResourceType, TRANSACTIONS};
use crate::source::PaymentSource;
use crate::transaction::Transaction;
use crate::wallet::{Entry, Lost};
use crate::{SECRET, Timestamp};

/// What a customer's state remembers their password by. It lets nobody in by itself, and is treated as what does.
pub const PASSWORD: &str = "password_hash";

/// What a wallet entry says that came without its token.
const WITHOUT_TOKEN: &str =
    "This payment source was moved here without what it pays with. Enter it anew.";

/// Types whose records stay where they are: an organization is made where it is to be, a password's reset is good
/// for an hour, and what is owed is carried on by one table alone.
const STAYING: &[ResourceType] = &[
    ResourceType::Organizations,
    ResourceType::CustomerPasswordResets,
    ResourceType::Operations,
    ResourceType::Applications,
];

/// Whether records of this type are moved.
pub fn is_moved(kind: ResourceType) -> bool {
    !STAYING.contains(&kind)
}

/// The record without what moves its money, for a table beside the one that made the payments: a payment can be
/// captured, released and given back by whoever knows it, and only one table may.
///
/// # Errors
/// The record does not read as what it is.
pub fn without_payments(record: Record) -> Result<Record, Corrupt> {
    Ok(match record.kind {
        kind if PAYMENT_SOURCES.contains(&kind) => {
            let mut source = PaymentSource::parse(record)?;
            let rules = kind.payment_rules();
            if let Some(approval) = rules.filter(|it| it.token_approves) {
                let name = approval.shopper_token.unwrap_or_default();
                source.record.set(name, Value::Null);
            }
            source.state.payment = None;
            source.state.instrument = None;
            source.state.kept = None;
            source.state.kept_until = None;
            // Asked for again, it is made anew.
            source.state.request = String::new();
            source.to_record()
        }
        kind if TRANSACTIONS.contains(&kind) => {
            let mut transaction = Transaction::parse(record)?;
            transaction.state.payment = None;
            transaction.to_record()
        }
        _ => record,
    })
}

/// The record without tokens, and without what moves its money. A wallet entry says from then on, which is `now`,
/// that it cannot be paid with; a customer has no password.
///
/// # Errors
/// The record does not read as what it is.
pub fn without_tokens(record: Record, now: Timestamp) -> Result<Record, Corrupt> {
    let mut record = without_payments(record)?;
    if record.kind == ResourceType::CustomerPaymentSources {
        let mut entry = Entry::parse(record)?;
        let shown = std::mem::take(&mut entry.state.snapshot);
        let source = entry.record.relationships.get("payment_source");
        let kind = source.map_or(ResourceType::CustomerPaymentSources, |it| it.kind);
        entry.state.snapshot = shown
            .into_iter()
            .filter(|it| is_shown(kind, &it.0))
            .collect();
        entry.state.superseded_tokens = Vec::new();
        entry.state.lost.get_or_insert_with(|| Lost {
            detail: WITHOUT_TOKEN.to_owned(),
            since: now,
        });
        record = entry.to_record();
        // It is kept as a token because some of its members may be.
        record.state["snapshot"] = Value::Object(entry.state.snapshot);
    }
    let kind = record.kind;
    record.attributes.retain(|name, _| !is_token(kind, name));
    if let Some(state) = record.state.as_object_mut() {
        state.remove(PASSWORD);
        drop_tokens(state);
    }
    Ok(record)
}

/// What a gateway calls a transaction, which may be the payment itself.
const REFERENCES: &[&str] = &["token", "gateway_transaction_id"];

/// Whether an attribute of records of this type is a token, holds one, or names a payment at its gateway.
pub fn is_token(kind: ResourceType, name: &str) -> bool {
    if TRANSACTIONS.contains(&kind) && REFERENCES.contains(&name) {
        return true;
    }
    let attribute = kind.declaration().attribute(name);
    attribute.is_some_and(|it| matches!(it.value, ValueType::Token | ValueType::TokenObject))
}

/// Whether an attribute is known to be none.
fn is_shown(kind: ResourceType, name: &str) -> bool {
    kind.declaration().attribute(name).is_some() && !is_token(kind, name)
}

/// A token in a state becomes null: one that a state cannot be without is seen to by who knows the state.
fn drop_tokens(members: &mut Map<String, Value>) {
    for value in members.values_mut() {
        match value {
            Value::Object(token) if token.contains_key(SECRET) => *value = Value::Null,
            Value::Object(deeper) => drop_tokens(deeper),
            Value::Array(items) => {
                items.retain(|it| it.get(SECRET).is_none());
                items
                    .iter_mut()
                    .filter_map(Value::as_object_mut)
                    .for_each(drop_tokens);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Id;

    fn record(kind: ResourceType) -> Record {
        let id = Id::derived(&["moved"]);
        Record::new(kind, id, Timestamp::from_unix_millis(0))
    }

    fn source() -> Record {
        let mut record = record(ResourceType::KlarnaPayments);
        record.set("auth_token", "approved");
        record.set("client_token", "opens");
        record.state = json!({
            "order": "enWoxFMOnp", "gateway": "WmOodsVPmQ", "gateway_kind": "klarna_gateways",
            "customer": null, "amount": {"cents": 100, "currency": "EUR"},
            "payment": {"$secret": "order_1"}, "progress": "authorized", "entry": null,
            "request": "digest", "instrument": {"$secret": "kept_1"},
        });
        record
    }

    #[test]
    fn without_its_payment_a_source_is_neither_captured_nor_released() {
        let moved = PaymentSource::parse(without_payments(source()).unwrap()).unwrap();
        assert_eq!(
            (moved.state.payment.as_ref(), moved.approval()),
            (None, None)
        );
        assert_eq!(moved.state.instrument, None);
        assert_eq!(moved.record.text("client_token"), Some("opens"));
    }

    #[test]
    fn without_tokens_a_record_still_reads_and_has_none() {
        let now = Timestamp::from_unix_millis(1);
        let moved = without_tokens(source(), now).unwrap();
        assert!(moved.attributes.is_empty(), "{:?}", moved.attributes);
        PaymentSource::parse(moved).unwrap();

        let mut entry = record(ResourceType::CustomerPaymentSources);
        entry.set("name", "Visa");
        entry.set("payment_source_token", "pm_1");
        let source = record(ResourceType::StripePayments).identifier();
        entry.relate("payment_source", Some(source));
        let shown =
            json!({ "payment_instrument": {"card_last_digits": "4242"}, "stripe_id": "pi_1" });
        entry.state = json!({
            "gateway": "WmOodsVPmQ", "expiry": null, "source_created_at": "2026-11-28T10:00:00.000Z",
            "snapshot": {"$secret": shown.to_string()}, "superseded_tokens": [{"$secret": "pm_0"}],
        });
        let moved = without_tokens(entry, now).unwrap();
        let text = format!("{moved:?}");
        assert!(!text.contains("pm_") && !text.contains("pi_"), "{text}");
        let entry = Entry::parse(moved).unwrap();
        assert_eq!(
            entry.state.snapshot["payment_instrument"]["card_last_digits"],
            "4242"
        );
        assert_eq!(entry.record.text("name"), Some("Visa"));
        assert!(entry.require_kept().is_err());

        let mut customer = record(ResourceType::Customers);
        customer.state = json!({ "password_hash": "$argon2", "deep": [{"a": {"$secret": "b"}}] });
        let moved = without_tokens(customer, now).unwrap();
        assert_eq!(moved.state, json!({ "deep": [{"a": null}] }));
    }
}
