//! Gateways in memory: they keep payments, answer a repeated key as before, and can be told to
//! refuse, or to lose an answer. What is particular to one is in its own file.

mod checkout;
mod external;
mod klarna;
mod moving;
mod stripe;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use domain::gateway::{
    Books, Decline, Expiry, GatewayAnswer, GatewayCall, GatewayKind, GatewayRefusal,
    GatewayRequest, Payment, Progress, Reusable,
};
use domain::money::Amount;
use domain::refusal::Code;
use domain::{Id, OrderId, Timestamp};
use serde_json::{Map, Value, json};

pub use klarna::Approval;
use moving::Action;

type Answer = Result<GatewayAnswer, GatewayRefusal>;

/// No answer came; what was asked may have been done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unanswered;

/// What becomes of a call, in place of the plain answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mishap {
    /// None.
    None,
    /// It is refused, for good.
    Refused,
    /// It is done, and the answer is lost.
    AnswerLost,
    /// It never arrives.
    NotReached,
    /// What is to be read is not known yet: answers of one moment need not know of another's.
    NotKnownYet,
}

/// A payment as a gateway keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    pub amount: Amount,
    pub order: Option<OrderId>,
    pub customer: Option<String>,
    pub card: Option<String>,
    pub reusable: bool,
    /// What the gateway keeps by itself of what paid.
    pub instrument: Option<String>,
    pub progress: Progress,
    /// Minor units that were captured of it.
    pub captured: i64,
    /// Minor units that were given back of it.
    pub refunded: i64,
    /// Minor units that were let go of.
    pub let_go: i64,
    /// Whether the gateway has taken it on and not decided yet.
    pub is_undecided: bool,
    /// When the hold ends, where the gateway says.
    pub holds_until: Option<Timestamp>,
}

impl Held {
    /// A payment of which nothing moved yet.
    pub const fn new(amount: Amount, progress: Progress) -> Self {
        Self {
            amount,
            order: None,
            customer: None,
            card: None,
            reusable: true,
            instrument: None,
            progress,
            captured: 0,
            refunded: 0,
            let_go: 0,
            is_undecided: false,
            holds_until: None,
        }
    }

    /// Minor units that are held and can be captured.
    pub const fn held(&self) -> i64 {
        match self.progress {
            _ if self.is_undecided => 0,
            Progress::Authorized | Progress::Captured => {
                self.amount.cents - self.captured - self.let_go
            }
            Progress::Open | Progress::Declined | Progress::Released => 0,
        }
    }

    /// The shop captures all of it at the gateway itself.
    pub const fn capture_elsewhere(&mut self) {
        self.progress = Progress::Captured;
        self.captured = self.amount.cents - self.let_go;
    }

    const fn books(&self) -> Books {
        Books {
            held: self.held(),
            captured: self.captured,
            refunded: self.refunded,
            holds_until: self.holds_until,
            is_disputed: false,
        }
    }
}

/// All gateways in one.
#[derive(Debug, Clone, Default)]
pub struct Gateway {
    pub payments: BTreeMap<String, Held>,
    /// Payments whose last try failed.
    pub failed: BTreeSet<String>,
    /// Every call that arrived or was meant to, in order.
    pub calls: Vec<GatewayCall>,
    /// What becomes of the next calls.
    pub mishaps: VecDeque<Mishap>,
    /// Fingerprint and expiry by token; a token that is not here is a card of its own.
    pub cards: BTreeMap<String, (Option<String>, Option<Expiry>)>,
    /// Saved sources that can be paid with.
    pub kept: BTreeSet<String>,
    /// Saved sources that were forgotten, for good.
    pub forgotten: BTreeSet<String>,
    /// What shoppers approved, by the token that their browser got for it.
    pub approvals: BTreeMap<String, Approval>,
    /// The documents that the shop's own gateway was sent.
    pub documents: Vec<Value>,
    /// Payments that browsers made, and the payment sources whose sessions they were made in.
    pub paid_in: BTreeMap<String, Id>,
    /// Whether what was taken on stays undecided for now.
    pub decides_later: bool,
    actions: BTreeMap<Id, Action>,
    answered: BTreeMap<String, Answer>,
    spent: BTreeSet<String>,
    customers: usize,
    sessions: usize,
    minted: usize,
}

