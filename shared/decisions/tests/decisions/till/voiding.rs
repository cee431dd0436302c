//! Voids: what is held is let go of.

use decisions::commands::PatchTransaction;
use domain::gateway::{GatewayKind, Moving};
use domain::refusal::Code;
use domain::resources::ResourceType;

use super::{
    KINDS, approved, at_gateway, authorize, books, enter, invalid, moves, newest, patch, place,
    placed, ready, settle, stands,
};
use crate::gateway::Mishap;
use crate::world::{World, refusal};

fn let_go(world: &mut World) {
    let command = moves(world, Moving::Void, None);
    world.run(&command).unwrap();
}

#[test]
fn what_is_held_is_let_go_of_and_the_order_stays_where_it_is() {
    for kind in KINDS {
        let mut world = placed(kind);
        let_go(&mut world);
        settle(&mut world);
        assert_eq!(stands(&world), ("placed", "voided"), "{kind:?}");
        assert_eq!(books(&world), ["authorizations 12900", "voids 12900"]);
        assert_eq!(at_gateway(&world), (0, 0, 0));
        let again = moves(&world, Moving::Void, None);
        assert_eq!(world.refuses(&again), invalid("_void"));
    }
}

#[test]
fn what_was_not_captured_is_let_go_of() {
    for kind in [GatewayKind::CheckoutCom, GatewayKind::Klarna] {
        let mut world = approved(kind);
        let part = moves(&world, Moving::Capture, Some(5_000));
        world.run(&part).unwrap();
        settle(&mut world);
        let_go(&mut world);
        settle(&mut world);
        assert_eq!(stands(&world), ("approved", "partially_paid"));
        assert_eq!(at_gateway(&world), (0, 5_000, 0));
    }
}

#[test]
fn nothing_is_let_go_of_while_a_part_of_it_is_being_captured() {
    for kind in KINDS {
        let mut world = approved(kind);
        world.gateway.mishaps.push_back(Mishap::NotReached);
        let part = moves(&world, Moving::Capture, Some(5_000));
        world.run(&part).unwrap();
        let void = moves(&world, Moving::Void, None);
        assert_eq!(world.refuses(&void), invalid("_void"), "{kind:?}");
    }
}

#[test]
fn nothing_is_captured_while_it_is_being_let_go_of() {
    let mut world = approved(GatewayKind::CheckoutCom);
    let_go(&mut world);
    let part = moves(&world, Moving::Capture, Some(100));
    assert_eq!(world.refuses(&part), invalid("_capture_amount_cents"));
}

#[test]
fn a_void_that_the_gateway_refuses_leaves_it_held() {
    for kind in KINDS {
        let mut world = placed(kind);
        world.gateway.mishaps.push_back(Mishap::Refused);
        let_go(&mut world);
        assert_eq!(stands(&world), ("placed", "authorized"));
        assert_eq!(books(&world)[1..], ["voids 12900 failed"]);
        let_go(&mut world);
        settle(&mut world);
        assert_eq!(stands(&world), ("placed", "voided"));
    }
}

#[test]
fn an_authorization_is_cancelled_while_its_order_is_pending_and_no_longer() {
    for kind in KINDS {
        let mut world = super::as_shop(ready(kind));
        world.run(&authorize()).unwrap();
        let held = newest(&world, ResourceType::Authorizations).record.id;
        let cancel = PatchTransaction {
            cancel: true,
            ..patch(held)
        };
        world.run(&cancel).unwrap();
        settle(&mut world);
        assert_eq!(stands(&world), ("pending", "voided"), "{kind:?}");
        assert_eq!(at_gateway(&world), (0, 0, 0), "{kind:?}");

        let mut world = placed(kind);
        let held = newest(&world, ResourceType::Authorizations).record.id;
        let cancel = PatchTransaction {
            cancel: true,
            ..patch(held)
        };
        let at_status = "/data/attributes/status".to_owned();
        assert_eq!(world.refuses(&cancel), (Code::ValidationError, at_status));
    }
}

#[test]
fn an_order_is_not_placed_with_what_was_let_go_of() {
    for kind in [
        GatewayKind::Stripe,
        GatewayKind::CheckoutCom,
        GatewayKind::Klarna,
    ] {
        for decided in [true, false] {
            let mut world = super::as_shop(ready(kind));
            world.run(&authorize()).unwrap();
            if !decided {
                world.gateway.mishaps.push_back(Mishap::NotReached);
            }
            let_go(&mut world);
            assert!(refusal(world.run(&place())).0 != Code::InternalError);
            assert_eq!(stands(&world).0, "pending", "{kind:?} {decided}");
            // What is held with something else places it.
            world.pass(60);
            enter(&mut world, kind, "master");
            world.run(&place()).unwrap();
            settle(&mut world);
            assert_eq!(stands(&world), ("placed", "authorized"));
            assert_eq!(at_gateway(&world), (12_900, 0, 0));
        }
    }
}
