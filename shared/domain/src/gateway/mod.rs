//! What the rules ask of a payment gateway, and what it answers, in words that all gateways share.

mod call_failure;
mod circuits;
mod kind;
mod noted;
mod till;

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::TableMark;
use crate::basket::{Basket, Buyer};
use crate::money::Amount;
use crate::record::{Attributes, Record};
use crate::refusal::{Code, Refusal};
use crate::{CustomerId, GatewayId, Id, OrderId, Tenant, Timestamp};

pub use call_failure::CallFailure;
pub use circuits::{CircuitUnavailable, Circuits};
pub use kind::GatewayKind;
pub use noted::NotedRequest;
pub use till::{Books, Decline, Move, Moved, Moving, Outcome};

/// One call that a rule asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct GatewayCall {
    /// The organization and mode whose account is called.
    pub tenant: Tenant,
    /// The gateway's record.
    pub gateway: GatewayId,
    /// The gateway's type, which says whose API it is.
    pub kind: GatewayKind,
    /// What the gateway's record says beside its credentials: where its endpoints are.
    pub settings: Settings,
    /// The record that the call is made for: a payment source, or a customer.
    pub subject: Id,
    /// Counts the definitive answers so far, so that a repeat of an unanswered call has the same
    /// idempotency key and a new attempt has a new one.
    pub attempt: u32,
    /// What is asked.
    pub request: GatewayRequest,
    /// How it was asked for before, where the step was noted then.
    pub noted: Option<NotedRequest>,
    /// The table that it is made for.
    pub table: TableMark,
}

/// The attributes of a gateway's record. Shown nowhere: a shared secret is among them.
#[derive(Clone, PartialEq, Default)]
pub struct Settings(Attributes);

impl Settings {
    /// The settings of a gateway; none where its record is gone.
    pub fn of(gateway: Option<&Record>) -> Self {
        Self(gateway.map(|it| it.attributes.clone()).unwrap_or_default())
    }

    /// An attribute, where it is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[settings]")
    }
}

/// What is asked of a gateway.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum GatewayRequest {
    /// Make the customer's record at the gateway. Answered by [`GatewayAnswer::Customer`].
    CreateCustomer {
        /// The customer's e-mail, for the gateway's dashboard.
        email: Option<String>,
        /// The gateway's reference of the record that it takes the place of, which the gateway does not
        /// know any more.
        replaces: Option<String>,
    },
    /// Open a payment that the shopper confirms; no money moves. Answered by
    /// [`GatewayAnswer::Payment`]. A gateway at which nothing is to be opened answers without being
    /// called, with a payment that has no reference yet.
    CreatePayment(NewPayment),
    /// Ask for the amount to be held, with what the shopper's browser brought or with a saved
    /// source, the shopper present; it is never captured. Answered by [`GatewayAnswer::Payment`], also where
    /// the gateway declines, or asks for the shopper. Money may be held though the answer is lost.
    AuthorizePayment(NewPayment),
    /// Capture, void or refund. Answered by [`GatewayAnswer::Moved`], also where the gateway will not do it.
    /// Money may move though the answer is lost.
    Move(Move),
    /// Find what became of a capture, a void or a refund that the gateway has taken on. Answered by
    /// [`GatewayAnswer::Moved`], and refused where the gateway knows of no such transaction.
    ReadMoved {
        /// What was asked for.
        asked: Move,
        /// The gateway's reference of it, where it gave one.
        reference: Option<String>,
    },
    /// Read a payment as it stands. Answered by [`GatewayAnswer::Payment`], and refused only where
    /// the gateway knows of no such payment: a payment that is gone needs no release.
    ReadPayment {
        /// The gateway's reference of it: `pi_…`.
        payment: String,
    },
    /// Read what is kept for later as it stands. Answered by [`GatewayAnswer::Reusable`] or
    /// [`GatewayAnswer::Customer`], by [`GatewayAnswer::Lost`] where it was kept and is no more, and refused
    /// where the gateway knows nothing of it, as with another account's keys.
    ReadKept {
        /// What is read.
        kept: KeptThere,
    },
    /// Change an open payment. Answered by [`GatewayAnswer::Payment`].
    UpdatePayment {
        /// The gateway's reference of it.
        payment: String,
        /// The payment as it is to be: its amount and basket, where they change.
        to: Option<NewPayment>,
        /// What the shop says to the gateway, where it changes.
        options: Option<Map<String, Value>>,
    },
    /// See to it that what paid can be used again by this customer. Answered by
    /// [`GatewayAnswer::Reusable`].
    MakeReusable(ToKeep),
    /// Let go of a payment that is not wanted any more. Answered by [`GatewayAnswer::Done`], also
    /// where it was let go before, or where there is nothing to let go of; or by
    /// [`GatewayAnswer::Kept`].
    Release {
        /// The gateway's reference of it, if it has one.
        payment: Option<String>,
        /// What the shopper's browser brought for it.
        #[serde(default)]
        shopper_token: Option<String>,
    },
    /// Find what the shopper's browser paid for this payment source by itself, in the session that it was
    /// given. Answered by [`GatewayAnswer::Payments`], with all payments that were made for the source.
    Watch {
        /// The order that it pays.
        order: OrderId,
        /// From when on nothing more can be paid in the session.
        until: Timestamp,
    },
    /// Forget a saved source for good. Answered by [`GatewayAnswer::Done`], also where it was
    /// forgotten before, or where the gateway keeps nothing that could be forgotten.
    Forget {
        /// The gateway's reference of the saved source: `pm_…`.
        payment_source_token: String,
    },
}

