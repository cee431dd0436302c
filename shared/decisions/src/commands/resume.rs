//! Carrying on a step that was noted before it was asked for, and whose answer never came: what the
//! answer changes now that it is known.

use std::ops::ControlFlow::{Break, Continue};

use domain::gateway::{
    Decline, GatewayAnswer, GatewayCall, GatewayRefusal, GatewayRequest, Moved, NewPayment,
    Outcome, Payment, Progress, Reusable, ToKeep,
};
use domain::operation::Operation;
use domain::purchase::Purchase;
use domain::source::{PaymentSource, SourceState};
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

fn refused(refusal: &GatewayRefusal) -> Moved {
    Moved::new(
        Outcome::Failed(Decline {
            code: None,
            message: refusal.detail.clone(),
        }),
        None,
    )
}

impl Resume {
    fn decide(&self, paying: &mut Paying<'_>) -> Decided<()> {
        paying.settle(&self.operation);
        match (&self.operation.request, &self.answer) {
            (GatewayRequest::AuthorizePayment(new), Ok(GatewayAnswer::Payment(payment))) => {
                self.take_payment(paying, new, payment)
            }
            (GatewayRequest::MakeReusable(keep), Ok(GatewayAnswer::Reusable(reusable))) => {
                self.keep(paying, keep, reusable)
            }
            (
                GatewayRequest::Move(asked) | GatewayRequest::ReadMoved { asked, .. },
                Ok(GatewayAnswer::Moved(moved)),
            ) => paying.take_moved(self.operation.subject, asked, moved),
            (
                GatewayRequest::Move(asked) | GatewayRequest::ReadMoved { asked, .. },
                Err(refusal),
            ) => paying.take_moved(self.operation.subject, asked, &refused(refusal)),
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
    fn take_payment(
        &self,
        paying: &mut Paying<'_>,
        new: &NewPayment,
        payment: &Payment,
    ) -> Decided<()> {
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
                take_authorized(paying, &mut source, new, payment)?;
                if payment.progress != Progress::Open || payment.failed {
                    paying.note_authorization(&source, payment)?;
                }
                paying.count_attempt();
                paying.purchase.partition.source = Some(source);
            }
            Some(source) if source.state.payment == payment.reference => {}
            _ => self.release(paying, new, payment)?,
        }
        Continue(())
    }

    /// The order's current payment source, where it is the one that the step was for.
    fn source(&self, paying: &Paying<'_>) -> Option<PaymentSource> {
        let current = paying.purchase.partition.source.as_ref();
        current
            .filter(|it| it.id() == self.operation.subject)
            .cloned()
    }

    fn release(&self, paying: &mut Paying<'_>, new: &NewPayment, payment: &Payment) -> Decided<()> {
        let kept = SourceId::new(self.operation.subject);
        let Some(mut source) = paying.purchase.partition.source(kept).cloned() else {
            return self.release_without_source(paying, new, payment);
        };
        source.state.payment.clone_from(&payment.reference);
        source.state.instrument = payment.instrument.as_deref().map(Token::new);
        if self.is_let_go_by_void(payment) {
            self.note_and_void(paying, &source, payment)?;
        } else if payment.progress.is_live() {
            paying.owe_release(&source);
        }
        paying.owe_forgetting_of_instrument(&source);
        Continue(())
    }

    /// The payment source was deleted before the answer came.
    fn release_without_source(
        &self,
        paying: &mut Paying<'_>,
        new: &NewPayment,
        payment: &Payment,
    ) -> Decided<()> {
        if self.is_let_go_by_void(payment) {
            let step = &self.operation;
            let state = SourceState {
                order: new.order,
                gateway: step.gateway,
                gateway_kind: step.gateway_kind,
                customer: new.customer,
                amount: payment.amount,
                payment: payment.reference.clone(),
                progress: payment.progress,
                entry: None,
                request: String::new(),
                changes_of_card: 0,
                instrument: None,
                authorized_with: None,
                kept: None,
                kept_until: None,
            };
            let (kind, id) = (step.gateway_kind.source_type(), SourceId::new(step.subject));
            let deleted = PaymentSource::new(kind, id, state, paying.input.now);
            return self.note_and_void(paying, &deleted, payment);
        }
        paying.owe_release_of_payment(&self.operation, payment);
        if let (Some(token), Some(customer)) = (&payment.instrument, new.customer)
            && !self.is_held(paying, token)
        {
            self.owe_forgetting(paying, customer, token);
        }
        Continue(())
    }

    /// Whether nothing lets go of what was held but a void: a shop's own gateway is told of an authorization.
    fn is_let_go_by_void(&self, payment: &Payment) -> bool {
        let rules = self.operation.gateway_kind.source_type().payment_rules();
        let is_told = rules.is_some_and(|it| it.saved_at.is_some());
        is_told && payment.progress == Progress::Authorized
    }

    fn note_and_void(
        &self,
        paying: &mut Paying<'_>,
        source: &PaymentSource,
        payment: &Payment,
    ) -> Decided<()> {
        paying.note_authorization(source, payment)?;
        paying.void_hold_of(source).map_continue(drop)
    }

    /// What became reusable is kept, if its source is still the order's and not saved otherwise; else
    /// it is forgotten.
    fn keep(&self, paying: &mut Paying<'_>, keep: &ToKeep, reusable: &Reusable) -> Decided<()> {
        if keep.for_later {
            return self.keep_for_later(paying, keep, reusable);
        }
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

    /// What was made reusable before the order was paid with the same approval: it stays with the payment source, and
    /// is no attempt to pay.
    fn keep_for_later(
        &self,
        paying: &mut Paying<'_>,
        keep: &ToKeep,
        reusable: &Reusable,
    ) -> Decided<()> {
        let is_for = |source: &PaymentSource| {
            source.shopper_token() == keep.shopper_token.as_deref() && source.state.kept.is_none()
        };
        match self.source(paying).filter(is_for) {
            Some(mut source) => {
                source.keep_for_later(reusable);
                let is_open = paying.purchase.order().status.takes_payment();
                paying.purchase.partition.source = Some(source.clone());
                if !is_open {
                    paying.owe_forgetting_later(&source);
                }
            }
            None => self.owe_forgetting(paying, keep.customer, &reusable.payment_source_token),
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
