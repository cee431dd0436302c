//! What the rules ask of a payment gateway, and what it answers, in words that all gateways share.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::money::Amount;
use crate::refusal::{Code, Refusal};
use crate::resources::ResourceType;
use crate::{Id, Tenant};

/// One call that a rule asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct GatewayCall {
    /// The organization and mode whose account is called.
    pub tenant: Tenant,
    /// The gateway's record.
    pub gateway: Id,
    /// The gateway's type, which says whose API it is.
    pub kind: ResourceType,
    /// The record that the call is made for: a payment source, or a customer.
    pub subject: Id,
    /// Counts the definitive answers so far, so that a repeat of an unanswered call has the same
    /// idempotency key and a new attempt has a new one.
    pub attempt: u32,
    /// What is asked.
    pub request: GatewayRequest,
}

/// What is asked of a gateway.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum GatewayRequest {
    /// Make the customer's record at the gateway. Answered by [`GatewayAnswer::Customer`].
    CreateCustomer {
        /// The customer's e-mail, for the gateway's dashboard.
        email: Option<String>,
    },
    /// Open a payment that the shopper confirms; no money moves. Answered by
    /// [`GatewayAnswer::Payment`].
    CreatePayment(NewPayment),
    /// Read a payment as it stands. Answered by [`GatewayAnswer::Payment`], and refused only where
    /// the gateway knows of no such payment: a payment that is gone needs no release.
    ReadPayment {
        /// The gateway's reference of it: `pi_…`.
        payment: String,
    },
    /// Change an open payment. Answered by [`GatewayAnswer::Payment`].
    UpdatePayment {
        /// The gateway's reference of it.
        payment: String,
        /// The amount, where it changes.
        amount: Option<Amount>,
        /// What the shop says to the gateway, where it changes.
        options: Option<Map<String, Value>>,
    },
    /// See to it that what paid can be used again by this customer. Answered by
    /// [`GatewayAnswer::Reusable`].
    MakeReusable {
        /// The gateway's reference of the payment.
        payment: String,
        /// The gateway's reference of the customer: `cus_…`.
        customer_token: String,
    },
    /// Let go of a payment that is not wanted any more. Answered by [`GatewayAnswer::Done`], also
    /// where it was let go before.
    Release {
        /// The gateway's reference of it.
        payment: String,
    },
    /// Forget a saved source for good. Answered by [`GatewayAnswer::Done`], also where it was
    /// forgotten before.
    Forget {
        /// The gateway's reference of the saved source: `pm_…`.
        payment_source_token: String,
    },
}

/// A payment to be opened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewPayment {
    /// The order that it pays.
    pub order: Id,
    /// The order's number, for people who read the gateway's dashboard.
    pub order_number: Option<String>,
    /// How much.
    pub amount: Amount,
    /// The gateway's reference of the customer; none for guests.
    pub customer_token: Option<String>,
    /// The saved source to pay with, by its token; none where the shopper enters one.
    pub saved: Option<String>,
    /// What the shop says to the gateway.
    pub options: Map<String, Value>,
    /// Where the gateway's receipt goes.
    pub receipt_email: Option<String>,
}

/// A definitive answer: the gateway did it.
#[derive(Debug, Clone, PartialEq)]
pub enum GatewayAnswer {
    /// The gateway's reference of the customer.
    Customer(String),
    /// A payment as it stands.
    Payment(Payment),
    /// What can be used again.
    Reusable(Reusable),
    /// Done, and nothing more to say.
    Done,
}

/// A payment as it stands at its gateway.
#[derive(Debug, Clone, PartialEq)]
pub struct Payment {
    /// The gateway's reference of it: `pi_…`.
    pub reference: String,
    /// How much it is for.
    pub amount: Amount,
    /// The gateway's reference of its customer.
    pub customer_token: Option<String>,
    /// How far it has come.
    pub progress: Progress,
    /// What the payment source shows of it, by attribute.
    pub attributes: Map<String, Value>,
    /// What the order shows of it as `payment_source_details`.
    pub details: Value,
}

/// How far a payment has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// Waits for the shopper.
    Open,
    /// The shopper did their part; the money is held, or will be.
    Authorized,
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

/// The definitive answers that a command has had so far.
#[derive(Debug, Clone, Default)]
pub struct Answers(Vec<(GatewayRequest, Result<GatewayAnswer, GatewayRefusal>)>);

impl Answers {
    /// Keeps an answer.
    pub fn keep(&mut self, request: GatewayRequest, answer: Result<GatewayAnswer, GatewayRefusal>) {
        self.0.push((request, answer));
    }

    /// The answer to this very request.
    pub fn to(&self, request: &GatewayRequest) -> Option<&Result<GatewayAnswer, GatewayRefusal>> {
        self.0
            .iter()
            .find(|(asked, _)| asked == request)
            .map(|(_, answer)| answer)
    }

    /// Whether nothing was asked yet.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
