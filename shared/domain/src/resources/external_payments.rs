//! A payment of one order through the shop's own gateway.

use crate::Roles;
use crate::payment_rules::PaymentRules;
use crate::resource::{Partition, Resource, object, one, token};
use crate::resources::{PAYMENT_GATEWAYS, ResourceType};

pub const RESOURCE: Resource = Resource {
    name: "external_payments",
    partition: Partition::Payment,
    attributes: &[&[
        token("payment_source_token").create(Roles::ALL).filter(),
        object("options").write(Roles::ALL),
        object("payment_instrument"),
    ]],
    relationships: &[
        one("order", &[ResourceType::Orders]).create(Roles::ALL),
        one("payment_gateway", PAYMENT_GATEWAYS),
        one("wallet", &[ResourceType::CustomerPaymentSources]),
    ],
    unsupported: &["versions"],
    metadata_writers: Roles::ALL,
};

pub const RULES: PaymentRules = PaymentRules {
    is_read: false,
    required: &["payment_source_token"],
    shopper_token: Some("payment_source_token"),
    saves_once: true,
    saved_token: Some("payment_source_token"),
    saved_at: Some("token_url"),
    ..PaymentRules::PLAIN
};
