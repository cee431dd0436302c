//! An order's books: what was held, taken, let go of and given back, and what may still be. What the order's
//! `payment_status` says follows from them alone.

use serde::{Deserialize, Serialize};

use crate::Id;
use crate::record::{Corrupt, Record};
use crate::resources::{ResourceType, TRANSACTIONS};
use crate::transaction::Transaction;

/// The transactions of one order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Till {
    /// Oldest first.
    pub transactions: Vec<Transaction>,
}

/// What is paid of an order: its `payment_status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "Commerce Layer's own words")]
pub enum PaymentStatus {
    Unpaid,
    Authorized,
    PartiallyAuthorized,
    Paid,
    PartiallyPaid,
    Voided,
    Refunded,
    PartiallyRefunded,
    Free,
}

/// Minor units that moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Were held.
    pub authorized: i64,
    /// Were taken.
    pub captured: i64,
    /// Were let go of.
    pub voided: i64,
    /// Were given back.
    pub refunded: i64,
}

impl Till {
    /// The transactions among the parts of an order.
    ///
    /// # Errors
    /// One of them does not read.
    pub fn of(children: &[Record]) -> Result<Self, Corrupt> {
        let records = children.iter().filter(|it| TRANSACTIONS.contains(&it.kind));
        let transactions: Result<Vec<_>, _> = records.cloned().map(Transaction::parse).collect();
        let mut transactions = transactions?;
        transactions.sort_by_key(|it| (it.record.created_at, it.record.id));
        Ok(Self { transactions })
    }

    /// The transaction of that id.
    pub fn get(&self, id: Id) -> Option<&Transaction> {
        self.transactions.iter().find(|it| it.record.id == id)
    }

    /// The transaction of that id, to be changed.
    pub fn get_mut(&mut self, id: Id) -> Option<&mut Transaction> {
        self.transactions.iter_mut().find(|it| it.record.id == id)
    }

    /// Minor units of an authorization that are held and nobody has asked for yet; none where it failed.
    pub fn held(&self, authorization: &Transaction) -> i64 {
        match authorization.has_succeeded() {
            true => {
                authorization.cents() - self.drawn(authorization.record.id, Transaction::counts)
            }
            false => 0,
        }
    }

    /// Minor units of a capture that nobody has asked back yet; none where it failed.
    pub fn refundable(&self, capture: &Transaction) -> i64 {
        match capture.has_succeeded() {
            true => capture.cents() - self.drawn(capture.record.id, Transaction::counts),
            false => 0,
        }
    }

    /// The authorizations of which something is held that nobody has asked for yet.
    pub fn holds(&self) -> impl Iterator<Item = &Transaction> {
        self.of_kind(ResourceType::Authorizations)
            .filter(|it| self.held(it) > 0)
    }

    /// The authorizations that their gateway has not decided on.
    pub fn undecided_holds(&self) -> impl Iterator<Item = &Transaction> {
        self.of_kind(ResourceType::Authorizations)
            .filter(|it| !it.is_decided())
    }

    /// Whether an authorization holds something, or may come to: its gateway has not decided on it.
    pub fn is_open(&self, authorization: Id) -> bool {
        self.get(authorization)
            .is_some_and(|it| !it.is_decided() || self.held(it) > 0)
    }

    /// Whether an open authorization is to be read again by and by: until its gateway has decided, and as long as it is
    /// known when the hold ends. One without such an end is left to what the gateway tells.
    pub fn is_read_again(&self, authorization: Id) -> bool {
        let until = self
            .get(authorization)
            .is_some_and(|it| !it.is_decided() || it.state.holds_until.is_some());
        until && self.is_open(authorization)
    }

    /// The captures of which something can be given back.
    pub fn captured(&self) -> impl Iterator<Item = &Transaction> {
        self.of_kind(ResourceType::Captures)
            .filter(|it| self.refundable(it) > 0)
    }

    /// The authorization by which a source's payment holds, or held, the order's money.
    pub fn authorization_of(&self, source: Id, payment: &str) -> Option<&Transaction> {
        self.of_kind(ResourceType::Authorizations)
            .find(|it| it.has_succeeded() && it.is_of(source, Some(payment)))
    }

    /// Minor units of an authorization that pay the order: held or taken, and neither let go of nor given back.
    pub fn pays(&self, authorization: &Transaction) -> i64 {
        let let_go = self.drawn_by(authorization.record.id, Transaction::counts);
        let captures = self.captures_of(authorization.record.id);
        let given_back = captures.map(|it| self.drawn(it.record.id, Transaction::counts));
        authorization.cents() - let_go(ResourceType::Voids) - given_back.sum::<i64>()
    }

    /// Minor units that were taken of the order, or are being taken, and were not given back.
    pub fn taken(&self) -> i64 {
        let captures = self.of_kind(ResourceType::Captures);
        let taken = captures.filter(|it| it.counts()).map(Transaction::cents);
        taken.sum::<i64>() - self.totals().refunded
    }

    /// Whether a capture is under way.
    pub fn is_capturing(&self) -> bool {
        self.of_kind(ResourceType::Captures)
            .any(|it| !it.is_decided())
    }

    /// Whether a capture of this authorization is under way.
    pub fn is_being_captured(&self, authorization: Id) -> bool {
        let mut captures = self.captures_of(authorization);
        captures.any(|it| !it.has_succeeded())
    }

