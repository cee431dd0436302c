//! An order's books: what its transactions say is written with the order, in the same commit.

use std::ops::ControlFlow::{Break, Continue};

use domain::gateway::{GatewayKind, Moved, Moving, Outcome, Payment};
use domain::money::Amount;
use domain::record::{Identifier, Place, Record};
use domain::refusal::{Code, Refusal};
use domain::resources::{ResourceType, TRANSACTIONS};
use domain::source::PaymentSource;
use domain::till::{PaymentStatus, Till};
use domain::transaction::{Status, Transaction, TransactionState};
use domain::{GatewayId, Id};

use super::paying::Paying;
use crate::{Change, Decided, OrStop, Step};

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

    pub(super) fn new_transaction(
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

    pub(super) fn new_transaction_of(
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
        (gateway, gateway_kind): (GatewayId, GatewayKind),
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

/// The gateway has done it, by this reference.
pub(super) fn succeeded(reference: Option<String>) -> Moved {
    Moved::new(Outcome::Succeeded, reference)
}
