//! Orders: what is paid, and until when its payment may change.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::money::{Amount, Currency};
use crate::record::{Corrupt, Identifier, Record};
use crate::refusal::{Code, Refusal};
use crate::{CustomerId, MarketId, OrderId, PaymentMethodId};

/// An order keeps at most this many payment sources beside its current one.
pub const MOST_SUPERSEDED: usize = 50;

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "Commerce Layer's own words")]
pub enum OrderStatus {
    Draft,
    Pending,
    Editing,
    Placing,
    Placed,
    Approved,
    Cancelled,
}

impl OrderStatus {
    /// Whether the payment source may still be made, changed or dropped.
    pub const fn takes_payment(self) -> bool {
        matches!(self, Self::Draft | Self::Pending)
    }

    /// Whether its payment source may be saved to the wallet: the official checkout saves after it
    /// has placed the order.
    pub const fn takes_save(self) -> bool {
        matches!(self, Self::Draft | Self::Pending | Self::Placed)
    }

    /// Where the order stands after this step.
    ///
    /// # Errors
    /// It does not take the step from where it stands: 422 on `status`, in Commerce Layer's words.
    pub fn after(self, step: OrderStep) -> Result<Self, Refusal> {
        let to = match (self, step) {
            (Self::Draft | Self::Placing, OrderStep::Pend) => Self::Pending,
            (Self::Pending | Self::Placing, OrderStep::BeginPlacing) => Self::Placing,
            (Self::Pending | Self::Placing, OrderStep::Place) => Self::Placed,
            (Self::Placed, OrderStep::Approve) => Self::Approved,
            (Self::Pending | Self::Placed, OrderStep::Cancel) => Self::Cancelled,
            (Self::Pending | Self::Placed | Self::Approved, OrderStep::RefundWhole) => {
                Self::Cancelled
            }
            _ => return Err(self.cannot_become(step.leads_to())),
        };
        Ok(to)
    }

    /// As documents say it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Pending => "pending",
            Self::Editing => "editing",
            Self::Placing => "placing",
            Self::Placed => "placed",
            Self::Approved => "approved",
            Self::Cancelled => "cancelled",
        }
    }

    fn cannot_become(self, to: Self) -> Refusal {
        let (from, to) = (self.name(), to.name());
        let detail = format!("status - cannot transition from {from} to {to}");
        Refusal::new(Code::CannotTransition, detail).at_attribute(STATUS)
    }
}

/// What moves an order on. An integration's own `status` moves it as it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderStep {
    /// It has a customer and a line, or is taken back from being placed.
    Pend,
    /// It is to be placed, once its gateway has decided.
    BeginPlacing,
    /// It is placed.
    Place,
    /// The shop takes it on.
    Approve,
    /// It is called off before its money was taken.
    Cancel,
    /// All that was taken was given back.
    RefundWhole,
}

impl OrderStep {
    const fn leads_to(self) -> OrderStatus {
        match self {
            Self::Pend => OrderStatus::Pending,
            Self::BeginPlacing => OrderStatus::Placing,
            Self::Place => OrderStatus::Placed,
            Self::Approve => OrderStatus::Approved,
            Self::Cancel | Self::RefundWhole => OrderStatus::Cancelled,
        }
    }
}

/// The attribute that says how far an order has come.
const STATUS: &str = "status";

/// An order, read from its record.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// What is stored, but for what stands beside it here.
    pub record: Record,
    /// How far the order has come. The record's attribute of that name is this alone.
    pub status: OrderStatus,
    /// What is remembered of its payments.
    pub state: OrderState,
}

/// What an order remembers of its payments.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OrderState {
    /// How many attempts to pay came to a definitive answer: part of each idempotency key, so that
    /// a repeat of an unanswered attempt repeats its key, and a new attempt has a new one.
    #[serde(default)]
    pub payment_attempt: u32,
    /// How many payment sources it has had.
    #[serde(default)]
    pub sources: u32,
    /// Those of them that are kept though another took their place, the newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub superseded: Vec<Identifier>,
    /// How many transactions were made for it here. Once there is one, what its money does is told by them
    /// alone.
    #[serde(default, skip_serializing_if = "is_none_yet")]
    pub transactions: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_none_yet(count: &u32) -> bool {
    *count == 0
}

impl OrderState {
    /// Keeps a payment source that another takes the place of. Returns the one that is too many.
    pub fn supersede(&mut self, source: Identifier) -> Option<Identifier> {
        self.superseded.push(source);
        (self.superseded.len() > MOST_SUPERSEDED).then(|| self.superseded.remove(0))
    }
}

impl Order {
    /// Reads an order from its record.
    ///
    /// # Errors
    /// The status or the state does not read.
    pub fn parse(mut record: Record) -> Result<Self, Corrupt> {
        let status = match record.get(STATUS) {
            None => OrderStatus::Draft,
            Some(status) => OrderStatus::deserialize(status)
                .map_err(|error| record.corrupt(format!("status: {error}")))?,
        };
        let state = match record.state.is_null() {
            true => OrderState::default(),
            false => record.read_state()?,
        };
        record.set(STATUS, Value::Null);
        Ok(Self {
            record,
            status,
            state,
        })
    }

