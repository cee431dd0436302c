//! One line of an order.

use crate::Roles;
use crate::resource::{
    Partition, Resource, ValueType, float, integer, many, money, not_built, object, one, text,
};
use crate::resources::ResourceType;

pub const RESOURCE: Resource = Resource {
    name: "line_items",
    partition: Partition::OfOrder,
    attributes: &[
        &[
            text("sku_code").write(Roles::INTEGRATION).filter(),
            text("bundle_code").write(Roles::INTEGRATION),
            integer("quantity")
                .write(Roles::INTEGRATION)
                .required()
                .filter(),
            not_built("_external_price", ValueType::Boolean, Roles::INTEGRATION),
            not_built("_update_quantity", ValueType::Boolean, Roles::INTEGRATION),
            not_built("_reserve_stock", ValueType::Boolean, Roles::INTEGRATION),
            not_built(
                "_reset_restocked_quantity",
                ValueType::Boolean,
                Roles::INTEGRATION,
            ),
            text("currency_code")
                .write(Roles::INTEGRATION)
                .filter()
                .sort(),
        ],
        &money!("unit_amount", .write(Roles::INTEGRATION).filter().sort()),
        &money!("compare_at_amount", .write(Roles::INTEGRATION).filter().sort()),
        &money!("options_amount", .write(Roles::INTEGRATION).filter().sort()),
        &money!("discount", .write(Roles::INTEGRATION).filter().sort()),
        &money!("total_amount", .write(Roles::INTEGRATION).filter().sort()),
        &money!("tax_amount", .write(Roles::INTEGRATION).filter().sort()),
        &[
            text("name").write(Roles::INTEGRATION).filter().sort(),
            text("image_url").write(Roles::INTEGRATION).filter(),
            object("discount_breakdown").write(Roles::INTEGRATION),
            float("tax_rate")
                .write(Roles::INTEGRATION)
                .exported_as(ValueType::Text),
            object("tax_breakdown").write(Roles::INTEGRATION),
            text("item_type")
                .create(Roles::INTEGRATION)
                .one_of(&[
                    "skus",
                    "bundles",
                    "gift_cards",
                    "shipments",
                    "payment_methods",
                    "adjustments",
                    "discount_engine_items",
                    "percentage_discount_promotions",
                    "free_shipping_promotions",
                    "buy_x_pay_y_promotions",
                    "free_gift_promotions",
                    "fixed_price_promotions",
                    "external_promotions",
                    "fixed_amount_promotions",
                    "flex_promotions",
                ])
                .filter()
                .sort(),
            text("frequency").write(Roles::INTEGRATION),
            text("coupon_code").write(Roles::INTEGRATION),
            object("rule_outcomes").write(Roles::INTEGRATION),
            not_built("_reset_circuit", ValueType::Boolean, Roles::INTEGRATION),
            not_built("_add_tags", ValueType::Text, Roles::INTEGRATION),
            not_built("_remove_tags", ValueType::Text, Roles::INTEGRATION),
        ],
    ],
    relationships: &[
        one("order", &[ResourceType::Orders])
            .create(Roles::INTEGRATION)
            .required(),
        one(
            "item",
            &[
                ResourceType::Skus,
                ResourceType::Shipments,
                ResourceType::PaymentMethods,
            ],
        )
        .create(Roles::INTEGRATION),
        one("sku", &[ResourceType::Skus]),
        one("shipment", &[ResourceType::Shipments]),
        one("payment_method", &[ResourceType::PaymentMethods]),
        many("line_item_options", &[ResourceType::LineItemOptions]),
    ],
    unsupported: &[
        "bundle",
        "adjustment",
        "gift_card",
        "return_line_items",
        "shipment_line_items",
        "stock_reservations",
        "stock_line_items",
        "stock_transfers",
        "notifications",
        "events",
        "tags",
    ],
    metadata_writers: Roles::INTEGRATION,
};
