//! The application that the token was issued to.

use crate::Roles;
use crate::resource::{Partition, Resource, boolean, text};

pub const RESOURCE: Resource = Resource {
    name: "applications",
    partition: Partition::Token,
    attributes: &[&[
        text("name").filter(),
        text("kind").filter(),
        boolean("public_access").filter(),
        text("redirect_uri"),
        text("scopes").filter(),
    ]],
    relationships: &[],
    unsupported: &[],
    metadata_writers: Roles::NONE,
};
