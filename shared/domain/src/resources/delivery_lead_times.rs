//! How long a shipping method takes.

use crate::Roles;
use crate::resource::{Computed, Partition, Resource, integer, one};
use crate::resources::{ResourceType, rules};

pub const RESOURCE: Resource = Resource {
    name: "delivery_lead_times",
    partition: Partition::Catalog,
    attributes: &[&[
        integer("min_hours")
            .write(Roles::INTEGRATION)
            .required()
            .rule(rules::not_negative)
            .filter()
            .sort(),
        integer("max_hours")
            .write(Roles::INTEGRATION)
            .required()
            .rule(rules::not_negative)
            .filter()
            .sort(),
        integer("min_days")
            .computed(Computed::DaysOf("min_hours"))
            .filter()
            .sort(),
        integer("max_days")
            .computed(Computed::DaysOf("max_hours"))
            .filter(),
    ]],
    relationships: &[one("shipping_method", &[ResourceType::ShippingMethods])
        .write(Roles::INTEGRATION)
        .required()],
    unsupported: &["stock_location", "attachments", "versions"],
    metadata_writers: Roles::INTEGRATION,
};
