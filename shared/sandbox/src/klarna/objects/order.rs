//! An order of order management, as it is remembered and shown.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::fields::Members;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// An authorization lasts 28 days, unless the account has it otherwise.
const LIFE_MS: i64 = 28 * DAY_MS;

/// And however often it is extended, 180.
const LONGEST_LIFE_MS: i64 = 180 * DAY_MS;

/// The members of the request for an order that the order shows.
const SHOWN: &[&str] = &[
    "billing_address",
    "locale",
    "merchant_data",
    "merchant_reference1",
    "merchant_reference2",
    "order_lines",
    "purchase_country",
    "purchase_currency",
    "shipping_address",
];

/// An order.
#[derive(Deserialize, Serialize)]
pub(crate) struct Order {
    /// The session that it came of, where it came of one.
    session_id: Option<String>,
    /// The request that placed it.
    fields: Members,
    /// Unix milliseconds.
    created_at: i64,
    expires_at: i64,
    pub(crate) fraud_status: FraudStatus,
    is_cancelled: bool,
    original_amount: i64,
    amount: i64,
    /// Minor units that were let go of after captures.
    released: i64,
    pub(crate) captures: Vec<Capture>,
    pub(crate) refunds: Vec<Refund>,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum FraudStatus {
    Accepted,
    Pending,
    Rejected,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Status {
    Authorized,
    PartCaptured,
    Captured,
    Cancelled,
    Expired,
}

/// A capture.
#[derive(Deserialize, Serialize)]
pub(crate) struct Capture {
    pub(crate) id: String,
    pub(crate) amount: i64,
    pub(crate) at: i64,
    pub(crate) fields: Members,
}

/// A refund.
#[derive(Deserialize, Serialize)]
pub(crate) struct Refund {
    pub(crate) id: String,
    pub(crate) amount: i64,
    pub(crate) at: i64,
    pub(crate) fields: Members,
}

impl Order {
    pub(crate) fn placed(
        fields: Members,
        session_id: Option<String>,
        fraud_status: FraudStatus,
        now: i64,
    ) -> Self {
        let amount = fields.get("order_amount").and_then(Value::as_i64);
        let amount = amount.unwrap_or_default();
        Self {
            session_id,
            fields,
            created_at: now,
            expires_at: now.saturating_add(LIFE_MS),
            fraud_status,
            is_cancelled: false,
            original_amount: amount,
            amount,
            released: 0,
            captures: Vec::new(),
            refunds: Vec::new(),
        }
    }

    pub(crate) fn status(&self, now: i64) -> Status {
        match self.captured() {
            0 if self.is_cancelled => Status::Cancelled,
            0 if self.is_expired(now) => Status::Expired,
            0 => Status::Authorized,
            _ if self.remaining(now) > 0 => Status::PartCaptured,
            _ => Status::Captured,
        }
    }

    pub(crate) fn is_expired(&self, now: i64) -> bool {
        now >= self.expires_at
    }

    pub(crate) fn captured(&self) -> i64 {
        self.captures.iter().map(|it| it.amount).sum()
    }

    pub(crate) fn refunded(&self) -> i64 {
        self.refunds.iter().map(|it| it.amount).sum()
    }

    /// Minor units that may still be captured, once Klarna has decided.
    pub(crate) fn remaining(&self, now: i64) -> i64 {
        match self.is_cancelled || self.is_expired(now) {
            true => 0,
            false => self.amount - self.captured() - self.released,
        }
    }

    pub(crate) fn cancel(&mut self) {
        self.is_cancelled = true;
    }

    pub(crate) fn release_remaining(&mut self, now: i64) {
        self.released += self.remaining(now);
    }

    /// Makes it cost less, or as much as it has.
    pub(crate) fn reduce(&mut self, amount: i64, lines: Option<&Value>) {
        self.amount = amount;
        if let Some(lines) = lines {
            self.fields.insert("order_lines".to_owned(), lines.clone());
        }
    }

    pub(crate) const fn amount(&self) -> i64 {
        self.amount
    }

    /// The time runs out now.
    pub(crate) fn expire(&mut self, now: i64) {
        self.expires_at = self.expires_at.min(now);
    }

    /// The days of an account from now on, up to the longest.
    pub(crate) fn extend(&mut self, now: i64) {
        let longest = self.created_at.saturating_add(LONGEST_LIFE_MS);
        self.expires_at = now.saturating_add(LIFE_MS).min(longest);
    }

    pub(crate) fn set(&mut self, name: &str, value: &Value) {
        self.fields.insert(name.to_owned(), value.clone());
    }

    /// Where the shop wants to hear of a decision, if it does.
    pub(crate) fn notification_url(&self, id: &str) -> Option<String> {
        let urls = self.fields.get("merchant_urls")?;
        let url = urls.get("notification")?.as_str()?;
        let session = self.session_id.as_deref().unwrap_or_default();
        let url = url.replace("{order.id}", id);
        Some(url.replace("{session.id}", session))
    }

    pub(crate) fn to_json(&self, id: &str, now: i64) -> Value {
        let mut order = json!({
            "order_id": id,
            "klarna_reference": klarna_reference(id),
            "status": self.status(now),
            "fraud_status": self.fraud_status,
            "created_at": time(self.created_at),
            "expires_at": time(self.expires_at),
            "order_amount": self.amount,
            "original_order_amount": self.original_amount,
            "captured_amount": self.captured(),
            "refunded_amount": self.refunded(),
            "remaining_authorized_amount": self.remaining(now),
            "captures": self.captures.iter().map(Capture::to_json).collect::<Vec<_>>(),
            "refunds": self.refunds.iter().map(Refund::to_json).collect::<Vec<_>>(),
            "customer": {},
            "initial_payment_method": {"type": "INVOICE", "description": "Pay later"},
            "shipping_info": [],
        });
        for name in SHOWN {
            if let Some(value) = self.fields.get(*name) {
                order[*name] = value.clone();
            }
        }
        order
    }
}

impl Capture {
    pub(crate) fn to_json(&self) -> Value {
        let mut capture = json!({
            "capture_id": self.id,
            "klarna_reference": klarna_reference(&self.id),
            "captured_amount": self.amount,
            "captured_at": time(self.at),
            "refunded_amount": 0,
            "shipping_info": [],
        });
        show(&mut capture, &self.fields);
        capture
    }
}

impl Refund {
    pub(crate) fn to_json(&self) -> Value {
        let mut refund = json!({
            "refund_id": self.id,
            "refunded_amount": self.amount,
            "refunded_at": time(self.at),
        });
        show(&mut refund, &self.fields);
        refund
    }
}

fn show(object: &mut Value, fields: &Members) {
    for name in ["reference", "description", "order_lines"] {
        if let Some(value) = fields.get(name) {
            object[name] = value.clone();
        }
    }
}

/// The shorter name that people use.
fn klarna_reference(id: &str) -> String {
    id.chars().take(8).collect::<String>().to_ascii_uppercase()
}

fn time(millis: i64) -> Value {
    let time = OffsetDateTime::from_unix_timestamp(millis.div_euclid(1_000));
    json!(time.ok().and_then(|it| it.format(&Rfc3339).ok()))
}
