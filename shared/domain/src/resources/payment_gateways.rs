//! What gateways of all types have in common. Read-only: a gateway is made and changed as what it is.

use crate::Roles;
use crate::resource::{Resource, boolean, many, text, time};
use crate::resources::ResourceType;

pub const RESOURCE: Resource = Resource {
    name: "payment_gateways",
    attributes: &[
        text("name").filter().sort(),
        boolean("force_payments"),
        time("disabled_at").filter().sort(),
    ],
    relationships: &[many("payment_methods", &[ResourceType::PaymentMethods])],
    annotators: Roles::NONE,
};
