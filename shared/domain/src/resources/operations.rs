//! What is owed to a gateway, or under way at one, and what people do about it. Billfold's own type: Commerce
//! Layer has none.

use crate::Roles;
use crate::resource::{Partition, Resource, integer, one, text, time, trigger};
use crate::resources::{PAYMENT_GATEWAYS, ResourceType};

pub const RESOURCE: Resource = Resource {
    name: "operations",
    partition: Partition::Owed,
    attributes: &[&[
        text("step").filter().sort(),
        text("status")
            .one_of(&["owed", "under_way", "stuck", "settled"])
            .filter()
            .sort(),
        text("problem").filter(),
        text("problem_detail"),
        time("stuck_at").filter().sort(),
        integer("tries"),
        time("due_at").filter().sort(),
        text("payment"),
        trigger("_retry", Roles::INTEGRATION),
        trigger("_settle", Roles::INTEGRATION),
    ]],
    relationships: &[
        one("order", &[ResourceType::Orders]),
        one("customer", &[ResourceType::Customers]),
        one("payment_gateway", PAYMENT_GATEWAYS),
    ],
    unsupported: &[],
    metadata_writers: Roles::NONE,
};
