//! One parcel of an order.

use crate::Roles;
use crate::resource::{
    Partition, Resource, ValueType, array, integer, many, money, not_built, one, text, time,
};
use crate::resources::ResourceType;

pub const RESOURCE: Resource = Resource {
    name: "shipments",
    partition: Partition::OfOrder,
    attributes: &[
        &[
            text("number").write(Roles::INTEGRATION).filter().sort(),
            text("status")
                .write(Roles::INTEGRATION)
                .one_of(&[
                    "draft",
                    "upcoming",
                    "cancelled",
                    "on_hold",
                    "picking",
                    "packing",
                    "ready_to_ship",
                    "shipped",
                    "delivered",
                ])
                .filter()
                .sort(),
            text("currency_code").write(Roles::INTEGRATION),
        ],
        &money!("cost_amount", .write(Roles::INTEGRATION).filter().sort()),
        &[
            integer("skus_count").write(Roles::INTEGRATION),
            not_built("_upcoming", ValueType::Boolean, Roles::INTEGRATION),
            not_built("_cancel", ValueType::Boolean, Roles::INTEGRATION),
            not_built("_on_hold", ValueType::Boolean, Roles::INTEGRATION),
            not_built("_picking", ValueType::Boolean, Roles::INTEGRATION),
            not_built("_packing", ValueType::Boolean, Roles::INTEGRATION),
            not_built("_ready_to_ship", ValueType::Boolean, Roles::INTEGRATION),
            not_built("_ship", ValueType::Boolean, Roles::INTEGRATION),
            not_built("_deliver", ValueType::Boolean, Roles::INTEGRATION),
            not_built("_reserve_stock", ValueType::Boolean, Roles::INTEGRATION),
            not_built("_release_stock", ValueType::Boolean, Roles::INTEGRATION),
            not_built("_decrement_stock", ValueType::Boolean, Roles::INTEGRATION),
            not_built("_get_rates", ValueType::Boolean, Roles::INTEGRATION),
            text("selected_rate_id").write(Roles::INTEGRATION),
            array("rates").write(Roles::INTEGRATION),
            not_built("_purchase", ValueType::Boolean, Roles::INTEGRATION),
            text("purchase_error_code").write(Roles::INTEGRATION),
            text("purchase_error_message").write(Roles::INTEGRATION),
            array("get_rates_errors").write(Roles::INTEGRATION),
            time("get_rates_started_at")
                .write(Roles::INTEGRATION)
                .filter()
                .sort(),
            time("get_rates_completed_at")
                .write(Roles::INTEGRATION)
                .filter()
                .sort(),
            time("purchase_started_at")
                .write(Roles::INTEGRATION)
                .filter()
                .sort(),
            time("purchase_completed_at")
                .write(Roles::INTEGRATION)
                .filter()
                .sort(),
            time("purchase_failed_at")
                .write(Roles::INTEGRATION)
                .filter()
                .sort(),
            time("on_hold_at").write(Roles::INTEGRATION).filter().sort(),
            time("picking_at").write(Roles::INTEGRATION).filter().sort(),
            time("packing_at").write(Roles::INTEGRATION).filter().sort(),
            time("ready_to_ship_at")
                .write(Roles::INTEGRATION)
                .filter()
                .sort(),
            time("shipped_at").write(Roles::INTEGRATION).filter().sort(),
            time("delivered_at")
                .write(Roles::INTEGRATION)
                .filter()
                .sort(),
            not_built("_add_tags", ValueType::Text, Roles::INTEGRATION),
            not_built("_remove_tags", ValueType::Text, Roles::INTEGRATION),
        ],
    ],
    relationships: &[
        one("order", &[ResourceType::Orders])
            .create(Roles::INTEGRATION)
            .required(),
        one("origin_address", &[ResourceType::Addresses]).write(Roles::INTEGRATION),
        one("shipping_address", &[ResourceType::Addresses]).write(Roles::INTEGRATION),
        one("shipping_method", &[ResourceType::ShippingMethods])
            .create(Roles::INTEGRATION)
            .update(Roles::ALL),
        one("delivery_lead_time", &[ResourceType::DeliveryLeadTimes]),
        many(
            "available_shipping_methods",
            &[ResourceType::ShippingMethods],
        ),
    ],
    unsupported: &[
        "shipping_category",
        "inventory_stock_location",
        "stock_location",
        "pickup",
        "shipment_line_items",
        "stock_line_items",
        "stock_transfers",
        "line_items",
        "carrier_accounts",
        "parcels",
        "attachments",
        "events",
        "tags",
        "versions",
    ],
    metadata_writers: Roles::INTEGRATION,
};
