//! An option of one line of an order, such as an engraving.

use crate::Roles;
use crate::resource::{
    Computed, Partition, Resource, ValueType, integer, money, not_built, object, one, text,
};
use crate::resources::ResourceType;

pub const RESOURCE: Resource = Resource {
    name: "line_item_options",
    partition: Partition::OfOrder,
    attributes: &[
        &[
            text("name").write(Roles::INTEGRATION).filter().sort(),
            integer("quantity")
                .write(Roles::INTEGRATION)
                .required()
                .filter()
                .sort(),
            text("currency_code")
                .write(Roles::INTEGRATION)
                .filter()
                .sort(),
        ],
        &money!("unit_amount", .write(Roles::INTEGRATION).filter().sort()),
        &money!("total_amount", .write(Roles::INTEGRATION)),
        &[
            integer("delay_hours")
                .write(Roles::INTEGRATION)
                .filter()
                .sort(),
            integer("delay_days")
                .computed(Computed::DaysOf("delay_hours"))
                .filter(),
            object("options").write(Roles::INTEGRATION).required(),
            not_built("_add_tags", ValueType::Text, Roles::INTEGRATION),
            not_built("_remove_tags", ValueType::Text, Roles::INTEGRATION),
        ],
    ],
    relationships: &[one("line_item", &[ResourceType::LineItems])
        .create(Roles::INTEGRATION)
        .required()],
    unsupported: &["sku_option", "events", "tags"],
    metadata_writers: Roles::INTEGRATION,
};
