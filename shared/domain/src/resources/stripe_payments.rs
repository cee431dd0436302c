//! A payment of one order through Stripe: a PaymentIntent.

use crate::Roles;
use crate::payment_rules::PaymentRules;
use crate::resource::{
    Computed, Partition, Resource, boolean, object, one, text, token, token_object, trigger,
};
use crate::resources::{PAYMENT_GATEWAYS, ResourceType};

pub const RESOURCE: Resource = Resource {
    name: "stripe_payments",
    partition: Partition::Payment,
    attributes: &[&[
        token("stripe_id").create(Roles::INTEGRATION),
        token("client_secret").create(Roles::INTEGRATION),
        text("connected_account"),
        text("charge_id"),
        text("publishable_key"),
        text("on_behalf_of"),
        text("transfer_group"),
        token_object("options").write(Roles::ALL),
        token_object("payment_method"),
        boolean("mismatched_amounts").computed(Computed::MismatchedAmounts),
        text("return_url").write(Roles::ALL),
        text("receipt_email").create(Roles::ALL),
        trigger("_update", Roles::ALL),
        trigger("_refresh", Roles::ALL),
        object("payment_instrument"),
    ]],
    relationships: &[
        one("order", &[ResourceType::Orders]).create(Roles::ALL),
        one("payment_gateway", PAYMENT_GATEWAYS),
    ],
    unsupported: &["versions"],
    metadata_writers: Roles::ALL,
};

pub const RULES: PaymentRules = PaymentRules {
    has_customers: true,
    confirms: true,
    captures_once: true,
    taken_over_by: Some("stripe_id"),
    heard_options: &["id", "payment_method"],
    refused_options: &[
        "amount",
        "amount_details",
        "application_fee_amount",
        "automatic_payment_methods",
        "capture_method",
        "confirm",
        "confirmation_method",
        "currency",
        "customer_account",
        "excluded_payment_method_types",
        "mandate",
        "mandate_data",
        "off_session",
        "on_behalf_of",
        "payment_method_configuration",
        "payment_method_types",
        "transfer_data",
        "transfer_group",
    ],
    ..PaymentRules::PLAIN
};
