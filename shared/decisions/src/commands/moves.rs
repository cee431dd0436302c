//! How money moves that is held already: it is captured, let go of, given back. The gateway is asked once that is
//! written, and its answer taken by whoever has it first.

use std::ops::ControlFlow::Continue;

use domain::Id;
use domain::gateway::{GatewayRequest, Move, Moved, Moving, Outcome};
use domain::money::Amount;
use domain::operation::{Operation, Owner};
use domain::order::{OrderStatus, OrderStep};
use domain::refusal::Refusal;
use domain::resources::ResourceType;
use domain::source::PaymentSource;
use domain::till::Till;
use domain::transaction::{AUTHORIZATION, CAPTURE, Status, Transaction};
use serde_json::Value;

use super::books::succeeded;
use super::observing::told_of;
use super::paying::Paying;
use crate::{Change, Decided, OrStop, stop};

impl Paying<'_> {
    /// Has money move: what is captured or let go of draws on an authorization, what is refunded on a
    /// capture; without `cents`, all that is left of it. The gateway is asked once this is written. An equal
    /// one that is under way is this one's first time.
    pub(super) fn move_money(
        &mut self,
        kind: Moving,
        of: Id,
        cents: Option<i64>,
        attribute: &str,
    ) -> Decided<()> {
        let mut till = self.till()?;
        let Some(of) = till.get(of).cloned() else {
            return stop(Refusal::not_found());
        };
        let left = match kind {
            Moving::Capture | Moving::Void => till.held(&of),
            Moving::Refund => till.refundable(&of),
        };
        let wanted = cents.unwrap_or(left);
        let is_under_way = |it: &Transaction| {
            let is_undecided = it.state.status == Status::Pending;
            is_undecided && it.record.kind == kind.resource_type() && it.draws_on(of.record.id)
        };
        let mut under_way = till.transactions.iter().filter(|it| is_under_way(it));
        let is_repeat = match cents {
            Some(cents) => under_way.any(|it| it.cents() == cents),
            None => left == 0 && under_way.next().is_some(),
        };
        if is_repeat {
            return Continue(());
        }
        require_left(kind, wanted, left, attribute).or_stop()?;
        if kind == Moving::Void && till.is_being_captured(of.record.id) {
            let detail = "A capture of this authorization is under way. Void what is left of it once that is decided.";
            return stop(Refusal::invalid(detail).at_attribute(attribute));
        }
        self.require_another(kind, &till, &of, attribute)?;

        let order = self.purchase.order();
        let sequence = order.state.transactions.to_string();
        let id = Id::derived(&[
            kind.resource_type().name(),
            of.record.id.as_str(),
            &sequence,
        ]);
        let payment = of.state.payment.clone();
        let unknown =
            || Refusal::invalid("The gateway's payment of this transaction is not known.");
        let payment = payment.ok_or_else(unknown).or_stop()?;
        let amount = Amount {
            cents: wanted,
            currency: of.state.amount.currency,
        };
        let mut made = self
            .new_transaction_of(kind.resource_type(), id, &of, amount)
            .drawing_on(&of);
        made.state.payment = Some(payment.clone());
        let capture = of.record.text("gateway_transaction_id").map(str::to_owned);
        let asked = Move {
            kind,
            order: self.purchase.order().id(),
            order_number: self
                .purchase
                .order()
                .record
                .text("number")
                .map(str::to_owned),
            payment,
            capture: capture.filter(|_| kind == Moving::Refund),
            amount,
            is_last: kind != Moving::Capture || wanted == left,
            document: self.document_of(&of, kind, wanted),
        };
        let request = GatewayRequest::Move(asked);
        self.owed
            .push(Operation::about(&made, request, self.input.now));
        till.transactions.push(made);
        self.put_till(till);
        Continue(())
    }

    /// Takes what is held of an authorization, up to the order's total as it stands by now: what was held beyond it
    /// stays held, unless the gateway lets go of it with the capture. An equal one that is under way is this one's
    /// first time.
    pub(super) fn capture_up_to_total(&mut self, of: Id, attribute: &str) -> Decided<()> {
        let due = self.purchase.order().amount_due();
        let due = due
            .map_err(|refusal| refusal.at_attribute("total_amount_with_taxes_cents"))
            .or_stop()?;
        let till = self.till()?;
        let held = till.get(of).map_or(0, |it| till.held(it));
        let open = due.cents - till.taken();
        if held <= open {
            return self.move_money(Moving::Capture, of, None, attribute);
        }
        if open > 0 {
            return self.move_money(Moving::Capture, of, Some(open), attribute);
        }
        match till.is_capturing() {
            true => Continue(()),
            false => {
                let detail = "payment_status - the order's total was captured, or there is none. Void what is held beyond it.";
                stop(Refusal::invalid(detail).at_attribute("payment_status"))
            }
        }
    }

    /// What an external gateway is told: what is drawn on, with how much of it.
    fn document_of(&self, of: &Transaction, kind: Moving, cents: i64) -> Option<Value> {
        let rules = of.state.gateway_kind.source_type().payment_rules()?;
        rules.saved_at?;
        let mut of = of.clone();
        match kind {
            Moving::Capture => of.record.set("capture_amount_cents", cents),
            Moving::Refund => of.record.set("refund_amount_cents", cents),
            Moving::Void => {}
        }
        Some(self.input.documents.transaction(&self.purchase, &of))
    }

    /// Somebody has seen to a transaction: it counts as succeeded, and the gateway is not asked any more. Nothing
    /// is done where there is not enough left for it, nor for a hold beside another.
    pub(super) fn forward(&mut self, id: Id) -> Decided<()> {
        let mut till = self.till()?;
        let now = self.input.now;
        let is_possible = till.get(id).is_some_and(|it| may_be_forwarded(&till, it));
        let Some(transaction) = till.get_mut(id).filter(|_| is_possible) else {
            return Continue(());
        };
        transaction.forward(now);
        let transaction = transaction.clone();
        let owner = Owner::Order(transaction.state.order);
        self.put_till(till);
        let settled = Operation::deciding(id).map(|it| Change::Settle(owner, it));
        self.beside.extend(settled);
        let order = &mut self.purchase.partition.order;
        let is_hold = transaction.record.kind == ResourceType::Authorizations;
        if is_hold && let Ok(status) = order.status.after(OrderStep::Place) {
            order.status = status;
            let due = order.amount_due().unwrap_or(transaction.state.amount);
            self.note_placed(due);
        }
        self.follow(&transaction)
    }

    /// Notes what happened at the gateway without us.
    pub(super) fn note_elsewhere(
        &mut self,
        kind: Moving,
        of: &Transaction,
        cents: i64,
        source: &PaymentSource,
    ) -> Decided<()> {
        if cents <= 0 {
            return Continue(());
        }
        let mut till = self.till()?;
        let sequence = self.purchase.order().state.transactions.to_string();
        let kind = kind.resource_type();
        let parts = ["elsewhere", kind.name(), of.record.id.as_str(), &sequence];
        let amount = Amount {
            cents,
            currency: of.state.amount.currency,
        };
        let mut noted = self
            .new_transaction(kind, Id::derived(&parts), source, amount)
            .drawing_on(of);
        noted.state.payment.clone_from(&of.state.payment);
        noted.take(&succeeded(of.state.payment.clone()), self.input.now);
        till.transactions.push(noted);
        self.put_till(till);
        self.end_refunded()
    }

    /// Takes over what a gateway says of a capture, a void or a refund. What it has not decided is asked for
    /// later.
    pub(super) fn take_moved(&mut self, id: Id, asked: &Move, moved: &Moved) -> Decided<()> {
        let mut till = self.till()?;
        let now = self.input.now;
        let Some(transaction) = till.get_mut(id) else {
            return Continue(());
        };
        let before = transaction.state.status;
        let is_no_news = match moved.outcome {
            Outcome::Pending => before != Status::Pending,
            Outcome::Failed(_) => before == Status::Failed,
            Outcome::Succeeded => false,
        };
        if is_no_news {
            return Continue(());
        }
        let is_known =
            transaction.record.text("gateway_transaction_id") == moved.reference.as_deref();
        transaction.take(moved, now);
        let transaction = transaction.clone();
        if moved.outcome == Outcome::Pending && !is_known {
            self.claim_undecided(&transaction);
        }
        let read = GatewayRequest::ReadMoved {
            asked: asked.clone(),
            reference: moved.reference.clone(),
        };
        let read = Operation::about(&transaction, read, now);
        if before == Status::Succeeded {
            self.owed.extend(told_of(read, moved, self.input));
        } else if moved.outcome == Outcome::Pending {
            self.owed.push(read);
        }
        if let (Outcome::Succeeded, Some(released)) = (&moved.outcome, moved.released) {
            let authorization = transaction.record.related(AUTHORIZATION);
            if let Some(of) = authorization.and_then(|it| till.get(it)).cloned() {
                let void = Id::derived(&["released with", id.as_str()]);
                if till.get(void).is_none() && till.held(&of) > 0 {
                    let kind = ResourceType::Voids;
                    let mut void = self
                        .new_transaction_of(kind, void, &of, released)
                        .drawing_on(&of);
                    void.state.payment.clone_from(&of.state.payment);
                    void.take(&succeeded(moved.reference.clone()), now);
                    till.transactions.push(void);
                }
            }
        }
        self.put_till(till);
        self.watch_no_more()?;
        match transaction.state.status == before {
            true => Continue(()),
            false => self.follow(&transaction),
        }
    }

    /// What a gateway has taken on, and nobody can ask it for, is found again by what it calls it once it says what
    /// became of it.
    fn claim_undecided(&mut self, transaction: &Transaction) {
        let rules = transaction.state.gateway_kind.source_type().payment_rules();
        let reference = transaction.record.text("gateway_transaction_id");
        if let (Some(reference), false) = (reference, rules.is_some_and(|it| it.is_read)) {
            self.beside.push(Change::ClaimPayment {
                order: transaction.state.order,
                gateway: transaction.state.gateway,
                payment: reference.to_owned(),
            });
        }
    }

    /// What follows from a transaction that was decided: what was captured of an order that was cancelled meanwhile
    /// is given back, and what was not is let go of.
    fn follow(&mut self, decided: &Transaction) -> Decided<()> {
        let is_cancelled = self.purchase.order().status == OrderStatus::Cancelled;
        if is_cancelled && decided.record.kind == ResourceType::Captures && decided.is_decided() {
            self.let_go_of_holds("_cancel")?;
            self.give_back("_cancel")?;
        }
        self.end_refunded()
    }

    /// Gives back all that was taken of the order.
    pub(super) fn give_back(&mut self, attribute: &str) -> Decided<()> {
        let till = self.till()?;
        let captures: Vec<_> = till.captured().map(|it| it.record.id).collect();
        for capture in captures {
            self.move_money(Moving::Refund, capture, None, attribute)?;
        }
        Continue(())
    }

    /// An order of which all that was taken was given back, and nothing more can be taken, is cancelled.
    pub(super) fn end_refunded(&mut self) -> Decided<()> {
        let till = self.till()?;
        let totals = till.totals();
        let may_be_captured = totals.authorized - totals.voided > totals.captured;
        let order = &mut self.purchase.partition.order;
        let is_refunded = totals.captured > 0 && totals.refunded >= totals.captured;
        if is_refunded
            && !may_be_captured
            && let Ok(status) = order.status.after(OrderStep::RefundWhole)
        {
            order.status = status;
            order.record.set("cancelled_at", self.input.now.to_string());
        }
        Continue(())
    }

    /// Where a gateway takes one capture of a hold, a second is refused before it is asked.
    fn require_another(
        &self,
        kind: Moving,
        till: &Till,
        of: &Transaction,
        attribute: &str,
    ) -> Decided<()> {
        let rules = of.state.gateway_kind.source_type().payment_rules();
        let is_once = kind == Moving::Capture && rules.is_some_and(|it| it.captures_once);
        let is_captured = till.captures_of(of.record.id).next().is_some();
        match is_once && is_captured {
            false => Continue(()),
            true => stop(
                Refusal::invalid(
                    "This gateway captures a payment once: what was left is released.",
                )
                .at_attribute(attribute),
            ),
        }
    }
}

