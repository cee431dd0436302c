//! An account at Checkout.com. Its keys are kept with the secrets, not in the table.

use crate::Roles;
use crate::resource::{Partition, Resource, many, text};
use crate::resources::payment_gateways::{
    DISABLE, DISABLED_AT, ENABLE, EVENT_SECRETS, EVENTS_URL, NAME, SAVE_PAYMENT_SOURCES,
    SWEEP_CALLS_PER_SECOND, force_payments, key,
};
use crate::resources::{ResourceType, rules};

pub const RESOURCE: Resource = Resource {
    name: "checkout_com_gateways",
    partition: Partition::Catalog,
    attributes: &[&[
        NAME,
        force_payments(false),
        DISABLE,
        ENABLE,
        DISABLED_AT,
        key("secret_key"),
        key("public_key"),
        // These two are beyond Commerce Layer: Checkout.com gives each account a host of its own.
        text("account_prefix")
            .write(Roles::INTEGRATION)
            .rule(rules::account_prefix),
        text("processing_channel_id")
            .write(Roles::INTEGRATION)
            .rule(rules::processing_channel_id),
        SAVE_PAYMENT_SOURCES,
        SWEEP_CALLS_PER_SECOND,
        text("webhook_endpoint_id"),
        EVENT_SECRETS,
        EVENTS_URL,
    ]],
    relationships: &[many("payment_methods", &[ResourceType::PaymentMethods])],
    unsupported: &["versions", "checkout_com_payments"],
    metadata_writers: Roles::INTEGRATION,
};
