//! A postal address.

use crate::Roles;
use crate::resource::{Computed, Partition, Resource, ValueType, boolean, float, not_built, text};

pub const RESOURCE: Resource = Resource {
    name: "addresses",
    partition: Partition::Own,
    attributes: &[&[
        boolean("business").write(Roles::INTEGRATION).filter(),
        text("first_name").write(Roles::INTEGRATION).filter(),
        text("last_name").write(Roles::INTEGRATION).filter(),
        text("company").write(Roles::INTEGRATION).filter(),
        text("full_name").computed(Computed::FullName),
        text("line_1").write(Roles::INTEGRATION).required().filter(),
        text("line_2").write(Roles::INTEGRATION).filter(),
        text("city")
            .write(Roles::INTEGRATION)
            .required()
            .filter()
            .sort(),
        text("zip_code").write(Roles::INTEGRATION).filter(),
        text("state_code").write(Roles::INTEGRATION).filter().sort(),
        text("country_code")
            .write(Roles::INTEGRATION)
            .required()
            .filter()
            .sort(),
        text("phone").write(Roles::INTEGRATION).required().filter(),
        text("full_address").computed(Computed::FullAddress),
        text("name").computed(Computed::AddressName),
        text("email").write(Roles::INTEGRATION).filter(),
        text("notes").write(Roles::INTEGRATION).filter(),
        float("lat").write(Roles::INTEGRATION).filter(),
        float("lng").write(Roles::INTEGRATION).filter(),
        boolean("is_localized").computed(Computed::IsLocalized),
        text("billing_info").write(Roles::INTEGRATION).filter(),
        not_built("_add_tags", ValueType::Text, Roles::INTEGRATION),
        not_built("_remove_tags", ValueType::Text, Roles::INTEGRATION),
    ]],
    relationships: &[],
    unsupported: &["geocoder", "events", "tags", "versions"],
    metadata_writers: Roles::CUSTOMER,
};