/// Whether there is enough left for a transaction to count as succeeded.
fn may_be_forwarded(till: &Till, transaction: &Transaction) -> bool {
    // One that is under way is counted already.
    let is_under_way = transaction.state.status == Status::Pending;
    let of = [AUTHORIZATION, CAPTURE].map(|it| transaction.record.related(it));
    let of = of.into_iter().flatten().find_map(|it| till.get(it));
    let left = match (transaction.record.kind, of) {
        (ResourceType::Authorizations, _) => {
            let mut others = till.transactions.iter();
            let is_another = |it: &Transaction| it.record.kind == transaction.record.kind;
            return transaction.state.status == Status::Failed
                && !others.any(|it| is_another(it) && it.has_succeeded() && till.pays(it) > 0);
        }
        (ResourceType::Refunds, Some(of)) => till.refundable(of),
        (_, Some(of)) => till.held(of),
        (_, None) => return false,
    };
    is_under_way || (!transaction.counts() && transaction.cents() <= left)
}

fn require_left(kind: Moving, wanted: i64, left: i64, attribute: &str) -> Result<(), Refusal> {
    let what = match kind {
        Moving::Capture | Moving::Void => "is held of this authorization",
        Moving::Refund => "of this capture is left to be refunded",
    };
    let problem = if left <= 0 {
        format!("Nothing {what}.")
    } else if wanted <= 0 {
        "The amount has to be more than nothing.".to_owned()
    } else if wanted > left {
        format!("No more than {left} {what}.")
    } else {
        return Ok(());
    };
    Err(Refusal::invalid(problem).at_attribute(attribute))
}
