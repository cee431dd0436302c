//! Money that was taken of what a gateway held for an order.

use crate::Roles;
use crate::resource::{Partition, Resource, ValueType, many, money, not_built, trigger};
use crate::resources::{ResourceType, transactions};

pub const RESOURCE: Resource = Resource {
    name: "captures",
    partition: Partition::Transaction,
    attributes: &[
        transactions::COMMON,
        &transactions::AMOUNT,
        transactions::OUTCOME,
        transactions::FORWARD,
        &[
            trigger("_refund", Roles::INTEGRATION),
            transactions::trigger_amount("_refund_amount_cents"),
        ],
        &money!("refund_amount"),
        &money!("refund_balance"),
        &[not_built("_cancel", ValueType::Boolean, Roles::INTEGRATION)],
    ],
    relationships: &[
        transactions::ORDER,
        transactions::PAYMENT_SOURCE,
        transactions::AUTHORIZATION,
        many("refunds", &[ResourceType::Refunds]),
    ],
    unsupported: &["attachments", "events", "versions", "return"],
    metadata_writers: Roles::INTEGRATION,
};
