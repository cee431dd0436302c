//! What is used of Stripe's answers. Fields that are not named here are ignored, so that a newer
//! API may add some; a status that is not known is an error, since deciding needs it.

use domain::TableMark;
use domain::gateway::Progress;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::errors::StripeError;

#[derive(Debug, Deserialize)]
pub(super) struct Customer {
    pub id: String,
    /// A customer who was deleted is still shown, with little else.
    #[serde(default)]
    pub deleted: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct PaymentIntent {
    pub id: String,
    pub amount: i64,
    #[serde(default)]
    pub amount_capturable: i64,
    #[serde(default)]
    pub amount_received: i64,
    pub currency: String,
    pub capture_method: Option<String>,
    pub cancellation_reason: Option<String>,
    pub status: Status,
    pub client_secret: Option<String>,
    pub customer: Option<Reference>,
    pub payment_method: Option<MaybeExpanded>,
    pub setup_future_usage: Option<String>,
    pub payment_method_options: Option<Value>,
    pub latest_charge: Option<ChargeOrId>,
    pub receipt_email: Option<String>,
    #[serde(default)]
    pub metadata: Map<String, Value>,
    /// What came of the last confirmation; it does not say what is to be done now.
    pub last_payment_error: Option<StripeError>,
}

impl PaymentIntent {
    /// Whether the card is set up for later, on or off session.
    pub fn is_set_up(&self) -> bool {
        self.setup_future_usage.is_some() || self.is_set_up_by_us()
    }

    /// Whether it is set up though the caller did not ask for it.
    pub fn is_set_up_by_us(&self) -> bool {
        let options = self.payment_method_options.as_ref();
        let of_card = options.and_then(|it| it.pointer("/card/setup_future_usage")?.as_str());
        self.setup_future_usage.is_none() && of_card.is_some_and(|it| it != "none")
    }

    /// Whether what was held ended by itself (before 2025-03-31.basil Stripe called it `automatic`).
    pub fn has_expired(&self) -> bool {
        let reason = self.cancellation_reason.as_deref();
        self.status == Status::Canceled && matches!(reason, Some("expired" | "automatic"))
    }

    /// Whether it may be this table's: no other's mark is on it.
    pub fn may_be_of(&self, table: &TableMark) -> bool {
        table.may_own(
            self.metadata
                .get(TableMark::METADATA)
                .and_then(Value::as_str),
        )
    }
}

/// A Charge, by its id, or whole where it was asked for with `expand`.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum ChargeOrId {
    Id(String),
    Expanded(Box<Charge>),
}

/// One try to take a PaymentIntent's money.
#[derive(Debug, Deserialize)]
pub(super) struct Charge {
    pub id: String,
    #[serde(default)]
    pub captured: bool,
    #[serde(default)]
    pub amount_refunded: i64,
    #[serde(default)]
    pub disputed: bool,
    #[serde(default)]
    pub payment_method_details: Value,
}

impl ChargeOrId {
    pub fn id(&self) -> &str {
        match self {
            Self::Id(id) => id,
            Self::Expanded(charge) => &charge.id,
        }
    }
}

/// Money that goes back.
#[derive(Debug, Deserialize)]
pub(super) struct Refund {
    pub id: String,
    pub status: RefundStatus,
    #[serde(default)]
    pub failure_reason: Option<String>,
    #[serde(default)]
    pub metadata: Map<String, Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RefundStatus {
    Pending,
    RequiresAction,
    Succeeded,
    Failed,
    Canceled,
}

/// A page of a list.
#[derive(Debug, Deserialize)]
pub(super) struct Listed<T> {
    pub data: Vec<T>,
    #[serde(default)]
    pub has_more: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    RequiresPaymentMethod,
    RequiresConfirmation,
    RequiresAction,
    Processing,
    RequiresCapture,
    Canceled,
    Succeeded,
}

/// Another object, by its id or whole.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Reference {
    Id(String),
    Object { id: String },
}

/// A PaymentMethod, whole where it was asked for with `expand`.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum MaybeExpanded {
    Id(String),
    Expanded(Box<PaymentMethod>),
}

