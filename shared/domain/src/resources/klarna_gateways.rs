//! An account at Klarna. Its keys are kept with the secrets, not in the table.

use crate::Roles;
use crate::resource::{Partition, Resource, many, text};
use crate::resources::payment_gateways::{
    DISABLE, DISABLED_AT, ENABLE, NAME, SAVE_PAYMENT_SOURCES, SWEEP_CALLS_PER_SECOND,
    force_payments, key,
};
use crate::resources::{ResourceType, rules};

pub const RESOURCE: Resource = Resource {
    name: "klarna_gateways",
    partition: Partition::Catalog,
    attributes: &[&[
        NAME,
        force_payments(false),
        DISABLE,
        ENABLE,
        DISABLED_AT,
        text("country_code")
            .write_only()
            .write(Roles::INTEGRATION)
            .required()
            .rule(rules::klarna_region),
        SAVE_PAYMENT_SOURCES,
        SWEEP_CALLS_PER_SECOND,
        key("api_key"),
        key("api_secret"),
    ]],
    relationships: &[many("payment_methods", &[ResourceType::PaymentMethods])],
    unsupported: &["versions", "klarna_payments"],
    metadata_writers: Roles::INTEGRATION,
};