    /// The order's id.
    pub const fn id(&self) -> OrderId {
        OrderId::new(self.record.id)
    }

    /// The customer that it carries.
    pub fn customer(&self) -> Option<CustomerId> {
        self.record.related("customer").map(CustomerId::new)
    }

    /// The market that it is sold in.
    pub fn market(&self) -> Option<MarketId> {
        self.record.related("market").map(MarketId::new)
    }

    /// The payment method that was selected.
    pub fn payment_method(&self) -> Option<PaymentMethodId> {
        let id = self.record.related("payment_method");
        id.map(PaymentMethodId::new)
    }

    /// Whether it is known whose it is: by a customer, or by an e-mail address.
    pub fn is_of_somebody(&self) -> bool {
        self.customer().is_some() || self.record.text("customer_email").is_some()
    }

    /// Whether it is a guest's: marked so, or without customer.
    pub fn is_guest(&self) -> bool {
        let marked = self.record.get("guest").and_then(|it| it.as_bool());
        marked.unwrap_or(false) || self.customer().is_none()
    }

    /// The order's currency.
    pub fn currency(&self) -> Option<Currency> {
        self.record.text("currency_code")?.parse().ok()
    }

    /// What is to be paid: `total_amount_with_taxes_cents`; where that is absent
    /// `total_amount_cents`, and `total_tax_amount_cents` on top unless taxes are included.
    ///
    /// # Errors
    /// The order has no amount or currency, or they are out of range: 422 for the caller.
    pub fn amount_due(&self) -> Result<Amount, Refusal> {
        let currency = self
            .currency()
            .ok_or_else(|| Refusal::invalid("The order has no currency_code; set it first."))?;
        let cents = match self.record.integer("total_amount_with_taxes_cents") {
            Some(cents) => Some(cents),
            None => self.amount_with_taxes_on_top(),
        };
        cents
            .map(|cents| Amount { cents, currency })
            .ok_or_else(|| Refusal::invalid("The order has no total amount; set it first."))
    }

    fn amount_with_taxes_on_top(&self) -> Option<i64> {
        let total = self.record.integer("total_amount_cents")?;
        let included = self.record.get("tax_included").and_then(|it| it.as_bool());
        match included {
            Some(false) => {
                total.checked_add(self.record.integer("total_tax_amount_cents").unwrap_or(0))
            }
            _ => Some(total),
        }
    }

    /// The record, with status and state written back.
    pub fn to_record(&self) -> Record {
        let mut record = self.record.clone();
        record.set(
            STATUS,
            serde_json::to_value(self.status).unwrap_or_default(),
        );
        record.write_state(&self.state);
        record
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Timestamp;
    use crate::resources::ResourceType;

    fn order(attributes: serde_json::Value) -> Order {
        let id = "eqkykhjlVw".parse().unwrap();
        let mut record = Record::new(ResourceType::Orders, id, Timestamp::from_unix_millis(0));
        record.attributes = serde_json::from_value(attributes).unwrap();
        Order::parse(record).unwrap()
    }

    #[test]
    fn the_amount_with_taxes_is_due() {
        let order = order(json!({
            "currency_code": "EUR", "total_amount_with_taxes_cents": 12900, "total_amount_cents": 10000,
        }));
        assert_eq!(order.amount_due().unwrap().cents, 12_900);
    }

    #[test]
    fn taxes_come_on_top_only_where_they_are_not_included() {
        let mut attributes = json!({
            "currency_code": "EUR", "total_amount_cents": 10000, "total_tax_amount_cents": 2200,
        });
        assert_eq!(
            order(attributes.clone()).amount_due().unwrap().cents,
            10_000
        );
        attributes["tax_included"] = json!(true);
        assert_eq!(
            order(attributes.clone()).amount_due().unwrap().cents,
            10_000
        );
        attributes["tax_included"] = json!(false);
        assert_eq!(order(attributes).amount_due().unwrap().cents, 12_200);
    }

    #[test]
    fn an_amount_out_of_range_is_refused_not_wrapped() {
        let order = order(json!({
            "currency_code": "EUR", "total_amount_cents": i64::MAX, "tax_included": false,
            "total_tax_amount_cents": 1,
        }));
        assert!(order.amount_due().is_err());
    }

    #[test]
    fn a_status_that_does_not_read_is_corrupt_not_a_panic() {
        let id = "eqkykhjlVw".parse().unwrap();
        let mut record = Record::new(ResourceType::Orders, id, Timestamp::from_unix_millis(0));
        record.set("status", "lost");
        let corrupt = Order::parse(record).unwrap_err();
        assert_eq!(corrupt.id, id);
    }
}
