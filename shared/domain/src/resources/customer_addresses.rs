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
            .create(Roles::CUSTOMER)
            .computed(Computed::BookEntryEmail),
    ]],
    relationships: &[
        one("customer", &[ResourceType::Customers])
            .create(Roles::CUSTOMER)
            .required()
            .implied(),
        one("address", &[ResourceType::Addresses])
            .write(Roles::CUSTOMER)
            .required(),
    ],
    unsupported: &["events", "versions"],
    metadata_writers: Roles::CUSTOMER,
};
