//! `DELETE /api/customer_payment_sources/{id}`: a saved source is forgotten, here at once and at its
//! gateway as soon as that answers.

use std::ops::ControlFlow::Continue;

use domain::gateway::GatewayKind;
use domain::operation::Operation;
use domain::purchase::Purchase;
use domain::record::Place;
use domain::refusal::Refusal;
use domain::wallet::{Entry, Wallet};
use domain::{CustomerId, EntryId, Timestamp};

use super::paying::Paying;
use crate::{Answers, Change, Command, Input, Step};

/// An order's payment source is to go, if it was made from this wallet entry and the order is still
/// open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DropReused {
    /// The entry.
    pub entry: EntryId,
    /// Whether the gateway is asked how far the payment has come. If it does not answer, what was
    /// last known has to do: a source that its owner deletes does not stay.
    pub ask: bool,
}

impl Command for DropReused {
    type State = Purchase;
    type Answer = Purchase;

    fn next(&self, purchase: &Purchase, answers: &Answers, input: Input<'_>) -> Step<Purchase> {
        Paying::decide(purchase, answers, input, |paying| {
            let source = paying.purchase.partition.source.as_ref();
            let is_made_from_it = source.is_some_and(|it| it.state.entry == Some(self.entry));
            let is_open = paying.purchase.order().status.takes_payment();
            match (is_made_from_it && is_open, self.ask) {
                (false, _) => Continue(()),
                (true, true) => paying.drop_source(),
                (true, false) => paying.drop_source_unasked(),
            }
        })
    }
}

/// A wallet entry is to go: the entry, its line in the head, and what is owed to its gateway, which is
/// told of each token that no other entry holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeleteEntry {
    /// The entry.
    pub id: EntryId,
}

impl Command for DeleteEntry {
    type State = Wallet;
    type Answer = ();

    fn next(&self, wallet: &Wallet, _: &Answers, input: Input<'_>) -> Step<()> {
        let Some(entry) = wallet.entry(self.id) else {
            return Refusal::not_found().into();
        };
        let mut head = wallet.head.clone();
        head.delete(self.id);
        let is_owed = |token: &&str| !head.holds(entry.state.gateway, token, input.lookup);
        let owed: Vec<_> = entry.tokens().filter(is_owed).collect();
        for token in &owed {
            head.begin_forgetting(entry.state.gateway, token, input.lookup);
        }
        let owed = owed
            .into_iter()
            .filter_map(|token| forget(wallet.customer, entry, token, input.now))
            .map(Change::Owe);
        let place = Place::Wallet(wallet.customer);
        let mut changes = vec![
            Change::PutHead(wallet.customer, head),
            Change::delete(&entry.record, place),
        ];
        changes.extend(owed);
        Step::commit(changes, ())
    }
}

/// The operation that forgets a token of an entry's at its gateway.
pub fn forget(
    customer: CustomerId,
    entry: &Entry,
    token: &str,
    now: Timestamp,
) -> Option<Operation> {
    let source = entry.record.relationships.get("payment_source")?;
    let gateway_kind = GatewayKind::from_source_type(source.kind)?;
    let gateway = entry.state.gateway;
    Some(Operation::forget(
        customer,
        gateway,
        gateway_kind,
        token,
        now,
    ))
}
