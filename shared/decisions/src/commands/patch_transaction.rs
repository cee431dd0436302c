//! `PATCH /api/authorizations/{id}` and its kin: an authorization is captured or voided, a capture refunded.

use std::ops::ControlFlow::Continue;

use domain::Id;
use domain::gateway::Moving;
use domain::order::OrderStatus;
use domain::purchase::Purchase;
use domain::refusal::Refusal;
use serde_json::{Map, Value};

use super::paying::Paying;
use crate::{Answers, Command, Decided, Input, Step, stop};

/// A transaction is to change.
#[derive(Debug, Clone, PartialEq)]
pub struct PatchTransaction {
    /// Which.
    pub id: Id,
    /// The attributes that the caller gave, triggers left out: notes.
    pub attributes: Map<String, Value>,
    /// What is to move: minor units, or all that is left.
    pub moves: Option<(Moving, Option<i64>)>,
    /// `_forward`: it counts as succeeded, whatever the gateway said.
    pub forward: bool,
    /// `_cancel`: what was held of an order that is still pending is let go of, so that it can be paid anew.
    pub cancel: bool,
}

impl Command for PatchTransaction {
    type State = Purchase;
    type Answer = Purchase;

    fn next(&self, purchase: &Purchase, answers: &Answers, input: Input<'_>) -> Step<Purchase> {
        Paying::decide(purchase, answers, input, |paying| self.decide(paying))
    }
}

impl PatchTransaction {
    fn decide(&self, paying: &mut Paying<'_>) -> Decided<()> {
        let mut till = paying.till()?;
        let now = paying.input.now;
        let Some(transaction) = till.get_mut(self.id) else {
            return stop(Refusal::not_found());
        };
        for (name, value) in &self.attributes {
            transaction.record.set(name, value.clone());
        }
        if !self.attributes.is_empty() {
            transaction.record.updated_at = now;
        }
        paying.put_till(till);
        if self.forward {
            paying.forward(self.id)?;
        }
        if self.cancel {
            self.cancel(paying)?;
        }
        let Some((kind, cents)) = self.moves else {
            return Continue(());
        };
        if kind == Moving::Capture && paying.purchase.order().status != OrderStatus::Approved {
            let detail = "status - an order has to be approved before its payment is captured.";
            return stop(Refusal::invalid(detail).at_attribute("status"));
        }
        let attribute = attribute(kind, cents);
        match (kind, cents) {
            (Moving::Capture, None) => self.capture(paying, attribute),
            _ => paying.move_money(kind, self.id, cents, attribute),
        }
    }
}

impl PatchTransaction {
    fn cancel(&self, paying: &mut Paying<'_>) -> Decided<()> {
        if paying.purchase.order().status != OrderStatus::Pending {
            let detail =
                "status - an authorization is cancelled while its order is pending. Void it.";
            return stop(Refusal::invalid(detail).at_attribute("status"));
        }
        paying.move_money(Moving::Void, self.id, None, "_cancel")
    }

    /// Captures what is held: of an authorization of which nothing is, that is told first.
    fn capture(&self, paying: &mut Paying<'_>, attribute: &str) -> Decided<()> {
        let till = paying.till()?;
        let held = till.get(self.id).map_or(0, |it| till.held(it));
        match held > 0 {
            true => paying.capture_up_to_total(self.id, attribute),
            false => paying.move_money(Moving::Capture, self.id, None, attribute),
        }
    }
}

const fn attribute(kind: Moving, cents: Option<i64>) -> &'static str {
    match (kind, cents) {
        (Moving::Capture, None) => "_capture",
        (Moving::Capture, Some(_)) => "_capture_amount_cents",
        (Moving::Void, _) => "_void",
        (Moving::Refund, None) => "_refund",
        (Moving::Refund, Some(_)) => "_refund_amount_cents",
    }
}
