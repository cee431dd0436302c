//! A payment source that goes: what is held with it is let go of in the order's books.

use domain::gateway::GatewayKind;
use serde_json::json;

use super::{KINDS, at_gateway, authorize, books, enter, invalid, place, ready, settle, stands};
use crate::asking::{change_source, checkout, nullify, reuse, save, select};
use crate::gateway::Mishap;
use crate::world::refusal;

#[test]
fn what_is_held_with_a_dropped_source_is_a_void_in_the_books() {
    for kind in KINDS {
        let mut world = ready(kind);
        world.run(&authorize()).unwrap();
        world.run(&nullify()).unwrap();
        settle(&mut world);
        assert_eq!(stands(&world), ("pending", "voided"), "{kind:?}");
        assert_eq!(books(&world), ["authorizations 12900", "voids 12900"]);
        assert_eq!(at_gateway(&world), (0, 0, 0));
    }
}

#[test]
fn an_order_is_placed_with_what_took_the_place_of_the_dropped_source() {
    for kind in KINDS {
        let mut world = ready(kind);
        world.run(&authorize()).unwrap();
        enter(&mut world, kind, "master");
        world.run(&place()).unwrap();
        settle(&mut world);
        assert_eq!(stands(&world), ("placed", "authorized"), "{kind:?}");
        let noted = [
            "authorizations 12900",
            "voids 12900",
            "authorizations 12900",
        ];
        assert_eq!(books(&world), noted);
        assert_eq!(at_gateway(&world), (12_900, 0, 0));
    }
}

#[test]
fn another_method_lets_go_of_what_is_held() {
    let mut world = ready(GatewayKind::Stripe);
    world.run(&authorize()).unwrap();
    world.run(&select("second card")).unwrap();
    assert_eq!(at_gateway(&world), (0, 0, 0));
    assert_eq!(stands(&world), ("pending", "voided"));
}

#[test]
fn a_source_that_is_being_captured_is_not_dropped() {
    for kind in KINDS {
        let mut world = ready(kind);
        for record in world.catalog.values_mut() {
            record.set("auto_capture", true);
        }
        world.run(&authorize()).unwrap();
        // As it was when the capture was asked for.
        if kind != GatewayKind::CheckoutCom {
            settle(&mut world);
        }
        let refused = refusal(world.run(&nullify()));
        assert_eq!(refused.0, invalid("").0, "{kind:?}");
        settle(&mut world);
        assert_eq!(stands(&world), ("pending", "paid"));
        assert_eq!(at_gateway(&world), (0, 12_900, 0));
        world.run(&place()).unwrap();
        assert_eq!(stands(&world), ("placed", "paid"));
    }
}

#[test]
fn a_deleted_card_lets_go_of_what_is_held_with_it_though_the_gateway_does_not_answer() {
    let mut world = ready(GatewayKind::Stripe);
    world.run(&save()).unwrap();
    let entry = world.entry().id();
    world.turn_to("second order");
    world.run(&reuse(entry)).unwrap();
    world.run(&authorize()).unwrap();
    world.gateway.mishaps.extend([Mishap::NotReached; 2]);
    world.delete(entry).unwrap();
    settle(&mut world);
    assert_eq!(world.source, None);
    assert_eq!(books(&world), ["authorizations 12900", "voids 12900"]);
    assert_eq!(at_gateway(&world), (0, 0, 0));
}

#[test]
fn what_the_books_let_go_of_is_not_released_besides() {
    let mut world = crate::world::World::with_checkout();
    world.run(&checkout(None)).unwrap();
    let session = world.paid_with().record.id;
    let payment = world
        .gateway
        .made_in_browser("order", 12_900, Some("cus_1"));
    world.gateway.paid_in.insert(payment.clone(), session);
    let brought = change_source(&world, json!({ "token": payment }));
    world.run(&brought).unwrap();
    world.run(&authorize()).unwrap();
    world.run(&nullify()).unwrap();
    world.pass(3 * 3600);
    world.watch();
    assert!(!world.owes().contains(&"release"), "{:?}", world.owes());
    settle(&mut world);
    assert_eq!(books(&world), ["authorizations 12900", "voids 12900"]);
    assert_eq!(at_gateway(&world), (0, 0, 0));
}
