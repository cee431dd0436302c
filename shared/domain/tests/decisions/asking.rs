//! Commands as callers ask for them.

use domain::commands::{CreateSource, MethodChoice, PatchOrder, PatchSource};
use domain::source::canonical_digest;
use domain::{Id, ResourceType};
use serde_json::{Value, json};

use crate::world::id;

/// A Stripe payment with these attributes.
pub fn pay_with(attributes: Value) -> CreateSource {
    CreateSource {
        kind: ResourceType::StripePayments,
        digest: canonical_digest(&attributes),
        attributes: attributes.as_object().unwrap().clone(),
        adopt: Some("stripe_id"),
    }
}

/// A Stripe payment with this card, to be kept.
pub fn pay(card: &str) -> CreateSource {
    pay_with(json!({ "options": { "id": card, "setup_future_usage": "off_session" } }))
}

pub fn save() -> PatchOrder {
    PatchOrder {
        save: true,
        ..PatchOrder::default()
    }
}

pub fn reuse(entry: Id) -> PatchOrder {
    PatchOrder {
        reuse: Some(entry.to_string()),
        ..PatchOrder::default()
    }
}

pub fn nullify() -> PatchOrder {
    PatchOrder {
        nullify: true,
        ..PatchOrder::default()
    }
}

pub fn select(method: &str) -> PatchOrder {
    PatchOrder {
        payment_method: MethodChoice::Method(id(method)),
        ..PatchOrder::default()
    }
}

/// A change of a payment source's attributes.
pub fn change(source: Id, attributes: Value) -> PatchSource {
    PatchSource {
        id: source,
        attributes: attributes.as_object().unwrap().clone(),
        update: false,
        refresh: false,
    }
}
