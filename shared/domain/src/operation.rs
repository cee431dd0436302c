//! Operations: gateway steps that are carried on until they are done. Some are owed after a commit (a
//! release, a source to be forgotten); others are noted before they are asked for, since they may
//! take effect though their answer is lost.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::catalog::Catalog;
use crate::gateway::{GatewayCall, GatewayKind, GatewayRequest, NotedRequest, Settings};
use crate::source::PaymentSource;
use crate::transaction::Transaction;
use crate::{CustomerId, GatewayId, Id, OperationId, OrderId, TableMark, Tenant, Timestamp};

/// How long an owed step is left alone after it was last begun: longer than any request lives.
const LEASE: Duration = Duration::from_secs(60);

/// The longest pause between two tries of an owed step.
const LONGEST_PAUSE: Duration = Duration::from_secs(6 * 3600);

/// Gateways forget an idempotency key after a day: a noted step is not asked for any more some hours
/// before that.
const LIFE_OF_A_KEY: Duration = Duration::from_secs(20 * 3600);

/// Where it is not known when a step was noted: its twelfth time is some twenty hours after.
const LAST_TRY_OF_A_KEY: u32 = 12;

/// How long after a fault a gateway may come to show what it was asked for: Stripe goes over its faults by itself.
const LATEST_TO_SHOW: Duration = Duration::from_secs(3600);

/// How long a gateway holds an amount before it lets go of it by itself: a week, and a day for good measure.
const LONGEST_HOLD: Duration = Duration::from_secs(8 * 24 * 3600);

/// A gateway step that is owed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    /// The operation's id.
    pub id: OperationId,
    /// Whose partition of the table it stands in.
    pub owner: Owner,
    /// The gateway's record.
    pub gateway: GatewayId,
    /// The gateway's type.
    pub gateway_kind: GatewayKind,
    /// The record that the step is for.
    pub subject: Id,
    /// The attempt that the step was noted at: part of its idempotency key where it is noted before
    /// it is asked for ([`GatewayRequest::is_noted`]). What is owed has a key of its own at each try.
    pub attempt: u32,
    /// How often it was begun.
    #[serde(default)]
    pub tries: u32,
    /// When it is to be tried again.
    pub due_at: Timestamp,
    /// What is owed.
    pub request: GatewayRequest,
    /// How a noted step was asked for. Steps that were noted before this was kept have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noted: Option<NotedRequest>,
    /// Since when it is owed, or under way, as far as it is known.
    #[serde(default, rename = "noted_at", skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Why it is left to people, where it is: it is not carried on until one of them says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stuck: Option<Stuck>,
}

/// Why an operation is left to people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stuck {
    /// What kind of reason that is.
    pub reason: StuckReason,
    /// What happened, for people.
    pub detail: String,
    /// Since when.
    pub since: Timestamp,
}

/// What kind of reason an operation has to be left to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StuckReason {
    /// The gateway refused it for good: a payment that is to be released was captured meanwhile.
    Refused,
    /// It was noted so long ago that the gateway has forgotten its key: asked again, it might be done a
    /// second time.
    PastItsKey,
    /// The gateway's record, or the payment source that it was for, is not there any more.
    Gone,
    /// The shopper asked their bank for the money back: the bank has it, until that is decided.
    Disputed,
}

impl StuckReason {
    /// The reason, as the API names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::PastItsKey => "past_its_key",
            Self::Gone => "gone",
            Self::Disputed => "disputed",
        }
    }
}

/// Whose partition an operation stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// An order's.
    Order(OrderId),
    /// A customer's.
    Customer(CustomerId),
}

impl Operation {
    /// The call that carries the step out.
    pub fn call(&self, tenant: Tenant, table: &TableMark, catalog: &Catalog) -> GatewayCall {
        GatewayCall {
            tenant,
            gateway: self.gateway,
            kind: self.gateway_kind,
            settings: Settings::of(catalog.gateway_or_retired(self.gateway)),
            subject: self.subject,
            attempt: match self.request.is_noted() {
                true => self.attempt,
                false => self.tries,
            },
            request: self.request.clone(),
            noted: self.noted.clone(),
            table: table.clone(),
        }
    }

