//! An order: what is paid. Amounts, status and basket come from the shop's order system.

use crate::Roles;
use crate::resource::{
    Resource, ValueType, boolean, float, float_of, formatted_of, integer, many, not_built, object,
    one, text, text_trigger, time, token_object, trigger,
};
use crate::resources::{PAYMENT_SOURCES, ResourceType};

pub const RESOURCE: Resource = Resource {
    name: "orders",
    attributes: &[
        text("number").write(Roles::INTEGRATION).filter().sort(),
        text("affiliate_code")
            .write(Roles::INTEGRATION)
            .filter()
            .sort(),
        boolean("autorefresh").write(Roles::INTEGRATION),
        boolean("place_async")
            .write(Roles::INTEGRATION)
            .filter()
            .sort(),
        text("status").write(Roles::INTEGRATION).filter().sort(),
        text("payment_status")
            .write(Roles::INTEGRATION)
            .filter()
            .sort(),
        text("fulfillment_status")
            .write(Roles::INTEGRATION)
            .filter()
            .sort(),
        boolean("guest").write(Roles::INTEGRATION).filter().sort(),
        boolean("editable").computed(),
        text("customer_email").write(Roles::ALL).filter(),
        text("customer_password")
            .write_only()
            .write(Roles::INTEGRATION),
        text("customer_type"),
        text("language_code")
            .write(Roles::INTEGRATION)
            .filter()
            .sort(),
        text("currency_code")
            .write(Roles::INTEGRATION)
            .filter()
            .sort(),
        boolean("tax_included")
            .write(Roles::INTEGRATION)
            .filter()
            .sort(),
        float("tax_rate").write(Roles::INTEGRATION).filter().sort(),
        boolean("freight_taxable").write(Roles::INTEGRATION),
        boolean("payment_method_taxable").write(Roles::INTEGRATION),
        boolean("adjustment_taxable").write(Roles::INTEGRATION),
        boolean("gift_card_taxable").write(Roles::INTEGRATION),
        boolean("requires_billing_info"),
        text("country_code").filter().sort(),
        text("shipping_country_code_lock").write(Roles::INTEGRATION),
        text("coupon_code")
            .write(Roles::INTEGRATION)
            .filter()
            .sort(),
        text("gift_card_code")
            .write(Roles::INTEGRATION)
            .filter()
            .sort(),
        text("gift_card_or_coupon_code").write(Roles::INTEGRATION),
        integer("subtotal_amount_cents")
            .write(Roles::INTEGRATION)
            .filter()
            .sort(),
        float_of("subtotal_amount_float", "subtotal_amount_cents"),
        formatted_of("formatted_subtotal_amount", "subtotal_amount_cents"),
        integer("shipping_amount_cents")
            .write(Roles::INTEGRATION)
            .filter()
            .sort(),
        float_of("shipping_amount_float", "shipping_amount_cents"),
        formatted_of("formatted_shipping_amount", "shipping_amount_cents"),
        integer("payment_method_amount_cents")
            .write(Roles::INTEGRATION)
            .filter()
            .sort(),
        float_of("payment_method_amount_float", "payment_method_amount_cents"),
        formatted_of(
            "formatted_payment_method_amount",
            "payment_method_amount_cents",
        ),
        integer("discount_amount_cents")
            .write(Roles::INTEGRATION)
            .filter()
            .sort(),
        float_of("discount_amount_float", "discount_amount_cents"),
        formatted_of("formatted_discount_amount", "discount_amount_cents"),
        integer("adjustment_amount_cents")
            .write(Roles::INTEGRATION)
            .filter()
            .sort(),
        float_of("adjustment_amount_float", "adjustment_amount_cents"),
        formatted_of("formatted_adjustment_amount", "adjustment_amount_cents"),
        integer("gift_card_amount_cents")
            .write(Roles::INTEGRATION)
            .filter()
            .sort(),
        float_of("gift_card_amount_float", "gift_card_amount_cents"),
        formatted_of("formatted_gift_card_amount", "gift_card_amount_cents"),
        integer("total_tax_amount_cents")
            .write(Roles::INTEGRATION)
            .filter()
            .sort(),
        float_of("total_tax_amount_float", "total_tax_amount_cents"),
        formatted_of("formatted_total_tax_amount", "total_tax_amount_cents"),
        integer("subtotal_tax_amount_cents")
            .write(Roles::INTEGRATION)
            .filter()
            .sort(),
        float_of("subtotal_tax_amount_float", "subtotal_tax_amount_cents"),
        formatted_of("formatted_subtotal_tax_amount", "subtotal_tax_amount_cents"),
        integer("shipping_tax_amount_cents").write(Roles::INTEGRATION),
        float_of("shipping_tax_amount_float", "shipping_tax_amount_cents"),
        formatted_of("formatted_shipping_tax_amount", "shipping_tax_amount_cents"),
        integer("payment_method_tax_amount_cents").write(Roles::INTEGRATION),
        float_of(
            "payment_method_tax_amount_float",
            "payment_method_tax_amount_cents",
        ),
        formatted_of(
            "formatted_payment_method_tax_amount",
            "payment_method_tax_amount_cents",
        ),
        integer("adjustment_tax_amount_cents").write(Roles::INTEGRATION),
        float_of("adjustment_tax_amount_float", "adjustment_tax_amount_cents"),
        formatted_of(
            "formatted_adjustment_tax_amount",
            "adjustment_tax_amount_cents",
        ),
        integer("total_amount_cents")
            .write(Roles::INTEGRATION)
            .filter()
            .sort(),
        float_of("total_amount_float", "total_amount_cents"),
        formatted_of("formatted_total_amount", "total_amount_cents"),
        integer("total_taxable_amount_cents").write(Roles::INTEGRATION),
        float_of("total_taxable_amount_float", "total_taxable_amount_cents"),
        formatted_of(
            "formatted_total_taxable_amount",
            "total_taxable_amount_cents",
        ),
        integer("subtotal_taxable_amount_cents").write(Roles::INTEGRATION),
        float_of(
            "subtotal_taxable_amount_float",
            "subtotal_taxable_amount_cents",
        ),
        formatted_of(
            "formatted_subtotal_taxable_amount",
            "subtotal_taxable_amount_cents",
        ),
        integer("shipping_taxable_amount_cents").write(Roles::INTEGRATION),
        float_of(
            "shipping_taxable_amount_float",
            "shipping_taxable_amount_cents",
        ),
        formatted_of(
            "formatted_shipping_taxable_amount",
            "shipping_taxable_amount_cents",
        ),
        integer("payment_method_taxable_amount_cents").write(Roles::INTEGRATION),
        float_of(
            "payment_method_taxable_amount_float",
            "payment_method_taxable_amount_cents",
        ),
        formatted_of(
            "formatted_payment_method_taxable_amount",
            "payment_method_taxable_amount_cents",
        ),
        integer("adjustment_taxable_amount_cents").write(Roles::INTEGRATION),
        float_of(
            "adjustment_taxable_amount_float",
            "adjustment_taxable_amount_cents",
        ),
        formatted_of(
            "formatted_adjustment_taxable_amount",
            "adjustment_taxable_amount_cents",
        ),
        integer("total_amount_with_taxes_cents").write(Roles::INTEGRATION),
        float_of(
            "total_amount_with_taxes_float",
            "total_amount_with_taxes_cents",
        ),
        formatted_of(
            "formatted_total_amount_with_taxes",
            "total_amount_with_taxes_cents",
        ),
        integer("fees_amount_cents")
            .write(Roles::INTEGRATION)
            .filter()
            .sort(),
        float_of("fees_amount_float", "fees_amount_cents"),
        formatted_of("formatted_fees_amount", "fees_amount_cents"),
        integer("duty_amount_cents")
            .write(Roles::INTEGRATION)
            .filter()
            .sort(),
        float_of("duty_amount_float", "duty_amount_cents"),
        formatted_of("formatted_duty_amount", "duty_amount_cents"),
        integer("place_total_amount_cents").write(Roles::INTEGRATION),
        float_of("place_total_amount_float", "place_total_amount_cents"),
        formatted_of("formatted_place_total_amount", "place_total_amount_cents"),
        integer("skus_count"),
        integer("line_item_options_count"),
        integer("shipments_count"),
        integer("tax_calculations_count"),
        integer("validations_count"),
        integer("errors_count"),
        token_object("payment_source_details").filter(),
        text("token").filter(),
        text("cart_url").write(Roles::INTEGRATION),
        text("return_url").write(Roles::INTEGRATION),
        text("terms_url").write(Roles::INTEGRATION),
        text("privacy_url").write(Roles::INTEGRATION),
        text("checkout_url"),
        not_built("_archive", ValueType::Boolean, Roles::ALL),
        not_built("_unarchive", ValueType::Boolean, Roles::ALL),
        not_built("_pending", ValueType::Boolean, Roles::INTEGRATION),
        not_built("_place", ValueType::Boolean, Roles::ALL),
        not_built("_cancel", ValueType::Boolean, Roles::ALL),
        not_built("_approve", ValueType::Boolean, Roles::INTEGRATION),
        not_built(
            "_approve_and_capture",
            ValueType::Boolean,
            Roles::INTEGRATION,
        ),
        not_built("_authorize", ValueType::Boolean, Roles::ALL),
        not_built(
            "_authorization_amount_cents",
            ValueType::Integer,
            Roles::ALL,
        ),
        not_built("_capture", ValueType::Boolean, Roles::INTEGRATION),
        not_built("_refund", ValueType::Boolean, Roles::INTEGRATION),
        not_built("_fulfill", ValueType::Boolean, Roles::INTEGRATION),
        not_built("_update_taxes", ValueType::Boolean, Roles::ALL),
        trigger("_nullify_payment_source", Roles::ALL),
        not_built(
            "_fix_payment_source",
            ValueType::Boolean,
            Roles::INTEGRATION,
        ),
        not_built("_billing_address_clone_id", ValueType::Text, Roles::ALL),
        not_built("_shipping_address_clone_id", ValueType::Text, Roles::ALL),
        text_trigger("_customer_payment_source_id", Roles::CUSTOMER),
        not_built(
            "_shipping_address_same_as_billing",
            ValueType::Boolean,
            Roles::ALL,
        ),
        not_built(
            "_billing_address_same_as_shipping",
            ValueType::Boolean,
            Roles::ALL,
        ),
        not_built("_commit_invoice", ValueType::Boolean, Roles::ALL),
        not_built("_refund_invoice", ValueType::Boolean, Roles::ALL),
        trigger("_save_payment_source_to_customer_wallet", Roles::CUSTOMER),
        not_built(
            "_save_shipping_address_to_customer_address_book",
            ValueType::Boolean,
            Roles::ALL,
        ),
        not_built(
            "_save_billing_address_to_customer_address_book",
            ValueType::Boolean,
            Roles::ALL,
        ),
        trigger("_refresh", Roles::ALL),
        not_built("_refresh_prices", ValueType::Boolean, Roles::INTEGRATION),
        not_built("_validate", ValueType::Boolean, Roles::ALL),
        not_built("_create_subscriptions", ValueType::Boolean, Roles::ALL),
        not_built("_start_editing", ValueType::Boolean, Roles::INTEGRATION),
        not_built("_stop_editing", ValueType::Boolean, Roles::INTEGRATION),
        time("placed_at").write(Roles::INTEGRATION).filter().sort(),
        time("approved_at").filter().sort(),
        time("cancelled_at").filter().sort(),
        time("payment_updated_at").filter().sort(),
        time("fulfillment_updated_at").filter().sort(),
        time("refreshed_at").filter().sort(),
        time("archived_at").filter().sort(),
        time("subscription_created_at").filter().sort(),
        time("expires_at").write(Roles::INTEGRATION).filter().sort(),
        object("expiration_info").write(Roles::INTEGRATION),
        text("circuit_state").filter().sort(),
        integer("circuit_failure_count").filter().sort(),
        not_built("_reset_circuit", ValueType::Boolean, Roles::INTEGRATION),
        not_built("_add_tags", ValueType::Text, Roles::INTEGRATION),
        not_built("_remove_tags", ValueType::Text, Roles::INTEGRATION),
    ],
    relationships: &[
        one("market", &[ResourceType::Markets]),
        one("customer", &[ResourceType::Customers]),
        one("shipping_address", &[ResourceType::Addresses]),
        one("billing_address", &[ResourceType::Addresses]),
        many("available_payment_methods", &[ResourceType::PaymentMethods]),
        many(
            "available_customer_payment_sources",
            &[ResourceType::CustomerPaymentSources],
        ),
        one("payment_method", &[ResourceType::PaymentMethods]).write(Roles::ALL),
        one("payment_source", PAYMENT_SOURCES),
        many("line_items", &[ResourceType::LineItems]),
        many("shipments", &[ResourceType::Shipments]),
    ],
    annotators: Roles::INTEGRATION,
};
