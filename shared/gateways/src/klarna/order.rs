//! An order as Klarna's order management has it
//! (<https://docs.klarna.com/api/ordermanagement/>). Members that are not named here are ignored.

use domain::TableMark;
use domain::gateway::{Books, Payment, Progress};
use serde::Deserialize;

use super::answers::is_marked_by_another;
use super::declines;
use super::payment::without_reference;
use super::requests::UNITS;
use crate::failure::CallFailure;

/// Of `GET /ordermanagement/v1/orders/{id}`.
#[derive(Debug, Deserialize)]
pub(super) struct Order {
    pub status: OrderStatus,
    fraud_status: Option<String>,
    /// Until when it can be captured.
    expires_at: Option<String>,
    order_amount: i64,
    original_order_amount: Option<i64>,
    purchase_currency: String,
    #[serde(default)]
    pub captured_amount: i64,
    #[serde(default)]
    refunded_amount: i64,
    #[serde(default)]
    remaining_authorized_amount: i64,
    merchant_reference1: Option<String>,
    merchant_data: Option<String>,
    #[serde(default)]
    pub captures: Vec<Part>,
    #[serde(default)]
    pub refunds: Vec<Part>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum OrderStatus {
    Authorized,
    PartCaptured,
    Captured,
    Cancelled,
    Expired,
    Closed,
}

/// A capture or a refund.
#[derive(Debug, Deserialize)]
pub(super) struct Part {
    #[serde(alias = "capture_id", alias = "refund_id")]
    pub id: Option<String>,
    /// What we called it.
    pub reference: Option<String>,
}

impl Order {
    /// Whether it may be this table's: no other's mark is on it.
    pub fn may_be_of(&self, table: &TableMark) -> bool {
        !is_marked_by_another(self.merchant_data.as_deref(), table)
    }

    /// Whether it may be captured, now or once Klarna has decided on it.
    pub const fn is_open(&self) -> bool {
        matches!(
            self.status,
            OrderStatus::Authorized | OrderStatus::PartCaptured
        )
    }

    /// Whether everything that was authorised was captured.
    pub fn is_wholly_captured(&self) -> bool {
        let authorized = self.original_order_amount.unwrap_or(self.order_amount);
        self.captured_amount >= authorized.max(1)
    }

    /// Whether nothing of it can be captured any more though something of it never was.
    pub fn is_let_go_of(&self) -> bool {
        match self.captured_amount {
            0 => self.status == OrderStatus::Cancelled,
            _ => self.remaining_authorized_amount == 0 && !self.is_wholly_captured(),
        }
    }

    /// The payment of that reference. An order that Klarna has not decided on yet holds nothing that could
    /// be captured.
    ///
    /// # Errors
    /// Its amounts are none in its currency, or its time is none.
    pub fn payment(&self, reference: &str) -> Result<Payment, CallFailure> {
        let amount = UNITS.amount(self.order_amount, &self.purchase_currency)?;
        let progress = self.progress();
        let decline = match (progress, self.status) {
            (Progress::Declined, _) => Some(declines::rejected()),
            (_, OrderStatus::Expired) => Some(declines::expired()),
            _ => None,
        };
        let order = self.merchant_reference1.as_deref();
        Ok(Payment {
            reference: Some(reference.to_owned()),
            order: order.and_then(|it| it.parse().ok()),
            progress,
            decline,
            books: Some(self.books()?),
            ..without_reference(amount)
        })
    }

    fn progress(&self) -> Progress {
        match self.status {
            _ if self.captured_amount > 0 => Progress::Captured,
            _ if self.fraud_status.as_deref() == Some(declines::REJECTED) => Progress::Declined,
            OrderStatus::Authorized => Progress::Authorized,
            OrderStatus::PartCaptured | OrderStatus::Captured => Progress::Captured,
            OrderStatus::Cancelled | OrderStatus::Expired | OrderStatus::Closed => {
                Progress::Released
            }
        }
    }

    fn books(&self) -> Result<Books, CallFailure> {
        let is_open = self.is_open();
        let is_accepted = self.fraud_status.as_deref() == Some("ACCEPTED");
        let expires_at = self.expires_at.as_deref().filter(|_| is_open);
        let holds_until = expires_at.map(str::parse).transpose();
        Ok(Books {
            held: match is_open && is_accepted {
                true => self.remaining_authorized_amount,
                false => 0,
            },
            captured: self.captured_amount,
            refunded: self.refunded_amount,
            holds_until: holds_until
                .map_err(|_| CallFailure::NotUnderstood("expires_at is no time".to_owned()))?,
            is_disputed: false,
        })
    }
}
