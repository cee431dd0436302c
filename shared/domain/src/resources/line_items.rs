//! One line of an order.

use crate::Roles;
use crate::resource::{
    Resource, ValueType, float, float_of, formatted_of, integer, not_built, object, one, text,
};
use crate::resources::ResourceType;

pub const RESOURCE: Resource = Resource {
    name: "line_items",
    attributes: &[
        text("sku_code").write(Roles::INTEGRATION).filter(),
        text("bundle_code").write(Roles::INTEGRATION),
        integer("quantity").write(Roles::INTEGRATION).filter(),
        not_built("_external_price", ValueType::Boolean, Roles::INTEGRATION),
        not_built("_update_quantity", ValueType::Boolean, Roles::INTEGRATION),
        not_built("_reserve_stock", ValueType::Boolean, Roles::INTEGRATION),
        not_built(
            "_reset_restocked_quantity",
            ValueType::Boolean,
            Roles::INTEGRATION,
        ),
        text("currency_code").filter().sort(),
        integer("unit_amount_cents")
            .write(Roles::INTEGRATION)
            .filter()
            .sort(),
        float_of("unit_amount_float", "unit_amount_cents"),
        formatted_of("formatted_unit_amount", "unit_amount_cents"),
        integer("compare_at_amount_cents")
            .write(Roles::INTEGRATION)
            .filter()
            .sort(),
        float_of("compare_at_amount_float", "compare_at_amount_cents"),
        formatted_of("formatted_compare_at_amount", "compare_at_amount_cents"),
        integer("options_amount_cents")
            .update(Roles::INTEGRATION)
            .filter()
            .sort(),
        float_of("options_amount_float", "options_amount_cents"),
        formatted_of("formatted_options_amount", "options_amount_cents"),
        integer("discount_cents").filter().sort(),
        float_of("discount_float", "discount_cents"),
        formatted_of("formatted_discount", "discount_cents"),
        integer("total_amount_cents").filter().sort(),
        float_of("total_amount_float", "total_amount_cents"),
        formatted_of("formatted_total_amount", "total_amount_cents"),
        integer("tax_amount_cents").filter().sort(),
        float_of("tax_amount_float", "tax_amount_cents"),
        formatted_of("formatted_tax_amount", "tax_amount_cents"),
        text("name").write(Roles::INTEGRATION).filter().sort(),
        text("image_url").write(Roles::INTEGRATION).filter(),
        object("discount_breakdown"),
        float("tax_rate"),
        object("tax_breakdown"),
        text("item_type").create(Roles::INTEGRATION).filter().sort(),
        text("frequency").write(Roles::INTEGRATION),
        text("coupon_code"),
        object("rule_outcomes"),
        text("circuit_state").filter().sort(),
        integer("circuit_failure_count").filter().sort(),
        not_built("_reset_circuit", ValueType::Boolean, Roles::INTEGRATION),
        not_built("_add_tags", ValueType::Text, Roles::INTEGRATION),
        not_built("_remove_tags", ValueType::Text, Roles::INTEGRATION),
    ],
    relationships: &[one("order", &[ResourceType::Orders]).write(Roles::INTEGRATION)],
    annotators: Roles::INTEGRATION,
};
