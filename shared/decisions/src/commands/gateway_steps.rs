//! Gateway steps of a decision: what is asked for with which key, what is noted before, and what a
//! refusal leaves behind.

use std::ops::ControlFlow::{Break, Continue};

use domain::gateway::{GatewayAnswer, GatewayCall, GatewayRequest, Payment, Settings};
use domain::money::Amount;
use domain::operation::{Operation, Owner};
use domain::payment_rules::PaymentRules;
use domain::purchase::Purchase;
use domain::record::{Place, Record};
use domain::refusal::Refusal;
use domain::source::canonical_digest;
use domain::wallet::GatewayCustomer;
use domain::{GatewayId, Id, OperationId, SourceId};

use super::paying::{Paying, kind_of, unfitting_answer};
use super::settled::Settled;
use crate::{Ask, Change, Commit, Decided, Step};

impl Paying<'_> {
    /// The gateway's answer to a request, or the step that asks it. A definitive refusal counts the
    /// attempt and ends the command.
    pub fn ask(
        &mut self,
        gateway: &Record,
        subject: Id,
        request: GatewayRequest,
    ) -> Decided<GatewayAnswer> {
        let answer = self.answers.to(&request).cloned();
        if answer.is_some() && request.is_noted() {
            let noted = self.noted(gateway, subject, &request)?;
            let is_refused = matches!(answer, Some(Err(_)));
            self.settled.push(Settled::new(&noted, is_refused));
        }
        match answer {
            Some(Ok(answer)) => Continue(answer),
            Some(Err(refusal)) => Break(self.counted(refusal.into())),
            None => Break(self.call(gateway, subject, request)?),
        }
    }

    /// As [`Self::ask`]; none where the gateway refuses, which ends the step and not the command.
    pub fn ask_unless_refused(
        &mut self,
        gateway: &Record,
        subject: Id,
        request: GatewayRequest,
    ) -> Decided<Option<GatewayAnswer>> {
        match self.answers.to(&request).cloned() {
            Some(Err(_)) => {
                if request.is_noted() {
                    let noted = self.noted(gateway, subject, &request)?;
                    self.settled.push(Settled::new(&noted, true));
                }
                Continue(None)
            }
            _ => self.ask(gateway, subject, request).map_continue(Some),
        }
    }

    /// As [`Self::ask`], for requests that a payment answers.
    pub fn ask_payment(
        &mut self,
        gateway: &Record,
        subject: Id,
        request: GatewayRequest,
    ) -> Decided<Payment> {
        match self.ask(gateway, subject, request)? {
            GatewayAnswer::Payment(payment) => Continue(payment),
            _ => Break(unfitting_answer()),
        }
    }

    pub(super) fn call(
        &self,
        gateway: &Record,
        subject: Id,
        request: GatewayRequest,
    ) -> Decided<Step<Purchase>> {
        let order = self.read.order();
        let noted = match request.is_noted() {
            true => vec![Change::Owe(self.noted(gateway, subject, &request)?)],
            false => Vec::new(),
        };
        let call = GatewayCall {
            tenant: self.read.tenant,
            gateway: GatewayId::new(gateway.id),
            kind: kind_of(gateway)?,
            settings: Settings::of(Some(gateway)),
            subject,
            attempt: order.state.payment_attempt,
            request,
            noted: None,
            table: self.input.table.clone(),
        };
        Continue(Step::Ask(Box::new(Ask { call, noted })))
    }

    /// The operation under which a step is noted before it is asked for. Its id follows from the
    /// step: a repeat notes the same.
    fn noted(&self, gateway: &Record, subject: Id, request: &GatewayRequest) -> Decided<Operation> {
        let order = self.read.order();
        let attempt = order.state.payment_attempt;
        let what = canonical_digest(&serde_json::to_value(request).unwrap_or_default());
        Continue(Operation {
            id: OperationId::new(Id::derived(&[
                "step",
                subject.as_str(),
                &attempt.to_string(),
                &what,
            ])),
            owner: Owner::Order(order.id()),
            gateway: GatewayId::new(gateway.id),
            gateway_kind: kind_of(gateway)?,
            subject,
            attempt,
            tries: 0,
            due_at: Operation::first_due(self.input.now),
            request: request.clone(),
            noted: None,
            since: Some(self.input.now),
            stuck: None,
        })
    }

    /// Counts a definitive answer that was had before this decision.
    pub const fn count_attempt(&mut self) {
        let state = &mut self.purchase.partition.order.state;
        state.payment_attempt = state.payment_attempt.saturating_add(1);
    }

    /// Notes that an operation which was carried on has come to its end.
    pub fn settle(&mut self, operation: &Operation) {
        self.settled.push(Settled::new(operation, false));
    }

    /// A refusal after the gateway was asked: the attempt is counted, a customer made on the way is
    /// remembered, and all else stays as it was read. A noted step that the gateway took stays noted:
    /// nothing of its answer is kept here, so that whoever carries it on keeps or releases what came of it.
    pub fn counted(&self, refusal: Refusal) -> Step<Purchase> {
        self.counted_owing(refusal, None)
    }

    /// As [`Self::counted`], where the gateway has to undo what came of the noted steps.
    pub fn counted_owing(&self, refusal: Refusal, owed: Option<Operation>) -> Step<Purchase> {
        let is_undone = owed.is_some();
        let ended = self
            .settled
            .iter()
            .filter(|it| it.is_refused() || is_undone)
            .map(Settled::change);
        let mut order = self.read.order().clone();
        order.state.payment_attempt = order.state.payment_attempt.saturating_add(1);
        let made = |change: &&Change| matches!(change, Change::PutGatewayCustomer(..));
        let remembered = self.wallet_changes.iter().filter(made).cloned();
        let changes = std::iter::once(Change::put(order.to_record(), Place::Order))
            .chain(remembered)
            .chain(ended)
            .chain(owed.map(Change::Owe));
        Step::Commit(Box::new(Commit {
            changes: changes.collect(),
            answer: Err(refusal),
        }))
    }

    /// The gateway's reference of the order's customer, made now if there is none yet, or the gateway does
    /// not know it any more: its record was deleted there, or the keys are another account's by now. None
    /// where the caller may not use the customer's wallet, or the gateway keeps no customers. `subject` is
    /// what the payment is asked for.
    pub fn customer_token(
        &mut self,
        gateway: &Record,
        rules: &PaymentRules,
        subject: SourceId,
    ) -> Decided<Option<String>> {
        let Some(wallet) = self
            .purchase
            .wallet
            .as_ref()
            .filter(|_| rules.has_customers)
        else {
            return Continue(None);
        };
        let known = wallet.gateway_customer(GatewayId::new(gateway.id)).cloned();
        let mut lost = Vec::new();
        if let Some(known) = &known {
            lost.extend(self.answers.lost(&known.token).cloned());
            if lost.is_empty() {
                return Continue(Some(known.token.clone()));
            }
        }
        let customer = wallet.customer;
        let profile_email = wallet.profile.as_ref().and_then(|it| it.text("email"));
        let email = profile_email.or(self.purchase.order().record.text("customer_email"));
        let request = GatewayRequest::CreateCustomer {
            email: email.map(str::to_owned),
            replaces: known.as_ref().map(|it| it.token.clone()),
        };
        for refused in lost.iter().filter(|it| it.is_noted()) {
            let noted = self.noted(gateway, subject.into(), refused)?;
            self.settled.push(Settled::new(&noted, true));
        }
        let GatewayAnswer::Customer(token) = self.ask(gateway, customer.into(), request)? else {
            return Break(unfitting_answer());
        };
        let made = GatewayCustomer {
            gateway: GatewayId::new(gateway.id),
            token: token.clone(),
            version: known.map_or(0, |it| it.version),
        };
        self.wallet_changes
            .push(Change::PutGatewayCustomer(customer, made.clone()));
        if let Some(wallet) = &mut self.purchase.wallet {
            let former = |it: &GatewayCustomer| it.gateway != made.gateway;
            wallet.gateway_customers.retain(former);
            wallet.gateway_customers.push(made);
        }
        Continue(Some(token))
    }

    /// A payment that the caller names by this attribute, as the gateway has it.
    pub fn read_payment(
        &mut self,
        gateway: &Record,
        subject: Id,
        payment: &str,
        attribute: &str,
    ) -> Decided<Payment> {
        let request = GatewayRequest::ReadPayment {
            payment: payment.to_owned(),
        };
        let read = self.ask_payment(gateway, subject, request);
        read.map_break(|step| step.about(attribute))
    }

    /// Refuses a payment that the shopper's browser made, unless the gateway has it down for this
    /// order and amount.
    pub fn require_made_for_order(
        &self,
        payment: &Payment,
        amount: Amount,
        attribute: &str,
    ) -> Decided<()> {
        let problem = if payment.order != Some(self.read.order().id()) {
            "The payment is not for this order: its reference is another."
        } else if payment.amount != amount {
            "The payment is for another amount or currency than the order's amount due."
        } else {
            return Continue(());
        };
        Break(self.counted(Refusal::invalid(problem).at_attribute(attribute)))
    }
}
