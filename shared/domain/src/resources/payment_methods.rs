//! What a shopper picks to pay with; belongs to a gateway.

use crate::Roles;
use crate::resource::{
    Resource, ValueType, boolean, float_of, formatted_of, integer, not_built, one, text, time,
};
use crate::resources::{PAYMENT_GATEWAYS, ResourceType};

pub const RESOURCE: Resource = Resource {
    name: "payment_methods",
    attributes: &[
        text("name").write(Roles::INTEGRATION).filter().sort(),
        text("payment_source_type")
            .write(Roles::INTEGRATION)
            .filter()
            .sort(),
        text("currency_code")
            .write(Roles::INTEGRATION)
            .filter()
            .sort(),
        boolean("moto").write(Roles::INTEGRATION),
        boolean("require_capture").write(Roles::INTEGRATION),
        boolean("auto_place").write(Roles::INTEGRATION),
        boolean("auto_capture").write(Roles::INTEGRATION),
        integer("price_amount_cents")
            .write(Roles::INTEGRATION)
            .filter()
            .sort(),
        float_of("price_amount_float", "price_amount_cents"),
        formatted_of("formatted_price_amount", "price_amount_cents"),
        integer("auto_capture_max_amount_cents").write(Roles::INTEGRATION),
        float_of(
            "auto_capture_max_amount_float",
            "auto_capture_max_amount_cents",
        ),
        formatted_of(
            "formatted_auto_capture_max_amount",
            "auto_capture_max_amount_cents",
        ),
        not_built("_disable", ValueType::Boolean, Roles::INTEGRATION),
        not_built("_enable", ValueType::Boolean, Roles::INTEGRATION),
        time("disabled_at").filter().sort(),
    ],
    relationships: &[
        one("market", &[ResourceType::Markets]).write(Roles::INTEGRATION),
        one("payment_gateway", PAYMENT_GATEWAYS).write(Roles::INTEGRATION),
    ],
    annotators: Roles::INTEGRATION,
};
