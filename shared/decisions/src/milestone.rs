//! What a commit comes to that a shop counts: cards that are saved and used again, orders that are placed, money
//! that moved or did not.

use domain::Timestamp;
use domain::gateway::GatewayKind;
use domain::record::Record;
use domain::resources::{PAYMENT_SOURCES, ResourceType, TRANSACTIONS};
use domain::source::PaymentSource;
use domain::transaction::Transaction;

use crate::Change;

/// One thing that is counted, once for the commit that brings it about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Milestone {
    /// What it is.
    pub what: Counted,
    /// The type of the gateway that it is about, where there is one.
    pub gateway: Option<GatewayKind>,
}

/// What a shop counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// A payment source got into a wallet.
    Saved,
    /// A payment source was made from a wallet's entry.
    Reused,
    /// An order was placed.
    Placed,
    /// A gateway holds an amount.
    Authorized,
    /// A gateway does not hold an amount.
    Declined,
    /// What was held was taken.
    Captured,
    /// What was held could not be taken.
    CaptureFailed,
    /// What was held was let go of.
    Voided,
    /// What was held could not be let go of.
    VoidFailed,
    /// What was taken was given back.
    Refunded,
    /// What was taken could not be given back.
    RefundFailed,
}

impl Counted {
    /// Everything that is counted.
    pub const ALL: &[Self] = &[
        Self::Saved,
        Self::Reused,
        Self::Placed,
        Self::Authorized,
        Self::Declined,
        Self::Captured,
        Self::CaptureFailed,
        Self::Voided,
        Self::VoidFailed,
        Self::Refunded,
        Self::RefundFailed,
    ];

    /// What it is, as the log has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Saved => "saved",
            Self::Reused => "reused",
            Self::Placed => "placed",
            Self::Authorized => "authorized",
            Self::Declined => "declined",
            Self::Captured => "captured",
            Self::CaptureFailed => "capture_failed",
            Self::Voided => "voided",
            Self::VoidFailed => "void_failed",
            Self::Refunded => "refunded",
            Self::RefundFailed => "refund_failed",
        }
    }
}

/// What these changes, decided at the time `now`, come to.
pub fn milestones(changes: &[Change], now: Timestamp) -> impl Iterator<Item = Milestone> {
    changes.iter().filter_map(move |change| match change {
        Change::Put { record, .. } => milestone(record, now),
        _ => None,
    })
}

fn milestone(record: &Record, now: Timestamp) -> Option<Milestone> {
    let is_new = record.version == 0;
    match record.kind {
        ResourceType::Orders => {
            let is_placed = record.text("status") == Some("placed");
            let placed_at = record.time("placed_at").ok()??;
            (is_placed && placed_at == now).then_some(Milestone {
                what: Counted::Placed,
                gateway: None,
            })
        }
        ResourceType::CustomerPaymentSources if is_new => Some(Milestone {
            what: Counted::Saved,
            gateway: of_saved_source(record),
        }),
        kind if is_new && PAYMENT_SOURCES.contains(&kind) => {
            let state = PaymentSource::parse(record.clone()).ok()?.state;
            state.entry.map(|_| Milestone {
                what: Counted::Reused,
                gateway: Some(state.gateway_kind),
            })
        }
        kind if TRANSACTIONS.contains(&kind) => {
            let transaction = Transaction::parse(record.clone()).ok()?;
            let is_decided_now = transaction.state.decided_at == Some(now);
            is_decided_now.then_some(Milestone {
                what: decided(kind, transaction.has_succeeded())?,
                gateway: Some(transaction.state.gateway_kind),
            })
        }
        _ => None,
    }
}

/// The type of the gateway of the payment source that a wallet entry was saved from.
fn of_saved_source(entry: &Record) -> Option<GatewayKind> {
    let source = entry.relationships.get("payment_source")?;
    GatewayKind::from_source_type(source.kind)
}

const fn decided(kind: ResourceType, has_succeeded: bool) -> Option<Counted> {
    Some(match (kind, has_succeeded) {
        (ResourceType::Authorizations, true) => Counted::Authorized,
        (ResourceType::Authorizations, false) => Counted::Declined,
        (ResourceType::Captures, true) => Counted::Captured,
        (ResourceType::Captures, false) => Counted::CaptureFailed,
        (ResourceType::Voids, true) => Counted::Voided,
        (ResourceType::Voids, false) => Counted::VoidFailed,
        (ResourceType::Refunds, true) => Counted::Refunded,
        (ResourceType::Refunds, false) => Counted::RefundFailed,
        _ => return None,
    })
}
