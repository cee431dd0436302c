//! `_authorize` of an order: its amount is held, and it stays pending.

use domain::gateway::GatewayKind;
use serde_json::json;

use super::{KINDS, approved, at_gateway, authorize, books, invalid, place, ready, settle, stands};
use crate::asking::{authorize_with, change_source};
use crate::world::World;

#[test]
fn the_amount_is_held_and_the_order_stays_pending() {
    for kind in KINDS {
        let mut world = ready(kind);
        world.run(&authorize()).unwrap();
        assert_eq!(stands(&world), ("pending", "authorized"), "{kind:?}");
        assert_eq!(books(&world), ["authorizations 12900"]);
    }
}

#[test]
fn what_is_held_is_not_asked_for_again() {
    for kind in KINDS {
        let mut world = ready(kind);
        world.run(&authorize()).unwrap();
        assert_eq!(world.asked_by(&authorize()), [""; 0]);
        assert_eq!(world.asked_by(&place()), [""; 0]);
        assert_eq!(stands(&world), ("placed", "authorized"));
        assert_eq!(books(&world), ["authorizations 12900"]);
    }
}

#[test]
fn only_a_pending_order_is_authorized() {
    let mut world = approved(GatewayKind::Stripe);
    assert_eq!(world.refuses(&authorize()), invalid("status"));
}

#[test]
fn an_order_that_was_paid_elsewhere_is_not_authorized() {
    let mut world = ready(GatewayKind::Stripe);
    world.set("payment_status", "paid");
    assert_eq!(world.refuses(&authorize()), invalid("payment_status"));
}

#[test]
fn a_method_that_captures_by_itself_captures_what_is_authorized_once() {
    for kind in [GatewayKind::Stripe, GatewayKind::CheckoutCom] {
        let mut world = ready(kind);
        for method in ["card", "checkout"] {
            let method = crate::world::identifier(domain::ResourceType::PaymentMethods, method);
            if let Some(method) = world.catalog.get_mut(&method) {
                method.set("auto_capture", true);
            }
        }
        world.run(&authorize()).unwrap();
        world.run(&authorize()).unwrap();
        world.run(&place()).unwrap();
        settle(&mut world);
        assert_eq!(stands(&world), ("placed", "paid"), "{kind:?}");
        assert_eq!(books(&world), ["authorizations 12900", "captures 12900"]);
        assert_eq!(at_gateway(&world), (0, 12_900, 0));
    }
}

/// An order whose amount is held, on which another card was brought and authorised.
fn with_another_card() -> World {
    let mut world = ready(GatewayKind::CheckoutCom);
    world.run(&authorize()).unwrap();
    world.run(&authorize_with(&world, "tok_master")).unwrap();
    world
}

#[test]
fn another_card_lets_go_of_what_was_held_with_the_former() {
    let mut world = with_another_card();
    assert_eq!(
        books(&world),
        ["authorizations 12900", "voids 12900 pending"]
    );
    settle(&mut world);
    assert_eq!(at_gateway(&world), (12_900, 0, 0));
}

#[test]
fn an_order_is_placed_with_what_is_held_with_its_newest_card() {
    let mut world = with_another_card();
    world.run(&place()).unwrap();
    settle(&mut world);
    assert_eq!(stands(&world), ("placed", "authorized"));
    let noted = [
        "authorizations 12900",
        "voids 12900",
        "authorizations 12900",
    ];
    assert_eq!(books(&world), noted);
    assert_eq!(at_gateway(&world), (12_900, 0, 0));
}

#[test]
fn an_approval_that_is_brought_after_the_order_was_paid_is_not_ordered_with() {
    let mut world = ready(GatewayKind::Klarna);
    world.run(&authorize()).unwrap();
    world.gateway.approve("auth_other");
    let other = change_source(&world, json!({ "auth_token": "auth_other" }));
    world.run(&other).unwrap();
    world.run(&place()).unwrap();
    settle(&mut world);
    assert_eq!(stands(&world), ("placed", "authorized"));
    assert_eq!(at_gateway(&world), (12_900, 0, 0));
}
