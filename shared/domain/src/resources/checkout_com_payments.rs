//! A payment of one order through Checkout.com.

use std::time::Duration;

use crate::Roles;
use crate::payment_rules::PaymentRules;
use crate::resource::{
    Computed, Partition, Resource, boolean, object, one, text, token, token_object, trigger,
};
use crate::resources::{PAYMENT_GATEWAYS, ResourceType, rules};

pub const RESOURCE: Resource = Resource {
    name: "checkout_com_payments",
    partition: Partition::Payment,
    attributes: &[&[
        text("public_key"),
        token("token").write(Roles::ALL),
        token_object("payment_session"),
        text("success_url")
            .write(Roles::ALL)
            .rule(rules::return_url),
        text("failure_url")
            .write(Roles::ALL)
            .rule(rules::return_url),
        token("source_id"),
        token("customer_token"),
        text("redirect_uri"),
        token_object("payment_response"),
        text("session_id").update(Roles::ALL),
        boolean("mismatched_amounts").computed(Computed::MismatchedAmounts),
        trigger("_authorize", Roles::ALL),
        trigger("_details", Roles::ALL),
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

/// How long a session for Flow is open.
const SESSION: Duration = Duration::from_secs(3600);

pub const RULES: PaymentRules = PaymentRules {
    has_customers: true,
    required: &["success_url", "failure_url"],
    shopper_token: Some("token"),
    made_payment: Some("pay_"),
    session: Some(SESSION),
    needs_basket: true,
    ..PaymentRules::PLAIN
};
