use domain::purchase::{OrderPartition, Purchase};
use domain::record::Place;
use domain::wallet::Wallet;

use crate::{AsRead, Change, Step};

/// What a decision rests on, as it was read: in pieces, which need not be of one moment. Whatever the
/// decision writes, and whatever it has a gateway do once, is written with these checks, so that it
/// rests on what was there at one moment, and still is.
///
/// The catalogue is not among it: every order would wait for every other. A decision goes by one of the
/// last minute.
pub trait State {
    /// That everything is as it was read.
    fn checks(&self) -> Vec<Change>;
}

impl State for OrderPartition {
    /// The order, and what it is paid with. Its lines and addresses are read after it.
    fn checks(&self) -> Vec<Change> {
        let source = self.source.as_ref().map(|it| &it.record);
        vec![
            Change::check(&self.order.record, Place::Order),
            Change::CheckSlot(self.order.id(), source.map_or(AsRead::Nothing, AsRead::of)),
        ]
    }
}

impl State for Wallet {
    /// The head, which names the entries and their versions.
    fn checks(&self) -> Vec<Change> {
        vec![Change::CheckHead(self.customer, self.head.version)]
    }
}

impl State for Purchase {
    fn checks(&self) -> Vec<Change> {
        let mut checks = self.partition.checks();
        checks.extend(self.wallet.iter().flat_map(State::checks));
        checks
    }
}

impl<A> Step<A> {
    /// The same step, which writes only while everything is as it was read. A change of a record depends
    /// on what was read of it as it is.
    #[must_use]
    pub fn resting_on(mut self, state: &impl State) -> Self {
        let changes = match &mut self {
            Self::Ask(ask) if !ask.noted.is_empty() => &mut ask.noted,
            Self::Commit(commit) => &mut commit.changes,
            _ => return self,
        };
        for check in state.checks() {
            if changes.iter().all(|it| !it.implies(&check)) {
                changes.push(check);
            }
        }
        self
    }
}