impl GatewayRequest {
    /// What is done, as the API names it.
    pub const fn step(&self) -> &'static str {
        match self {
            Self::CreateCustomer { .. } => "create_customer",
            Self::CreatePayment(_) => "create_payment",
            Self::AuthorizePayment(_) => "authorize_payment",
            Self::Move(it) => match it.kind {
                Moving::Capture => "capture",
                Moving::Void => "void",
                Moving::Refund => "refund",
            },
            Self::ReadMoved { .. } => "read_transaction",
            Self::ReadPayment { .. } => "read_payment",
            Self::ReadKept { .. } => "read_kept",
            Self::UpdatePayment { .. } => "update_payment",
            Self::MakeReusable(_) => "make_reusable",
            Self::Release { .. } => "release",
            Self::Watch { .. } => "watch",
            Self::Forget { .. } => "forget",
        }
    }

    /// The gateway's reference of the payment that it is about.
    pub fn payment(&self) -> Option<&str> {
        match self {
            Self::ReadPayment { payment } | Self::UpdatePayment { payment, .. } => Some(payment),
            Self::Release { payment, .. } => payment.as_deref(),
            Self::MakeReusable(keep) => keep.payment.as_deref(),
            Self::AuthorizePayment(new) => new.payment.as_deref(),
            Self::Move(asked) | Self::ReadMoved { asked, .. } => Some(&asked.payment),
            _ => None,
        }
    }

    /// Whether the step must not be repeated with another key, nor left undone once it may have been
    /// begun: it is noted in the table before it is asked for, and carried on by the sweeper.
    pub fn is_noted(&self) -> bool {
        match self {
            Self::AuthorizePayment(_) | Self::Move(_) => true,
            Self::MakeReusable(keep) => keep.once,
            _ => false,
        }
    }

    /// The gateway's reference of the customer that it names.
    pub fn customer_token(&self) -> Option<&str> {
        match self {
            Self::CreatePayment(new) | Self::AuthorizePayment(new) => new.customer_token.as_deref(),
            Self::MakeReusable(keep) => keep.customer_token.as_deref(),
            _ => None,
        }
    }

    /// Whether it asks for the same step. A document that goes with one does not make it another.
    pub fn is_same(&self, other: &Self) -> bool {
        self.without_document() == other.without_document()
    }

    fn without_document(&self) -> Self {
        let mut request = self.clone();
        match &mut request {
            Self::MakeReusable(keep) => keep.document = None,
            Self::AuthorizePayment(new) => new.document = None,
            Self::Move(asked) | Self::ReadMoved { asked, .. } => asked.document = None,
            _ => {}
        }
        request
    }
}

