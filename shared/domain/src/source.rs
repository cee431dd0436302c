//! Payment sources: what is to pay one order.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::gateway::{Expiry, GatewayKind, Payment, Progress, Reusable};
use crate::money::Amount;
use crate::record::{Corrupt, Identifier, Record};
use crate::resources::ResourceType;
use crate::{CustomerId, EntryId, GatewayId, Id, OrderId, SourceId, Timestamp, Token, hex_digest};

/// A payment source, read from its record.
#[derive(Debug, Clone, PartialEq)]
pub struct PaymentSource {
    /// What is stored.
    pub record: Record,
    /// What is remembered of its payment.
    pub state: SourceState,
}

/// What a payment source remembers of its payment at the gateway.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceState {
    /// The order that it pays.
    pub order: OrderId,
    /// The gateway's record.
    pub gateway: GatewayId,
    /// The gateway's type.
    pub gateway_kind: GatewayKind,
    /// The customer whose record at the gateway the payment carries; none for guests.
    pub customer: Option<CustomerId>,
    /// How much the payment is for.
    pub amount: Amount,
    /// The gateway's reference of the payment; none while there is none.
    #[serde(default, with = "crate::token::as_token")]
    pub payment: Option<String>,
    /// How far the payment had come when the gateway was last asked.
    pub progress: Progress,
    /// The wallet entry that it was made from.
    pub entry: Option<EntryId>,
    /// A digest of the request that made it, so that a repeat is known as one.
    pub request: String,
    /// How often the caller has put another card on it since.
    #[serde(default)]
    pub changes_of_card: u32,
    /// The gateway's reference of what paid, where the gateway keeps that by itself.
    #[serde(default)]
    pub instrument: Option<Token>,
    /// A digest of what the payment was authorised with, so that a repeat is known as one.
    #[serde(default)]
    pub authorized_with: Option<String>,
    /// What can be used again of it, where that had to be made before the order was paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<KeptForLater>,
    /// From when on what its gateway keeps of it may be forgotten, since nobody has saved it; none while nothing
    /// forgets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_until: Option<Timestamp>,
}

/// What can be used again, until it is saved or forgotten.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptForLater {
    customer_token: String,
    payment_source_token: Token,
    name: String,
    fingerprint: Option<String>,
    expiry: Option<Expiry>,
    snapshot: Map<String, Value>,
}

impl KeptForLater {
    /// Keeps what a gateway made reusable.
    pub fn of(reusable: &Reusable) -> Self {
        Self {
            customer_token: reusable.customer_token.clone(),
            payment_source_token: Token::new(&reusable.payment_source_token),
            name: reusable.name.clone(),
            fingerprint: reusable.fingerprint.clone(),
            expiry: reusable.expiry,
            snapshot: reusable.snapshot.clone(),
        }
    }

    /// What the gateway made reusable.
    pub fn reusable(&self) -> Reusable {
        Reusable {
            customer_token: self.customer_token.clone(),
            payment_source_token: self.payment_source_token.expose().to_owned(),
            name: self.name.clone(),
            fingerprint: self.fingerprint.clone(),
            expiry: self.expiry,
            snapshot: self.snapshot.clone(),
        }
    }
}

impl PaymentSource {
    /// Makes a payment source of `payment`.
    pub fn new(kind: ResourceType, id: SourceId, state: SourceState, now: Timestamp) -> Self {
        let mut record = Record::new(kind, id.into(), now);
        let order = Identifier {
            kind: ResourceType::Orders,
            id: state.order.into(),
        };
        record.relate("order", Some(order));
        let gateway = Identifier {
            kind: state.gateway_kind.resource_type(),
            id: state.gateway.into(),
        };
        record.relate("payment_gateway", Some(gateway));
        Self { record, state }
    }

    /// Reads a payment source from its record.
    ///
    /// # Errors
    /// The state does not read.
    pub fn parse(record: Record) -> Result<Self, Corrupt> {
        let state = record.read_state()?;
        Ok(Self { record, state })
    }

    /// The source's id.
    pub const fn id(&self) -> SourceId {
        SourceId::new(self.record.id)
    }

    /// Under what the wallet remembers that this was saved: the source, with the card that is on it.
    pub fn saved_as(&self) -> SourceId {
        match self.state.changes_of_card {
            0 => self.id(),
            changes => {
                let (id, changes) = (self.id(), changes.to_string());
                SourceId::new(Id::derived(&["card", id.as_str(), &changes]))
            }
        }
    }

