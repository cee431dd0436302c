//! The application that the token was issued to.

use crate::Roles;
use crate::resource::{Home, Resource, boolean, text};

pub const RESOURCE: Resource = Resource {
    name: "applications",
    home: Home::Token,
    attributes: &[&[
        text("name").computed().filter(),
        text("kind")
            .computed()
            .one_of(&[
                "dashboard",
                "user",
                "contentful",
                "bundles",
                "customers",
                "datocms",
                "exports",
                "external",
                "generic",
                "gift_cards",
                "imports",
                "integration",
                "inventory",
                "metrics",
                "orders",
                "price_lists",
                "promotions",
                "resources",
                "returns",
                "sales_channel",
                "sanity",
                "shipments",
                "skus",
                "sku_lists",
                "stock_transfers",
                "subscriptions",
                "tags",
                "webapp",
                "webhooks",
                "zapier",
            ])
            .filter(),
        boolean("public_access").computed().filter(),
        text("redirect_uri").computed(),
        text("scopes").computed().filter(),
    ]],

    relationships: &[],
    annotators: Roles::NONE,
};
