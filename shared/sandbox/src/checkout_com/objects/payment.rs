//! A payment as it is remembered and shown.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::super::cards::{Card, Decline};
use super::super::spelling::{digits, without_nulls, written};

/// How long an amount is held: seven days
/// (<https://www.checkout.com/docs/payments/manage-payments/capture-a-payment>).
const HELD_FOR_MS: i64 = 7 * 24 * 60 * 60 * 1_000;

/// A payment.
#[derive(Deserialize, Serialize)]
pub(crate) struct Payment {
    pub(crate) id: String,
    /// `sid_…`, where the bank asks its customer.
    pub(crate) authentication: Option<String>,
    pub(crate) status: Status,
    /// Minor units; 0 verifies the card.
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) captures: bool,
    pub(crate) three_ds: bool,
    pub(crate) customer: Option<String>,
    pub(crate) card: Card,
    /// `src_…`, once the payment is approved.
    pub(crate) instrument: Option<String>,
    /// True if the card is stored once the payment is approved.
    pub(crate) stores: bool,
    pub(crate) captured: i64,
    pub(crate) voided: i64,
    #[serde(default)]
    pub(crate) refunded: i64,
    /// True once no more can be captured.
    pub(crate) is_final: bool,
    /// Unix milliseconds.
    pub(crate) requested_on: i64,
    /// What was done, the oldest first; the first is the bank's answer.
    pub(crate) actions: Vec<Action>,
    /// What was accepted and is not done yet, the oldest first.
    #[serde(default)]
    pub(crate) accepted: Vec<Accepted>,
    /// The members that are given back as they came: reference, description, metadata and the like.
    pub(crate) given: Map<String, Value>,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum Status {
    Pending,
    Authorized,
    #[serde(rename = "Card Verified")]
    CardVerified,
    #[serde(rename = "Partially Captured")]
    PartiallyCaptured,
    Captured,
    #[serde(rename = "Partially Refunded")]
    PartiallyRefunded,
    Refunded,
    Voided,
    Expired,
    Declined,
}

/// Something that happened to a payment.
#[derive(Deserialize, Serialize)]
pub(crate) struct Action {
    pub(crate) id: String,
    pub(crate) kind: ActionKind,
    pub(crate) amount: i64,
    pub(crate) decline: Option<Decline>,
    /// Unix milliseconds.
    pub(crate) at: i64,
    #[serde(default)]
    pub(crate) reference: Option<Value>,
    #[serde(default)]
    pub(crate) metadata: Option<Value>,
}

/// Something that is to happen to a payment.
#[derive(Deserialize, Serialize)]
pub(crate) struct Accepted {
    pub(crate) id: String,
    pub(crate) kind: ActionKind,
    pub(crate) amount: i64,
    /// True of a capture after which there is no other.
    pub(crate) is_final: bool,
    pub(crate) reference: Option<Value>,
    pub(crate) metadata: Option<Value>,
}

/// The kinds of what happens to a payment.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum ActionKind {
    /// The amount is held.
    Authorization,
    /// A card is looked at, and nothing held.
    #[serde(rename = "Card Verification")]
    CardVerification,
    /// What is held is taken.
    Capture,
    /// What is held is let go of.
    Void,
    /// What was taken goes back.
    Refund,
}

impl Action {
    pub(crate) fn response_code(&self) -> &'static str {
        self.decline.map_or("10000", Decline::code)
    }

    pub(crate) fn response_summary(&self) -> &'static str {
        self.decline.map_or("Approved", Decline::summary)
    }

    /// As `GET /payments/{id}/actions` shows it.
    pub(crate) fn to_json(&self) -> Value {
        without_nulls(json!({
            "id": self.id,
            "type": self.kind,
            "processed_on": written(self.at),
            "amount": self.amount,
            "approved": self.decline.is_none(),
            "response_code": self.response_code(),
            "response_summary": self.response_summary(),
            "reference": self.reference,
            "metadata": self.metadata,
        }))
    }
}

impl Payment {
    /// The bank's answer; none while it asks its customer.
    pub(crate) fn verdict(&self) -> Option<&Action> {
        self.actions.first()
    }

    pub(crate) fn is_approved(&self) -> bool {
        self.verdict()
            .is_some_and(|action| action.decline.is_none())
    }

    pub(crate) fn available(&self) -> i64 {
        match self.status {
            Status::Authorized => self.amount,
            Status::PartiallyCaptured | Status::PartiallyRefunded | Status::Refunded
                if !self.is_final =>
            {
                self.amount - self.captured
            }
            _ => 0,
        }
    }

    /// When the hold ends by itself, in Unix milliseconds; none where nothing is held.
    pub(crate) fn expires_at(&self) -> Option<i64> {
        (self.available() > 0).then_some(self.requested_on + HELD_FOR_MS)
    }

