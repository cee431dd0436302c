//! A payment of one order through Checkout.com.

use crate::Roles;
use crate::resource::{Resource, ValueType, boolean, not_built, object, one, text, token};
use crate::resources::{PAYMENT_GATEWAYS, ResourceType};

pub const RESOURCE: Resource = Resource {
    name: "checkout_com_payments",
    attributes: &[
        text("public_key"),
        text("token").write(Roles::ALL),
        object("payment_session"),
        text("success_url").create(Roles::ALL),
        text("failure_url").create(Roles::ALL),
        text("source_id"),
        token("customer_token"),
        text("redirect_uri"),
        object("payment_response"),
        boolean("mismatched_amounts").computed(),
        not_built("_authorize", ValueType::Boolean, Roles::ALL),
        not_built("_details", ValueType::Boolean, Roles::ALL),
        not_built("_refresh", ValueType::Boolean, Roles::ALL),
        object("payment_instrument"),
    ],
    relationships: &[
        one("order", &[ResourceType::Orders]).create(Roles::ALL),
        one("payment_gateway", PAYMENT_GATEWAYS),
    ],
    annotators: Roles::ALL,
};
