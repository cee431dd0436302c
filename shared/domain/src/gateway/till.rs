//! What is asked of a gateway about money that it holds or took, and what it says of it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::money::Amount;
use crate::{OrderId, Timestamp};

/// Money that is to move: captured, let go of, or given back. The call's subject is the transaction's id: it
/// goes into the vendor's reference or metadata, and the idempotency key follows from it, so that two refunds
/// of 5.00 are two, and a repeat is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Move {
    /// Which transaction it is.
    pub kind: Moving,
    /// The order that it belongs to.
    pub order: OrderId,
    /// The order's number, for people who read the gateway's dashboard.
    pub order_number: Option<String>,
    /// The gateway's reference of the payment.
    pub payment: String,
    /// The gateway's reference of the capture that is refunded, where it gave one.
    pub capture: Option<String>,
    /// How much: at most what is held, or what was captured.
    pub amount: Amount,
    /// Whether nothing more is to be captured of the hold after this.
    pub is_last: bool,
    /// The document about the transaction, for gateways that are told with one. Not remembered with an
    /// operation: how it was sent is.
    #[serde(skip)]
    pub document: Option<Value>,
}

/// How money moves that is held, or was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moving {
    /// What is held is taken.
    Capture,
    /// What is held is let go of.
    Void,
    /// What was taken is given back.
    Refund,
}

/// What became of money that was to move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// How it ended, or that it has not.
    pub outcome: Outcome,
    /// The gateway's reference of it: `re_…`, `act_…`; of a void or a capture that has none, of the payment.
    /// While it is pending at an external gateway, the `action_id` that the gateway will name.
    pub reference: Option<String>,
    /// What the gateway let go of by itself with a capture of less than was held: nothing where the rest can
    /// still be captured.
    pub released: Option<Amount>,
    /// What the gateway wants kept with the transaction, as its `metadata`; empty where it says nothing.
    pub metadata: Map<String, Value>,
}

impl Moved {
    /// It ended so, or has not; nothing was let go of with it, and nothing is to be kept with it.
    pub fn new(outcome: Outcome, reference: Option<String>) -> Self {
        Self {
            outcome,
            reference,
            released: None,
            metadata: Map::new(),
        }
    }
}

/// How a transaction ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The money moved.
    Succeeded,
    /// The gateway has taken it on; what comes of it is to be asked later.
    Pending,
    /// Nothing moved, and nothing will.
    Failed(Decline),
}

/// Why a gateway, or the bank behind it, said no.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decline {
    /// The vendor's code: `insufficient_funds`, `20051`.
    pub code: Option<String>,
    /// Our own sentence, for the shop and its shoppers; the vendor's text is for the log.
    pub message: String,
}

/// What a gateway holds, took and gave back of one payment, in its amount's currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Books {
    /// Minor units that are held and can be captured now: none while the gateway has not decided yet
    /// ([`Payment::is_undecided`](super::Payment::is_undecided)).
    pub held: i64,
    /// Minor units that were captured.
    pub captured: i64,
    /// Minor units that were given back.
    pub refunded: i64,
    /// When the hold ends by itself, as far as the gateway says.
    pub holds_until: Option<Timestamp>,
    /// Whether the shopper has asked their bank for the money back, now or before, as far as the gateway says.
    pub is_disputed: bool,
}
