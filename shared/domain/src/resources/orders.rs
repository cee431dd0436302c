//! An order: what is paid. Amounts, status and basket come from the shop's order system.

use crate::Roles;
use crate::resource::{
    Computed, Partition, Resource, ValueType, boolean, float, integer, many, money, not_built,
    object, one, text, text_trigger, time, token_object, trigger,
};
use crate::resources::{PAYMENT_SOURCES, ResourceType, TRANSACTIONS, rules};

pub const RESOURCE: Resource = Resource {
    name: "orders",
    partition: Partition::Order,
    attributes: &[
        &[
            text("number")
                .write(Roles::INTEGRATION)
                .exported_as(ValueType::Integer)
                .key()
                .unique()
                .filter()
                .sort(),
            text("affiliate_code").write(Roles::ALL).filter().sort(),
            boolean("autorefresh").write(Roles::ALL).default_to(true),
            boolean("place_async")
                .write(Roles::ALL)
                .default_to(false)
                .filter()
                .sort(),
            text("status")
                .write(Roles::INTEGRATION)
                .one_of(&[
                    "draft",
                    "pending",
                    "editing",
                    "placing",
                    "placed",
                    "approved",
                    "cancelled",
                ])
                .default_text("draft")
                .filter()
                .sort(),
            text("payment_status")
                .write(Roles::INTEGRATION)
                .one_of(&[
                    "unpaid",
                    "authorized",
                    "partially_authorized",
                    "paid",
                    "partially_paid",
                    "voided",
                    "partially_voided",
                    "refunded",
                    "partially_refunded",
                    "free",
                ])
                .default_text("unpaid")
                .filter()
                .sort(),
            text("fulfillment_status")
                .write(Roles::INTEGRATION)
                .one_of(&["unfulfilled", "in_progress", "fulfilled", "not_required"])
                .default_text("unfulfilled")
                .filter()
                .sort(),
            boolean("guest").write(Roles::ALL).filter().sort(),
            boolean("editable").computed(Computed::IsEditable),
            text("customer_email").write(Roles::ALL).filter(),
            text_trigger("customer_password", Roles::ALL),
            text("customer_type")
                .write(Roles::INTEGRATION)
                .one_of(&["new", "returning"]),
            text("language_code")
                .write(Roles::ALL)
                .default_text("en")
                .filter()
                .sort(),
            text("currency_code")
                .write(Roles::INTEGRATION)
                .rule(rules::currency)
                .filter()
                .sort(),
            boolean("tax_included")
                .write(Roles::INTEGRATION)
                .filter()
                .sort(),
            float("tax_rate")
                .write(Roles::INTEGRATION)
                .exported_as(ValueType::Text)
                .filter()
                .sort(),
            boolean("freight_taxable").write(Roles::ALL),
            boolean("payment_method_taxable").write(Roles::ALL),
            boolean("adjustment_taxable").write(Roles::ALL),
            boolean("gift_card_taxable").write(Roles::ALL),
            boolean("requires_billing_info").write(Roles::INTEGRATION),
            text("country_code")
                .write(Roles::INTEGRATION)
                .filter()
                .sort(),
            text("shipping_country_code_lock").write(Roles::ALL),
            text("coupon_code").write(Roles::ALL).filter().sort(),
            text("gift_card_code").write(Roles::ALL).filter().sort(),
            text("gift_card_or_coupon_code").write(Roles::ALL),
        ],
        &money!("subtotal_amount", .from_zero().write(Roles::INTEGRATION).filter().sort()),
        &money!("shipping_amount", .from_zero().write(Roles::INTEGRATION).filter().sort()),
        &money!("payment_method_amount", .from_zero().write(Roles::INTEGRATION).filter().sort()),
        &money!("discount_amount", .from_zero().write(Roles::INTEGRATION).filter().sort()),
        &money!("adjustment_amount", .from_zero().write(Roles::INTEGRATION).filter().sort()),
        &money!("gift_card_amount", .from_zero().write(Roles::INTEGRATION).filter().sort()),
        &money!("total_tax_amount", .from_zero().write(Roles::INTEGRATION).filter().sort()),
        &money!("subtotal_tax_amount", .from_zero().write(Roles::INTEGRATION).filter().sort()),
        &money!("shipping_tax_amount", .from_zero().write(Roles::INTEGRATION)),
        &money!("payment_method_tax_amount", .from_zero().write(Roles::INTEGRATION)),
        &money!("adjustment_tax_amount", .from_zero().write(Roles::INTEGRATION)),
        &money!("total_amount", .from_zero().write(Roles::INTEGRATION).filter().sort()),
        &money!("total_taxable_amount", .from_zero().write(Roles::INTEGRATION)),
        &money!("subtotal_taxable_amount", .from_zero().write(Roles::INTEGRATION)),
        &money!("shipping_taxable_amount", .from_zero().write(Roles::INTEGRATION)),
        &money!("payment_method_taxable_amount", .from_zero().write(Roles::INTEGRATION)),
        &money!("adjustment_taxable_amount", .from_zero().write(Roles::INTEGRATION)),
        &money!("total_amount_with_taxes", .from_zero().write(Roles::INTEGRATION)),
        &money!("fees_amount", .from_zero().write(Roles::INTEGRATION).filter().sort()),
        &money!("duty_amount", .from_zero().write(Roles::INTEGRATION).filter().sort()),
        &money!("place_total_amount", .from_zero().write(Roles::INTEGRATION)),
        &[
            integer("skus_count").write(Roles::INTEGRATION).from_zero(),
            integer("line_item_options_count")
                .write(Roles::INTEGRATION)
                .from_zero(),
            integer("shipments_count")
                .write(Roles::INTEGRATION)
                .from_zero(),
            integer("tax_calculations_count").write(Roles::INTEGRATION),
            integer("validations_count").write(Roles::INTEGRATION),
            integer("errors_count").write(Roles::INTEGRATION),
            token_object("payment_source_details")
                .write(Roles::INTEGRATION)
                .filter(),
            text("token").write(Roles::INTEGRATION).filter(),
            text("cart_url").write(Roles::ALL),
            text("return_url").write(Roles::ALL),
            text("terms_url").write(Roles::ALL),
            text("privacy_url").write(Roles::ALL),
            text("checkout_url").write(Roles::INTEGRATION),
            trigger("_archive", Roles::ALL),
            trigger("_unarchive", Roles::ALL),
            trigger("_pending", Roles::INTEGRATION),
            trigger("_place", Roles::ALL),
            not_built("_placeable", ValueType::Boolean, Roles::ALL),
            trigger("_cancel", Roles::ALL),
            trigger("_approve", Roles::INTEGRATION),
            trigger("_approve_and_capture", Roles::INTEGRATION),
            trigger("_authorize", Roles::ALL),
            not_built(
                "_authorization_amount_cents",
                ValueType::Integer,
                Roles::ALL,
            ),
            trigger("_capture", Roles::INTEGRATION),
            trigger("_refund", Roles::INTEGRATION),
            not_built("_fulfill", ValueType::Boolean, Roles::INTEGRATION),
            not_built("_update_taxes", ValueType::Boolean, Roles::ALL),
            trigger("_nullify_payment_source", Roles::ALL),
            not_built(
                "_fix_payment_source",
                ValueType::Boolean,
                Roles::INTEGRATION,
            ),
            text_trigger("_billing_address_clone_id", Roles::ALL),
            text_trigger("_shipping_address_clone_id", Roles::ALL),
            text_trigger("_customer_payment_source_id", Roles::CUSTOMER),
            trigger("_shipping_address_same_as_billing", Roles::ALL),
            trigger("_billing_address_same_as_shipping", Roles::ALL),
            not_built("_commit_invoice", ValueType::Boolean, Roles::ALL),
            not_built("_refund_invoice", ValueType::Boolean, Roles::ALL),
            trigger("_save_payment_source_to_customer_wallet", Roles::CUSTOMER),
            trigger(
                "_save_shipping_address_to_customer_address_book",
                Roles::ALL,
            ),
            trigger("_save_billing_address_to_customer_address_book", Roles::ALL),
            trigger("_refresh", Roles::ALL),
            not_built("_refresh_prices", ValueType::Boolean, Roles::INTEGRATION),
            not_built("_validate", ValueType::Boolean, Roles::ALL),
            not_built("_create_subscriptions", ValueType::Boolean, Roles::ALL),
            not_built("_start_editing", ValueType::Boolean, Roles::INTEGRATION),
            not_built("_stop_editing", ValueType::Boolean, Roles::INTEGRATION),
            time("placed_at").write(Roles::INTEGRATION).filter().sort(),
            time("approved_at")
                .write(Roles::INTEGRATION)
                .filter()
                .sort(),
            time("cancelled_at")
                .write(Roles::INTEGRATION)
                .filter()
                .sort(),
            time("payment_updated_at")
                .write(Roles::INTEGRATION)
                .filter()
                .sort(),
            time("fulfillment_updated_at")
                .write(Roles::INTEGRATION)
                .filter()
                .sort(),
            time("refreshed_at")
                .write(Roles::INTEGRATION)
                .filter()
                .sort(),
            time("archived_at")
                .write(Roles::INTEGRATION)
                .filter()
                .sort(),
            time("subscription_created_at")
                .write(Roles::INTEGRATION)
                .filter()
                .sort(),
            time("expires_at").write(Roles::INTEGRATION).filter().sort(),
            object("expiration_info").write(Roles::INTEGRATION),
            not_built("_reset_circuit", ValueType::Boolean, Roles::INTEGRATION),
            not_built("_add_tags", ValueType::Text, Roles::INTEGRATION),
            not_built("_remove_tags", ValueType::Text, Roles::INTEGRATION),
        ],
    ],
    relationships: &[
        one("market", &[ResourceType::Markets]).write(Roles::INTEGRATION),
        one("customer", &[ResourceType::Customers]).write(Roles::INTEGRATION),
        one("shipping_address", &[ResourceType::Addresses])
            .create(Roles::INTEGRATION)
            .update(Roles::ALL),
        one("billing_address", &[ResourceType::Addresses])
            .create(Roles::INTEGRATION)
            .update(Roles::ALL),
        one("default_shipping_method", &[ResourceType::ShippingMethods]),
        one("default_payment_method", &[ResourceType::PaymentMethods]),
        many("available_payment_methods", &[ResourceType::PaymentMethods]),
        many(
            "available_customer_payment_sources",
            &[ResourceType::CustomerPaymentSources],
        ),
        one("payment_method", &[ResourceType::PaymentMethods]).write(Roles::ALL),
        one("payment_source", PAYMENT_SOURCES),
        many("line_items", &[ResourceType::LineItems]),
        many("line_item_options", &[ResourceType::LineItemOptions]),
        many("shipments", &[ResourceType::Shipments]),
        many("transactions", TRANSACTIONS),
        many("authorizations", &[ResourceType::Authorizations]),
        many("captures", &[ResourceType::Captures]),
        many("voids", &[ResourceType::Voids]),
        many("refunds", &[ResourceType::Refunds]),
    ],
    unsupported: &[
        "store",
        "available_free_skus",
        "available_free_bundles",
        "discount_engine_item",
        "stock_reservations",
        "stock_line_items",
        "stock_transfers",
        "payment_options",
        "returns",
        "order_subscription",
        "order_subscriptions",
        "order_factories",
        "order_copies",
        "recurring_order_copies",
        "attachments",
        "notifications",
        "links",
        "resource_errors",
        "events",
        "tags",
        "versions",
    ],
    metadata_writers: Roles::ALL,
};
