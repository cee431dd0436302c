//! A gateway in memory: it keeps payments, answers a repeated key as before, and can be told to
//! refuse, or to lose an answer.

use std::collections::{BTreeMap, VecDeque};

use domain::gateway::{
    Expiry, GatewayAnswer, GatewayCall, GatewayRefusal, GatewayRequest, NewPayment, Payment,
    Progress, Reusable,
};
use domain::money::Amount;
use domain::refusal::Code;
use serde_json::{Map, Value, json};

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
}

/// A payment as the gateway keeps it.
#[derive(Debug, Clone)]
pub struct Held {
    pub amount: Amount,
    pub customer: Option<String>,
    pub card: Option<String>,
    pub reusable: bool,
    pub progress: Progress,
}

#[derive(Debug, Clone, Default)]
pub struct Gateway {
    pub payments: BTreeMap<String, Held>,
    /// Every call that arrived or was meant to, in order.
    pub calls: Vec<GatewayCall>,
    /// What becomes of the next calls.
    pub mishaps: VecDeque<Mishap>,
    /// Fingerprint and expiry by token; a token that is not here is a card of its own.
    pub cards: BTreeMap<String, (Option<String>, Option<Expiry>)>,
    answered: BTreeMap<String, Answer>,
    customers: usize,
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

    pub fn perform(&mut self, call: &GatewayCall) -> Result<Answer, Unanswered> {
        self.calls.push(call.clone());
        match self.mishaps.pop_front().unwrap_or(Mishap::None) {
            Mishap::None => Ok(self.answer(call)),
            // Reading is refused only where there is no such payment, releasing where it is captured.
            Mishap::Refused if is_reading(call) || is_release(call) => Ok(self.answer(call)),
            Mishap::Refused => Ok(refused("The gateway declined.")),
            Mishap::NotReached => Err(Unanswered),
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
        let answer = self.carry_out(&call.request);
        self.answered.insert(key(call), answer.clone());
        answer
    }

    /// One arm per request that rules may make: none of them confirms or captures.
    fn carry_out(&mut self, request: &GatewayRequest) -> Answer {
        match request {
            GatewayRequest::CreateCustomer { .. } => {
                self.customers += 1;
                Ok(GatewayAnswer::Customer(format!("cus_{}", self.customers)))
            }
            GatewayRequest::CreatePayment(new) => {
                let reference = self.open(new);
                self.show(&reference)
            }
            GatewayRequest::ReadPayment { payment } => self.show(payment),
            GatewayRequest::UpdatePayment {
                payment,
                amount,
                options,
            } => {
                let held = self.payments.get_mut(payment).ok_or_else(unknown)?;
                if held.progress != Progress::Open {
                    return refused("The payment is past the point where it can change.");
                }
                held.amount = amount.unwrap_or(held.amount);
                if let Some(options) = options {
                    held.card = text(options, "id");
                }
                self.show(payment)
            }
            GatewayRequest::MakeReusable {
                payment,
                customer_token,
            } => self.make_reusable(payment, customer_token),
            GatewayRequest::Release { payment } => {
                let held = self.payments.get_mut(payment).ok_or_else(unknown)?;
                if held.progress == Progress::Captured {
                    return refused("The payment was captured.");
                }
                held.progress = Progress::Released;
                Ok(GatewayAnswer::Done)
            }
            GatewayRequest::Forget { .. } => Ok(GatewayAnswer::Done),
        }
    }

    /// Opens a payment beside Billfold, as a shop's own code does.
    pub fn open(&mut self, new: &NewPayment) -> String {
        let reference = format!("pi_{}", self.payments.len() + 1);
        let held = Held {
            amount: new.amount,
            customer: new.customer_token.clone(),
            card: new.saved.clone().or_else(|| text(&new.options, "id")),
            reusable: text(&new.options, "setup_future_usage").as_deref() == Some("off_session"),
            progress: Progress::Open,
        };
        self.payments.insert(reference.clone(), held);
        reference
    }

    fn show(&self, reference: &str) -> Answer {
        let held = self.payments.get(reference).ok_or_else(unknown)?;
        let mut attributes = Map::new();
        attributes.insert("stripe_id".to_owned(), reference.into());
        let secret = format!("{reference}_secret");
        attributes.insert("client_secret".to_owned(), secret.into());
        attributes.insert("payment_instrument".to_owned(), json!({"card": held.card}));
        Ok(GatewayAnswer::Payment(Payment {
            reference: reference.to_owned(),
            amount: held.amount,
            customer_token: held.customer.clone(),
            progress: held.progress,
            attributes,
            details: json!({ "payment_method_id": held.card }),
        }))
    }

    fn make_reusable(&self, payment: &str, customer: &str) -> Answer {
        let held = self.payments.get(payment).ok_or_else(unknown)?;
        let Some(token) = &held.card else {
            return refused("There is no payment method yet.");
        };
        if !held.reusable || held.customer.as_deref() != Some(customer) {
            return refused("The payment was not set up for future use.");
        }
        let own = (Some(format!("fingerprint of {token}")), Some(EXPIRY));
        let (fingerprint, expiry) = self.cards.get(token).cloned().unwrap_or(own);
        let mut snapshot = Map::new();
        snapshot.insert("payment_instrument".to_owned(), json!({"card": token}));
        Ok(GatewayAnswer::Reusable(Reusable {
            customer_token: customer.to_owned(),
            payment_source_token: token.clone(),
            name: format!("card {token}"),
            fingerprint,
            expiry,
            snapshot,
        }))
    }
}

fn is_reading(call: &GatewayCall) -> bool {
    matches!(call.request, GatewayRequest::ReadPayment { .. })
}

fn is_release(call: &GatewayCall) -> bool {
    matches!(call.request, GatewayRequest::Release { .. })
}

fn text(options: &Map<String, Value>, name: &str) -> Option<String> {
    Some(options.get(name)?.as_str()?.to_owned())
}

fn unknown() -> GatewayRefusal {
    GatewayRefusal {
        code: Code::ValidationError,
        detail: "This is not known at the gateway.".to_owned(),
    }
}

fn refused(detail: &str) -> Answer {
    Err(GatewayRefusal {
        code: Code::PaymentDeclined,
        detail: detail.to_owned(),
    })
}
