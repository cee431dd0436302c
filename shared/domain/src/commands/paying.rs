//! What commands share: opening payments, replacing and dropping payment sources.

use std::time::Duration;

use serde_json::{Map, Value};

use super::{Change, Commit, Given, Step};
use crate::Id;
use crate::gateway::{
    Answers, GatewayAnswer, GatewayCall, GatewayRequest, NewPayment, Payment, Progress,
};
use crate::money::Amount;
use crate::operation::{Operation, Owner};
use crate::order::MOST_SOURCES;
use crate::purchase::Purchase;
use crate::record::Record;
use crate::refusal::{Code, Refusal};
use crate::resources::ResourceType;
use crate::source::{PaymentSource, SourceState};
use crate::wallet::GatewayCustomer;

/// An equal request within this time of the first is its repeat: a double click, or a client that
/// gave up waiting (Commerce Layer's SDK does after 15 s) and asked again.
const REPEAT_WINDOW: Duration = Duration::from_secs(20);

/// The result of a part of a decision, or the step at which the decision ends for now.
pub type Flow<T> = Result<T, Step>;

/// A decision on its way: the purchase as it was read, and as it will be.
pub struct Paying<'a> {
    /// The purchase as it will be. [`Self::finish`] writes what differs from what was read.
    pub purchase: Purchase,
    /// The given.
    pub given: Given<'a>,
    read: &'a Purchase,
    answers: &'a Answers,
    wallet_changes: Vec<Change>,
    owed: Vec<Operation>,
}

impl<'a> Paying<'a> {
    /// Starts from the purchase as it was read.
    pub fn of(read: &'a Purchase, answers: &'a Answers, given: Given<'a>) -> Self {
        Self {
            purchase: read.clone(),
            given,
            read,
            answers,
            wallet_changes: Vec::new(),
            owed: Vec::new(),
        }
    }

    /// Decides from the purchase as it was read: the step that the decision ends at for now, or the
    /// one that writes what came of it.
    pub fn decide(
        read: &'a Purchase,
        answers: &'a Answers,
        given: Given<'a>,
        decision: impl FnOnce(&mut Self) -> Flow<()>,
    ) -> Step {
        let mut paying = Self::of(read, answers, given);
        match decision(&mut paying) {
            Ok(()) => paying.finish(),
            Err(step) => step,
        }
    }

    /// The gateway's answer to a request, or the step that asks it. A definitive refusal counts the
    /// attempt and ends the command.
    pub fn ask(
        &self,
        gateway: &Record,
        subject: Id,
        request: GatewayRequest,
    ) -> Flow<GatewayAnswer> {
        match self.answers.to(&request) {
            Some(Ok(answer)) => Ok(answer.clone()),
            Some(Err(refusal)) => Err(self.counted(refusal.clone().into())),
            None => Err(self.call(gateway, subject, request)),
        }
    }

    /// As [`Self::ask`], for requests that a payment answers.
    pub fn ask_payment(
        &self,
        gateway: &Record,
        subject: Id,
        request: GatewayRequest,
    ) -> Flow<Payment> {
        match self.ask(gateway, subject, request)? {
            GatewayAnswer::Payment(payment) => Ok(payment),
            _ => Err(unfitting_answer()),
        }
    }

    fn call(&self, gateway: &Record, subject: Id, request: GatewayRequest) -> Step {
        // A customer is made once, whatever came of the order's earlier attempts.
        let attempt = match request {
            GatewayRequest::CreateCustomer { .. } => 0,
            _ => self.read.order().state.payment_attempt,
        };
        Step::Call(Box::new(GatewayCall {
            tenant: self.read.tenant,
            gateway: gateway.id,
            kind: gateway.kind,
            subject,
            attempt,
            request,
        }))
    }

    /// A refusal after the gateway was asked: the attempt is counted, a customer made on the way is
    /// remembered, and all else stays as it was read.
    pub fn counted(&self, refusal: Refusal) -> Step {
        let mut order = self.read.order().clone();
        order.state.payment_attempt = order.state.payment_attempt.saturating_add(1);
        let made = |change: &&Change| matches!(change, Change::PutGatewayCustomer(..));
        let remembered = self.wallet_changes.iter().filter(made).cloned();
        let changes = std::iter::once(Change::PutOrder(order)).chain(remembered);
        Step::Commit(Box::new(Commit {
            changes: changes.collect(),
            answer: Err(refusal),
        }))
    }

