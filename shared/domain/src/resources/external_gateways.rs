//! The shop's own gateway, reached over HTTP.

use crate::Roles;
use crate::resource::{Computed, Partition, Resource, array, integer, many, text, token, trigger};
use crate::resources::payment_gateways::{
    DISABLE, DISABLED_AT, ENABLE, EVENTS_URL, NAME, SWEEP_CALLS_PER_SECOND, force_payments,
};
use crate::resources::{ResourceType, rules};

pub const RESOURCE: Resource = Resource {
    name: "external_gateways",
    partition: Partition::Catalog,
    attributes: &[&[
        NAME,
        force_payments(false),
        DISABLE,
        ENABLE,
        DISABLED_AT,
        text("authorize_url").write(Roles::INTEGRATION),
        text("capture_url").write(Roles::INTEGRATION),
        text("void_url").write(Roles::INTEGRATION),
        text("refund_url").write(Roles::INTEGRATION),
        text("token_url").write(Roles::INTEGRATION),
        text("circuit_state")
            .computed(Computed::CircuitState)
            .filter()
            .sort(),
        integer("circuit_failure_count")
            .computed(Computed::CircuitFailureCount)
            .filter()
            .sort(),
        trigger("_reset_circuit", Roles::INTEGRATION),
        token("shared_secret").read(Roles::INTEGRATION),
        trigger("_regenerate_shared_secret", Roles::INTEGRATION),
        array("external_includes")
            .write(Roles::INTEGRATION)
            .rule(rules::external_includes),
        EVENTS_URL,
        SWEEP_CALLS_PER_SECOND,
    ]],
    relationships: &[many("payment_methods", &[ResourceType::PaymentMethods])],
    unsupported: &["versions", "external_payments"],
    metadata_writers: Roles::INTEGRATION,
};
