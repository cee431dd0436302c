//! A market: where the organization sells, in which currency.

use crate::Roles;
use crate::resource::{
    Partition, Resource, ValueType, array, boolean, integer, not_built, one, text,
};
use crate::resources::payment_gateways::{DISABLE, DISABLED_AT, ENABLE};
use crate::resources::{ResourceType, rules};

pub const RESOURCE: Resource = Resource {
    name: "markets",
    partition: Partition::Catalog,
    attributes: &[&[
        integer("number").write(Roles::INTEGRATION),
        text("name")
            .write(Roles::INTEGRATION)
            .required()
            .filter()
            .sort(),
        text("code").write(Roles::INTEGRATION).filter().sort(),
        text("currency_code")
            .write(Roles::INTEGRATION)
            .rule(rules::currency),
        text("facebook_pixel_id").write(Roles::INTEGRATION),
        text("checkout_url").write(Roles::INTEGRATION),
        text("external_prices_url").write(Roles::INTEGRATION),
        text("external_order_validation_url").write(Roles::INTEGRATION),
        boolean("private")
            .write(Roles::INTEGRATION)
            .default_to(false),
        integer("shipping_cost_cutoff").write(Roles::INTEGRATION),
        DISABLE,
        ENABLE,
        DISABLED_AT,
        not_built(
            "_regenerate_shared_secret",
            ValueType::Boolean,
            Roles::INTEGRATION,
        ),
        array("external_includes").write(Roles::INTEGRATION),
        array("placing_requires")
            .write(Roles::INTEGRATION)
            .rule(rules::placing_requires),
    ]],
    relationships: &[
        one("default_shipping_method", &[ResourceType::ShippingMethods]).write(Roles::INTEGRATION),
        one("default_payment_method", &[ResourceType::PaymentMethods]).write(Roles::INTEGRATION),
    ],
    unsupported: &[
        "merchant",
        "price_list",
        "base_price_list",
        "inventory_model",
        "subscription_model",
        "discount_engine",
        "tax_calculator",
        "customer_group",
        "geocoder",
        "stores",
        "price_list_schedulers",
        "order_validation_rules",
        "attachments",
        "versions",
    ],
    metadata_writers: Roles::INTEGRATION,
};
