//! An account at Stripe. Its keys are kept with the secrets, not in the table.

use crate::Roles;
use crate::resource::{Partition, Resource, boolean, many, text};
use crate::resources::ResourceType;
use crate::resources::payment_gateways::{
    DISABLE, DISABLED_AT, ENABLE, EVENT_SECRETS, EVENTS_URL, NAME, SAVE_PAYMENT_SOURCES,
    SWEEP_CALLS_PER_SECOND, force_payments, key,
};

pub const RESOURCE: Resource = Resource {
    name: "stripe_gateways",
    partition: Partition::Catalog,
    attributes: &[&[
        NAME,
        force_payments(true),
        DISABLE,
        ENABLE,
        DISABLED_AT,
        key("login").update(Roles::NONE),
        key("publishable_key").update(Roles::NONE).optional(),
        text("connected_account").write(Roles::INTEGRATION),
        boolean("auto_payments")
            .write(Roles::INTEGRATION)
            .default_to(false),
        SAVE_PAYMENT_SOURCES,
        SWEEP_CALLS_PER_SECOND,
        text("webhook_endpoint_id"),
        EVENT_SECRETS,
        EVENTS_URL,
    ]],
    relationships: &[many("payment_methods", &[ResourceType::PaymentMethods])],
    unsupported: &["versions", "stripe_payments"],
    metadata_writers: Roles::INTEGRATION,
};
