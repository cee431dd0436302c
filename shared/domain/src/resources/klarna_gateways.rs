//! An account at Klarna. Its keys are kept with the secrets, not in the table.

use crate::Roles;
use crate::resource::{Resource, boolean, many, text, time, trigger};
use crate::resources::{ResourceType, rules};

pub const RESOURCE: Resource = Resource {
    name: "klarna_gateways",
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
        text("country_code")
            .write_only()
            .write(Roles::INTEGRATION)
            .required()
            .rule(rules::klarna_region),
        text("api_key")
            .write_only()
            .write(Roles::INTEGRATION)
            .required()
            .rule(rules::key),
        text("api_secret")
            .write_only()
            .write(Roles::INTEGRATION)
            .required()
            .rule(rules::key),
    ],
    relationships: &[many("payment_methods", &[ResourceType::PaymentMethods])],
    annotators: Roles::INTEGRATION,
};
