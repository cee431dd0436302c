//! An order's books: what its transactions say is written with the order, in the same commit.

use std::ops::ControlFlow::{Break, Continue};

use domain::gateway::{Decline, GatewayRequest, Move, Moved, Moving, Outcome, Payment, Progress};
use domain::money::Amount;
use domain::operation::{Operation, Owner};
use domain::order::{OrderStatus, OrderStep};
use domain::record::{Identifier, Place, Record};
use domain::refusal::{Code, Refusal};
use domain::resources::{ResourceType, TRANSACTIONS};
use domain::source::PaymentSource;
use domain::till::{PaymentStatus, Till};
use domain::transaction::{AUTHORIZATION, CAPTURE, Status, Transaction, TransactionState};
use domain::{GatewayId, Id, Timestamp};
use serde_json::Value;

use super::observing::told_of;
use super::paying::Paying;
use super::placing;
use crate::{Change, Decided, OrStop, Step, stop};

impl Paying<'_> {
    /// The order's transactions.
    pub(super) fn till(&self) -> Decided<Till> {
        let children = self.purchase.partition.children.as_deref();
        let unread = || {
            Refusal::new(
                Code::InternalError,
                "The order's transactions were not read.",
            )
        };
        let children = children.ok_or_else(unread).or_stop()?;
        Till::of(children)
            .map_err(|corrupt| corrupt.to_refusal())
            .or_stop()
    }

    /// Lets go of what a source's payment holds, where that stands in the order's books. False where it does not.
    pub(super) fn void_hold_of(&mut self, source: &PaymentSource) -> Decided<bool> {
        let Some(authorization) = self.authorization_of(source)? else {
            return Continue(false);
        };
        if self.till()?.held(&authorization) > 0 {
            self.move_money(Moving::Void, authorization.record.id, None, "_void")?;
        }
        Continue(true)
    }

    /// Whether the money of a source's payment was taken by the order's books, or is being taken.
    pub(super) fn is_captured_with(&self, source: &PaymentSource) -> Decided<bool> {
        let Some(authorization) = self.authorization_of(source)? else {
            return Continue(false);
        };
        let till = self.till()?;
        let mut captures = till.captures_of(authorization.record.id);
        Continue(captures.next().is_some())
    }

    /// Whether the order's books tell what becomes of a payment.
    pub(super) fn is_in_books(&self, payment: &Payment) -> Decided<bool> {
        if self.purchase.order().state.transactions == 0 {
            return Continue(false);
        }
        let till = self.till()?;
        let reference = payment.reference.as_deref();
        Continue(reference.is_some_and(|it| till.knows(it)))
    }

    /// The authorization in the order's books by which a source's payment holds, or held, its money.
    fn authorization_of(&self, source: &PaymentSource) -> Decided<Option<Transaction>> {
        if self.purchase.order().state.transactions == 0 {
            return Continue(None);
        }
        let till = self.till()?;
        let payment = source.state.payment.as_deref();
        let found = payment.and_then(|it| till.authorization_of(source.record.id, it));
        Continue(found.cloned())
    }

    /// Whether the gateway has not decided yet whether it holds a source's payment.
    pub(super) fn is_undecided(&self, source: &PaymentSource) -> Decided<bool> {
        let payment = source.state.payment.as_deref();
        let till = self.till()?;
        let mut undecided = till.undecided_holds();
        Continue(undecided.any(|it| it.is_of(source.record.id, payment)))
    }

    /// Minor units that a source's payment pays of the order by its books: held or taken, and neither let go of nor
    /// given back.
    pub(super) fn paid_with(&self, source: &PaymentSource) -> Decided<i64> {
        match self.authorization_of(source)? {
            Some(authorization) => Continue(self.till()?.pays(&authorization)),
            None => Continue(0),
        }
    }

    /// Lets go of all that is held of the order. What of it is being captured stays until that is decided.
    pub(super) fn let_go_of_holds(&mut self, attribute: &str) -> Decided<()> {
        let till = self.till()?;
        let is_left = |it: &&Transaction| !till.is_being_captured(it.record.id);
        let holds: Vec<_> = till
            .holds()
            .filter(is_left)
            .map(|it| it.record.id)
            .collect();
        for hold in holds {
            self.move_money(Moving::Void, hold, None, attribute)?;
        }
        Continue(())
    }

    /// Writes the order's transactions, and what is paid of it by them.
    pub(super) fn put_till(&mut self, mut till: Till) {
        till.write_balances();
        let totals = till.totals();
        let order = &mut self.purchase.partition.order;
        let due = order.amount_due().map_or(totals.authorized, |it| it.cents);
        let paid = PaymentStatus::of(due, totals).name();
        if order.record.text("payment_status") != Some(paid) {
            order.record.set("payment_status", paid);
            let now = self.input.now.to_string();
            order.record.set("payment_updated_at", now);
        }
        let children = self.purchase.partition.children.get_or_insert_default();
        children.retain(|it| !TRANSACTIONS.contains(&it.kind));
        children.extend(till.transactions.iter().map(Transaction::to_record));
    }

    /// What differs of the order's transactions.
    pub(super) fn transaction_changes(&self) -> Vec<Change> {
        let transactions = |children: Option<&Vec<Record>>| -> Vec<Record> {
            let all = children.into_iter().flatten();
            all.filter(|it| TRANSACTIONS.contains(&it.kind))
                .cloned()
                .collect()
        };
        let read = transactions(self.read.partition.children.as_ref());
        let now = transactions(self.purchase.partition.children.as_ref());
        let place = Place::OfOrder(self.read.order().id());
        now.into_iter()
            .filter(|it| !read.contains(it))
            .map(|it| Change::put(it, place))
            .collect()
    }

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

    /// Carries out what nobody waits for: where it is refused, all stays as it is.
    pub(super) fn unless_refused(
        &mut self,
        carry_out: impl FnOnce(&mut Self) -> Decided<()>,
    ) -> Decided<()> {
        let mut after = self.clone();
        match carry_out(&mut after) {
            Continue(()) => *self = after,
            Break(step @ (Step::Ask(_) | Step::ReadAgain)) => return Break(step),
            Break(_) => {}
        }
        Continue(())
    }

    /// Holds of which nothing is left are not watched any more.
    fn watch_no_more(&mut self) -> Decided<()> {
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
    fn end_refunded(&mut self) -> Decided<()> {
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

    fn new_transaction(
        &mut self,
        kind: ResourceType,
        id: Id,
        source: &PaymentSource,
        amount: Amount,
    ) -> Transaction {
        let (gateway, gateway_kind) = (source.state.gateway, source.state.gateway_kind);
        self.numbered(
            kind,
            id,
            source.record.identifier(),
            (gateway, gateway_kind),
            amount,
        )
    }

    fn new_transaction_of(
        &mut self,
        kind: ResourceType,
        id: Id,
        of: &Transaction,
        amount: Amount,
    ) -> Transaction {
        let source = of.record.relationships.get("payment_source").copied();
        let source = source.unwrap_or_else(|| of.record.identifier());
        let gateway = (of.state.gateway, of.state.gateway_kind);
        self.numbered(kind, id, source, gateway, amount)
    }

    fn numbered(
        &mut self,
        kind: ResourceType,
        id: Id,
        source: Identifier,
        (gateway, gateway_kind): (GatewayId, domain::gateway::GatewayKind),
        amount: Amount,
    ) -> Transaction {
        let order = &mut self.purchase.partition.order;
        order.state.transactions = order.state.transactions.saturating_add(1);
        let count = order.state.transactions;
        let of_order = order.record.text("number").unwrap_or_default();
        let number = format!("{of_order}/T/{count:03}");
        let state = TransactionState {
            order: order.id(),
            gateway,
            gateway_kind,
            amount,
            payment: None,
            status: Status::Pending,
            decided_at: None,
            holds_until: None,
            is_disputed: false,
        };
        Transaction::new(kind, id, number, source, state, self.input.now)
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

fn succeeded(reference: Option<String>) -> Moved {
    Moved::new(Outcome::Succeeded, reference)
}

fn unexplained() -> Decline {
    Decline {
        code: None,
        message: "The payment was declined.".to_owned(),
    }
}
