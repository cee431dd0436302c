//! A gateway that nobody can ask says by itself what became of what it had taken on.

use std::ops::ControlFlow::Continue;

use domain::GatewayId;
use domain::gateway::Moved;
use domain::operation::{Operation, Owner};
use domain::purchase::Purchase;
use domain::resources::ResourceType;
use domain::transaction::{CAPTURE, Transaction};

use super::observing::asked_for;
use super::paying::Paying;
use crate::{Answers, Change, Command, Decided, Input, Step};

/// A transaction of the order has been decided. What is decided already stays as it is, so that what is said twice is
/// heard once.
#[derive(Debug, Clone, PartialEq)]
pub struct Hear {
    /// The gateway.
    pub gateway: GatewayId,
    /// What the gateway called the transaction when it took it on.
    pub action: String,
    /// What became of it.
    pub said: Said,
}

/// What a gateway says became of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// What became of it.
    pub moved: Moved,
    /// Of how much it is, in minor units, where the gateway says so.
    pub cents: Option<i64>,
}

impl Command for Hear {
    type State = Purchase;
    type Answer = Purchase;

    fn next(&self, purchase: &Purchase, answers: &Answers, input: Input<'_>) -> Step<Purchase> {
        Paying::decide(purchase, answers, input, |paying| self.decide(paying))
    }
}

impl Hear {
    fn decide(&self, paying: &mut Paying<'_>) -> Decided<()> {
        let till = paying.till()?;
        let Some(transaction) = till.transactions.iter().find(|it| self.is_about(it)) else {
            return Continue(());
        };
        let id = transaction.record.id;
        let owner = Owner::Order(transaction.state.order);
        let settled = Operation::deciding(id).map(|it| Change::Settle(owner, it));
        paying.beside.extend(settled);
        let Said { moved, cents } = &self.said;
        if transaction.record.kind == ResourceType::Authorizations {
            return paying.take_hold(id, moved, *cents);
        }
        let capture = transaction.record.related(CAPTURE);
        let asked = asked_for(transaction, capture.and_then(|it| till.get(it)));
        match asked {
            Some(asked) => paying.take_moved(id, &asked, moved),
            None => Continue(()),
        }
    }

    fn is_about(&self, transaction: &Transaction) -> bool {
        !transaction.is_decided()
            && transaction.state.gateway == self.gateway
            && transaction.record.text("gateway_transaction_id") == Some(&self.action)
    }
}
