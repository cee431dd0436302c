//! Watching for what the shopper's browser pays by itself: in the session of a payment source that was
//! dropped meanwhile, or without ever saying so. It is released.

use std::ops::ControlFlow::Continue;
use std::time::Duration;

use domain::Timestamp;
use domain::gateway::{Payment, Progress};
use domain::operation::Operation;
use domain::purchase::Purchase;
use domain::source::PaymentSource;

use super::paying::Paying;
use crate::{Answers, Command, Decided, Input, Step};

/// What was paid at the last moment of a session may be told of some time later: the bank asks its
/// customer.
const AFTER_A_SESSION: Duration = Duration::from_secs(15 * 60);

/// A session was looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Watched {
    /// The operation that watches it.
    pub operation: Operation,
    /// What was paid for the payment source, in the session or otherwise.
    pub payments: Vec<Payment>,
}

impl Command for Watched {
    type State = Purchase;
    type Answer = Purchase;

    fn next(&self, purchase: &Purchase, answers: &Answers, input: Input<'_>) -> Step<Purchase> {
        Paying::decide(purchase, answers, input, |paying| self.decide(paying))
    }
}

impl Watched {
    /// While the source is the order's and its session is open, the shopper may still say what they paid.
    fn decide(&self, paying: &mut Paying<'_>) -> Decided<()> {
        let is_over = self.operation.watches_no_more(paying.input.now);
        let current = paying.purchase.partition.source.as_ref();
        let is_current = current.is_some_and(|it| it.id() == self.operation.subject);
        if is_over || !is_current {
            for payment in &self.payments {
                self.release(paying, payment)?;
            }
        }
        if is_over {
            paying.settle(&self.operation);
        }
        Continue(())
    }

    /// Releases a payment unless it is what the order is paid with, or the order's books tell what becomes of it. One
    /// that was captured is told of as what cannot be released.
    fn release(&self, paying: &mut Paying<'_>, payment: &Payment) -> Decided<()> {
        let holds = payment.progress.is_live() || payment.progress == Progress::Captured;
        let current = paying.purchase.partition.source.as_ref();
        let pays = current.is_some_and(|it| it.state.payment == payment.reference);
        if holds && !pays && !paying.is_in_books(payment)? {
            paying.owe_release_of_found(&self.operation, payment);
        }
        Continue(())
    }
}

impl Paying<'_> {
    /// Watches the session that a new payment source has opened, from its end on: by then the browser has
    /// said what it paid, or never will.
    pub(super) fn watch_session(&mut self) {
        let source = self.purchase.partition.source.as_ref();
        if let Some((source, until)) = source.and_then(|it| Some((it, end_of_session(it)?))) {
            self.owed.push(Operation::watch(source, until, until));
        }
    }

    /// Watches the session of a payment source that is dropped, at once.
    pub(super) fn watch_dropped(&mut self, source: &PaymentSource) {
        let now = self.input.now;
        let until = end_of_session(source).filter(|until| *until > now);
        if let Some(until) = until.filter(|_| source.state.entry.is_none()) {
            let due_at = Operation::first_due(now);
            self.owed.push(Operation::watch(source, until, due_at));
        }
    }
}

/// From when on nothing can be paid in a source's session any more.
fn end_of_session(source: &PaymentSource) -> Option<Timestamp> {
    let session = source.record.kind.payment_rules()?.session?;
    Some(source.record.created_at.plus(session + AFTER_A_SESSION))
}
