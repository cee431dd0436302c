//! `DELETE /api/customer_payment_sources/{id}`: a saved source is forgotten, here at once and at its
//! gateway as soon as that answers.

use super::paying::Paying;
use super::{Change, Command, Given, Step};
use crate::gateway::Answers;
use crate::lookup::LookupKey;
use crate::operation::Operation;
use crate::purchase::Purchase;
use crate::refusal::Refusal;
use crate::wallet::{Entry, Wallet};
use crate::{Id, Timestamp};

/// An order's payment source is to go, if it was made from this wallet entry and the order is still
/// open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DropReused {
    /// The entry.
    pub entry: Id,
    /// Whether the gateway is asked how far the payment has come. If it does not answer, what was
    /// last known has to do: a source that its owner deletes does not stay.
    pub ask: bool,
}

impl Command for DropReused {
    fn next(&self, purchase: &Purchase, answers: &Answers, given: Given<'_>) -> Step {
        Paying::decide(purchase, answers, given, |paying| {
            let source = paying.purchase.partition.source.as_ref();
            let is_made_from_it = source.is_some_and(|it| it.state.entry == Some(self.entry));
            let is_open = paying.purchase.order().status.takes_payment();
            match (is_made_from_it && is_open, self.ask) {
                (false, _) => Ok(()),
                (true, true) => paying.drop_source(),
                (true, false) => paying.drop_source_unasked(),
            }
        })
    }
}

/// What deleting an entry changes: entry, its line in the head, and what is owed to its gateway, which
/// is told of each token that no other entry holds.
///
/// # Errors
/// There is no such entry.
pub fn delete_entry(
    wallet: &Wallet,
    id: Id,
    lookup: &LookupKey,
    now: Timestamp,
) -> Result<Vec<Change>, Refusal> {
    let entry = wallet.entry(id).ok_or_else(Refusal::not_found)?;
    let mut head = wallet.head.clone();
    head.delete(id);
    let is_owed = |token: &&str| !head.holds(entry.state.gateway, token, lookup);
    let owed = entry.tokens().filter(is_owed);
    let owed: Vec<_> = owed
        .filter_map(|token| forget(wallet.customer, entry, token, now))
        .map(Change::Owe)
        .collect();
    let mut changes = vec![
        Change::PutHead(wallet.customer, head),
        Change::DeleteEntry(wallet.customer, id),
    ];
    changes.extend(owed);
    Ok(changes)
}

/// The operation that forgets a token of an entry's at its gateway.
pub fn forget(customer: Id, entry: &Entry, token: &str, now: Timestamp) -> Option<Operation> {
    let source = entry.record.relationships.get("payment_source")?;
    let gateway_kind = source.kind.gateway_kind()?.name();
    let gateway = entry.state.gateway;
    Some(Operation::forget(
        customer,
        gateway,
        gateway_kind,
        token,
        now,
    ))
}