#[derive(Debug, Deserialize)]
#[serde(try_from = "PaymentMethodAsSent")]
pub(super) struct PaymentMethod {
    pub id: String,
    /// `card`, `link`, `sepa_debit`, …
    pub kind: String,
    pub customer: Option<Reference>,
    /// The members that are decided by.
    pub details: Details,
    /// The object named after the type, as it was sent.
    pub own: Map<String, Value>,
}

/// What the object named after a PaymentMethod's type may say, whichever the type.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Details {
    pub brand: Option<String>,
    pub last4: Option<String>,
    pub exp_month: Option<u8>,
    pub exp_year: Option<i32>,
    pub fingerprint: Option<String>,
    pub email: Option<String>,
    pub payer_email: Option<String>,
}

#[derive(Deserialize)]
struct PaymentMethodAsSent {
    id: String,
    #[serde(rename = "type", default)]
    kind: String,
    customer: Option<Reference>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

impl TryFrom<PaymentMethodAsSent> for PaymentMethod {
    type Error = serde_json::Error;

    fn try_from(mut sent: PaymentMethodAsSent) -> Result<Self, Self::Error> {
        let own = match sent.rest.remove(&sent.kind) {
            Some(Value::Object(own)) => own,
            _ => Map::new(),
        };
        Ok(Self {
            id: sent.id,
            kind: sent.kind,
            customer: sent.customer,
            details: Details::deserialize(&own)?,
            own,
        })
    }
}

impl Reference {
    pub fn id(&self) -> &str {
        match self {
            Self::Id(id) | Self::Object { id } => id,
        }
    }
}

impl MaybeExpanded {
    pub fn id(&self) -> &str {
        match self {
            Self::Id(id) => id,
            Self::Expanded(method) => &method.id,
        }
    }

    pub fn expanded(&self) -> Option<&PaymentMethod> {
        match self {
            Self::Id(_) => None,
            Self::Expanded(method) => Some(method),
        }
    }
}

impl Status {
    pub const fn progress(self) -> Progress {
        match self {
            Self::RequiresPaymentMethod | Self::RequiresConfirmation | Self::RequiresAction => {
                Progress::Open
            }
            Self::Processing | Self::RequiresCapture => Progress::Authorized,
            Self::Succeeded => Progress::Captured,
            Self::Canceled => Progress::Released,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn unknown_members_and_values_are_ignored_where_nothing_depends_on_them() {
        let body = json!({
            "id": "pi_1", "amount": 100, "currency": "eur", "status": "requires_capture",
            "capture_method": "some_new_method", "hologram": {"of": "money"},
            "customer": {"id": "cus_1", "object": "customer"},
            "payment_method": {"id": "pm_1", "type": "hologram", "hologram": {"email": "a@b.c"}},
        });
        let intent: PaymentIntent = serde_json::from_value(body).unwrap();
        assert_eq!(intent.customer.unwrap().id(), "cus_1");
        let method = intent.payment_method.unwrap();
        let details = &method.expanded().unwrap().details;
        assert_eq!(details.email.as_deref(), Some("a@b.c"));
    }

    #[test]
    fn what_decides_must_read() {
        let unknown_status =
            json!({"id": "pi_1", "amount": 1, "currency": "eur", "status": "lost"});
        assert!(serde_json::from_value::<PaymentIntent>(unknown_status).is_err());
        let huge_month = json!({"id": "pm_1", "type": "card", "card": {"exp_month": 4_000}});
        assert!(serde_json::from_value::<PaymentMethod>(huge_month).is_err());
    }

    #[test]
    fn progress_follows_the_status() {
        let cases = [
            ("requires_payment_method", Progress::Open),
            ("requires_confirmation", Progress::Open),
            ("requires_action", Progress::Open),
            ("processing", Progress::Authorized),
            ("requires_capture", Progress::Authorized),
            ("succeeded", Progress::Captured),
            ("canceled", Progress::Released),
        ];
        for (status, progress) in cases {
            let status: Status = serde_json::from_value(json!(status)).unwrap();
            assert_eq!(status.progress(), progress);
        }
    }
}
