//! A customer, who owns a wallet.

use crate::Roles;
use crate::resource::{Resource, ValueType, boolean, integer, many, not_built, object, text};
use crate::resources::ResourceType;

pub const RESOURCE: Resource = Resource {
    name: "customers",
    attributes: &[
        text("email").write(Roles::INTEGRATION).filter().sort(),
        text("password").write_only().write(Roles::INTEGRATION),
        text("status").filter().sort(),
        boolean("has_password"),
        integer("total_orders_count").filter().sort(),
        text("shopper_reference").write(Roles::INTEGRATION),
        text("profile_id").write(Roles::INTEGRATION),
        text("tax_exemption_code").write(Roles::INTEGRATION),
        not_built("_add_tags", ValueType::Text, Roles::INTEGRATION),
        not_built("_remove_tags", ValueType::Text, Roles::INTEGRATION),
        object("jwt_custom_claim"),
        not_built(
            "_request_anonymization",
            ValueType::Boolean,
            Roles::INTEGRATION,
        ),
        not_built(
            "_cancel_anonymization",
            ValueType::Boolean,
            Roles::INTEGRATION,
        ),
        object("anonymization_info"),
        text("anonymization_status").filter().sort(),
    ],
    relationships: &[many(
        "customer_payment_sources",
        &[ResourceType::CustomerPaymentSources],
    )],
    annotators: Roles::INTEGRATION,
};