    /// The amount due.
    ///
    /// # Errors
    /// It is nothing, or unknown; `pointer` is what the refusal points at.
    pub fn amount_due(&self, pointer: &str) -> Flow<Amount> {
        let due = self
            .purchase
            .order()
            .amount_due()
            .map_err(|refusal| refusal.at(pointer))?;
        if due.cents <= 0 {
            let refusal =
                Refusal::invalid("There is nothing to pay on this order: its amount due is 0.");
            return Err(refusal.at(pointer).into());
        }
        Ok(due)
    }

    /// The gateway's reference of the order's customer, made now if there is none yet; none where
    /// the caller may not use the customer's wallet.
    pub fn customer_token(&mut self, gateway: &Record) -> Flow<Option<String>> {
        let Some(wallet) = &self.purchase.wallet else {
            return Ok(None);
        };
        if let Some(known) = wallet.gateway_customer(gateway.id) {
            return Ok(Some(known.token.clone()));
        }
        let customer = wallet.customer;
        let profile_email = wallet.profile.as_ref().and_then(|it| it.text("email"));
        let email = profile_email.or(self.purchase.order().record.text("customer_email"));
        let request = GatewayRequest::CreateCustomer {
            email: email.map(str::to_owned),
        };
        let GatewayAnswer::Customer(token) = self.ask(gateway, customer, request)? else {
            return Err(unfitting_answer());
        };
        let made = GatewayCustomer {
            gateway: gateway.id,
            token: token.clone(),
        };
        self.wallet_changes
            .push(Change::PutGatewayCustomer(customer, made.clone()));
        if let Some(wallet) = &mut self.purchase.wallet {
            wallet.gateway_customers.push(made);
        }
        Ok(Some(token))
    }

    /// The order's current payment source, where a request with this digest made it just now for
    /// the amount that is still due: the request is its repeat.
    pub fn repeated(&self, request: &str) -> Option<&PaymentSource> {
        let partition = &self.purchase.partition;
        let source = partition.source.as_ref()?;
        let just_now = self.given.now.since(source.record.created_at) <= REPEAT_WINDOW;
        let untouched = source.state.changes_of_card == 0 && !partition.mismatches(source);
        let equal = source.state.request == request && untouched;
        (equal && just_now && source.state.progress == Progress::Open).then_some(source)
    }

    /// The id of the payment source that this request makes: an unanswered request that is made
    /// again makes the same.
    pub fn source_id(&self, kind: ResourceType, request: &str) -> Id {
        let tenant = self.read.tenant;
        let order = self.read.order();
        Id::derived(&[
            tenant.organization.as_str(),
            tenant.mode.as_str(),
            order.id().as_str(),
            &order.state.payment_attempt.to_string(),
            kind.name(),
            request,
        ])
    }

    /// Takes the current payment source off the order and owes the release of its payment.
    ///
    /// # Errors
    /// The money was taken already, or the gateway has to be asked first.
    pub fn drop_source(&mut self) -> Flow<()> {
        let Some(source) = self.purchase.partition.source.clone() else {
            return Ok(());
        };
        let progress = match self.purchase.catalog.gateway(source.state.gateway) {
            Some(gateway) => self.progress_now(gateway, &source)?,
            // The gateway's record is gone; the payment in its account is not.
            None => source.state.progress,
        };
        if progress == Progress::Captured {
            return Err(Refusal::invalid(
                "The order's payment was captured already, so its payment source cannot be replaced or dropped. Refund it first.",
            )
            .into());
        }
        if progress != Progress::Released {
            self.owe_release(&source);
        }
        self.purchase.partition.source = None;
        self.purchase.partition.superseded.push(source);
        self.show_details(Value::Null);
        Ok(())
    }

    /// How far a payment has come, as the gateway says now. One that the gateway does not know any
    /// more counts as released.
    fn progress_now(&self, gateway: &Record, source: &PaymentSource) -> Flow<Progress> {
        let request = GatewayRequest::ReadPayment {
            payment: source.state.payment.clone(),
        };
        match self.answers.to(&request) {
            Some(Ok(GatewayAnswer::Payment(payment))) => Ok(payment.progress),
            Some(Ok(_)) => Err(unfitting_answer()),
            Some(Err(_)) => Ok(Progress::Released),
            None => Err(self.call(gateway, source.id(), request)),
        }
    }

    /// Owes the release of a payment.
    pub fn owe_release(&mut self, source: &PaymentSource) {
        self.owed.push(Operation {
            id: Id::derived(&["release", source.id().as_str(), &source.state.payment]),
            owner: Owner::Order(source.state.order),
            gateway: source.state.gateway,
            gateway_kind: source.state.gateway_kind.clone(),
            subject: source.id(),
            attempt: 0,
            due_at: Operation::first_due(self.given.now),
            request: GatewayRequest::Release {
                payment: source.state.payment.clone(),
            },
        });
    }

