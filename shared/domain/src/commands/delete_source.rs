//! `DELETE /api/stripe_payments/{id}` and its kin.

use super::paying::{Flow, Paying};
use super::{Change, Command, Commit, Given, Step};
use crate::Id;
use crate::gateway::Answers;
use crate::purchase::Purchase;
use crate::refusal::Refusal;

/// A payment source is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeleteSource {
    /// Which.
    pub id: Id,
}

impl Command for DeleteSource {
    fn next(&self, purchase: &Purchase, answers: &Answers, given: Given<'_>) -> Step {
        let mut paying = Paying::of(purchase, answers, given);
        match self.decide(&mut paying) {
            Ok(was_current) => self.commit(paying, was_current),
            Err(step) => step,
        }
    }
}

impl DeleteSource {
    fn decide(&self, paying: &mut Paying<'_>) -> Flow<bool> {
        if paying.purchase.partition.source(self.id).is_none() {
            return Err(Refusal::not_found().into());
        }
        paying.purchase.require_open()?;
        let current = paying.purchase.partition.source.as_ref();
        let is_current = current.is_some_and(|source| source.id() == self.id);
        if is_current {
            paying.drop_source()?;
        }
        Ok(is_current)
    }

    /// Writes the deletion where a mere drop would have written the superseded source.
    fn commit(self, mut paying: Paying<'_>, was_current: bool) -> Step {
        let superseded = &mut paying.purchase.partition.superseded;
        let index = superseded.iter().position(|it| it.id() == self.id);
        let Some(source) = index.map(|index| superseded.remove(index)) else {
            return Refusal::not_found().into();
        };
        let deletion = Change::DeleteSource {
            source,
            was_current,
        };
        let order = &mut paying.purchase.partition.order;
        order.record.updated_at = paying.given.now;
        match paying.finish() {
            Step::Commit(commit) => {
                let emptied = |change: &Change| matches!(change, Change::EmptySlot(_));
                let kept = commit.changes.into_iter().filter(|it| !emptied(it));
                Step::Commit(Box::new(Commit {
                    changes: kept.chain([deletion]).collect(),
                    answer: commit.answer,
                }))
            }
            // The order was changed within this millisecond, so that nothing of it differs.
            Step::Answer(purchase) => Step::Commit(Box::new(Commit {
                changes: vec![Change::PutOrder(purchase.order().clone()), deletion],
                answer: Ok(purchase),
            })),
            step => step,
        }
    }
}
