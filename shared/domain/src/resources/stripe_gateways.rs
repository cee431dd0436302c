//! An account at Stripe. Its keys are kept with the secrets, not in the table.

use crate::Roles;
use crate::resource::{Resource, boolean, many, text, time, token, trigger};
use crate::resources::{ResourceType, rules};

pub const RESOURCE: Resource = Resource {
    name: "stripe_gateways",
    attributes: &[
        text("name")
            .write(Roles::INTEGRATION)
            .required()
            .filter()
            .sort(),
        boolean("force_payments")
            .write(Roles::INTEGRATION)
            .preset(true),
        trigger("_disable", Roles::INTEGRATION).create(Roles::INTEGRATION),
        trigger("_enable", Roles::INTEGRATION).create(Roles::INTEGRATION),
        time("disabled_at").filter().sort(),
        text("login")
            .write_only()
            .create(Roles::INTEGRATION)
            .required()
            .rule(rules::key),
        text("publishable_key")
            .write_only()
            .create(Roles::INTEGRATION)
            .required()
            .rule(rules::key),
        text("connected_account").write(Roles::INTEGRATION),
        boolean("auto_payments")
            .write(Roles::INTEGRATION)
            .preset(false),
        text("webhook_endpoint_id"),
        token("webhook_endpoint_secret").read(Roles::INTEGRATION),
        text("webhook_endpoint_url"),
    ],
    relationships: &[many("payment_methods", &[ResourceType::PaymentMethods])],
    annotators: Roles::INTEGRATION,
};
