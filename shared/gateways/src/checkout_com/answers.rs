//! What is used of Checkout.com's answers. Members that are not named here are ignored, so that a
//! newer API may add some; a status that is not known is an error, since deciding needs it.

use domain::TableMark;
use domain::gateway::{Books, Decline, Progress};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::amounts::UNITS;
use super::card::Card;
use super::declines;
use super::endpoint::is_id;
use crate::failure::CallFailure;

#[derive(Debug, Deserialize)]
pub(super) struct Customer {
    pub id: String,
    #[serde(default)]
    pub email: Option<String>,
    #[serde(default)]
    pub metadata: Value,
}

/// A stored card, and whose it is.
#[derive(Debug, Deserialize)]
pub(super) struct Instrument {
    #[serde(default)]
    pub customer: Option<Customer>,
    #[serde(flatten)]
    pub card: Card,
}

/// A payment, as it was asked for or read.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Map<String, Value>")]
pub(super) struct PaymentAnswer {
    pub facts: Facts,
    /// The answer as it was sent.
    pub whole: Map<String, Value>,
}

/// The members of a payment that are decided by.
#[derive(Debug, Deserialize)]
pub(super) struct Facts {
    /// `pay_…`
    pub id: String,
    pub status: Status,
    #[serde(default)]
    pub approved: Option<bool>,
    #[serde(default)]
    pub amount: Option<i64>,
    #[serde(default)]
    pub currency: Option<String>,
    #[serde(default)]
    pub reference: Option<String>,
    #[serde(default)]
    pub customer: Option<Customer>,
    #[serde(default)]
    pub source: Option<Card>,
    #[serde(default)]
    pub metadata: Value,
    #[serde(default)]
    pub response_code: Option<String>,
    #[serde(default)]
    pub balances: Option<Balances>,
    #[serde(default)]
    pub expires_on: Option<Value>,
    /// What was done, in short.
    #[serde(default)]
    pub actions: Vec<Action>,
    #[serde(default, rename = "_links")]
    pub links: Links,
}

/// What is held, captured and refunded of a payment, in the vendor's units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Balances {
    pub total_authorized: i64,
    pub available_to_capture: i64,
    pub total_captured: i64,
    pub total_refunded: i64,
    pub available_to_refund: i64,
}

/// Something that was done to a payment.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Action {
    /// `act_…`
    pub id: String,
    #[serde(default, rename = "type")]
    pub kind: String,
    #[serde(default)]
    pub approved: Option<bool>,
    #[serde(default)]
    pub response_code: Option<String>,
    #[serde(default)]
    pub reference: Option<String>,
    #[serde(default)]
    pub metadata: Value,
}

/// Something that the vendor has taken on.
#[derive(Debug, Deserialize)]
pub(super) struct Accepted {
    /// `act_…`
    pub action_id: String,
}

impl Facts {
    /// Whether it may be this table's: no other's mark is on it.
    pub fn may_be_of(&self, table: &TableMark) -> bool {
        table.may_own(self.metadata[TableMark::METADATA].as_str())
    }
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Links {
    #[serde(default)]
    redirect: Option<Link>,
}

#[derive(Debug, Deserialize)]
struct Link {
    href: String,
}

/// A payment's status, as far as deciding tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) enum Status {
    /// The bank asks the shopper.
    Pending,
    /// The amount is held.
    Authorized,
    /// The card was found to be good; nothing is held.
    CardVerified,
    /// The bank said no, or the shopper did not pass.
    Declined,
    /// Money was taken, whatever came of it since.
    Taken,
    /// Let go of.
    Over,
    /// What was held ended by itself.
    Expired,
}

impl TryFrom<String> for Status {
    type Error = String;

    /// The published names; webhooks have spelled some of them in capitals.
    fn try_from(text: String) -> Result<Self, String> {
        Ok(match text.to_ascii_lowercase().as_str() {
            "pending" => Self::Pending,
            "authorized" => Self::Authorized,
            "card verified" => Self::CardVerified,
            "declined" => Self::Declined,
            "captured" | "partially captured" | "paid" | "refunded" | "partially refunded" => {
                Self::Taken
            }
            "voided" | "canceled" => Self::Over,
            "expired" => Self::Expired,
            _ => return Err("an unknown status".to_owned()),
        })
    }
}

impl TryFrom<Map<String, Value>> for PaymentAnswer {
    type Error = String;

    fn try_from(whole: Map<String, Value>) -> Result<Self, String> {
        let facts: Facts =
            serde_json::from_value(Value::Object(whole.clone())).map_err(|it| it.to_string())?;
        match is_id(&facts.id, "pay_") {
            true => Ok(Self { facts, whole }),
            false => Err("a payment without an id".to_owned()),
        }
    }
}

impl PaymentAnswer {
    pub fn progress(&self) -> Progress {
        match self.facts.status {
            Status::Pending => Progress::Open,
            Status::Authorized | Status::CardVerified if self.facts.approved == Some(false) => {
                Progress::Declined
            }
            Status::Authorized | Status::CardVerified => Progress::Authorized,
            Status::Declined => Progress::Declined,
            Status::Taken => Progress::Captured,
            Status::Over | Status::Expired => Progress::Released,
        }
    }

