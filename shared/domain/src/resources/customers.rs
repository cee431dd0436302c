//! A customer, who owns a wallet and an address book.

use crate::Roles;
use crate::resource::{
    Computed, Partition, Resource, ValueType, boolean, integer, many, not_built, text,
};
use crate::resources::{ResourceType, rules};

pub const RESOURCE: Resource = Resource {
    name: "customers",
    partition: Partition::Customer,
    attributes: &[&[
        text("email")
            .create(Roles::ALL)
            .update(Roles::CUSTOMER)
            .required()
            .rule(rules::email)
            .unique()
            .filter()
            .sort(),
        text("password")
            .write_only()
            .create(Roles::ALL)
            .update(Roles::CUSTOMER)
            .rule(rules::password),
        text("status")
            .write(Roles::INTEGRATION)
            .one_of(&["prospect", "acquired", "repeat"])
            .default_text("prospect")
            .filter()
            .sort(),
        boolean("has_password").computed(Computed::HasPassword),
        integer("total_orders_count")
            .write(Roles::INTEGRATION)
            .filter()
            .sort(),
        text("shopper_reference")
            .create(Roles::INTEGRATION)
            .update(Roles::CUSTOMER),
        text("profile_id")
            .create(Roles::INTEGRATION)
            .update(Roles::CUSTOMER),
        text("tax_exemption_code")
            .create(Roles::INTEGRATION)
            .update(Roles::CUSTOMER),
        not_built("_add_tags", ValueType::Text, Roles::INTEGRATION),
        not_built("_remove_tags", ValueType::Text, Roles::INTEGRATION),
        not_built(
            "_request_anonymization",
            ValueType::Boolean,
            Roles::INTEGRATION,
        ),
        not_built(
            "_cancel_anonymization",
            ValueType::Boolean,
            Roles::INTEGRATION,
        ),
    ]],
    relationships: &[
        many("customer_addresses", &[ResourceType::CustomerAddresses]),
        many(
            "customer_payment_sources",
            &[ResourceType::CustomerPaymentSources],
        ),
        many("orders", &[ResourceType::Orders]),
    ],
    unsupported: &[
        "customer_group",
        "customer_subscriptions",
        "order_subscriptions",
        "returns",
        "sku_lists",
        "attachments",
        "events",
        "tags",
        "jwt_customer",
        "jwt_markets",
        "jwt_stock_locations",
    ],
    metadata_writers: Roles::CUSTOMER,
};