/// A payment to be opened or authorised.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewPayment {
    /// The order that it pays.
    pub order: OrderId,
    /// The order's number, for people who read the gateway's dashboard.
    pub order_number: Option<String>,
    /// How much.
    pub amount: Amount,
    /// The customer who may use again what they pay with; none for guests.
    pub customer: Option<CustomerId>,
    /// The gateway's reference of that customer.
    pub customer_token: Option<String>,
    /// The saved source to pay with, by its token; none where the shopper enters one.
    pub saved: Option<String>,
    /// What the gateway gave the shopper's browser to pay with.
    pub shopper_token: Option<String>,
    /// The attributes that the caller gave the payment source: what the shop says to the gateway.
    pub given: Map<String, Value>,
    /// What is bought and by whom, where the gateway wants to know.
    pub basket: Option<Basket>,
    /// The gateway's reference of the payment that was opened for it before, where that one is authorised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<String>,
    /// The document about the payment source, for gateways that are told with one. Not remembered with an
    /// operation: how it was sent is.
    #[serde(skip)]
    pub document: Option<Value>,
}

impl NewPayment {
    /// An attribute that the caller gave, where it is a text.
    pub fn given_text(&self, name: &str) -> Option<&str> {
        self.given.get(name)?.as_str()
    }

    /// The attribute `options` that the caller gave.
    pub fn options(&self) -> Option<&Map<String, Value>> {
        self.given.get("options")?.as_object()
    }
}

/// What is to be usable again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToKeep {
    /// The gateway's reference of the payment, if it has one.
    pub payment: Option<String>,
    /// What the shopper's browser brought for it.
    pub shopper_token: Option<String>,
    /// The customer who keeps it.
    pub customer: CustomerId,
    /// The gateway's reference of that customer, where the gateway keeps customers.
    pub customer_token: Option<String>,
    /// The payment's amount.
    pub amount: Amount,
    /// Who pays.
    pub buyer: Option<Buyer>,
    /// Whether asking twice saves twice ([`GatewayRequest::is_noted`]).
    pub once: bool,
    /// Whether nobody has asked to save it yet: it is kept with the payment source, and saved or forgotten later.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub for_later: bool,
    /// The document about the payment source, for gateways that are told with one. Not remembered
    /// with an operation: it is written anew.
    #[serde(skip)]
    pub document: Option<Value>,
}

/// What a gateway keeps for later, by its own reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeptThere {
    /// A saved source: `pm_…`.
    Source(String),
    /// The record of a customer, with all that is saved for them: `cus_…`.
    Customer(String),
}

/// A definitive answer: the gateway did it.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "one answer is held at a time, and most are payments"
)]
pub enum GatewayAnswer {
    /// The gateway's reference of the customer.
    Customer(String),
    /// A payment as it stands.
    Payment(Payment),
    /// All payments that were made for a payment source.
    Payments(Vec<Payment>),
    /// What can be used again.
    Reusable(Reusable),
    /// What became of money that was to move.
    Moved(Moved),
    /// Done, and nothing more to say.
    Done,
    /// The payment was let go of; what paid is still kept there, under this reference.
    Kept(String),
    /// What was kept for later is so no more, for good; our own sentence, for whoever would pay with it.
    Lost(String),
}

