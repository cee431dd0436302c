//! What callers ask for, decided.
//!
//! A decision is a function of the purchase as it was read, the command, and the gateway's answers
//! so far. It returns the next [`Step`]: one more call, a commit, or the end. Whoever runs it folds
//! the answer in and asks again, from the start; after a conflict with another request it reads the
//! purchase anew and starts without answers. Nothing is kept between two steps but the answers, so
//! that a repeat after a crash goes the same way, with the same idempotency keys.

mod add_entry;
mod asking;
mod authorizing;
mod create_source;
mod delete_entry;
mod delete_source;
mod dropping;
mod patch_entry;
mod patch_order;
mod patch_source;
mod paying;
mod resume;
mod saving;
mod surroundings;

use serde_json::Value;

use crate::gateway::{Answers, GatewayCall};
use crate::lookup::LookupKey;
use crate::manage;
use crate::operation::{Operation, Owner};
use crate::order::Order;
use crate::purchase::Purchase;
use crate::refusal::Refusal;
use crate::source::PaymentSource;
use crate::wallet::{Entry, GatewayCustomer, Head};
use crate::{Caller, Id, Timestamp};

pub use add_entry::add_entry;
pub use create_source::CreateSource;
pub use delete_entry::{DropReused, delete_entry};
pub use delete_source::DeleteSource;
pub use patch_entry::patch_entry;
pub use patch_order::{MethodChoice, PatchOrder};
pub use patch_source::PatchSource;
pub use resume::Resume;
pub use surroundings::Surroundings;

/// What is to be done next.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Ask a gateway, and decide again with its answer.
    Call(Box<Ask>),
    /// Write the changes, all or none, then answer.
    Commit(Box<Commit>),
    /// Answer with the purchase as it is; there is nothing to write.
    Answer(Box<Purchase>),
    /// Refuse; nothing was changed.
    Refuse(Refusal),
}

/// A call to a gateway.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// The call.
    pub call: GatewayCall,
    /// What is written before it is made, all or none: that the step is under way, where it may take
    /// effect though its answer is lost.
    pub noted: Vec<Change>,
}

/// Changes, and the answer once they are written.
#[derive(Debug, Clone, PartialEq)]
pub struct Commit {
    /// What is written, in one transaction.
    pub changes: Vec<Change>,
    /// The purchase after it; or a refusal that itself left a trace: an attempt is counted, a
    /// customer made at a gateway is remembered.
    pub answer: Result<Box<Purchase>, Refusal>,
}

/// One record to be written or removed.
#[expect(
    clippy::large_enum_variant,
    reason = "a commit has a handful of changes, and they live no longer than it"
)]
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The order, on condition that its stored version is still the one that was read.
    PutOrder(Order),
    /// Nothing of the order, on condition that its stored version is still this one.
    CheckOrder(Id, u64),
    /// The order's current payment source, in its slot.
    PutSource {
        /// The source.
        source: PaymentSource,
        /// Whether this is its first time, so that its id is claimed.
        is_new: bool,
        /// Whether its payment is another than before, so that the payment is claimed.
        is_paid_anew: bool,
    },
    /// A payment source beside the slot: it was superseded.
    PutSuperseded(PaymentSource),
    /// The order's slot, emptied.
    EmptySlot(Id),
    /// A payment source, removed for good, from the slot or from beside it.
    DeleteSource {
        /// The source.
        source: PaymentSource,
        /// Whether it stood in the slot.
        was_current: bool,
    },
    /// The wallet's head, on condition that its stored version is still the one that was read.
    PutHead(Id, Head),
    /// Nothing of the wallet, on condition that its head's stored version is still this one.
    CheckHead(Id, u64),
    /// A wallet entry; a new one claims its id.
    PutEntry(Id, Entry),
    /// A wallet entry, removed for good.
    DeleteEntry(Id, Id),
    /// The customer's record at a gateway, on condition that there is none yet.
    PutGatewayCustomer(Id, GatewayCustomer),
    /// A gateway step that is owed, or under way, from now on.
    Owe(Operation),
    /// A gateway step that is owed, or under way, no more.
    Settle(Owner, Id),
    /// A record beside the payment: what an order names.
    Beside(manage::Change),
}

/// What every decision is given beside the purchase and the command.
#[derive(Clone, Copy)]
pub struct Given<'a> {
    /// Who asks.
    pub caller: &'a Caller,
    /// The time.
    pub now: Timestamp,
    /// The key of the lookup hashes.
    pub lookup: &'a LookupKey,
    /// A fresh id, for a new wallet entry.
    pub fresh: Id,
    /// Writes documents, for gateways that are told with one.
    pub present: &'a dyn Present,
}

/// Writes documents about payment sources.
pub trait Present: Sync {
    /// The JSON:API document of a payment source, with what `include` names beside it.
    fn document(&self, purchase: &Purchase, source: &PaymentSource, include: &[&str]) -> Value;
}

/// A command that changes a purchase.
pub trait Command {
    /// The next step.
    fn next(&self, purchase: &Purchase, answers: &Answers, given: Given<'_>) -> Step;
}

impl Step {
    /// The same step; where it refuses after a gateway was asked, about this attribute of the body.
    fn about(self, attribute: &str) -> Self {
        match self {
            Self::Commit(mut commit) => {
                commit.answer = commit
                    .answer
                    .map_err(|refusal| refusal.at_attribute(attribute));
                Self::Commit(commit)
            }
            step => step,
        }
    }
}

impl From<Refusal> for Step {
    fn from(refusal: Refusal) -> Self {
        Self::Refuse(refusal)
    }
}
