//! Commands as callers ask for them.

use decisions::commands::{CreateSource, MethodChoice, PatchOrder, PatchSource};
use domain::source::canonical_digest;
use domain::{EntryId, PaymentMethodId, ResourceType, SourceId};
use serde_json::{Value, json};

use crate::world::{World, id};

/// A payment source of this type with these attributes.
pub fn create(kind: ResourceType, attributes: &Value) -> CreateSource {
    CreateSource {
        kind,
        digest: canonical_digest(attributes),
        attributes: attributes.as_object().unwrap().clone(),
    }
}

/// A Stripe payment with these attributes.
pub fn pay_with(attributes: Value) -> CreateSource {
    create(ResourceType::StripePayments, &attributes)
}

/// A Stripe payment with this card, to be kept.
pub fn pay(card: &str) -> CreateSource {
    pay_with(json!({ "options": { "id": card, "setup_future_usage": "off_session" } }))
}

/// A Checkout.com payment; with `token`, where the browser has one already.
pub fn checkout(token: Option<&str>) -> CreateSource {
    let mut attributes = json!({
        "success_url": "https://shop.example.com/success",
        "failure_url": "https://shop.example.com/failure",
    });
    if let Some(token) = token {
        attributes["token"] = token.into();
    }
    create(ResourceType::CheckoutComPayments, &attributes)
}

/// A Klarna payment.
pub fn klarna() -> CreateSource {
    create(ResourceType::KlarnaPayments, &json!({}))
}

/// A payment through the shop's own gateway, with a token of it.
pub fn external(token: &str) -> CreateSource {
    let attributes = json!({ "payment_source_token": token });
    create(ResourceType::ExternalPayments, &attributes)
}

pub fn save() -> PatchOrder {
    PatchOrder {
        save: true,
        ..PatchOrder::default()
    }
}

pub fn reuse(entry: EntryId) -> PatchOrder {
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
        payment_method: MethodChoice::Method(PaymentMethodId::new(id(method))),
        ..PatchOrder::default()
    }
}

/// A change of a payment source's attributes.
pub fn change(source: SourceId, attributes: Value) -> PatchSource {
    PatchSource {
        id: source,
        attributes: attributes.as_object().unwrap().clone(),
        update: false,
        authorize: false,
        details: false,
        refresh: false,
    }
}

/// A change of the order's payment source.
pub fn change_source(world: &World, attributes: Value) -> PatchSource {
    change(world.paid_with().id(), attributes)
}

/// `_authorize` of the order's payment source, with what the browser brought.
pub fn authorize_with(world: &World, token: &str) -> PatchSource {
    PatchSource {
        authorize: true,
        ..change_source(world, json!({ "token": token }))
    }
}

/// `_authorize` of the order's payment source, as it is.
pub fn authorize(world: &World) -> PatchSource {
    PatchSource {
        authorize: true,
        ..change_source(world, json!({}))
    }
}

/// `_update` of the order's payment source.
pub fn update(world: &World) -> PatchSource {
    PatchSource {
        update: true,
        ..change_source(world, json!({}))
    }
}
