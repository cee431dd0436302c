//! A payment session as it is remembered and shown.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::fields::Members;

/// A session lives 48 hours, or until the order.
const LIFE_MS: i64 = 48 * 60 * 60 * 1_000;

/// A payment session.
#[derive(Deserialize, Serialize)]
pub(crate) struct Session {
    /// The session's place among the account's sessions, from 1.
    pub(crate) number: u64,
    pub(crate) client_token: String,
    /// Unix milliseconds.
    pub(crate) created_at: i64,
    pub(crate) intent: Intent,
    /// The fields as they were sent last.
    pub(crate) fields: Members,
    /// True once the order was placed.
    pub(crate) is_complete: bool,
}

/// The agreement that the shopper is asked for; it can't change.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Intent {
    Buy,
    Tokenize,
    BuyAndTokenize,
}

impl Intent {
    pub(crate) fn of(fields: &Members) -> Self {
        match fields.get("intent").and_then(Value::as_str) {
            Some("tokenize") => Intent::Tokenize,
            Some("buy_and_tokenize") => Intent::BuyAndTokenize,
            _ => Intent::Buy,
        }
    }
}

impl Session {
    pub(crate) fn is_alive(&self, now: i64) -> bool {
        now.saturating_sub(self.created_at) < LIFE_MS
    }

    /// True while a shopper may still agree to the session.
    pub(crate) fn is_open(&self, now: i64) -> bool {
        !self.is_complete && self.is_alive(now)
    }

    /// True for the token that the page was given.
    pub(crate) fn is_of_page(&self, client_token: &str) -> bool {
        self.client_token == client_token
    }

    pub(crate) fn to_json(&self) -> Option<Value> {
        let expires_at = self.created_at.saturating_add(LIFE_MS).div_euclid(1_000);
        let expires_at = OffsetDateTime::from_unix_timestamp(expires_at).ok()?;
        let mut fields = self.fields.clone();
        fields.remove("step_up_id");
        if let Some(customer) = fields.get_mut("customer").and_then(Value::as_object_mut) {
            customer.retain(|name, _| !is_secret_of_customer(name));
        }
        for (name, value) in [
            ("acquiring_channel", json!("ECOMMERCE")),
            ("intent", json!(self.intent)),
        ] {
            fields.entry(name).or_insert(value);
        }
        for (name, value) in [
            ("client_token", json!(self.client_token)),
            ("expires_at", json!(expires_at.format(&Rfc3339).ok()?)),
            ("payment_method_categories", categories()),
            (
                "status",
                json!(if self.is_complete {
                    "complete"
                } else {
                    "incomplete"
                }),
            ),
        ] {
            fields.insert(name.to_owned(), value);
        }
        Some(Value::Object(fields))
    }
}

/// The payment methods that a session offers.
pub(crate) fn categories() -> Value {
    let badge = "https://x.klarnacdn.net/payment-method/assets/badges/generic/klarna.svg";
    json!([{
        "identifier": "klarna",
        "name": "Pay with Klarna",
        "asset_urls": {"descriptive": badge, "standard": badge},
    }])
}

/// Written, and never read back.
fn is_secret_of_customer(name: &str) -> bool {
    matches!(name, "last_four_ssn" | "national_identification_number")
}
