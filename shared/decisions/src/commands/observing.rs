//! A payment may have changed at its gateway without anybody's asking here: confirmed in the browser after the tab
//! was closed, captured in the vendor's dashboard, expired, refunded. It is read, and its state taken.

use std::ops::ControlFlow::Continue;

use domain::gateway::{Books, GatewayRequest, Move, Moved, Moving, Outcome, Payment, Progress};
use domain::operation::{Operation, StuckReason};
use domain::order::OrderStatus;
use domain::purchase::Purchase;
use domain::resources::ResourceType;
use domain::source::PaymentSource;
use domain::transaction::{Status, Transaction};
use domain::{GatewayId, Id, OperationId};
use serde_json::Value;

use super::paying::Paying;
use super::{Lifecycle, authorizing};
use crate::{Answers, Command, Decided, Input, Step};

/// A payment of the order is to be read at its gateway, and its state taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observe {
    /// The gateway.
    pub gateway: GatewayId,
    /// The gateway's reference of the payment.
    pub payment: String,
    /// Whether the gateway has said that the shopper disputes it, where the payment does not say so.
    pub is_disputed: bool,
}

impl Command for Observe {
    type State = Purchase;
    type Answer = Purchase;

    fn next(&self, purchase: &Purchase, answers: &Answers, input: Input<'_>) -> Step<Purchase> {
        Paying::decide(purchase, answers, input, |paying| self.decide(paying))
    }
}

impl Observe {
    fn decide(&self, paying: &mut Paying<'_>) -> Decided<()> {
        let is_paid_with = |it: &&PaymentSource| {
            it.state.gateway == self.gateway && it.readable_payment() == Some(&self.payment)
        };
        let partition = &paying.purchase.partition;
        let current = partition.source.as_ref().filter(is_paid_with).cloned();
        let former = partition.superseded.iter().find(is_paid_with).cloned();
        let Some(mut source) = current.clone().or(former) else {
            return Continue(());
        };
        let catalog = &paying.purchase.catalog;
        let Some(gateway) = catalog.gateway_or_retired(self.gateway).cloned() else {
            return Continue(());
        };
        let Some(payment) = paying.payment_now(&gateway, &source, &self.payment)? else {
            return Continue(());
        };
        if current.is_some() {
            authorizing::take(paying, &mut source, &payment)?;
            paying.purchase.partition.source = Some(source.clone());
            paying.note_observed_hold(&source, &payment)?;
        } else if paying.is_undecided(&source)? {
            paying.note_authorization(&source, &payment)?;
        }
        paying.take_books(&source, &payment)?;
        let is_disputed = payment.books.is_some_and(|it| it.is_disputed);
        if is_disputed || self.is_disputed {
            paying.note_dispute(&payment)?;
        }
        place_by_itself(paying, &payment)
    }
}

/// Places the order where its payment method says so, if nothing is missing.
fn place_by_itself(paying: &mut Paying<'_>, payment: &Payment) -> Decided<()> {
    let method = paying.purchase.payment_method();
    let places = method.and_then(|it| it.get("auto_place")) == Some(&Value::Bool(true));
    let is_pending = paying.purchase.order().status == OrderStatus::Pending;
    if !places || !is_pending || payment.progress != Progress::Authorized {
        return Continue(());
    }
    let place = Lifecycle {
        place: true,
        ..Lifecycle::default()
    };
    // What is missing is the shopper's to bring.
    paying.unless_refused(|it| place.decide(it))
}

impl Paying<'_> {
    /// Notes the hold of a payment that was authorised in the browser.
    fn note_observed_hold(&mut self, source: &PaymentSource, payment: &Payment) -> Decided<()> {
        let order = self.purchase.order();
        let is_open = order.status.takes_payment() || order.state.transactions > 0;
        let is_held = matches!(payment.progress, Progress::Authorized | Progress::Captured);
        let is_news = is_open && is_held && !self.is_paid_elsewhere();
        match is_news || self.is_undecided(source)? {
            true => self.note_authorization(source, payment),
            false => Continue(()),
        }
    }

    /// Takes into the order's books what the gateway did, or was told to, without us, and until when it holds. What
    /// is under way from here is left to its own answer.
    fn take_books(&mut self, source: &PaymentSource, payment: &Payment) -> Decided<()> {
        let till = self.till()?;
        let of_payment = |it: &&Transaction| it.state.payment == payment.reference;
        let is_under_way = till
            .transactions
            .iter()
            .filter(of_payment)
            .any(|it| it.state.status == Status::Pending);
        let authorization = till
            .transactions
            .iter()
            .filter(of_payment)
            .find(|it| it.record.kind == ResourceType::Authorizations && it.has_succeeded());
        let Some(authorization) = authorization.cloned() else {
            return Continue(());
        };
        let until = payment.books.and_then(|it| it.holds_until);
        self.take_end_of_hold(authorization.record.id, until)?;
        if is_under_way {
            return Continue(());
        }
        let moved = |kind: ResourceType| -> i64 {
            let all = till.transactions.iter().filter(of_payment);
            let succeeded = all.filter(|it| it.record.kind == kind && it.has_succeeded());
            succeeded.map(Transaction::cents).sum()
        };
        let Some(books) = payment.books.or_else(|| by_progress(payment)) else {
            return Continue(());
        };
        let captured = books.captured - moved(ResourceType::Captures);
        let refunded = books.refunded - moved(ResourceType::Refunds);
        let held = till.held(&authorization);
        if captured > 0 {
            let cents = captured.min(held);
            self.note_elsewhere(Moving::Capture, &authorization, cents, source)?;
        }
        let is_over = books.held == 0 && payment.progress != Progress::Authorized;
        let left = held - captured.max(0);
        if is_over && left > 0 {
            self.note_elsewhere(Moving::Void, &authorization, left, source)?;
        }
        self.note_refunds_elsewhere(refunded, &authorization, source)
    }
}

