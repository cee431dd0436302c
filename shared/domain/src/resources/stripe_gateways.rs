//! An account at Stripe. Its keys are kept with the secrets, not in the table.

use crate::Roles;
use crate::resource::{Resource, ValueType, boolean, many, not_built, text, time};
use crate::resources::ResourceType;

pub const RESOURCE: Resource = Resource {
    name: "stripe_gateways",
    attributes: &[
        text("name").write(Roles::INTEGRATION).filter().sort(),
        boolean("force_payments").write(Roles::INTEGRATION),
        not_built("_disable", ValueType::Boolean, Roles::INTEGRATION),
        not_built("_enable", ValueType::Boolean, Roles::INTEGRATION),
        time("disabled_at").filter().sort(),
        text("login").write_only().create(Roles::INTEGRATION),
        text("publishable_key")
            .write_only()
            .create(Roles::INTEGRATION),
        text("connected_account").write(Roles::INTEGRATION),
        boolean("auto_payments").write(Roles::INTEGRATION),
        text("webhook_endpoint_id"),
        text("webhook_endpoint_secret"),
        text("webhook_endpoint_url"),
    ],
    relationships: &[many("payment_methods", &[ResourceType::PaymentMethods])],
    annotators: Roles::INTEGRATION,
};
