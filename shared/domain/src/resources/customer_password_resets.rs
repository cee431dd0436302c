//! A customer who has forgotten the password: whoever is sent its token, at the e-mail address, sets another.

use crate::Roles;
use crate::resource::{Partition, Resource, one, text, text_trigger, time, token};
use crate::resources::{ResourceType, rules};

pub const RESOURCE: Resource = Resource {
    name: "customer_password_resets",
    partition: Partition::Own,
    attributes: &[&[
        text("customer_email")
            .create(Roles::ALL)
            .required()
            .rule(rules::email),
        token("reset_password_token").read(Roles::INTEGRATION),
        time("reset_password_at").filter(),
        text("customer_password")
            .write_only()
            .update(Roles::ALL)
            .rule(rules::password),
        text_trigger("_reset_password_token", Roles::ALL),
    ]],
    relationships: &[one("customer", &[ResourceType::Customers])],
    unsupported: &["events"],
    metadata_writers: Roles::INTEGRATION,
};
