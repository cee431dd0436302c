//! Operations: gateway steps that are owed after a commit, and carried on until they are done.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::gateway::{GatewayCall, GatewayRequest};
use crate::resources::ResourceType;
use crate::{Id, Tenant, Timestamp};

/// How long an owed step is left alone after it was last begun: longer than any request lives.
const LEASE: Duration = Duration::from_secs(60);

/// The longest pause between two tries of an owed step.
const LONGEST_PAUSE: Duration = Duration::from_secs(6 * 3600);

/// A gateway step that is owed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    /// The operation's id.
    pub id: Id,
    /// Whose partition of the table it stands in.
    pub owner: Owner,
    /// The gateway's record.
    pub gateway: Id,
    /// The gateway's type.
    pub gateway_kind: String,
    /// The record that the step is for.
    pub subject: Id,
    /// How often it was begun.
    pub attempt: u32,
    /// When it is to be tried again.
    pub due_at: Timestamp,
    /// What is owed.
    pub request: GatewayRequest,
}

/// Whose partition an operation stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// An order's.
    Order(Id),
    /// A customer's.
    Customer(Id),
}

impl Operation {
    /// The call that pays the debt; none where the gateway's type is not known any more.
    pub fn call(&self, tenant: Tenant) -> Option<GatewayCall> {
        Some(GatewayCall {
            tenant,
            gateway: self.gateway,
            kind: ResourceType::named(&self.gateway_kind)?,
            subject: self.subject,
            attempt: self.attempt,
            request: self.request.clone(),
        })
    }

    /// When a step that is begun at `now` for the first time may be begun by somebody else.
    pub fn first_due(now: Timestamp) -> Timestamp {
        now.plus(LEASE)
    }

    /// The same operation, begun once more at `now`: due again after a pause that doubles from a
    /// minute to six hours.
    pub fn begun(&self, now: Timestamp) -> Self {
        let doublings = self.attempt.min(16);
        let pause = LEASE.saturating_mul(1 << doublings).min(LONGEST_PAUSE);
        Self {
            attempt: self.attempt.saturating_add(1),
            due_at: now.plus(pause),
            ..self.clone()
        }
    }
}
