//! An account at Klarna. Its keys are kept with the secrets, not in the table.

use crate::Roles;
use crate::resource::{Resource, ValueType, boolean, many, not_built, text, time};
use crate::resources::ResourceType;

pub const RESOURCE: Resource = Resource {
    name: "klarna_gateways",
    attributes: &[
        text("name").write(Roles::INTEGRATION).filter().sort(),
        boolean("force_payments").write(Roles::INTEGRATION),
        not_built("_disable", ValueType::Boolean, Roles::INTEGRATION),
        not_built("_enable", ValueType::Boolean, Roles::INTEGRATION),
        time("disabled_at").filter().sort(),
        text("country_code").write_only().write(Roles::INTEGRATION),
        text("api_key").write_only().write(Roles::INTEGRATION),
        text("api_secret").write_only().write(Roles::INTEGRATION),
    ],
    relationships: &[many("payment_methods", &[ResourceType::PaymentMethods])],
    annotators: Roles::INTEGRATION,
};