    /// The caller has put another card on it: it is no wallet entry's any more, and not saved.
    pub fn change_card(&mut self) {
        self.state.entry = None;
        self.state.kept = None;
        self.state.kept_until = None;
        self.state.changes_of_card = self.state.changes_of_card.saturating_add(1);
    }

    /// Whether its gateway may have been told already to forget what it keeps of it.
    pub fn may_be_forgotten(&self, now: Timestamp) -> bool {
        self.state.kept_until.is_some_and(|until| now >= until)
    }

    /// Keeps what can be used again of it until it is saved or forgotten.
    pub fn keep_for_later(&mut self, reusable: &Reusable) {
        self.state.kept = Some(KeptForLater::of(reusable));
        self.state.instrument = Some(Token::new(&reusable.payment_source_token));
    }

    /// The gateway's reference of the payment, where it can be read by that.
    pub fn readable_payment(&self) -> Option<&str> {
        let is_read = self
            .record
            .kind
            .payment_rules()
            .is_some_and(|it| it.is_read);
        self.state.payment.as_deref().filter(|_| is_read)
    }

    /// What the gateway gave the shopper's browser to pay with, where the caller brought it.
    pub fn shopper_token(&self) -> Option<&str> {
        let attribute = self.record.kind.payment_rules()?.shopper_token?;
        self.record.text(attribute).filter(|it| !it.is_empty())
    }

    /// What the shopper approved the payment with, where that has to be released with it. What a
    /// saved source shows in its place is no approval.
    pub fn approval(&self) -> Option<&str> {
        let approves = self.record.kind.payment_rules()?.token_approves;
        let is_own = approves && self.state.entry.is_none();
        self.shopper_token().filter(|_| is_own)
    }

    /// Takes over what the gateway says of the payment.
    pub fn show(&mut self, payment: &Payment, now: Timestamp) {
        self.state.amount = payment.amount;
        self.state.payment.clone_from(&payment.reference);
        let kept = self.state.kept.is_some();
        let instrument = payment.instrument.as_deref().map(Token::new);
        self.state.instrument = instrument.or(self.state.instrument.take().filter(|_| kept));
        self.state.progress = payment.progress;
        for (name, value) in &payment.attributes {
            self.record.set(name, value.clone());
        }
        self.record.updated_at = now;
    }

    /// The record, with the state written back.
    pub fn to_record(&self) -> Record {
        let mut record = self.record.clone();
        record.write_state(&self.state);
        record
    }
}

/// A digest of a JSON document that does not depend on the order of its members.
pub fn canonical_digest(document: &Value) -> String {
    let mut text = String::new();
    write_canonical(document, &mut text);
    hex_digest(&[&text])
}

fn write_canonical(value: &Value, text: &mut String) {
    match value {
        Value::Object(members) => {
            let mut names: Vec<&String> = members.keys().collect();
            names.sort();
            text.push('{');
            for name in names {
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                write_canonical(&members[name], text);
                text.push(',');
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for item in items {
                write_canonical(item, text);
                text.push(',');
            }
            text.push(']');
        }
        scalar => text.push_str(&scalar.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_source_of_an_unknown_type_of_gateway_is_corrupt_and_named() {
        let state = |gateway_kind: &str| {
            json!({
                "order": "enWoxFMOnp", "gateway": "WmOodsVPmQ", "gateway_kind": gateway_kind,
                "customer": null, "amount": {"cents": 100, "currency": "EUR"}, "payment": null,
                "progress": "open", "entry": null, "request": "digest",
            })
        };
        let (id, now) = (Id::derived(&["source"]), Timestamp::from_unix_millis(0));
        let mut record = Record::new(ResourceType::KlarnaPayments, id, now);
        record.state = state("klarna_gateways");
        let source = PaymentSource::parse(record.clone()).unwrap();
        assert_eq!(source.state.gateway_kind, GatewayKind::Klarna);
        record.state = state("adyen_gateways");
        let corrupt = PaymentSource::parse(record).unwrap_err();
        assert_eq!(corrupt.id, id);
        assert!(corrupt.problem.contains("adyen_gateways"), "{corrupt}");
    }

    #[test]
    fn a_digest_follows_what_is_said_not_how_it_is_ordered() {
        let one = json!({"a": 1, "b": {"c": [1, 2], "d": null}});
        let other = json!({"b": {"d": null, "c": [1, 2]}, "a": 1});
        assert_eq!(canonical_digest(&one), canonical_digest(&other));
        let swapped = json!({"a": 1, "b": {"c": [2, 1], "d": null}});
        assert_ne!(canonical_digest(&one), canonical_digest(&swapped));
    }
}
