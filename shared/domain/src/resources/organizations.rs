//! The organization whose token is used.

use crate::Roles;
use crate::resource::{Computed, Partition, Resource, object, text};

pub const RESOURCE: Resource = Resource {
    name: "organizations",
    partition: Partition::Token,
    attributes: &[&[
        text("name").update(Roles::INTEGRATION),
        text("slug").computed(Computed::Slug),
        text("support_phone").update(Roles::INTEGRATION),
        text("support_email").update(Roles::INTEGRATION),
        text("logo_url").update(Roles::INTEGRATION),
        text("favicon_url").update(Roles::INTEGRATION),
        text("primary_color").update(Roles::INTEGRATION),
        text("gtm_id").update(Roles::INTEGRATION),
        text("gtm_id_test").update(Roles::INTEGRATION),
        object("config").update(Roles::INTEGRATION),
    ]],
    relationships: &[],
    unsupported: &[],
    metadata_writers: Roles::INTEGRATION,
};
