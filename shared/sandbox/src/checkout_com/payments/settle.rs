//! Doing what was accepted: the card schemes take their time.

use super::super::cards::Decline;
use super::super::objects::payment::{Accepted, Action, ActionKind, Payment, Status};

impl Payment {
    /// Does what was accepted, as far as it still can be done. `declines` are the kinds of which the next is
    /// to be declined; those that were are taken out.
    pub(in super::super) fn settle_accepted(&mut self, now: i64, declines: &mut Vec<ActionKind>) {
        for accepted in std::mem::take(&mut self.accepted) {
            let ordered = declines.iter().position(|it| *it == accepted.kind);
            let is_done = match ordered {
                Some(place) => {
                    declines.remove(place);
                    false
                }
                None => self.carry_out(&accepted),
            };
            self.actions.push(Action {
                id: accepted.id,
                kind: accepted.kind,
                amount: accepted.amount,
                decline: (!is_done).then_some(Decline::DoNotHonour),
                at: now,
                reference: accepted.reference,
                metadata: accepted.metadata,
            });
        }
    }

    /// Whether it could be done.
    fn carry_out(&mut self, accepted: &Accepted) -> bool {
        let amount = accepted.amount;
        match accepted.kind {
            ActionKind::Capture if amount <= self.available() => {
                self.captured += amount;
                self.is_final = accepted.is_final;
                if accepted.is_final {
                    self.voided = self.amount - self.captured;
                }
                self.status = match self.captured == self.amount {
                    true => Status::Captured,
                    false => Status::PartiallyCaptured,
                };
                true
            }
            ActionKind::Void if self.status == Status::Authorized => {
                self.voided = self.amount;
                self.status = Status::Voided;
                true
            }
            ActionKind::Refund if amount <= self.refundable() => {
                self.refunded += amount;
                self.status = match self.refundable() {
                    0 => Status::Refunded,
                    _ => Status::PartiallyRefunded,
                };
                true
            }
            _ => false,
        }
    }
}
