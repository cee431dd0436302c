//! A postal address.

use crate::Roles;
use crate::resource::{Computed, Partition, Resource, ValueType, boolean, float, not_built, text};

pub const RESOURCE: Resource = Resource {
    name: "addresses",
    partition: Partition::Own,
    attributes: &[&[
        boolean("business").write(Roles::ALL).filter(),
        text("first_name").write(Roles::ALL).filter(),
        text("last_name").write(Roles::ALL).filter(),
        text("company").write(Roles::ALL).filter(),
        text("full_name").computed(Computed::FullName),
        text("line_1").write(Roles::ALL).required().filter(),
        text("line_2").write(Roles::ALL).filter(),
        text("city").write(Roles::ALL).required().filter().sort(),
        text("zip_code").write(Roles::ALL).filter(),
        text("state_code").write(Roles::ALL).filter().sort(),
        text("country_code")
            .write(Roles::ALL)
            .required()
            .filter()
            .sort(),
        text("phone").write(Roles::ALL).required().filter(),
        text("full_address").computed(Computed::FullAddress),
        text("name").computed(Computed::AddressName),
        text("email").write(Roles::ALL).filter(),
        text("notes").write(Roles::ALL).filter(),
        float("lat").write(Roles::ALL).filter(),
        float("lng").write(Roles::ALL).filter(),
        boolean("is_localized").computed(Computed::IsLocalized),
        text("billing_info").write(Roles::ALL).filter(),
        not_built("_add_tags", ValueType::Text, Roles::INTEGRATION),
        not_built("_remove_tags", ValueType::Text, Roles::INTEGRATION),
    ]],
    relationships: &[],
    unsupported: &["geocoder", "events", "tags", "versions"],
    metadata_writers: Roles::ALL,
};
