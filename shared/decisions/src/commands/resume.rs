//! Carrying on a step that was noted before it was asked for, and whose answer never came: what the
//! answer changes now that it is known.

use std::ops::ControlFlow::{Break, Continue};

use domain::gateway::{
    GatewayAnswer, GatewayCall, GatewayRefusal, GatewayRequest, NewPayment, Payment, Reusable,
    ToKeep,
};
use domain::operation::Operation;
use domain::purchase::Purchase;
use domain::source::PaymentSource;
use domain::{CustomerId, SourceId, Token};
use serde_json::Value;

use super::authorizing::take_authorized;
use super::paying::Paying;
use super::saving::{self, Kept};
use crate::{Answers, Command, Decided, Input, Step};

/// A noted step has been carried out.
#[derive(Debug, Clone, PartialEq)]
pub struct Resume {
    /// The step.
    pub operation: Operation,
    /// The gateway's definitive answer to it.
    pub answer: Result<GatewayAnswer, GatewayRefusal>,
}

impl Resume {
    /// The call that carries the step out, with the document that it is not remembered with; none
    /// where the gateway or the payment source is gone.
    pub fn call(
        operation: &Operation,
        purchase: &Purchase,
        input: Input<'_>,
    ) -> Option<GatewayCall> {
        let mut call = operation.call(purchase.tenant, input.table, &purchase.catalog);
        let rules = call.kind.source_type().payment_rules()?;
        let is_told = rules.saved_at.is_some();
        if let (GatewayRequest::MakeReusable(keep), true) = (&mut call.request, is_told) {
            let answers = Answers::default();
            let paying = Paying::of(purchase, &answers, input);
            keep.document = document(&paying, operation)?;
        }
        Some(call)
    }
}

fn document(paying: &Paying<'_>, operation: &Operation) -> Option<Option<Value>> {
    let source = paying
        .purchase
        .partition
        .source(SourceId::new(operation.subject))?;
    let rules = source.record.kind.payment_rules()?;
    let catalog = &paying.purchase.catalog;
    let gateway = catalog.gateway_or_retired(operation.gateway)?;
    saving::document(paying, rules, gateway, source).ok()
}

impl Command for Resume {
    type State = Purchase;
    type Answer = Purchase;

    fn next(&self, purchase: &Purchase, answers: &Answers, input: Input<'_>) -> Step<Purchase> {
        Paying::decide(purchase, answers, input, |paying| self.decide(paying))
    }
}

impl Resume {
    fn decide(&self, paying: &mut Paying<'_>) -> Decided<()> {
        paying.settle(&self.operation);
        match (&self.operation.request, &self.answer) {
            (GatewayRequest::AuthorizePayment(new), Ok(GatewayAnswer::Payment(payment))) => {
                self.take_payment(paying, new, payment);
                Continue(())
            }
            (GatewayRequest::MakeReusable(keep), Ok(GatewayAnswer::Reusable(reusable))) => {
                self.keep(paying, keep, reusable)
            }
            // The gateway refused: nothing came of the step but an attempt.
            _ => {
                let attempt = paying.purchase.order().state.payment_attempt;
                if attempt == self.operation.attempt {
                    paying.count_attempt();
                }
                Continue(())
            }
        }
    }

    /// The payment is the source's, if nothing was decided about the order's payment since; else the
    /// shopper has gone another way, and it is released.
    fn take_payment(&self, paying: &mut Paying<'_>, new: &NewPayment, payment: &Payment) {
        let order = paying.purchase.order();
        let is_newest = order.state.payment_attempt == self.operation.attempt;
        let takes_payment = order.status.takes_payment();
        match self.source(paying) {
            Some(mut source) if is_newest && takes_payment => {
                let rules = source.record.kind.payment_rules();
                let attribute = rules.and_then(|it| it.shopper_token);
                if let (Some(attribute), Some(token)) = (attribute, &new.shopper_token) {
                    source.record.set(attribute, token.clone());
                }
                take_authorized(paying, &mut source, new, payment);
                paying.count_attempt();
                paying.purchase.partition.source = Some(source);
            }
            Some(source) if source.state.payment == payment.reference => {}
            _ => self.release(paying, new, payment),
        }
    }

    /// The order's current payment source, where it is the one that the step was for.
    fn source(&self, paying: &Paying<'_>) -> Option<PaymentSource> {
        let current = paying.purchase.partition.source.as_ref();
        current
            .filter(|it| it.id() == self.operation.subject)
            .cloned()
    }

    fn release(&self, paying: &mut Paying<'_>, new: &NewPayment, payment: &Payment) {
        let subject = self.operation.subject;
        let Some(mut source) = paying
            .purchase
            .partition
            .source(SourceId::new(subject))
            .cloned()
        else {
            paying.owe_release_of_payment(&self.operation, payment);
            if let (Some(token), Some(customer)) = (&payment.instrument, new.customer)
                && !self.is_held(paying, token)
            {
                self.owe_forgetting(paying, customer, token);
            }
            return;
        };
        source.state.payment.clone_from(&payment.reference);
        source.state.instrument = payment.instrument.as_deref().map(Token::new);
        if payment.progress.is_live() {
            paying.owe_release(&source);
        }
        paying.owe_forgetting_of_instrument(&source);
    }

    /// What became reusable is kept, if its source is still the order's and not saved otherwise; else
    /// it is forgotten.
    fn keep(&self, paying: &mut Paying<'_>, keep: &ToKeep, reusable: &Reusable) -> Decided<()> {
        if paying.purchase.order().state.payment_attempt == self.operation.attempt {
            paying.count_attempt();
        }
        let is_for = |source: &PaymentSource| {
            source.shopper_token() == keep.shopper_token.as_deref()
                && source.state.payment == keep.payment
        };
        let source = self.source(paying).filter(is_for);
        if let (Some(source), Some(wallet)) = (source, paying.purchase.wallet.clone())
            && wallet.head.saved_from(source.saved_as()).is_none()
            && !wallet.head.deleted.contains(&source.saved_as())
        {
            match saving::keep(paying, wallet, &source, reusable) {
                Kept::Done => return Continue(()),
                Kept::OfTwoMoments => return Break(Step::ReadAgain),
                Kept::Refused(_) => {}
            }
        }
        let token = &reusable.payment_source_token;
        if !self.is_held(paying, token) {
            self.owe_forgetting(paying, keep.customer, token);
        }
        Continue(())
    }

    fn is_held(&self, paying: &Paying<'_>, token: &str) -> bool {
        let wallet = paying.purchase.wallet.as_ref();
        let gateway = self.operation.gateway;
        wallet.is_some_and(|it| it.head.holds(gateway, token, paying.input.lookup))
    }

    fn owe_forgetting(&self, paying: &mut Paying<'_>, customer: CustomerId, token: &str) {
        paying.owed.push(Operation::forget(
            customer,
            self.operation.gateway,
            self.operation.gateway_kind,
            token,
            paying.input.now,
        ));
    }
}
