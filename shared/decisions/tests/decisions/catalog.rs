use std::sync::Arc;

use domain::catalog::Catalog;
use domain::{Id, ResourceType};
use serde_json::{Value, json};

use crate::world::{World, id, identifier};

fn catalog(world: &World) -> Arc<Catalog> {
    world.read(None).catalog
}

fn offered(world: &World) -> Vec<Id> {
    let offered = catalog(world);
    let offered = offered.offered(&world.order);
    offered.iter().map(|it| it.id).collect()
}

#[test]
fn methods_are_offered_in_order_of_creation() {
    let mut world = World::new();
    world.add_method("a young one", "stripe", "stripe_payments");
    let names = ["card", "second card", "other card", "a young one"];
    assert_eq!(offered(&world), names.map(id));
}

#[test]
fn neither_market_nor_currency_restricts_where_the_method_names_none() {
    let mut world = World::new();
    world.order.record.relate("market", None);
    world.set("currency_code", Value::Null);
    assert_eq!(offered(&world).len(), 3);
}

#[test]
fn a_method_of_a_market_or_currency_is_offered_to_orders_of_it_alone() {
    let mut world = World::new();
    let market = identifier(ResourceType::Markets, "market");
    world.method("card").relate("market", Some(market));
    world.method("card").set("currency_code", "EUR");
    assert!(offered(&world).contains(&id("card")));

    let mut elsewhere = world.clone();
    elsewhere.order.record.relate("market", None);
    assert!(!offered(&elsewhere).contains(&id("card")));
    let mut without_currency = world.clone();
    without_currency.set("currency_code", Value::Null);
    assert!(!offered(&without_currency).contains(&id("card")));
    // Currencies are compared to the letter: money in `eur` is no money.
    world.method("card").set("currency_code", "eur");
    assert!(!offered(&world).contains(&id("card")));
}

#[test]
fn what_is_disabled_is_not_offered_until_it_is_enabled() {
    let mut world = World::new();
    let gateway = world.catalogued(ResourceType::StripeGateways, "stripe");
    gateway.set("disabled_at", "2026-01-01T00:00:00.000Z");
    assert_eq!(offered(&world), [id("other card")]);
    let gateway = world.catalogued(ResourceType::StripeGateways, "stripe");
    gateway.set("disabled_at", json!(null));
    assert_eq!(offered(&world).len(), 3);
}

#[test]
fn a_method_without_gateway_is_not_offered() {
    let mut world = World::new();
    world.method("card").relate("payment_gateway", None);
    let gone = identifier(ResourceType::StripeGateways, "gone");
    world
        .method("second card")
        .relate("payment_gateway", Some(gone));
    assert_eq!(offered(&world), [id("other card")]);
    let method = world.method("card").clone();
    assert_eq!(catalog(&world).gateway_of(&method), None);
}

#[test]
fn types_are_not_mixed_up_where_ids_are_equal() {
    let mut world = World::new();
    world.add_gateway(ResourceType::KlarnaGateways, "card");
    let catalog = catalog(&world);
    let kind = |kind| catalog.get(kind, id("card")).map(|it| it.kind);
    assert_eq!(
        kind(ResourceType::PaymentMethods),
        Some(ResourceType::PaymentMethods)
    );
    assert_eq!(
        kind(ResourceType::KlarnaGateways),
        Some(ResourceType::KlarnaGateways)
    );
    assert_eq!(kind(ResourceType::StripeGateways), None);
}