/// What the idempotency key of a call follows from.
pub fn key(call: &GatewayCall) -> String {
    let request = serde_json::to_string(&call.request).unwrap();
    format!(
        "{:?} {} {} {} {request}",
        call.tenant, call.gateway, call.subject, call.attempt
    )
}

/// A card's last month.
pub const EXPIRY: Expiry = Expiry {
    year: 2030,
    month: 12,
};

impl Gateway {
    pub fn card(&mut self, token: &str, fingerprint: Option<&str>, expiry: Option<Expiry>) {
        let card = (fingerprint.map(str::to_owned), expiry);
        self.cards.insert(token.to_owned(), card);
    }

    /// Decides on what was taken on and not decided yet.
    pub fn decide_holds(&mut self, is_fine: bool) {
        let undecided = self.payments.values_mut().filter(|it| it.is_undecided);
        for held in undecided {
            held.is_undecided = false;
            if !is_fine && held.progress == Progress::Authorized {
                held.progress = Progress::Declined;
            }
        }
    }

    /// The payments that hold, or may come to hold, a shopper's money.
    pub fn live_payments(&self) -> Vec<&str> {
        let live = self.payments.iter().filter(|(_, it)| it.progress.is_live());
        live.map(|(reference, _)| reference.as_str()).collect()
    }

    pub fn perform(&mut self, call: &GatewayCall) -> Result<Answer, Unanswered> {
        self.calls.push(call.clone());
        if is_answered_unasked(call) {
            return Ok(self.answer(call));
        }
        match self.mishaps.pop_front().unwrap_or(Mishap::None) {
            Mishap::None => Ok(self.answer(call)),
            Mishap::Refused if matches!(call.request, GatewayRequest::ReadMoved { .. }) => {
                Ok(self.decline(call.subject))
            }
            // Reading is refused only where there is no such payment, releasing where it is captured,
            // forgetting never.
            Mishap::Refused if is_reading(call) || is_owed(call) => Ok(self.answer(call)),
            // What was done already is not refused.
            Mishap::Refused if self.answered.contains_key(&key(call)) => Ok(self.answer(call)),
            Mishap::Refused => {
                let answer = self.refuse(call);
                self.answered.insert(key(call), answer.clone());
                Ok(answer)
            }
            Mishap::NotReached => Err(Unanswered),
            Mishap::NotKnownYet if matches!(call.request, GatewayRequest::Watch { .. }) => {
                Ok(self.answer(call))
            }
            Mishap::NotKnownYet if matches!(call.request, GatewayRequest::ReadMoved { .. }) => {
                Ok(self.undecided(call.subject))
            }
            Mishap::NotKnownYet if is_reading(call) => Ok(Err(unknown())),
            Mishap::NotKnownYet => Ok(self.answer(call)),
            Mishap::AnswerLost => {
                let _lost = self.answer(call);
                Err(Unanswered)
            }
        }
    }

    fn answer(&mut self, call: &GatewayCall) -> Answer {
        if let Some(answer) = self.answered.get(&key(call))
            && !is_reading(call)
        {
            return answer.clone();
        }
        let answer = match call.kind {
            _ if let GatewayRequest::Move(asked) = &call.request => self.move_money(call, asked),
            _ if let GatewayRequest::ReadMoved { .. } = &call.request => self.decide(call.subject),
            GatewayKind::Stripe => self.as_stripe(&call.request),
            GatewayKind::CheckoutCom => match call.request {
                GatewayRequest::Watch { .. } => self.paid_for(call.subject),
                _ => self.as_checkout(&call.request),
            },
            GatewayKind::Klarna => self.as_klarna(&call.request),
            GatewayKind::External => self.as_external(call),
        };
        self.answered.insert(key(call), answer.clone());
        answer
    }

