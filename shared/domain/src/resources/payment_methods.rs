//! What a shopper picks to pay with; belongs to a gateway.

use crate::Roles;
use crate::resource::{Partition, Resource, boolean, float_of, formatted_of, integer, one, text};
use crate::resources::payment_gateways::{DISABLE, DISABLED_AT, ENABLE};
use crate::resources::{NAMED_GATEWAYS, ResourceType, rules};

pub const RESOURCE: Resource = Resource {
    name: "payment_methods",
    partition: Partition::Catalog,
    attributes: &[&[
        text("name").write(Roles::INTEGRATION).filter().sort(),
        text("payment_source_type")
            .write(Roles::INTEGRATION)
            .required()
            .rule(rules::payment_source_type)
            .filter()
            .sort(),
        text("currency_code")
            .write(Roles::INTEGRATION)
            .rule(rules::currency)
            .filter()
            .sort(),
        boolean("moto").write(Roles::INTEGRATION).default_to(false),
        boolean("require_capture")
            .write(Roles::INTEGRATION)
            .default_to(true),
        boolean("auto_place")
            .write(Roles::INTEGRATION)
            .default_to(false),
        boolean("auto_capture")
            .write(Roles::INTEGRATION)
            .default_to(false),
        integer("price_amount_cents")
            .write(Roles::INTEGRATION)
            .required()
            .rule(rules::not_negative)
            .filter()
            .sort(),
        float_of("price_amount_float", "price_amount_cents"),
        formatted_of("formatted_price_amount", "price_amount_cents"),
        integer("auto_capture_max_amount_cents")
            .write(Roles::INTEGRATION)
            .rule(rules::not_negative),
        float_of(
            "auto_capture_max_amount_float",
            "auto_capture_max_amount_cents",
        ),
        formatted_of(
            "formatted_auto_capture_max_amount",
            "auto_capture_max_amount_cents",
        ),
        DISABLE,
        ENABLE,
        DISABLED_AT,
    ]],
    relationships: &[
        one("market", &[ResourceType::Markets]).write(Roles::INTEGRATION),
        one("payment_gateway", NAMED_GATEWAYS)
            .write(Roles::INTEGRATION)
            .required(),
    ],
    unsupported: &["store", "attachments", "versions"],
    metadata_writers: Roles::INTEGRATION,
};
