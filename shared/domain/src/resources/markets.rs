//! Where a shop sells: payment methods may be held to one.

use crate::Roles;
use crate::resource::{Resource, ValueType, array, boolean, integer, not_built, text, time, token};

pub const RESOURCE: Resource = Resource {
    name: "markets",
    attributes: &[
        integer("number"),
        text("name").write(Roles::INTEGRATION).filter().sort(),
        text("code").write(Roles::INTEGRATION).filter().sort(),
        text("facebook_pixel_id").write(Roles::INTEGRATION),
        text("checkout_url").write(Roles::INTEGRATION),
        text("external_prices_url").write(Roles::INTEGRATION),
        text("external_order_validation_url").write(Roles::INTEGRATION),
        boolean("private"),
        integer("shipping_cost_cutoff").write(Roles::INTEGRATION),
        not_built("_disable", ValueType::Boolean, Roles::INTEGRATION),
        not_built("_enable", ValueType::Boolean, Roles::INTEGRATION),
        time("disabled_at").filter().sort(),
        token("shared_secret").read(Roles::INTEGRATION),
        not_built(
            "_regenerate_shared_secret",
            ValueType::Boolean,
            Roles::INTEGRATION,
        ),
        array("external_includes").write(Roles::INTEGRATION),
    ],
    relationships: &[],
    annotators: Roles::INTEGRATION,
};
