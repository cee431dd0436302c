//! Money that was given back of what was taken for an order.

use crate::Roles;
use crate::resource::{Partition, Resource, one};
use crate::resources::{ResourceType, transactions};

pub const RESOURCE: Resource = Resource {
    name: "refunds",
    partition: Partition::Transaction,
    attributes: &[
        transactions::COMMON,
        &transactions::AMOUNT,
        transactions::OUTCOME,
        transactions::FORWARD,
    ],
    relationships: &[
        transactions::ORDER,
        transactions::PAYMENT_SOURCE,
        one("reference_capture", &[ResourceType::Captures]),
    ],
    unsupported: &["attachments", "events", "versions", "return"],
    metadata_writers: Roles::INTEGRATION,
};
