//! An account at Checkout.com. Its keys are kept with the secrets, not in the table.

use crate::Roles;
use crate::resource::{Resource, ValueType, boolean, many, not_built, text, time};
use crate::resources::ResourceType;

pub const RESOURCE: Resource = Resource {
    name: "checkout_com_gateways",
    attributes: &[
        text("name").write(Roles::INTEGRATION).filter().sort(),
        boolean("force_payments").write(Roles::INTEGRATION),
        not_built("_disable", ValueType::Boolean, Roles::INTEGRATION),
        not_built("_enable", ValueType::Boolean, Roles::INTEGRATION),
        time("disabled_at").filter().sort(),
        text("secret_key").write_only().write(Roles::INTEGRATION),
        text("public_key").write_only().write(Roles::INTEGRATION),
        text("webhook_endpoint_id"),
        text("webhook_endpoint_secret"),
        text("webhook_endpoint_url"),
    ],
    relationships: &[many("payment_methods", &[ResourceType::PaymentMethods])],
    annotators: Roles::INTEGRATION,
};
