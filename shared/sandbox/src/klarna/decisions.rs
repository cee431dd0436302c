//! What Klarna decides later, and with time: pending orders, and the end of those that nobody captures.

use serde_json::{Value, json};

use crate::fields::Members;
use crate::state_file::StateFileError;

use super::Klarna;
use super::objects::order::FraudStatus;
use super::state::State;

/// A decision on an order, by the name of its notification.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Decision {
    /// `FRAUD_RISK_ACCEPTED`: a pending order may be captured now.
    Accepted,
    /// `FRAUD_RISK_REJECTED`: a pending order is none.
    Rejected,
    /// `FRAUD_RISK_STOPPED`: an order that was accepted must not be sent.
    Stopped,
}

impl Decision {
    const ALL: [Self; 3] = [Self::Accepted, Self::Rejected, Self::Stopped];

    pub(super) fn of(fields: &Members) -> Option<Self> {
        let given = fields.get("event_type").and_then(Value::as_str)?;
        Self::ALL.into_iter().find(|it| it.event_type() == given)
    }

    const fn event_type(self) -> &'static str {
        match self {
            Self::Accepted => "FRAUD_RISK_ACCEPTED",
            Self::Rejected => "FRAUD_RISK_REJECTED",
            Self::Stopped => "FRAUD_RISK_STOPPED",
        }
    }
}

impl Klarna {
    /// Klarna decides on an order of any account. Where the shop gave a notification URL when it placed the
    /// order, the decision waits in the outbox ([`deliver_callbacks`](crate::Sandbox::deliver_callbacks)),
    /// unsigned as Klarna sends it. False where there is no such order to decide on like this.
    ///
    /// # Errors
    /// It is decided, and could not be kept in the state file.
    pub fn decide(&self, order_id: &str, decision: Decision) -> Result<bool, StateFileError> {
        self.change(|state, now| decide(state, order_id, decision, now))
    }

    /// The time in which an order can be captured runs out. Klarna tells nobody. False where there is no
    /// such order.
    ///
    /// # Errors
    /// It has run out, and could not be kept in the state file.
    pub fn expire_order(&self, order_id: &str) -> Result<bool, StateFileError> {
        self.change(|state, now| {
            let order = state.order(order_id);
            order.map(|order| order.expire(now)).is_some()
        })
    }
}

/// Decides on an order; false where it is not to be decided on like this.
pub(super) fn decide(state: &mut State, order_id: &str, decision: Decision, now: i64) -> bool {
    let Some(order) = state.order(order_id) else {
        return false;
    };
    let (from, to) = match decision {
        Decision::Accepted => (FraudStatus::Pending, FraudStatus::Accepted),
        Decision::Rejected => (FraudStatus::Pending, FraudStatus::Rejected),
        Decision::Stopped => (FraudStatus::Accepted, FraudStatus::Rejected),
    };
    if order.fraud_status != from || order.is_expired(now) || order.captured() > 0 {
        return false;
    }
    order.fraud_status = to;
    if to == FraudStatus::Rejected {
        order.cancel();
    }
    if let Some(url) = order.notification_url(order_id) {
        let event = json!({"order_id": order_id, "event_type": decision.event_type()});
        state.callbacks.add(url, Vec::new(), event.to_string());
    }
    true
}