/// A payment as it stands at its gateway.
#[derive(Debug, Clone, PartialEq)]
pub struct Payment {
    /// The gateway's reference of it: `pi_…`; none while there is nothing to refer to. While an external
    /// gateway has not decided, the `action_id` that it will name.
    pub reference: Option<String>,
    /// The order that the gateway has it down for, where the gateway says so.
    pub order: Option<OrderId>,
    /// How much it is for.
    pub amount: Amount,
    /// The gateway's reference of its customer.
    pub customer_token: Option<String>,
    /// How far it has come.
    pub progress: Progress,
    /// Whether the last try to pay it failed, so that it waits for the shopper to bring something else.
    pub failed: bool,
    /// Why it was declined, or failed, the last time that it was to be paid.
    pub decline: Option<Decline>,
    /// What is held, captured and refunded of it, where the gateway says so.
    pub books: Option<Books>,
    /// The gateway's reference of what paid, where the gateway keeps that by itself: it is to be
    /// forgotten there with the payment, unless it was saved.
    pub instrument: Option<String>,
    /// What the payment source shows of it, by attribute.
    pub attributes: Map<String, Value>,
    /// What the order shows of it as `payment_source_details`.
    pub details: Value,
    /// What the gateway wants kept with the authorization, as its `metadata`; empty where it says nothing.
    pub metadata: Map<String, Value>,
}

impl Payment {
    /// Whether the money was taken.
    pub fn is_captured(&self) -> bool {
        self.progress == Progress::Captured
    }

    /// How much of it was taken, once it was: all of it, where the gateway gives no sums.
    pub fn captured(&self) -> Amount {
        let known = self.books.map(|it| it.captured).filter(|it| *it > 0);
        Amount {
            cents: known.unwrap_or(self.amount.cents),
            ..self.amount
        }
    }

    /// Whether it waits for the shopper, and for nothing else: the last try did not fail.
    pub fn waits_for_shopper(&self) -> bool {
        self.progress == Progress::Open && !self.failed
    }

    /// Whether the shopper did their part and the gateway has not decided yet: nothing can be captured until
    /// it has.
    pub fn is_undecided(&self) -> bool {
        let is_authorized = self.progress == Progress::Authorized;
        let books = self.books.filter(|_| is_authorized);
        books.is_some_and(|it| it.held == 0 && it.captured == 0)
    }
}

/// How far a payment has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// Waits for the shopper.
    Open,
    /// The shopper did their part; the money is held, or will be.
    Authorized,
    /// The gateway declined; the shopper may try again. Nothing is held.
    Declined,
    /// The money was taken.
    Captured,
    /// Let go of, for good.
    Released,
}

/// A source that can be used again.
#[derive(Debug, Clone, PartialEq)]
pub struct Reusable {
    /// The gateway's reference of the customer that it belongs to.
    pub customer_token: String,
    /// The gateway's reference of it.
    pub payment_source_token: String,
    /// The wallet entry's name: `XXXX-XXXX-XXXX-4242`.
    pub name: String,
    /// The gateway's fingerprint of the card's number; none where it gives none.
    pub fingerprint: Option<String>,
    /// Until when it is valid; none where it does not expire.
    pub expiry: Option<Expiry>,
    /// The attributes of the payment source that the entry keeps a copy of.
    pub snapshot: Map<String, Value>,
}

/// The last month in which a card is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Expiry {
    /// Four digits.
    pub year: i32,
    /// 1 to 12.
    pub month: u8,
}

impl Progress {
    /// Whether there is something at the gateway to let go of, or may come to be.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Open | Self::Authorized)
    }
}

impl Expiry {
    /// Whether the last day of the month has passed, in UTC.
    pub fn is_past(self, now: crate::Timestamp) -> bool {
        let (year, month) = now.year_and_month();
        (self.year, self.month) < (year, month)
    }
}

/// A definitive answer: the gateway will not do it, however often it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayRefusal {
    /// What kind of refusal that is for the caller.
    pub code: Code,
    /// Our own sentence; the gateway's text is for the log.
    pub detail: String,
}

impl From<GatewayRefusal> for Refusal {
    fn from(refusal: GatewayRefusal) -> Self {
        Self::new(refusal.code, refusal.detail)
    }
}
