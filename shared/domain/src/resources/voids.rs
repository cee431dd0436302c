//! What was let go of, of what a gateway held for an order.

use crate::Roles;
use crate::resource::{Partition, Resource};
use crate::resources::transactions;

pub const RESOURCE: Resource = Resource {
    name: "voids",
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
        transactions::AUTHORIZATION,
    ],
    unsupported: transactions::UNSUPPORTED,
    metadata_writers: Roles::INTEGRATION,
};
