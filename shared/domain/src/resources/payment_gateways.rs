//! What gateways of all types have in common. Read-only: a gateway is made and changed as what it is.

use crate::Roles;
use crate::resource::{
    Attribute, Computed, Partition, Resource, boolean, integer, many, text, time, trigger,
};
use crate::resources::{ResourceType, rules};

pub const RESOURCE: Resource = Resource {
    name: "payment_gateways",
    partition: Partition::CatalogView,
    attributes: &[&[
        text("name").filter().sort(),
        boolean("force_payments"),
        DISABLED_AT,
    ]],
    relationships: &[many("payment_methods", &[ResourceType::PaymentMethods])],
    unsupported: &["versions"],
    metadata_writers: Roles::NONE,
};

/// A gateway's `name`.
pub const NAME: Attribute = text("name")
    .write(Roles::INTEGRATION)
    .required()
    .filter()
    .sort();

/// Takes a gateway or a payment method out of what is offered.
pub const DISABLE: Attribute = trigger("_disable", Roles::INTEGRATION).create(Roles::INTEGRATION);

/// Takes it back.
pub const ENABLE: Attribute = trigger("_enable", Roles::INTEGRATION).create(Roles::INTEGRATION);

/// Since when it is not offered.
pub const DISABLED_AT: Attribute = time("disabled_at").filter().sort();

/// Whether payments of customers' orders are set up to be saved later: where the shopper or the shop asks for it,
/// which is so where nothing is said; or always, where the shop's own checkout asks for consent. Beyond Commerce
/// Layer.
pub const SAVE_PAYMENT_SOURCES: Attribute = text("save_payment_sources")
    .one_of(&["never", "when_asked", "always"])
    .write(Roles::INTEGRATION);

/// How many calls in a second a sweep may make of the gateway, to carry on what is owed to it: beside them the
/// account's limit at the vendor has to leave room for shoppers. Beyond Commerce Layer.
pub const SWEEP_CALLS_PER_SECOND: Attribute = integer("sweep_calls_per_second")
    .write(Roles::INTEGRATION)
    .rule(rules::calls_per_second);

/// What the gateway signs its events with: kept with the secrets and never shown.
pub const EVENT_SECRETS: Attribute = text("webhook_endpoint_secret")
    .write_only()
    .write(Roles::INTEGRATION)
    .rule(rules::event_secrets);

/// Where the gateway is to send its events.
pub const EVENTS_URL: Attribute = text("webhook_endpoint_url")
    .read(Roles::INTEGRATION)
    .computed(Computed::EventsUrl);

/// A gateway's `force_payments`, which Commerce Layer presets by vendor.
pub const fn force_payments(default: bool) -> Attribute {
    boolean("force_payments")
        .write(Roles::INTEGRATION)
        .default_to(default)
}

/// A key of an account at a vendor's: kept with the secrets and never shown.
pub const fn key(name: &'static str) -> Attribute {
    text(name)
        .write_only()
        .write(Roles::INTEGRATION)
        .required()
        .rule(rules::key)
}