    /// A payment of the order, as the gateway is asked for it.
    pub fn new_payment(&self, amount: Amount, customer_token: Option<String>) -> NewPayment {
        let order = self.purchase.order();
        NewPayment {
            order: order.id(),
            order_number: order.record.text("number").map(str::to_owned),
            amount,
            customer_token,
            saved: None,
            options: Map::new(),
            receipt_email: None,
        }
    }

    /// Puts a payment source on the order, whose former one was dropped.
    pub fn put_source(&mut self, made: Made<'_>) {
        // A payment that is taken over may be the one that was on the order before.
        let release = GatewayRequest::Release {
            payment: made.payment.reference.clone(),
        };
        self.owed.retain(|owed| owed.request != release);
        let now = self.given.now;
        let state = SourceState {
            order: self.purchase.order().id(),
            gateway: made.gateway.id,
            gateway_kind: made.gateway.kind.name().to_owned(),
            customer: self.purchase.wallet.as_ref().map(|it| it.customer),
            amount: made.payment.amount,
            payment: made.payment.reference.clone(),
            progress: made.payment.progress,
            entry: made.entry,
            request: made.request,
            changes_of_card: 0,
        };
        let mut source = PaymentSource::new(made.kind, made.id, state, now);
        source.record.attributes = made.attributes;
        source.show(made.payment, now);
        let order = &mut self.purchase.partition.order;
        order.state.sources = order.state.sources.saturating_add(1);
        self.purchase.partition.source = Some(source);
        self.show_details(made.payment.details.clone());
    }

    /// Refuses one payment source too many, before a gateway is asked.
    pub fn require_room(&self, pointer: &str) -> Flow<()> {
        if self.read.order().state.sources < MOST_SOURCES {
            return Ok(());
        }
        let detail = format!("An order keeps at most {MOST_SOURCES} payment sources.");
        Err(Refusal::invalid(detail).at(pointer).into())
    }

    /// Shows on the order what the gateway says of its payment.
    pub fn show_details(&mut self, details: Value) {
        let record = &mut self.purchase.partition.order.record;
        record.set("payment_source_details", details);
    }

    /// Writes a change of the wallet.
    pub fn change_wallet(&mut self, change: Change) {
        self.wallet_changes.push(change);
    }

    /// The step that writes what differs from what was read, and answers with the purchase as it
    /// will be.
    pub fn finish(mut self) -> Step {
        let mut changes = self.source_changes();
        let order_differs = self.purchase.order() != self.read.order();
        if order_differs || !changes.is_empty() {
            let order = &mut self.purchase.partition.order;
            order.record.updated_at = self.given.now;
            if !self.answers.is_empty() {
                order.state.payment_attempt = order.state.payment_attempt.saturating_add(1);
            }
            changes.insert(0, Change::PutOrder(order.clone()));
        }
        changes.append(&mut self.wallet_changes);
        changes.extend(self.owed.into_iter().map(Change::Owe));
        match changes.is_empty() {
            true => Step::Answer(Box::new(self.purchase)),
            false => Step::Commit(Box::new(Commit {
                changes,
                answer: Ok(Box::new(self.purchase)),
            })),
        }
    }

    fn source_changes(&self) -> Vec<Change> {
        let before = self.read.partition.source.as_ref();
        let after = self.purchase.partition.source.as_ref();
        let superseded = self.purchase.partition.superseded.iter();
        let new_superseded = superseded
            .filter(|source| {
                self.read
                    .partition
                    .superseded
                    .iter()
                    .all(|it| it != *source)
            })
            .cloned()
            .map(Change::PutSuperseded);
        let slot = match (before, after) {
            (before, Some(after)) if before != Some(after) => Some(Change::PutSource {
                source: after.clone(),
                is_new: before.map(PaymentSource::id) != Some(after.id()),
            }),
            (Some(_), None) => Some(Change::EmptySlot(self.read.order().id())),
            _ => None,
        };
        slot.into_iter().chain(new_superseded).collect()
    }
}

/// What a payment source is made of.
pub struct Made<'a> {
    /// Its type.
    pub kind: ResourceType,
    /// Its id.
    pub id: Id,
    /// The attributes that the caller gave, or that its wallet entry remembers.
    pub attributes: Map<String, Value>,
    /// The gateway's record.
    pub gateway: &'a Record,
    /// Its payment at the gateway.
    pub payment: &'a Payment,
    /// The wallet entry that it is made from.
    pub entry: Option<Id>,
    /// A digest of the request that makes it.
    pub request: String,
}

/// The gateway's adapter answered something else than was asked: a defect of ours.
pub fn unfitting_answer() -> Step {
    Refusal::new(Code::InternalError, "The gateway's answer does not fit.").into()
}