    /// The captures of an authorization that were made, or are under way.
    pub fn captures_of(&self, authorization: Id) -> impl Iterator<Item = &Transaction> {
        self.of_kind(ResourceType::Captures)
            .filter(move |it| it.counts() && it.draws_on(authorization))
    }

    /// Whether it is known what becomes of a payment's money: it was held by an authorization.
    pub fn knows(&self, payment: &str) -> bool {
        self.of_kind(ResourceType::Authorizations)
            .any(|it| it.has_succeeded() && it.state.payment.as_deref() == Some(payment))
    }

    /// What moved.
    pub fn totals(&self) -> Totals {
        let sum = |kind| -> i64 {
            let succeeded = self.of_kind(kind).filter(|it| it.has_succeeded());
            succeeded.map(Transaction::cents).sum()
        };
        Totals {
            authorized: sum(ResourceType::Authorizations),
            captured: sum(ResourceType::Captures),
            voided: sum(ResourceType::Voids),
            refunded: sum(ResourceType::Refunds),
        }
    }

    /// Writes down, with each authorization and capture, what was drawn on it and what is left: documents show
    /// these as their amounts and balances.
    pub fn write_balances(&mut self) {
        let of = |it: &Transaction| -> Vec<(&'static str, i64)> {
            let drawn = self.drawn_by(it.record.id, Transaction::has_succeeded);
            match it.record.kind {
                ResourceType::Authorizations => vec![
                    ("capture_amount_cents", drawn(ResourceType::Captures)),
                    ("capture_balance_cents", self.held(it)),
                    ("void_balance_cents", self.held(it)),
                ],
                ResourceType::Captures => vec![
                    ("refund_amount_cents", drawn(ResourceType::Refunds)),
                    ("refund_balance_cents", self.refundable(it)),
                ],
                _ => Vec::new(),
            }
        };
        let balances: Vec<_> = self.transactions.iter().map(of).collect();
        for (transaction, balances) in self.transactions.iter_mut().zip(balances) {
            for (name, cents) in balances {
                transaction.record.set(name, cents);
            }
        }
    }

    fn of_kind(&self, kind: ResourceType) -> impl Iterator<Item = &Transaction> {
        self.transactions
            .iter()
            .filter(move |it| it.record.kind == kind)
    }

    fn drawn(&self, on: Id, which: fn(&Transaction) -> bool) -> i64 {
        let drawing = self.transactions.iter().filter(|it| it.draws_on(on));
        drawing.filter(|it| which(it)).map(Transaction::cents).sum()
    }

    fn drawn_by(
        &self,
        on: Id,
        which: fn(&Transaction) -> bool,
    ) -> impl Fn(ResourceType) -> i64 + '_ {
        move |kind| {
            let drawing = self.of_kind(kind).filter(|it| it.draws_on(on) && which(it));
            drawing.map(Transaction::cents).sum()
        }
    }
}

impl PaymentStatus {
    /// What is paid of an order of which `due` minor units are to be paid, once these moved.
    pub const fn of(due: i64, moved: Totals) -> Self {
        let held = moved.authorized - moved.voided - moved.captured;
        if moved.captured > 0 {
            return match moved.refunded {
                0 if moved.captured >= due => Self::Paid,
                0 => Self::PartiallyPaid,
                refunded if refunded >= moved.captured => Self::Refunded,
                _ => Self::PartiallyRefunded,
            };
        }
        if held > 0 {
            return match held >= due {
                true => Self::Authorized,
                false => Self::PartiallyAuthorized,
            };
        }
        if moved.voided > 0 {
            return Self::Voided;
        }
        match due <= 0 {
            true => Self::Free,
            false => Self::Unpaid,
        }
    }

    /// As documents say it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unpaid => "unpaid",
            Self::Authorized => "authorized",
            Self::PartiallyAuthorized => "partially_authorized",
            Self::Paid => "paid",
            Self::PartiallyPaid => "partially_paid",
            Self::Voided => "voided",
            Self::Refunded => "refunded",
            Self::PartiallyRefunded => "partially_refunded",
            Self::Free => "free",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(authorized: i64, captured: i64, voided: i64, refunded: i64) -> Totals {
        Totals {
            authorized,
            captured,
            voided,
            refunded,
        }
    }

    #[test]
    fn what_is_paid_follows_from_the_amount_and_what_moved() {
        let cases = [
            (moved(0, 0, 0, 0), "unpaid"),
            (moved(100, 0, 0, 0), "authorized"),
            (moved(120, 0, 0, 0), "authorized"),
            (moved(60, 0, 0, 0), "partially_authorized"),
            (moved(100, 100, 0, 0), "paid"),
            (moved(100, 60, 0, 0), "partially_paid"),
            (moved(100, 60, 40, 0), "partially_paid"),
            (moved(100, 0, 100, 0), "voided"),
            (moved(200, 0, 100, 0), "authorized"),
            (moved(100, 100, 0, 30), "partially_refunded"),
            (moved(100, 100, 0, 100), "refunded"),
            (moved(100, 60, 40, 60), "refunded"),
        ];
        for (totals, status) in cases {
            assert_eq!(PaymentStatus::of(100, totals).name(), status, "{totals:?}");
        }
        assert_eq!(PaymentStatus::of(0, Totals::default()).name(), "free");
    }
}
