//! An account at Checkout.com. Its keys are kept with the secrets, not in the table.

use crate::Roles;
use crate::resource::{Resource, boolean, many, text, time, token, trigger};
use crate::resources::{ResourceType, rules};

pub const RESOURCE: Resource = Resource {
    name: "checkout_com_gateways",
    attributes: &[
        text("name")
            .write(Roles::INTEGRATION)
            .required()
            .filter()
            .sort(),
        boolean("force_payments")
            .write(Roles::INTEGRATION)
            .preset(false),
        trigger("_disable", Roles::INTEGRATION).create(Roles::INTEGRATION),
        trigger("_enable", Roles::INTEGRATION).create(Roles::INTEGRATION),
        time("disabled_at").filter().sort(),
        text("secret_key")
            .write_only()
            .write(Roles::INTEGRATION)
            .required()
            .rule(rules::key),
        text("public_key")
            .write_only()
            .write(Roles::INTEGRATION)
            .required()
            .rule(rules::key),
        // These two are beyond Commerce Layer: Checkout.com gives each account a host of its own.
        text("account_prefix")
            .write(Roles::INTEGRATION)
            .rule(rules::account_prefix),
        text("processing_channel_id")
            .write(Roles::INTEGRATION)
            .rule(rules::processing_channel_id),
        text("webhook_endpoint_id"),
        token("webhook_endpoint_secret").read(Roles::INTEGRATION),
        text("webhook_endpoint_url"),
    ],
    relationships: &[many("payment_methods", &[ResourceType::PaymentMethods])],
    annotators: Roles::INTEGRATION,
};
