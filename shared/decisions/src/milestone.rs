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
    /// What it is, as the log has it: `saved`, `placed`, `capture_failed`.
    pub what: &'static str,
    /// The type of the gateway that it is about, where there is one.
    pub gateway: Option<GatewayKind>,
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
                what: "placed",
                gateway: None,
            })
        }
        ResourceType::CustomerPaymentSources if is_new => Some(Milestone {
            what: "saved",
            gateway: None,
        }),
        kind if is_new && PAYMENT_SOURCES.contains(&kind) => {
            let state = PaymentSource::parse(record.clone()).ok()?.state;
            state.entry.map(|_| Milestone {
                what: "reused",
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

const fn decided(kind: ResourceType, has_succeeded: bool) -> Option<&'static str> {
    Some(match (kind, has_succeeded) {
        (ResourceType::Authorizations, true) => "authorized",
        (ResourceType::Authorizations, false) => "declined",
        (ResourceType::Captures, true) => "captured",
        (ResourceType::Captures, false) => "capture_failed",
        (ResourceType::Voids, true) => "voided",
        (ResourceType::Voids, false) => "void_failed",
        (ResourceType::Refunds, true) => "refunded",
        (ResourceType::Refunds, false) => "refund_failed",
        _ => return None,
    })
}
