//! `_cancel`: what is held is let go of, what was captured is given back.

use domain::Role;
use domain::gateway::{GatewayKind, Moving};

use super::{
    KINDS, approved, as_shop, at_gateway, authorize, books, cancel, invalid, lifecycle, moves,
    place, placed, ready, settle, stands,
};
use crate::gateway::Mishap;
use crate::world::{World, caller};

/// The gateways' methods capture by themselves.
fn captures_by_itself(mut world: World) -> World {
    for record in world.catalog.values_mut() {
        record.set("auto_capture", true);
    }
    world
}

#[test]
fn an_order_that_nothing_is_held_of_is_cancelled_and_its_source_dropped() {
    for kind in KINDS {
        let mut world = ready(kind);
        world.run(&cancel()).unwrap();
        settle(&mut world);
        assert_eq!(stands(&world), ("cancelled", "unpaid"), "{kind:?}");
        assert!(world.order.record.text("cancelled_at").is_some());
        assert_eq!(world.source, None);
        assert_eq!(world.gateway.live_payments(), [""; 0]);
    }
}

#[test]
fn what_is_held_of_a_pending_order_is_let_go_of() {
    for kind in KINDS {
        let mut world = ready(kind);
        world.run(&authorize()).unwrap();
        world.run(&cancel()).unwrap();
        settle(&mut world);
        assert_eq!(stands(&world), ("cancelled", "voided"), "{kind:?}");
        assert_eq!(books(&world), ["authorizations 12900", "voids 12900"]);
        assert_eq!(at_gateway(&world), (0, 0, 0));
    }
}

#[test]
fn what_is_held_of_a_placed_order_is_let_go_of() {
    for kind in KINDS {
        let mut world = placed(kind);
        world.run(&cancel()).unwrap();
        settle(&mut world);
        assert_eq!(stands(&world), ("cancelled", "voided"), "{kind:?}");
        assert_eq!(books(&world), ["authorizations 12900", "voids 12900"]);
        assert_eq!(at_gateway(&world), (0, 0, 0));
    }
}

#[test]
fn a_cancelled_order_that_is_cancelled_again_stays_as_it_is() {
    let mut world = placed(GatewayKind::Stripe);
    world.run(&cancel()).unwrap();
    let order = world.order.clone();
    assert_eq!(world.asked_by(&cancel()), [""; 0]);
    assert_eq!(world.order, order);
}

#[test]
fn an_approved_order_is_not_cancelled() {
    let mut world = approved(GatewayKind::Stripe);
    assert_eq!(world.refuses(&cancel()).1, "/data/attributes/status");
}

#[test]
fn shoppers_cancel_their_orders_only_while_they_are_pending() {
    let customer = ready(GatewayKind::Stripe).caller.role;
    for role in [Role::Guest, customer] {
        let mut world = ready(GatewayKind::Stripe);
        world.caller = caller(role);
        world.run(&cancel()).unwrap();
        assert_eq!(stands(&world).0, "cancelled");
        let mut world = placed(GatewayKind::Stripe);
        world.caller = caller(role);
        assert_eq!(world.refuses(&cancel()), invalid("status"));
    }
}

#[test]
fn what_was_captured_of_a_placed_order_is_given_back() {
    for kind in KINDS {
        let mut world = captures_by_itself(ready(kind));
        world.run(&place()).unwrap();
        settle(&mut world);
        let mut world = as_shop(world);
        world.run(&cancel()).unwrap();
        settle(&mut world);
        assert_eq!(stands(&world), ("cancelled", "refunded"), "{kind:?}");
        assert_eq!(at_gateway(&world), (0, 12_900, 12_900));
    }
}

#[test]
fn what_was_captured_of_a_pending_order_is_given_back() {
    for kind in KINDS {
        let mut world = captures_by_itself(ready(kind));
        world.run(&authorize()).unwrap();
        settle(&mut world);
        assert_eq!(stands(&world), ("pending", "paid"));
        world.run(&cancel()).unwrap();
        settle(&mut world);
        assert_eq!(stands(&world), ("cancelled", "refunded"), "{kind:?}");
        assert_eq!(at_gateway(&world), (0, 12_900, 12_900));
    }
}

#[test]
fn what_is_being_captured_is_given_back_once_it_is_captured() {
    for kind in KINDS {
        for pending in [true, false] {
            let mut world = captures_by_itself(ready(kind));
            let step = if pending { authorize() } else { place() };
            // Every answer comes but that to the capture.
            let mishaps = match kind {
                GatewayKind::Stripe => vec![Mishap::None, Mishap::None, Mishap::AnswerLost],
                GatewayKind::Klarna => {
                    vec![Mishap::None, Mishap::None, Mishap::None, Mishap::AnswerLost]
                }
                _ => vec![Mishap::None, Mishap::AnswerLost],
            };
            world.gateway.mishaps.extend(mishaps);
            world.run(&step).unwrap();
            world.gateway.mishaps.clear();
            let captured = books(&world).pop().unwrap();
            assert_eq!(captured, "captures 12900 pending", "{kind:?}");
            let mut world = as_shop(world);
            world.run(&cancel()).unwrap();
            assert_eq!(stands(&world), ("cancelled", "authorized"));
            settle(&mut world);
            assert_eq!(stands(&world), ("cancelled", "refunded"), "{kind:?}");
            assert_eq!(at_gateway(&world), (0, 12_900, 12_900));
        }
    }
}

#[test]
fn what_could_not_be_captured_of_a_cancelled_order_is_let_go_of() {
    let mut world = captures_by_itself(ready(GatewayKind::CheckoutCom));
    world.run(&place()).unwrap();
    let mut world = as_shop(world);
    world.run(&cancel()).unwrap();
    world.gateway.mishaps.push_back(Mishap::Refused);
    world.sweep();
    settle(&mut world);
    assert_eq!(stands(&world), ("cancelled", "voided"));
    assert_eq!(at_gateway(&world), (0, 0, 0));
}

#[test]
fn a_refund_that_fails_is_not_tried_again_by_itself() {
    let mut world = captures_by_itself(ready(GatewayKind::Stripe));
    world.run(&place()).unwrap();
    let mut world = as_shop(world);
    world.gateway.mishaps.push_back(Mishap::Refused);
    world.run(&cancel()).unwrap();
    settle(&mut world);
    assert_eq!(stands(&world), ("cancelled", "paid"));
    assert_eq!(books(&world)[2..], ["refunds 12900 failed"]);
    // People try again.
    let again = moves(&world, Moving::Refund, None);
    world.run(&again).unwrap();
    assert_eq!(stands(&world), ("cancelled", "refunded"));
}

#[test]
fn a_cancelled_order_takes_no_other_step() {
    let mut world = placed(GatewayKind::Stripe);
    world.run(&cancel()).unwrap();
    let pend = lifecycle(decisions::commands::Lifecycle {
        pend: true,
        ..Default::default()
    });
    assert_eq!(world.refuses(&pend).1, "/data/attributes/status");
    let approved = world.refuses(&super::approve());
    assert_eq!(approved.1, "/data/attributes/status");
    assert_eq!(world.order.record.get("approved_at"), None);
    assert!(world.order.record.text("cancelled_at").is_some());
}
