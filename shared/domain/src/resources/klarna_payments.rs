//! A payment of one order through Klarna.

use crate::Roles;
use crate::resource::{Resource, ValueType, array, boolean, not_built, object, one, text, token};
use crate::resources::{PAYMENT_GATEWAYS, ResourceType};

pub const RESOURCE: Resource = Resource {
    name: "klarna_payments",
    attributes: &[
        text("session_id"),
        token("client_token"),
        array("payment_methods"),
        token("auth_token").update(Roles::ALL),
        boolean("mismatched_amounts").computed().filter(),
        not_built("_update", ValueType::Boolean, Roles::ALL),
        object("payment_instrument"),
    ],
    relationships: &[
        one("order", &[ResourceType::Orders]).create(Roles::ALL),
        one("payment_gateway", PAYMENT_GATEWAYS),
    ],
    annotators: Roles::ALL,
};
