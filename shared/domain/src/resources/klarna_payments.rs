//! A payment of one order through Klarna.

use crate::Roles;
use crate::payment_rules::PaymentRules;
use crate::resource::{Home, Resource, array, boolean, object, one, text, token, trigger};
use crate::resources::{PAYMENT_GATEWAYS, ResourceType};

pub const RESOURCE: Resource = Resource {
    name: "klarna_payments",
    home: Home::Payment,
    attributes: &[&[
        text("session_id"),
        token("client_token"),
        array("payment_methods"),
        token("auth_token").update(Roles::ALL),
        boolean("mismatched_amounts").computed().filter(),
        trigger("_update", Roles::ALL),
        object("payment_instrument"),
    ]],
    relationships: &[
        one("order", &[ResourceType::Orders]).create(Roles::ALL),
        one("payment_gateway", PAYMENT_GATEWAYS),
    ],
    unheld: &["versions"],
    annotators: Roles::ALL,
};

pub const RULES: PaymentRules = PaymentRules {
    shopper_token: Some("auth_token"),
    token_approves: true,
    needs_basket: true,
    saves_once: true,
    saved_token: Some("auth_token"),
    ..PaymentRules::PLAIN
};
