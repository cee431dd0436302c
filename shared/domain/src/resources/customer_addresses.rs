//! An address that a customer keeps.

use crate::Roles;
use crate::resource::{Computed, Partition, Resource, one, text};
use crate::resources::ResourceType;

pub const RESOURCE: Resource = Resource {
    name: "customer_addresses",
    partition: Partition::AddressBook,
    attributes: &[&[
        text("name").computed(Computed::BookEntryName),
        text("customer_email")
            .create(Roles::INTEGRATION)
            .computed(Computed::BookEntryEmail),
    ]],
    relationships: &[
        one("customer", &[ResourceType::Customers])
            .create(Roles::INTEGRATION)
            .required(),
        one("address", &[ResourceType::Addresses])
            .write(Roles::INTEGRATION)
            .required(),
    ],
    unsupported: &["events", "versions"],
    metadata_writers: Roles::CUSTOMER,
};
