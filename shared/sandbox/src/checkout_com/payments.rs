//! `/payments` (<https://api-reference.checkout.com/#tag/Payments>).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::cards::{Card, Decline};
use super::customers;
use super::state::{Account, without_nulls, written};

mod authenticate;
mod charge;
mod create;
mod follow_up;
mod read;

pub(super) use authenticate::{authenticate, challenge};
pub(super) use charge::{Means, Purchase, card_of, charge, settle};
pub(super) use create::{THREE_DS, create};
pub(super) use follow_up::{capture, void};
pub(super) use read::read;

/// A payment.
#[derive(Deserialize, Serialize)]
pub(super) struct Payment {
    pub(super) id: String,
    /// `sid_…`, where the bank asks its customer.
    pub(super) authentication: Option<String>,
    pub(super) status: Status,
    /// Minor units; 0 verifies the card.
    amount: i64,
    currency: String,
    captures: bool,
    three_ds: bool,
    customer: Option<String>,
    card: Card,
    /// `src_…`, once the payment is approved.
    instrument: Option<String>,
    /// True if the card is stored once the payment is approved.
    stores: bool,
    captured: i64,
    voided: i64,
    /// True once no more can be captured.
    is_final: bool,
    /// Unix milliseconds.
    requested_on: i64,
    actions: Vec<Action>,
    /// The members that are given back as they came: reference, description, metadata and the like.
    given: Map<String, Value>,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) enum Status {
    Pending,
    Authorized,
    #[serde(rename = "Card Verified")]
    CardVerified,
    #[serde(rename = "Partially Captured")]
    PartiallyCaptured,
    Captured,
    Voided,
    Declined,
}

/// Something that happened to a payment.
#[derive(Deserialize, Serialize)]
struct Action {
    id: String,
    kind: ActionKind,
    amount: i64,
    decline: Option<Decline>,
    /// Unix milliseconds.
    at: i64,
}

#[derive(Clone, Copy, Deserialize, Eq, PartialEq, Serialize)]
enum ActionKind {
    Authorization,
    #[serde(rename = "Card Verification")]
    CardVerification,
    Capture,
    Void,
}

impl Action {
    fn response_code(&self) -> &'static str {
        self.decline.map_or("10000", Decline::code)
    }

    fn response_summary(&self) -> &'static str {
        self.decline.map_or("Approved", Decline::summary)
    }
}

impl Payment {
    /// The bank's answer; none while it asks its customer.
    fn verdict(&self) -> Option<&Action> {
        self.actions.first()
    }

    pub(super) fn is_approved(&self) -> bool {
        self.verdict()
            .is_some_and(|action| action.decline.is_none())
    }

    fn available(&self) -> i64 {
        match self.status {
            Status::Authorized => self.amount,
            Status::PartiallyCaptured if !self.is_final => self.amount - self.captured,
            _ => 0,
        }
    }

    fn given(&self, name: &str) -> Option<&Value> {
        self.given.get(name)
    }

    /// The URL to which the shopper goes after 3-D Secure.
    fn return_url(&self) -> Option<String> {
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

    fn source_json(&self) -> Value {
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

    fn balances(&self) -> Value {
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
            "total_refunded": 0,
            "available_to_refund": self.captured,
        })
    }

    fn links(&self, base_url: &str) -> Value {
        let payment = format!("{base_url}/payments/{}", self.id);
        let link = |member: &str| json!({"href": format!("{payment}{member}")});
        let mut links = Map::new();
        links.insert("self".to_owned(), link(""));
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
        Value::Object(links)
    }

    fn customer_json(&self, account: &Account) -> Option<Value> {
        let id = self.customer.as_deref()?;
        Some(customers::summary(account, id).unwrap_or_else(|| json!({ "id": id })))
    }

    /// The HTTP status of a payment that was made.
    pub(super) fn made_status(&self) -> u16 {
        match self.status {
            Status::Pending => 202,
            _ => 201,
        }
    }

    /// The answer to a payment that was made: approved or declined (201), or waiting for the
    /// shopper (202).
    fn made_json(&self, account: &Account, base_url: &str) -> Value {
        let customer = self.customer_json(account);
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
            "scheme_id": charge::digits(&self.id, 15),
            "eci": "07",
            "_links": self.links(base_url),
        }))
    }

    /// The payment as its page sees it: little, and where to send the shopper.
    pub(super) fn page_json(&self, base_url: &str) -> Value {
        let redirect = self.links(base_url).get("redirect").cloned();
        without_nulls(json!({
            "id": self.id,
            "status": self.status,
            "type": "card",
            "_links": redirect.map(|redirect| json!({ "redirect": redirect })),
        }))
    }

    fn auth_code(&self) -> Option<String> {
        self.is_approved().then(|| charge::digits(&self.id, 6))
    }
}
