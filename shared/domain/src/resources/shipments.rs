//! One parcel of an order.

use crate::Roles;
use crate::resource::{
    Resource, ValueType, array, float_of, formatted_of, integer, not_built, one, text, time,
};
use crate::resources::ResourceType;

pub const RESOURCE: Resource = Resource {
    name: "shipments",
    attributes: &[
        text("number").update(Roles::INTEGRATION).filter().sort(),
        text("status").filter().sort(),
        text("currency_code"),
        integer("cost_amount_cents").filter().sort(),
        float_of("cost_amount_float", "cost_amount_cents"),
        formatted_of("formatted_cost_amount", "cost_amount_cents"),
        integer("skus_count"),
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
        text("selected_rate_id").update(Roles::INTEGRATION),
        array("rates"),
        not_built("_purchase", ValueType::Boolean, Roles::INTEGRATION),
        text("purchase_error_code"),
        text("purchase_error_message"),
        array("get_rates_errors"),
        time("get_rates_started_at").filter().sort(),
        time("get_rates_completed_at").filter().sort(),
        time("purchase_started_at").filter().sort(),
        time("purchase_completed_at").filter().sort(),
        time("purchase_failed_at").filter().sort(),
        time("on_hold_at").filter().sort(),
        time("picking_at").filter().sort(),
        time("packing_at").filter().sort(),
        time("ready_to_ship_at").filter().sort(),
        time("shipped_at").filter().sort(),
        time("delivered_at").filter().sort(),
        not_built("_add_tags", ValueType::Text, Roles::INTEGRATION),
        not_built("_remove_tags", ValueType::Text, Roles::INTEGRATION),
    ],
    relationships: &[one("order", &[ResourceType::Orders])],
    annotators: Roles::INTEGRATION,
};