    /// Lets the hold end, or what is left of it.
    pub(crate) fn expire(&mut self) {
        self.voided += self.available();
        self.is_final = true;
        if self.status == Status::Authorized {
            self.status = Status::Expired;
        }
    }

    pub(crate) fn refundable(&self) -> i64 {
        self.captured - self.refunded
    }

    pub(crate) fn given(&self, name: &str) -> Option<&Value> {
        self.given.get(name)
    }

    /// The URL to which the shopper goes after 3-D Secure.
    pub(crate) fn return_url(&self) -> Option<String> {
        let name = if self.is_approved() {
            "success_url"
        } else {
            "failure_url"
        };
        let url = self.given(name)?.as_str()?;
        let separator = if url.contains('?') { '&' } else { '?' };
        let session = self.authentication.as_deref()?;
        Some(format!("{url}{separator}cko-session-id={session}"))
    }

    pub(crate) fn source_json(&self) -> Value {
        without_nulls(json!({
            "type": "card",
            "id": self.instrument,
            "billing_address": self.given("billing_address"),
            "phone": self.given("phone"),
            "expiry_month": self.card.expiry_month,
            "expiry_year": self.card.expiry_year,
            "scheme": self.card.scheme,
            "last4": self.card.last4,
            "fingerprint": self.card.fingerprint(),
            "bin": self.card.bin,
            "card_type": "Credit",
            "card_category": "Consumer",
            "issuer_country": "GB",
            "product_id": "F",
            "product_type": "CLASSIC",
            "avs_check": "G",
            "cvv_check": "Y",
        }))
    }

    pub(crate) fn balances(&self) -> Value {
        let authorized = if self.is_approved() { self.amount } else { 0 };
        let to_void = match self.status {
            Status::Authorized => self.amount,
            _ => 0,
        };
        json!({
            "total_authorized": authorized,
            "total_voided": self.voided,
            "available_to_void": to_void,
            "total_captured": self.captured,
            "available_to_capture": self.available(),
            "total_refunded": self.refunded,
            "available_to_refund": self.refundable(),
        })
    }

    pub(crate) fn links(&self, base_url: &str) -> Value {
        let payment = format!("{base_url}/payments/{}", self.id);
        let link = |member: &str| json!({"href": format!("{payment}{member}")});
        let mut links = Map::new();
        links.insert("self".to_owned(), link(""));
        links.insert("actions".to_owned(), link("/actions"));
        if self.status == Status::Pending {
            let session = self.authentication.as_deref().unwrap_or_default();
            let redirect = json!({"href": format!("{base_url}/3ds/{session}")});
            links.insert("redirect".to_owned(), redirect);
            return Value::Object(links);
        }
        if self.available() > 0 {
            links.insert("capture".to_owned(), link("/captures"));
        }
        if self.status == Status::Authorized {
            links.insert("void".to_owned(), link("/voids"));
        }
        if self.refundable() > 0 {
            links.insert("refund".to_owned(), link("/refunds"));
        }
        Value::Object(links)
    }

    /// The HTTP status of a payment that was made.
    pub(crate) fn made_status(&self) -> u16 {
        match self.status {
            Status::Pending => 202,
            _ => 201,
        }
    }

    /// The answer to a payment that was made: approved or declined (201), or waiting for the
    /// shopper (202).
    pub(crate) fn made_json(&self, customer: Option<Value>, base_url: &str) -> Value {
        let Some(verdict) = self.verdict() else {
            return without_nulls(json!({
                "id": self.id,
                "status": self.status,
                "reference": self.given("reference"),
                "customer": customer,
                "3ds": {"downgraded": false, "enrolled": "Y"},
                "_links": self.links(base_url),
            }));
        };
        without_nulls(json!({
            "id": self.id,
            "action_id": verdict.id,
            "amount": self.amount,
            "currency": self.currency,
            "approved": self.is_approved(),
            "status": self.status,
            "auth_code": self.auth_code(),
            "response_code": verdict.response_code(),
            "response_summary": verdict.response_summary(),
            "3ds": self.three_ds.then(|| json!({"downgraded": false, "enrolled": "N"})),
            "risk": {"flagged": false},
            "source": self.source_json(),
            "customer": customer,
            "balances": self.balances(),
            "processed_on": written(verdict.at),
            "reference": self.given("reference"),
            "expires_on": self.expires_at().map(written),
            "scheme_id": digits(&self.id, 15),
            "eci": "07",
            "_links": self.links(base_url),
        }))
    }

    /// The payment as its page sees it: little, and where to send the shopper.
    pub(crate) fn page_json(&self, base_url: &str) -> Value {
        let redirect = self.links(base_url).get("redirect").cloned();
        without_nulls(json!({
            "id": self.id,
            "status": self.status,
            "type": "card",
            "_links": redirect.map(|redirect| json!({ "redirect": redirect })),
        }))
    }

    pub(crate) fn auth_code(&self) -> Option<String> {
        self.is_approved().then(|| digits(&self.id, 6))
    }
}
