//! Money that a gateway was asked to hold for an order.

use crate::Roles;
use crate::resource::{Partition, Resource, many, money, text, trigger};
use crate::resources::{ResourceType, transactions};

pub const RESOURCE: Resource = Resource {
    name: "authorizations",
    partition: Partition::Transaction,
    attributes: &[
        transactions::COMMON,
        &transactions::AMOUNT,
        transactions::OUTCOME,
        transactions::FORWARD,
        &[
            text("cvv_code"),
            text("cvv_message"),
            text("avs_code"),
            text("avs_message"),
            text("fraud_review"),
            trigger("_capture", Roles::INTEGRATION),
            transactions::trigger_amount("_capture_amount_cents"),
        ],
        &money!("capture_amount"),
        &money!("capture_balance"),
        &[trigger("_void", Roles::INTEGRATION)],
        &money!("void_balance"),
        &[trigger("_cancel", Roles::INTEGRATION)],
    ],
    relationships: &[
        transactions::ORDER,
        transactions::PAYMENT_SOURCE,
        many("captures", &[ResourceType::Captures]),
        many("voids", &[ResourceType::Voids]),
    ],
    unsupported: transactions::UNSUPPORTED,
    metadata_writers: Roles::INTEGRATION,
};