    /// Why the bank said no, or that what was held ended by itself.
    pub fn decline(&self) -> Option<Decline> {
        match (self.progress(), self.facts.status) {
            (Progress::Declined, _) => {
                let is_verdict = |it: &&Action| {
                    matches!(it.kind.as_str(), "Authorization" | "Card Verification")
                };
                let verdict = self.facts.actions.iter().find(is_verdict);
                let of_verdict = || verdict?.response_code.as_deref();
                let code = self.facts.response_code.as_deref().or_else(of_verdict);
                Some(declines::decline(code))
            }
            (_, Status::Expired) => Some(declines::expired()),
            _ => None,
        }
    }

    /// What is held, captured and refunded, where the vendor says so.
    ///
    /// # Errors
    /// An amount is none in the payment's currency.
    pub fn books(&self) -> Result<Option<Books>, CallFailure> {
        let (Some(balances), Some(currency)) = (self.facts.balances, &self.facts.currency) else {
            return Ok(None);
        };
        let cents = |units| Ok(UNITS.amount(units, currency)?.cents);
        let held = balances.available_to_capture;
        let ends = self.facts.expires_on.as_ref().filter(|_| held > 0);
        let holds_until = ends.and_then(|it| it.as_str()?.parse().ok());
        // What is held is held, though it is not known how long: then nothing reads it by itself when that is over.
        if let (Some(expires_on), None) = (ends, holds_until) {
            tracing::warn!(%expires_on, "the end of a hold does not read");
        }
        Ok(Some(Books {
            held: cents(held)?,
            captured: cents(balances.total_captured)?,
            refunded: cents(balances.total_refunded)?,
            holds_until,
            is_disputed: false,
        }))
    }

    /// Where the shopper has to go.
    pub fn redirect(&self) -> Option<&str> {
        let redirect = self.facts.links.redirect.as_ref();
        let is_pending = self.facts.status == Status::Pending;
        redirect.filter(|_| is_pending).map(|it| it.href.as_str())
    }

    pub fn customer(&self) -> Option<&str> {
        Some(self.facts.customer.as_ref()?.id.as_str())
    }

    /// The card's id, where it was stored with the payment: never without a customer, and also where the
    /// payment has ended since.
    pub fn instrument(&self) -> Option<&str> {
        let has_ended = self.progress() == Progress::Released && self.facts.approved != Some(false);
        let id = self
            .facts
            .source
            .as_ref()?
            .id()
            .filter(|it| is_id(it, "src_"));
        let stored = self.approved_source().or(id.filter(|_| has_ended));
        self.customer().and(stored)
    }

    /// The card's id, where it was approved: only then is it good for another payment.
    pub fn approved_source(&self) -> Option<&str> {
        let is_approved = matches!(self.progress(), Progress::Authorized | Progress::Captured);
        let id = self.facts.source.as_ref()?.id()?;
        (is_approved && is_id(id, "src_")).then_some(id)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn payment(answer: Value) -> serde_json::Result<PaymentAnswer> {
        serde_json::from_value(answer)
    }

    #[test]
    fn progress_follows_the_status_in_whatever_case() {
        let cases = [
            ("Pending", Progress::Open),
            ("Authorized", Progress::Authorized),
            ("AUTHORIZED", Progress::Authorized),
            ("Card Verified", Progress::Authorized),
            ("Captured", Progress::Captured),
            ("Partially Captured", Progress::Captured),
            ("Paid", Progress::Captured),
            ("Refunded", Progress::Captured),
            ("Partially Refunded", Progress::Captured),
            ("Declined", Progress::Declined),
            ("Voided", Progress::Released),
            ("Canceled", Progress::Released),
            ("Expired", Progress::Released),
        ];
        for (status, progress) in cases {
            let answer = payment(json!({"id": "pay_1", "status": status})).unwrap();
            assert_eq!(answer.progress(), progress, "{status}");
        }
        let declined = json!({"id": "pay_1", "status": "Authorized", "approved": false});
        assert_eq!(payment(declined).unwrap().progress(), Progress::Declined);
    }

    #[test]
    fn what_decides_must_read() {
        for answer in [
            json!({"id": "pay_1", "status": "Lost"}),
            json!({"id": "pay_1/voids", "status": "Authorized"}),
            json!({"id": "", "status": "Authorized"}),
            json!({"id": "pay_1"}),
            json!({"status": "Authorized"}),
            json!({"id": "pay_1", "status": "Authorized", "amount": 1.5}),
            json!([]),
            json!(null),
        ] {
            assert!(payment(answer.clone()).is_err(), "{answer}");
        }
    }

    #[test]
    fn only_an_approved_card_is_good_for_another_payment() {
        let source = |status: &str| {
            let answer = json!({"id": "pay_1", "status": status, "source": {"id": "src_1"}});
            let answer = payment(answer).unwrap();
            answer.approved_source().map(str::to_owned)
        };
        assert_eq!(source("Captured").as_deref(), Some("src_1"));
        for status in ["Declined", "Pending", "Voided"] {
            assert_eq!(source(status), None, "{status}");
        }
    }
}
