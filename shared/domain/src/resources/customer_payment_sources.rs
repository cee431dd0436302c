//! A wallet entry: a payment source that a customer keeps.

use crate::Roles;
use crate::resource::{Partition, Resource, one, text, token};
use crate::resources::{PAYMENT_SOURCES, ResourceType};

pub const RESOURCE: Resource = Resource {
    name: "customer_payment_sources",
    partition: Partition::Wallet,
    attributes: &[&[
        text("name").filter(),
        token("customer_token").write(Roles::INTEGRATION),
        token("payment_source_token")
            .write(Roles::INTEGRATION)
            .key()
            .filter(),
    ]],
    relationships: &[
        one("customer", &[ResourceType::Customers])
            .create(Roles::INTEGRATION)
            .required(),
        one("payment_method", &[ResourceType::PaymentMethods])
            .create(Roles::INTEGRATION)
            .required(),
        one("payment_source", PAYMENT_SOURCES),
    ],
    unsupported: &["versions"],
    metadata_writers: Roles::CUSTOMER,
};
