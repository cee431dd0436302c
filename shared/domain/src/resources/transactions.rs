//! What transactions of all kinds have in common: money of an order that was held, taken, let go of or given
//! back. They are made by what happens to the order alone. Read and listed together, each shows as what it is.

use crate::Roles;
use crate::resource::{
    Attribute, Partition, Relationship, Resource, boolean, integer, money, one, text, trigger,
};
use crate::resources::{PAYMENT_SOURCES, ResourceType};

pub const RESOURCE: Resource = Resource {
    name: "transactions",
    partition: Partition::TransactionView,
    attributes: &[COMMON, &AMOUNT, OUTCOME],
    relationships: &[ORDER, PAYMENT_SOURCE],
    unsupported: UNSUPPORTED,
    metadata_writers: Roles::NONE,
};

/// What moved, and what came of it.
pub const COMMON: &[Attribute] = &[
    text("number").filter().sort(),
    text("payment_method_type"),
    text("currency_code").filter(),
];

/// How much.
pub const AMOUNT: [Attribute; 3] = money!("amount", .filter().sort());

/// What the gateway said of it. Absent where it has not decided yet.
pub const OUTCOME: &[Attribute] = &[
    boolean("succeeded").filter(),
    text("message").filter(),
    text("error_code").filter(),
    text("error_detail").filter(),
    text("token").filter(),
    text("gateway_transaction_id").filter(),
];

/// Counts it as succeeded.
pub const FORWARD: &[Attribute] = &[trigger("_forward", Roles::INTEGRATION)];

/// The order.
pub const ORDER: Relationship = one("order", &[ResourceType::Orders]);

/// What it was paid with.
pub const PAYMENT_SOURCE: Relationship = one("payment_source", PAYMENT_SOURCES);

/// The authorization that a capture or a void is of.
pub const AUTHORIZATION: Relationship =
    one("reference_authorization", &[ResourceType::Authorizations]);

/// An amount that a trigger beside it is held to.
pub const fn trigger_amount(name: &'static str) -> Attribute {
    integer(name).write_only().update(Roles::INTEGRATION)
}

/// Relationships of Commerce Layer's that lead to what is not kept.
pub const UNSUPPORTED: &[&str] = &["attachments", "events", "versions"];
