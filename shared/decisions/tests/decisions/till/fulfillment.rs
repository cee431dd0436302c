//! `fulfillment_status`: what may be sent once an order is paid, and what is called off.

use decisions::commands::PatchOrder;
use domain::gateway::{GatewayKind, Moving};
use domain::resources::ResourceType;
use domain::shipping::note_not_shipped;
use serde_json::json;

use super::{
    KINDS, approve, approved, as_shop, cancel, capture, captured, moves, place, placed, ready,
    refund, settle, stands,
};
use crate::world::World;

fn says(world: &World) -> &str {
    let said = world.order.record.text("fulfillment_status");
    said.unwrap_or("unfulfilled")
}

fn given(status: &str) -> PatchOrder {
    let mut patch = PatchOrder::default();
    patch
        .attributes
        .insert("fulfillment_status".to_owned(), json!(status));
    patch
}

#[test]
fn what_was_captured_may_be_sent_until_all_of_it_is_given_back() {
    for kind in KINDS {
        let world = approved(kind);
        assert_eq!(says(&world), "unfulfilled");
        let mut world = captured(kind);
        assert_eq!(says(&world), "in_progress", "{kind:?}");
        let at = world.order.record.text("fulfillment_updated_at");
        assert!(at.is_some());
        world
            .run(&moves(&world, Moving::Refund, Some(900)))
            .unwrap();
        settle(&mut world);
        assert_eq!(says(&world), "in_progress");
        world.run(&refund()).unwrap();
        settle(&mut world);
        assert_eq!(stands(&world).1, "refunded");
        assert_eq!(says(&world), "unfulfilled");
    }
}

#[test]
fn what_was_sent_stays_sent() {
    let mut world = captured(GatewayKind::Stripe);
    world.run(&given("fulfilled")).unwrap();
    world.run(&refund()).unwrap();
    settle(&mut world);
    assert_eq!(says(&world), "fulfilled");
}

#[test]
fn a_method_that_need_not_be_captured_lets_what_is_approved_be_sent() {
    for (required, said) in [(true, "unfulfilled"), (false, "in_progress")] {
        let mut world = placed(GatewayKind::Stripe);
        world.method("card").set("require_capture", required);
        world.run(&approve()).unwrap();
        assert_eq!(says(&world), said);
    }
    let mut world = placed(GatewayKind::Stripe);
    world.method("card").set("require_capture", false);
    world.run(&cancel()).unwrap();
    assert_eq!(says(&world), "unfulfilled");
}

#[test]
fn a_free_order_is_sent_once_it_is_approved() {
    let mut world = ready(GatewayKind::Stripe);
    world.set("total_amount_with_taxes_cents", 0);
    world.run(&place()).unwrap();
    let mut world = as_shop(world);
    assert_eq!((stands(&world).1, says(&world)), ("free", "unfulfilled"));
    world.run(&approve()).unwrap();
    assert_eq!(says(&world), "in_progress");
}

#[test]
fn an_order_of_which_nothing_is_shipped_requires_nothing() {
    let mut world = ready(GatewayKind::Stripe);
    world
        .children
        .retain(|it| it.kind != ResourceType::Shipments);
    for line in &mut world.children {
        if line.kind == ResourceType::LineItems {
            note_not_shipped(line);
        }
    }
    world.run(&place()).unwrap();
    assert_eq!(says(&world), "not_required");
    let mut world = as_shop(world);
    world.run(&approve()).unwrap();
    world.run(&capture()).unwrap();
    settle(&mut world);
    assert_eq!(says(&world), "not_required");
}

#[test]
fn an_order_that_is_paid_elsewhere_stays_as_its_shop_says() {
    let mut world = as_shop(ready(GatewayKind::Stripe));
    world.set("payment_status", "paid");
    world.run(&place()).unwrap();
    world.run(&approve()).unwrap();
    assert_eq!(stands(&world), ("approved", "paid"));
    assert_eq!(says(&world), "unfulfilled");
}

#[test]
fn who_says_what_it_is_has_the_last_word() {
    let mut world = approved(GatewayKind::Stripe);
    let mut patch = given("fulfilled");
    patch.lifecycle.capture = true;
    world.run(&patch).unwrap();
    settle(&mut world);
    assert_eq!(stands(&world).1, "paid");
    assert_eq!(says(&world), "fulfilled");
}
