//! How an order is shipped, and for what price.

use crate::Roles;
use crate::resource::{
    Partition, Resource, ValueType, array, boolean, float, money, not_built, one, text,
};
use crate::resources::payment_gateways::{DISABLE, DISABLED_AT, ENABLE};
use crate::resources::{ResourceType, rules};

pub const RESOURCE: Resource = Resource {
    name: "shipping_methods",
    partition: Partition::Catalog,
    attributes: &[
        &[
            text("name")
                .write(Roles::INTEGRATION)
                .required()
                .filter()
                .sort(),
            text("scheme")
                .write(Roles::INTEGRATION)
                .default_text("flat")
                .one_of(&["flat", "weight_tiered", "external"])
                .filter()
                .sort(),
            text("currency_code")
                .write(Roles::INTEGRATION)
                .rule(rules::currency)
                .filter()
                .sort(),
            text("external_prices_url").write(Roles::INTEGRATION),
        ],
        &money!("price_amount", .write(Roles::INTEGRATION).required().rule(rules::not_negative).filter().sort()),
        &money!("free_over_amount", .write(Roles::INTEGRATION).rule(rules::not_negative).filter().sort()),
        &money!("price_amount_for_shipment"),
        &[
            boolean("use_subtotal")
                .write(Roles::INTEGRATION)
                .default_to(false),
            float("min_weight").write(Roles::INTEGRATION),
            float("max_weight").write(Roles::INTEGRATION),
            text("unit_of_weight")
                .write(Roles::INTEGRATION)
                .one_of(&["gr", "kg", "oz", "lb"]),
            text("tax_code").write(Roles::INTEGRATION),
            DISABLE,
            ENABLE,
            DISABLED_AT,
            array("external_includes").write(Roles::INTEGRATION),
            not_built("_reset_circuit", ValueType::Boolean, Roles::INTEGRATION),
            not_built(
                "_regenerate_shared_secret",
                ValueType::Boolean,
                Roles::INTEGRATION,
            ),
            not_built("_add_tags", ValueType::Text, Roles::INTEGRATION),
            not_built("_remove_tags", ValueType::Text, Roles::INTEGRATION),
        ],
    ],
    relationships: &[
        one("market", &[ResourceType::Markets]).write(Roles::INTEGRATION),
        one(
            "delivery_lead_time_for_shipment",
            &[ResourceType::DeliveryLeadTimes],
        ),
    ],
    unsupported: &[
        "shipping_zone",
        "shipping_category",
        "stock_location",
        "shipping_method_tiers",
        "shipping_weight_tiers",
        "attachments",
        "notifications",
        "events",
        "tags",
        "versions",
    ],
    metadata_writers: Roles::INTEGRATION,
};