    fn make_customer(&mut self) -> Answer {
        self.customers += 1;
        Ok(GatewayAnswer::Customer(format!("cus_{}", self.customers)))
    }

    fn release(&mut self, payment: &str) -> Answer {
        let held = self.payments.get_mut(payment).ok_or_else(unknown)?;
        if held.progress == Progress::Captured {
            return refused("The payment was captured.");
        }
        held.let_go += held.held();
        held.progress = Progress::Released;
        Ok(GatewayAnswer::Done)
    }

    fn forget(&mut self, token: &str) -> Answer {
        self.kept.remove(token);
        self.forgotten.insert(token.to_owned());
        Ok(GatewayAnswer::Done)
    }

    /// Keeps a card so that this customer can pay with it again.
    fn keep(&mut self, token: &str, card: &str, customer: &str) -> Answer {
        if self.forgotten.contains(token) {
            return not_reusable("What was forgotten cannot be kept again.");
        }
        self.kept.insert(token.to_owned());
        let own = (Some(format!("fingerprint of {card}")), Some(EXPIRY));
        let (fingerprint, expiry) = self.cards.get(card).cloned().unwrap_or(own);
        Ok(GatewayAnswer::Reusable(Reusable {
            customer_token: customer.to_owned(),
            payment_source_token: token.to_owned(),
            name: format!("card {card}"),
            fingerprint,
            expiry,
            snapshot: object(json!({ "payment_instrument": { "card": card } })),
        }))
    }
}

/// Nothing opened, as there is nothing to open yet.
fn unopened(amount: Amount, attributes: Value) -> Answer {
    Ok(GatewayAnswer::Payment(Payment {
        reference: None,
        order: None,
        amount,
        customer_token: None,
        progress: Progress::Open,
        failed: false,
        decline: None,
        books: None,
        metadata: serde_json::Map::new(),
        instrument: None,
        attributes: object(attributes),
        details: Value::Null,
    }))
}

/// What the gateway's adapter answers without asking the gateway.
fn is_answered_unasked(call: &GatewayCall) -> bool {
    use GatewayKind as T;

    match (&call.request, call.kind) {
        (GatewayRequest::CreatePayment(_), T::External) => true,
        (GatewayRequest::CreatePayment(new), T::Klarna | T::CheckoutCom) => new.saved.is_some(),
        (GatewayRequest::Release { .. } | GatewayRequest::Forget { .. }, T::External) => true,
        // What the shop's own gateway holds cannot be asked for.
        (GatewayRequest::ReadPayment { .. }, T::External) => true,
        _ => false,
    }
}

fn is_reading(call: &GatewayCall) -> bool {
    use GatewayRequest::{ReadMoved, ReadPayment, Watch};

    matches!(
        call.request,
        ReadPayment { .. } | ReadMoved { .. } | Watch { .. }
    )
}

fn is_owed(call: &GatewayCall) -> bool {
    matches!(
        call.request,
        GatewayRequest::Release { .. } | GatewayRequest::Forget { .. }
    )
}

fn declined() -> Decline {
    Decline {
        code: Some("insufficient_funds".to_owned()),
        message: "The bank declined.".to_owned(),
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("no object: {other}"),
    }
}

fn unknown() -> GatewayRefusal {
    GatewayRefusal {
        code: Code::ValidationError,
        detail: "This is not known at the gateway.".to_owned(),
    }
}

fn refused(detail: &str) -> Answer {
    refused_as(Code::PaymentDeclined, detail)
}

fn not_reusable(detail: &str) -> Answer {
    refused_as(Code::PaymentSourceNotReusable, detail)
}

fn refused_as(code: Code, detail: &str) -> Answer {
    Err(GatewayRefusal {
        code,
        detail: detail.to_owned(),
    })
}
