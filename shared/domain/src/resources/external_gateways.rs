//! The shop's own gateway, reached over HTTP.

use crate::Roles;
use crate::resource::{
    Resource, ValueType, array, boolean, integer, many, not_built, text, time, trigger,
};
use crate::resources::ResourceType;

pub const RESOURCE: Resource = Resource {
    name: "external_gateways",
    attributes: &[
        text("name").write(Roles::INTEGRATION).filter().sort(),
        boolean("force_payments").write(Roles::INTEGRATION),
        not_built("_disable", ValueType::Boolean, Roles::INTEGRATION),
        not_built("_enable", ValueType::Boolean, Roles::INTEGRATION),
        time("disabled_at").filter().sort(),
        text("authorize_url").write(Roles::INTEGRATION),
        text("capture_url").write(Roles::INTEGRATION),
        text("void_url").write(Roles::INTEGRATION),
        text("refund_url").write(Roles::INTEGRATION),
        text("token_url").write(Roles::INTEGRATION),
        text("circuit_state").computed().filter().sort(),
        integer("circuit_failure_count").computed().filter().sort(),
        trigger("_reset_circuit", Roles::INTEGRATION),
        text("shared_secret"),
        not_built(
            "_regenerate_shared_secret",
            ValueType::Boolean,
            Roles::INTEGRATION,
        ),
        array("external_includes").write(Roles::INTEGRATION),
    ],
    relationships: &[many("payment_methods", &[ResourceType::PaymentMethods])],
    annotators: Roles::INTEGRATION,
};
