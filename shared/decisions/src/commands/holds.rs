//! Holds: what a gateway says of the money that it was asked to hold, until when it does, and what follows for the order.

use std::ops::ControlFlow::Continue;

use domain::gateway::{Decline, GatewayRequest, Moved, Moving, Outcome, Payment, Progress};
use domain::operation::{Operation, Owner};
use domain::order::OrderStatus;
use domain::resources::ResourceType;
use domain::source::PaymentSource;
use domain::transaction::{Status, Transaction};
use domain::{Id, Timestamp};

use super::books::succeeded;
use super::paying::Paying;
use super::placing;
use crate::{Change, Decided};

impl Paying<'_> {
    /// Notes that the gateway holds a payment's amount, or why it does not. What is noted already is not noted
    /// again.
    pub(super) fn note_authorization(
        &mut self,
        source: &PaymentSource,
        payment: &Payment,
    ) -> Decided<()> {
        let mut till = self.till()?;
        let outcome = match payment.progress {
            Progress::Authorized if payment.is_undecided() => Outcome::Pending,
            Progress::Authorized | Progress::Captured => Outcome::Succeeded,
            Progress::Open | Progress::Declined | Progress::Released => {
                Outcome::Failed(payment.decline.clone().unwrap_or_else(unexplained))
            }
        };
        let attempt = self.purchase.order().state.payment_attempt.to_string();
        let reference = payment.reference.as_deref().unwrap_or_default();
        let held = Id::derived(&["authorization", source.record.id.as_str(), reference]);
        let moved = Moved {
            outcome,
            reference: payment.reference.clone(),
            released: None,
            metadata: payment.metadata.clone(),
        };
        let now = self.input.now;
        if let Some(noted) = till.get_mut(held) {
            if noted.state.status == Status::Pending {
                noted.take(&moved, now);
                noted.state.holds_until = payment.books.and_then(|it| it.holds_until);
                let noted = noted.clone();
                self.watch_hold(&noted);
                self.put_till(till);
                return self.follow_hold(&noted);
            }
            return Continue(());
        }
        let id = match moved.outcome {
            Outcome::Failed(_) => Id::derived(&["declined", source.record.id.as_str(), &attempt]),
            Outcome::Succeeded | Outcome::Pending => held,
        };
        if till.get(id).is_some() {
            return Continue(());
        }
        let kind = ResourceType::Authorizations;
        let mut made = self.new_transaction(kind, id, source, payment.amount);
        made.state.payment.clone_from(&payment.reference);
        made.state.holds_until = payment.books.and_then(|it| it.holds_until);
        made.take(&moved, now);
        till.transactions.push(made.clone());
        if payment.is_captured() {
            let id = Id::derived(&["captured elsewhere", id.as_str()]);
            let captured = payment.captured();
            let capture = self.new_transaction(ResourceType::Captures, id, source, captured);
            let mut capture = capture.drawing_on(&made);
            capture.state.payment.clone_from(&payment.reference);
            capture.take(&succeeded(payment.reference.clone()), self.input.now);
            till.transactions.push(capture);
        }
        self.watch_hold(&made);
        self.put_till(till);
        Continue(())
    }

    /// Has the payment read once its hold is over; soon, where the gateway has not said yet when that is.
    fn watch_hold(&mut self, authorization: &Transaction) {
        let until = match authorization.state.status {
            Status::Pending => self.input.now,
            Status::Succeeded => authorization.state.holds_until.unwrap_or(self.input.now),
            Status::Failed => return,
        };
        let rules = authorization
            .state
            .gateway_kind
            .source_type()
            .payment_rules();
        let payment = authorization.state.payment.clone();
        let Some(payment) = payment.filter(|_| rules.is_some_and(|it| it.is_read)) else {
            return;
        };
        let request = GatewayRequest::ReadPayment { payment };
        let mut operation = Operation::about(authorization, request, self.input.now);
        operation.due_at = Operation::first_due(until);
        self.owed.push(operation);
    }

    /// Takes over until when an authorization holds, as its gateway says now: it may not have said before, and the hold
    /// may have been extended.
    pub(super) fn take_end_of_hold(
        &mut self,
        authorization: Id,
        until: Option<Timestamp>,
    ) -> Decided<()> {
        let mut till = self.till()?;
        let hold = till.get_mut(authorization);
        let Some(hold) = hold.filter(|it| until.is_some() && it.state.holds_until != until) else {
            return Continue(());
        };
        hold.state.holds_until = until;
        let hold = hold.clone();
        self.watch_hold(&hold);
        self.put_till(till);
        Continue(())
    }

    /// Takes over what a gateway says of a hold that it has decided on after a while: of how much it is, where it says
    /// so.
    pub(super) fn take_hold(&mut self, id: Id, moved: &Moved, cents: Option<i64>) -> Decided<()> {
        let mut till = self.till()?;
        let now = self.input.now;
        let Some(hold) = till.get_mut(id) else {
            return Continue(());
        };
        if let Some(cents) = cents {
            hold.state.amount.cents = cents;
            hold.record.set("amount_cents", cents);
        }
        hold.take(moved, now);
        let hold = hold.clone();
        self.put_till(till);
        self.follow_hold(&hold)
    }

    /// What follows from a hold that was decided on after a while: the order that waited for it is placed, or takes
    /// another payment; what is held of one that was cancelled or is paid otherwise is let go of.
    fn follow_hold(&mut self, hold: &Transaction) -> Decided<()> {
        if !hold.is_decided() {
            return Continue(());
        }
        let partition = &mut self.purchase.partition;
        let source = partition.source.as_mut();
        let source = source.filter(|it| hold.is_of(it.record.id, it.state.payment.as_deref()));
        let status = partition.order.status;
        let pays = source.is_some() && status != OrderStatus::Cancelled;
        if !hold.has_succeeded() {
            if let Some(source) = source {
                source.state.progress = Progress::Declined;
            }
            if pays && status == OrderStatus::Placing {
                partition.order.status = OrderStatus::Pending;
            }
            return Continue(());
        }
        if !pays {
            return self.move_money(Moving::Void, hold.record.id, None, "_void");
        }
        // What the gateway holds is in the books whatever becomes of the order.
        let due = self.purchase.order().amount_due().ok();
        let paid = self.till()?.pays(hold);
        match (status, due) {
            (OrderStatus::Placing, Some(due)) if paid >= due.cents => {
                self.unless_refused(|it| placing::complete_placing(it, due))?;
                let order = &mut self.purchase.partition.order;
                if order.status == OrderStatus::Placing {
                    order.status = OrderStatus::Pending;
                }
                Continue(())
            }
            (OrderStatus::Placing, _) => {
                self.purchase.partition.order.status = OrderStatus::Pending;
                Continue(())
            }
            (OrderStatus::Placed | OrderStatus::Approved, Some(due)) => {
                self.unless_refused(|it| placing::capture_by_itself(it, due))
            }
            _ => Continue(()),
        }
    }

    /// Holds of which nothing is left are not watched any more.
    pub(super) fn watch_no_more(&mut self) -> Decided<()> {
        let till = self.till()?;
        let owner = Owner::Order(self.purchase.order().id());
        let is_over = |it: &&Transaction| {
            let is_hold = it.record.kind == ResourceType::Authorizations;
            is_hold && it.has_succeeded() && till.held(it) == 0
        };
        let over = till.transactions.iter().filter(is_over);
        let settled = over.map(|it| Change::Settle(owner, Operation::after_hold_id(it.record.id)));
        self.beside.extend(settled);
        Continue(())
    }
}

fn unexplained() -> Decline {
    Decline {
        code: None,
        message: "The payment was declined.".to_owned(),
    }
}
