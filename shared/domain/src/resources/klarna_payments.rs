//! A payment of one order through Klarna.

use crate::Roles;
use crate::payment_rules::PaymentRules;
use crate::resource::{
    Computed, Partition, Resource, array, boolean, object, one, text, token, trigger,
};
use crate::resources::{PAYMENT_GATEWAYS, ResourceType};

pub const RESOURCE: Resource = Resource {
    name: "klarna_payments",
    partition: Partition::Payment,
    attributes: &[&[
        text("session_id"),
        token("client_token"),
        array("payment_methods"),
        token("auth_token").update(Roles::ALL),
        boolean("mismatched_amounts")
            .computed(Computed::MismatchedAmounts)
            .filter(),
        trigger("_update", Roles::ALL),
        object("payment_instrument"),
    ]],
    relationships: &[
        one("order", &[ResourceType::Orders]).create(Roles::ALL),
        one("payment_gateway", PAYMENT_GATEWAYS),
    ],
    unsupported: &["versions"],
    metadata_writers: Roles::ALL,
};

pub const RULES: PaymentRules = PaymentRules {
    shopper_token: Some("auth_token"),
    token_approves: true,
    needs_basket: true,
    saves_once: true,
    saved_token: Some("auth_token"),
    ..PaymentRules::PLAIN
};
