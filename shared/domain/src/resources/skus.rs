//! What is sold: a stock keeping unit.

use crate::Roles;
use crate::resource::{
    Partition, Resource, ValueType, boolean, float, integer, not_built, object, text,
};

pub const RESOURCE: Resource = Resource {
    name: "skus",
    partition: Partition::Own,
    attributes: &[&[
        text("code")
            .write(Roles::INTEGRATION)
            .required()
            .unique()
            .filter()
            .sort(),
        text("name")
            .write(Roles::INTEGRATION)
            .required()
            .filter()
            .sort(),
        text("description").write(Roles::INTEGRATION).filter(),
        text("image_url").write(Roles::INTEGRATION).filter(),
        integer("pieces_per_pack").write(Roles::INTEGRATION),
        float("weight").write(Roles::INTEGRATION),
        text("unit_of_weight")
            .write(Roles::INTEGRATION)
            .one_of(&["gr", "kg", "oz", "lb"]),
        text("hs_tariff_number").write(Roles::INTEGRATION),
        boolean("do_not_ship")
            .write(Roles::INTEGRATION)
            .filter()
            .sort(),
        boolean("do_not_track")
            .write(Roles::INTEGRATION)
            .filter()
            .sort(),
        object("inventory").write(Roles::INTEGRATION),
        not_built("_add_tags", ValueType::Text, Roles::INTEGRATION),
        not_built("_remove_tags", ValueType::Text, Roles::INTEGRATION),
    ]],
    relationships: &[],
    unsupported: &[
        "shipping_category",
        "prices",
        "stock_items",
        "stock_reservations",
        "delivery_lead_times",
        "sku_options",
        "sku_list_items",
        "sku_lists",
        "attachments",
        "links",
        "events",
        "tags",
        "versions",
        "jwt_customer",
        "jwt_markets",
        "jwt_stock_locations",
    ],
    metadata_writers: Roles::INTEGRATION,
};