    /// That a saved source is to be forgotten at its gateway. The id follows from the token: it is owed
    /// once, and void once the token is saved again.
    pub fn forget(
        customer: CustomerId,
        gateway: GatewayId,
        gateway_kind: GatewayKind,
        token: &str,
        now: Timestamp,
    ) -> Self {
        Self {
            id: Self::forget_id(gateway, token),
            owner: Owner::Customer(customer),
            gateway,
            gateway_kind,
            subject: customer.into(),
            attempt: 0,
            tries: 0,
            due_at: Self::first_due(now),
            request: GatewayRequest::Forget {
                payment_source_token: token.to_owned(),
            },
            noted: None,
            since: Some(now),
            stuck: None,
        }
    }

    /// That what the shopper's browser pays by itself is watched for, `until` nothing can be paid any more;
    /// first looked at when it is due. The id follows from the payment source: it is watched once.
    pub fn watch(source: &PaymentSource, until: Timestamp, due_at: Timestamp) -> Self {
        let (id, order) = (source.id(), source.state.order);
        Self {
            id: OperationId::new(Id::derived(&["watch", id.as_str()])),
            owner: Owner::Order(order),
            gateway: source.state.gateway,
            gateway_kind: source.state.gateway_kind,
            subject: id.into(),
            attempt: 0,
            tries: 0,
            due_at,
            request: GatewayRequest::Watch { order, until },
            noted: None,
            since: None,
            stuck: None,
        }
    }

    /// Whether nothing more can come to be paid in what it watches.
    pub fn watches_no_more(&self, now: Timestamp) -> bool {
        match self.request {
            GatewayRequest::Watch { until, .. } => now >= until,
            _ => true,
        }
    }

    /// Whether it has watched so long that nothing is held any more of what was paid in time.
    pub fn has_watched_long_enough(&self, now: Timestamp) -> bool {
        match self.request {
            GatewayRequest::Watch { until, .. } => now.since(until) > LONGEST_HOLD,
            _ => true,
        }
    }

    /// Whether it only watches: nothing is owed for it.
    pub const fn watches(&self) -> bool {
        matches!(self.request, GatewayRequest::Watch { .. }) || self.observes()
    }

    /// For how long it has been owed, or under way; none where it only waits for something to be over, is left to
    /// people, or nobody knows.
    pub fn owed_for(&self, now: Timestamp) -> Option<Duration> {
        let waits = self.watches() || self.reads_later() || self.stuck.is_some();
        let since = self.since.filter(|_| !waits);
        since.map(|it| now.since(it))
    }

    /// Whether it reads what the gateway has not decided yet: there is no use in doing so at once.
    pub const fn reads_later(&self) -> bool {
        matches!(self.request, GatewayRequest::ReadMoved { .. })
    }

    /// Whether it looks for a transaction that the gateway may or may not have made, and may yet come to show.
    pub fn looks_for_it(&self, now: Timestamp) -> bool {
        let is_unseen = matches!(
            self.request,
            GatewayRequest::ReadMoved {
                reference: None,
                ..
            }
        );
        is_unseen && self.since.is_some_and(|it| now.since(it) < LATEST_TO_SHOW)
    }

    /// Whether it reads a payment whose hold is over.
    pub const fn observes(&self) -> bool {
        matches!(self.request, GatewayRequest::ReadPayment { .. })
    }

    /// That something is asked of the gateway about a transaction. The id follows from both: it is owed once.
    pub fn about(transaction: &Transaction, request: GatewayRequest, now: Timestamp) -> Self {
        Self {
            id: Self::about_id(request.step(), transaction.record.id),
            owner: Owner::Order(transaction.state.order),
            gateway: transaction.state.gateway,
            gateway_kind: transaction.state.gateway_kind,
            subject: transaction.record.id,
            attempt: 0,
            tries: 0,
            due_at: Self::first_due(now),
            request,
            noted: None,
            since: Some(now),
            stuck: None,
        }
    }

