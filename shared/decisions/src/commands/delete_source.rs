//! `DELETE /api/stripe_payments/{id}` and its kin.

use std::ops::ControlFlow::Continue;

use domain::SourceId;
use domain::purchase::Purchase;
use domain::refusal::Refusal;

use super::paying::Paying;
use crate::{Answers, Command, Decided, Input, OrStop, Step, stop};

/// A payment source is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeleteSource {
    /// The payment source, current or superseded.
    pub id: SourceId,
}

impl Command for DeleteSource {
    type State = Purchase;
    type Answer = Purchase;

    fn next(&self, purchase: &Purchase, answers: &Answers, input: Input<'_>) -> Step<Purchase> {
        Paying::decide(purchase, answers, input, |paying| self.decide(paying))
    }
}

impl DeleteSource {
    fn decide(&self, paying: &mut Paying<'_>) -> Decided<()> {
        if paying.purchase.partition.source(self.id).is_none() {
            return stop(Refusal::not_found());
        }
        paying.purchase.require_open().or_stop()?;
        let current = paying.purchase.partition.source.as_ref();
        if current.is_some_and(|source| source.id() == self.id) {
            paying.drop_source()?;
        }
        let superseded = &mut paying.purchase.partition.superseded;
        superseded.retain(|it| it.id() != self.id);
        Continue(())
    }
}
