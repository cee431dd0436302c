//! Transactions: money of an order that a gateway was asked to hold, to take, to let go of, or to give back.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::gateway::{Decline, GatewayKind, Moved, Moving, Outcome};
use crate::money::Amount;
use crate::record::{Corrupt, Identifier, Record};
use crate::resources::ResourceType;
use crate::{GatewayId, Id, OrderId, Timestamp};

/// A transaction, read from its record.
#[derive(Debug, Clone, PartialEq)]
pub struct Transaction {
    /// What is stored.
    pub record: Record,
    /// What is remembered of it.
    pub state: TransactionState,
}

/// What is remembered of a transaction beside what documents show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TransactionState {
    /// The order.
    pub order: OrderId,
    /// The gateway's record.
    pub gateway: GatewayId,
    /// The gateway's type.
    pub gateway_kind: GatewayKind,
    /// How much.
    pub amount: Amount,
    /// The gateway's reference of the payment; none where a payment was declined before it had one.
    pub payment: Option<String>,
    /// How far it has come.
    pub status: Status,
    /// When it became known here how it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<Timestamp>,
    /// When the hold ends by itself, as far as the gateway says; of authorizations alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds_until: Option<Timestamp>,
    /// Whether people were told that the shopper asked their bank for it; of captures alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_disputed: bool,
}

/// How far a transaction has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The gateway has not decided, as far as is known here.
    Pending,
    /// The money moved.
    Succeeded,
    /// It did not, and will not.
    Failed,
}

/// What a transaction shows while the gateway has not decided.
const PENDING: &str = "The gateway has not decided yet.";

/// The relationship in which a capture or a void names its authorization.
pub const AUTHORIZATION: &str = "reference_authorization";

/// The relationship in which a refund names its capture.
pub const CAPTURE: &str = "reference_capture";

impl Transaction {
    /// A transaction that the gateway has not decided. `of` is the authorization or the capture that it
    /// draws on; `number` is for people.
    pub fn new(
        kind: ResourceType,
        id: Id,
        number: String,
        source: Identifier,
        state: TransactionState,
        now: Timestamp,
    ) -> Self {
        let mut record = Record::new(kind, id, now);
        record.set("number", number);
        record.set("currency_code", state.amount.currency.code());
        record.set("amount_cents", state.amount.cents);
        let order = Identifier {
            kind: ResourceType::Orders,
            id: state.order.into(),
        };
        record.relate("order", Some(order));
        record.relate("payment_source", Some(source));
        let mut transaction = Self { record, state };
        transaction.show(None, now);
        transaction
    }

    /// The same, drawing on this authorization or capture.
    #[must_use]
    pub fn drawing_on(mut self, of: &Self) -> Self {
        let relationship = match of.record.kind {
            ResourceType::Captures => CAPTURE,
            _ => AUTHORIZATION,
        };
        self.record
            .relate(relationship, Some(of.record.identifier()));
        self
    }

    /// Reads a transaction from its record.
    ///
    /// # Errors
    /// The state does not read.
    pub fn parse(record: Record) -> Result<Self, Corrupt> {
        let state = record.read_state()?;
        Ok(Self { record, state })
    }

    /// The record, with the state written back.
    pub fn to_record(&self) -> Record {
        let mut record = self.record.clone();
        record.write_state(&self.state);
        record
    }

    /// Minor units that it is about.
    pub const fn cents(&self) -> i64 {
        self.state.amount.cents
    }

    /// Whether the money moved.
    pub const fn has_succeeded(&self) -> bool {
        matches!(self.state.status, Status::Succeeded)
    }

    /// Whether it is known how it ended.
    pub const fn is_decided(&self) -> bool {
        !matches!(self.state.status, Status::Pending)
    }

    /// Whether the money moved, or may yet.
    pub const fn counts(&self) -> bool {
        !matches!(self.state.status, Status::Failed)
    }

    /// Whether it failed because its gateway had nothing of it, and gave no reason: it may come to show there all the
    /// same.
    pub fn was_never_seen(&self) -> bool {
        let is_told =
            ["gateway_transaction_id", "error_code"].map(|it| self.record.text(it).is_some());
        !self.counts() && is_told == [false, false]
    }

    /// Whether it is of this payment of a payment source's.
    pub fn is_of(&self, source: Id, payment: Option<&str>) -> bool {
        self.record.related("payment_source") == Some(source)
            && payment.is_some()
            && self.state.payment.as_deref() == payment
    }

    /// Whether it draws on this authorization or capture.
    pub fn draws_on(&self, of: Id) -> bool {
        let named = [AUTHORIZATION, CAPTURE].map(|it| self.record.related(it));
        named.contains(&Some(of))
    }

    /// Takes over what the gateway says of it.
    pub fn take(&mut self, moved: &Moved, now: Timestamp) {
        if let Some(reference) = &moved.reference {
            // An external gateway knows it by its token; both are shown.
            self.record.set("token", reference.clone());
            self.record.set("gateway_transaction_id", reference.clone());
        }
        if !moved.metadata.is_empty() {
            self.record.set("metadata", moved.metadata.clone());
        }
        let decline = match &moved.outcome {
            Outcome::Pending => {
                self.record.updated_at = now;
                return;
            }
            Outcome::Succeeded => None,
            Outcome::Failed(decline) => Some(decline),
        };
        self.state.status = match decline {
            None => Status::Succeeded,
            Some(_) => Status::Failed,
        };
        self.state.decided_at = Some(now);
        self.show(decline, now);
    }

    /// It counts as succeeded, whatever the gateway said: somebody has seen to it.
    pub fn forward(&mut self, now: Timestamp) {
        self.state.status = Status::Succeeded;
        self.state.decided_at = Some(now);
        self.show(None, now);
    }

    fn show(&mut self, decline: Option<&Decline>, now: Timestamp) {
        let record = &mut self.record;
        record.set("succeeded", self.state.status == Status::Succeeded);
        record.set(
            "message",
            match self.state.status {
                Status::Pending => PENDING,
                Status::Succeeded => "Succeeded",
                Status::Failed => "Failed",
            },
        );
        let code = decline.and_then(|it| it.code.clone());
        record.set("error_code", code.map_or(Value::Null, Value::from));
        let detail = decline.map(|it| it.message.clone());
        record.set("error_detail", detail.map_or(Value::Null, Value::from));
        record.updated_at = now;
    }
}

impl Moving {
    /// The type of the transaction.
    pub const fn resource_type(self) -> ResourceType {
        match self {
            Self::Capture => ResourceType::Captures,
            Self::Void => ResourceType::Voids,
            Self::Refund => ResourceType::Refunds,
        }
    }
}
