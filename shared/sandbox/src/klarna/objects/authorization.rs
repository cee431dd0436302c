//! An authorization as it is remembered, and the order that was placed with it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fields::Members;

use super::session::{Intent, Session};

/// An authorization token lives 60 minutes.
const LIFE_MS: i64 = 60 * 60 * 1_000;

/// An authorization.
#[derive(Deserialize, Serialize)]
pub(crate) struct Authorization {
    pub(crate) session_id: String,
    pub(crate) intent: Intent,
    /// Unix milliseconds.
    authorised_at: i64,
    /// The terms that the shopper has agreed to: the session's fields then.
    pub(crate) fields: Members,
    pub(crate) has_customer_token: bool,
    pub(crate) order: Option<PlacedOrder>,
    pub(crate) is_released: bool,
}

impl Authorization {
    pub(crate) fn of(session_id: &str, session: &Session, now: i64) -> Self {
        Self {
            session_id: session_id.to_owned(),
            intent: session.intent,
            authorised_at: now,
            fields: session.fields.clone(),
            has_customer_token: false,
            order: None,
            is_released: false,
        }
    }

    pub(crate) fn is_alive(&self, now: i64) -> bool {
        !self.is_released && now.saturating_sub(self.authorised_at) < LIFE_MS
    }
}

/// An order as it was placed.
#[derive(Deserialize, Serialize)]
pub(crate) struct PlacedOrder {
    pub(crate) request: Members,
    pub(crate) answer: Value,
}