    fn about_id(step: &str, transaction: Id) -> OperationId {
        OperationId::new(Id::derived(&[step, transaction.as_str()]))
    }

    /// The ids of the operations by which a transaction comes to be decided.
    pub fn deciding(transaction: Id) -> [OperationId; 4] {
        ["read_transaction", "capture", "void", "refund"]
            .map(|step| Self::about_id(step, transaction))
    }

    /// The id of the operation that reads an authorization's payment once its hold is over.
    pub fn after_hold_id(authorization: Id) -> OperationId {
        Self::about_id("read_payment", authorization)
    }

    /// The id of the operation that forgets this token.
    pub fn forget_id(gateway: GatewayId, token: &str) -> OperationId {
        OperationId::new(Id::derived(&["forget", gateway.as_str(), token]))
    }

    /// Whether the step was noted so long ago that the gateway has forgotten its key: asking again could
    /// take it a second time.
    pub fn is_past_its_key(&self, now: Timestamp) -> bool {
        let is_past = match self.since {
            Some(since) => now.since(since) > LIFE_OF_A_KEY,
            None => self.tries > LAST_TRY_OF_A_KEY,
        };
        self.request.is_noted() && is_past
    }

    /// When a step that is begun at `now` for the first time may be begun by somebody else.
    pub fn first_due(now: Timestamp) -> Timestamp {
        now.plus(LEASE)
    }

    /// The same operation, left to people.
    #[must_use]
    pub fn left_to_people(self, reason: StuckReason, detail: String, now: Timestamp) -> Self {
        Self {
            stuck: Some(Stuck {
                reason,
                detail,
                since: now,
            }),
            ..self
        }
    }

    /// The same operation, to be carried on from `now`.
    #[must_use]
    pub fn taken_up(self, now: Timestamp) -> Self {
        Self {
            stuck: None,
            due_at: now,
            ..self
        }
    }

    /// The same operation, begun once more at `now`: due again after a pause that doubles from a
    /// minute to six hours. One that is left to people is looked at every six hours, and told of.
    pub fn begun(&self, now: Timestamp) -> Self {
        if self.stuck.is_some() {
            return Self {
                due_at: now.plus(LONGEST_PAUSE),
                ..self.clone()
            };
        }
        let doublings = self.tries.min(16);
        let pause = LEASE.saturating_mul(1 << doublings).min(LONGEST_PAUSE);
        Self {
            tries: self.tries.saturating_add(1),
            due_at: now.plus(pause),
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// As a table holds it since the first version.
    fn stored(gateway_kind: &str) -> Value {
        json!({
            "id": "WmOodsVPmQ",
            "owner": {"order": "enWoxFMOnp"},
            "gateway": "eqRZMSaNqM",
            "gateway_kind": gateway_kind,
            "subject": "wkvgVSZyLM",
            "attempt": 2,
            "tries": 1,
            "due_at": "2026-11-28T10:00:00.000Z",
            "request": {"step": "forget", "payment_source_token": "pm_1"},
        })
    }

    #[test]
    fn what_is_stored_names_its_gateways_resource_type() {
        for kind in GatewayKind::ALL {
            let stored = stored(kind.resource_type().name());
            let operation: Operation = serde_json::from_value(stored.clone()).unwrap();
            assert_eq!(operation.gateway_kind, *kind);
            assert_eq!(serde_json::to_value(&operation).unwrap(), stored);
        }
    }

    #[test]
    fn what_is_owed_to_a_gateway_of_unknown_type_does_not_read() {
        let read = serde_json::from_value::<Operation>(stored("adyen_gateways"));
        assert!(read.unwrap_err().to_string().contains("adyen_gateways"));
    }
}