impl Paying<'_> {
    /// What of a payment the shopper asked their bank for: people are told, once. The books stay as they are, since
    /// the bank may yet decide for the shop.
    fn note_dispute(&mut self, payment: &Payment) -> Decided<()> {
        let mut till = self.till()?;
        let mut told = Vec::new();
        for capture in &mut till.transactions {
            let is_of_it = capture.state.payment == payment.reference;
            let is_capture = capture.record.kind == ResourceType::Captures;
            if is_of_it && is_capture && capture.has_succeeded() && !capture.state.is_disputed {
                capture.state.is_disputed = true;
                told.extend(told_of_dispute(capture, self.input));
            }
        }
        if !told.is_empty() {
            self.owed.extend(told);
            self.put_till(till);
        }
        Continue(())
    }

    /// Spreads what was given back over the captures of the payment: none gives back more than it took.
    fn note_refunds_elsewhere(
        &mut self,
        mut cents: i64,
        authorization: &Transaction,
        source: &PaymentSource,
    ) -> Decided<()> {
        let till = self.till()?;
        let captures: Vec<_> = till
            .captures_of(authorization.record.id)
            .map(|it| (it.clone(), till.refundable(it)))
            .collect();
        for (capture, refundable) in captures {
            let of_this = cents.min(refundable);
            self.note_elsewhere(Moving::Refund, &capture, of_this, source)?;
            cents -= of_this.max(0);
        }
        Continue(())
    }
}

/// What is known of a payment whose gateway gives no sums.
fn by_progress(payment: &Payment) -> Option<Books> {
    let cents = payment.amount.cents;
    match payment.progress {
        Progress::Captured => Some(Books {
            captured: cents,
            ..Books::default()
        }),
        Progress::Released => Some(Books::default()),
        Progress::Open | Progress::Authorized | Progress::Declined => None,
    }
}

/// What is to be asked of a gateway about a transaction that it has decided once already: a refund may fail later.
pub fn asked_again(
    transaction: &Transaction,
    capture: Option<&Transaction>,
) -> Option<GatewayRequest> {
    Some(GatewayRequest::ReadMoved {
        asked: asked_for(transaction, capture)?,
        reference: reference(transaction),
    })
}

/// What a gateway was asked for by a transaction. `capture` is the one that it draws on, of a refund.
pub(super) fn asked_for(transaction: &Transaction, capture: Option<&Transaction>) -> Option<Move> {
    let kind = match transaction.record.kind {
        ResourceType::Captures => Moving::Capture,
        ResourceType::Voids => Moving::Void,
        ResourceType::Refunds => Moving::Refund,
        _ => return None,
    };
    Some(Move {
        kind,
        order: transaction.state.order,
        order_number: None,
        payment: transaction.state.payment.clone()?,
        capture: capture.and_then(reference),
        amount: transaction.state.amount,
        is_last: true,
        document: None,
    })
}

fn reference(transaction: &Transaction) -> Option<String> {
    let reference = transaction.record.text("gateway_transaction_id");
    reference.map(str::to_owned)
}

fn told_of_dispute(capture: &Transaction, input: Input<'_>) -> Option<Operation> {
    let request = asked_again(capture, None)?;
    let detail = "The shopper asked their bank for the money back. Answer the dispute at the gateway, then settle this operation.";
    let told = Operation {
        id: OperationId::new(Id::derived(&["disputed", capture.record.id.as_str()])),
        ..Operation::about(capture, request, input.now)
    };
    let told = told.left_to_people(StuckReason::Disputed, detail.to_owned(), input.now);
    Some(told)
}

/// A transaction that had succeeded has failed after all: people are told.
pub(super) fn told_of(operation: Operation, moved: &Moved, input: Input<'_>) -> Option<Operation> {
    let Outcome::Failed(decline) = &moved.outcome else {
        return None;
    };
    let code = decline.code.as_deref().unwrap_or("no code");
    let detail = format!(
        "The gateway took back a transaction that had succeeded ({code}). See to the shopper, then settle this operation."
    );
    let told = Operation {
        id: OperationId::new(Id::derived(&["failed later", operation.subject.as_str()])),
        ..operation
    };
    Some(told.left_to_people(StuckReason::Refused, detail, input.now))
}
