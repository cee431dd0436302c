//! Payment sessions: what a page is about to ask the shopper for.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::fields::Members;
use crate::vendor::Reply;

use super::error::ApiError;
use super::exchange::{Call, Done, Work};
use super::schema::{PURCHASE, SESSION};
use super::state::Account;
use super::sums::bad_sums;
use super::{countries, names};

/// A session lives 48 hours, or until the order.
const LIFE_MS: i64 = 48 * 60 * 60 * 1_000;

/// A payment session.
#[derive(Deserialize, Serialize)]
pub(super) struct Session {
    /// Its place among the account's sessions, from 1.
    pub(super) number: u64,
    client_token: String,
    /// Unix milliseconds.
    created_at: i64,
    pub(super) intent: Intent,
    /// The fields as they were sent last.
    pub(super) fields: Members,
    /// Whether the order was placed.
    pub(super) is_complete: bool,
}

/// What the shopper is asked to agree to; it can't change.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Intent {
    Buy,
    Tokenize,
    BuyAndTokenize,
}

impl Intent {
    fn of(fields: &Members) -> Self {
        match fields.get("intent").and_then(Value::as_str) {
            Some("tokenize") => Intent::Tokenize,
            Some("buy_and_tokenize") => Intent::BuyAndTokenize,
            _ => Intent::Buy,
        }
    }
}

impl Session {
    fn is_alive(&self, now: i64) -> bool {
        now.saturating_sub(self.created_at) < LIFE_MS
    }

    /// Whether a shopper may still agree to it.
    pub(super) fn is_open(&self, now: i64) -> bool {
        !self.is_complete && self.is_alive(now)
    }

    /// Whether this is the token that the page was given.
    pub(super) fn is_of_page(&self, client_token: &str) -> bool {
        self.client_token == client_token
    }

    fn to_json(&self) -> Option<Value> {
        let expires_at = self.created_at.saturating_add(LIFE_MS).div_euclid(1_000);
        let expires_at = OffsetDateTime::from_unix_timestamp(expires_at).ok()?;
        let mut fields = self.fields.clone();
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

/// `POST /payments/v1/sessions`
pub(super) fn create(work: &mut Work<'_>, call: &Call<'_>) -> Done {
    let fields = call.members(&[PURCHASE, SESSION])?;
    check(&fields)?;
    let id = names::uuid(work.ids);
    let country = fields.get("purchase_country").and_then(Value::as_str);
    let client_token = names::client_token(work.ids, &id, country.unwrap_or_default());
    let reply = json!({
        "session_id": id,
        "client_token": client_token,
        "payment_method_categories": categories(),
    });
    let now = work.now;
    let account = work.account();
    account.sessions.retain(|_, session| session.is_alive(now));
    account.sessions_made += 1;
    let session = Session {
        number: account.sessions_made,
        client_token,
        created_at: now,
        intent: Intent::of(&fields),
        fields,
        is_complete: false,
    };
    account.sessions.insert(id, session);
    Ok(Reply::json(200, reply))
}

/// `POST /payments/v1/sessions/{id}`: the fields that are sent replace those of the session.
pub(super) fn update(work: &mut Work<'_>, call: &Call<'_>) -> Done {
    let now = work.now;
    let session = find(work.account(), call.id, now)?;
    if session.is_complete {
        return Err(ApiError::session_completed());
    }
    let changes = call.changes(&[PURCHASE, SESSION])?;
    if changes.contains_key("intent") && Intent::of(&changes) != session.intent {
        return Err(ApiError::bad_value("intent"));
    }
    let mut fields = session.fields.clone();
    fields.extend(changes);
    check(&fields)?;
    session.fields = fields;
    Ok(Reply::empty(204))
}

/// `GET /payments/v1/sessions/{id}`
pub(super) fn read(work: &mut Work<'_>, call: &Call<'_>) -> Done {
    let now = work.now;
    let session = find(work.account(), call.id, now)?;
    let body = session.to_json().ok_or_else(ApiError::internal)?;
    Ok(Reply::json(200, body))
}

/// The session, unless it is unknown or over.
pub(super) fn find<'a>(
    account: &'a mut Account,
    id: &str,
    now: i64,
) -> Result<&'a mut Session, ApiError> {
    account
        .sessions
        .get_mut(id)
        .filter(|session| session.is_alive(now))
        .ok_or_else(|| ApiError::not_found("Invalid session id"))
}

/// What a schema can't say of a session.
fn check(fields: &Members) -> Result<(), ApiError> {
    let mut bad = bad_sums(fields);
    let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
    let country = text("purchase_country");
    if !countries::is_currency_of(country, text("purchase_currency")) {
        bad.push("purchase_currency".to_owned());
    }
    let intent = Intent::of(fields);
    let is_free = fields.get("order_amount").and_then(Value::as_i64) == Some(0);
    if intent == Intent::BuyAndTokenize && is_free {
        bad.push("order_amount".to_owned());
    }
    if !bad.is_empty() {
        return Err(ApiError::bad_values(bad));
    }
    if intent != Intent::Buy && !countries::has_customer_tokens(country) {
        let country = country.to_ascii_uppercase();
        return Err(ApiError::bad_request(format!(
            "Klarna is not valid for creating customer tokens in {country}"
        )));
    }
    Ok(())
}

fn categories() -> Value {
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
