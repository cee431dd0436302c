//! Refunds: what was captured is given back.

use domain::gateway::{GatewayKind, Moving};
use domain::resources::ResourceType;

use super::{
    KINDS, approved, at_gateway, books, captured, invalid, moves, newest, placed, refund, settle,
    stands,
};
use crate::gateway::Mishap;
use crate::world::World;

fn give_back(world: &mut World, cents: i64) {
    let command = moves(world, Moving::Refund, Some(cents));
    world.run(&command).unwrap();
}

#[test]
fn all_that_was_captured_is_given_back_and_the_order_cancelled() {
    for kind in KINDS {
        let mut world = captured(kind);
        world.run(&refund()).unwrap();
        settle(&mut world);
        assert_eq!(stands(&world), ("cancelled", "refunded"), "{kind:?}");
        assert!(world.order.record.text("cancelled_at").is_some());
        assert_eq!(books(&world)[2..], ["refunds 12900"]);
        assert_eq!(at_gateway(&world), (0, 12_900, 12_900));
        let given = newest(&world, ResourceType::Refunds).record;
        let of = newest(&world, ResourceType::Captures).record;
        assert_eq!(given.related("reference_capture"), Some(of.id));
        assert_eq!(of.integer("refund_balance_cents"), Some(0));
        assert_eq!(world.refuses(&refund()), invalid("payment_status"));
    }
}

#[test]
fn a_part_is_given_back() {
    for kind in KINDS {
        let mut world = captured(kind);
        give_back(&mut world, 2_900);
        settle(&mut world);
        let partially = ("approved", "partially_refunded");
        assert_eq!(stands(&world), partially, "{kind:?}");
        world.run(&refund()).unwrap();
        settle(&mut world);
        assert_eq!(stands(&world), ("cancelled", "refunded"));
        assert_eq!(books(&world)[2..], ["refunds 2900", "refunds 10000"]);
    }
}

#[test]
fn two_equal_ones_after_one_another_are_two() {
    for kind in KINDS {
        let mut world = captured(kind);
        for _ in 0..2 {
            give_back(&mut world, 500);
            settle(&mut world);
        }
        assert_eq!(books(&world)[2..], ["refunds 500"; 2], "{kind:?}");
        assert_eq!(at_gateway(&world), (0, 12_900, 1_000));
    }
}

#[test]
fn two_equal_ones_at_once_are_one() {
    for kind in KINDS {
        let mut world = captured(kind);
        world.gateway.mishaps.push_back(Mishap::AnswerLost);
        give_back(&mut world, 500);
        give_back(&mut world, 500);
        settle(&mut world);
        assert_eq!(books(&world)[2..], ["refunds 500"], "{kind:?}");
        assert_eq!(at_gateway(&world), (0, 12_900, 500));
    }
}

#[test]
fn no_more_than_was_captured_is_given_back() {
    for kind in KINDS {
        for cents in [12_901, 0, -1, i64::MAX, i64::MIN] {
            let mut world = captured(kind);
            let command = moves(&world, Moving::Refund, Some(cents));
            assert_eq!(world.refuses(&command), invalid("_refund_amount_cents"));
        }
        let mut world = captured(kind);
        world.gateway.mishaps.push_back(Mishap::NotReached);
        give_back(&mut world, 10_000);
        let more = moves(&world, Moving::Refund, Some(2_901));
        assert_eq!(world.refuses(&more), invalid("_refund_amount_cents"));
    }
}

#[test]
fn nothing_is_given_back_of_what_was_not_captured() {
    for kind in KINDS {
        let mut world = placed(kind);
        assert_eq!(world.refuses(&refund()), invalid("payment_status"));
    }
}

#[test]
fn a_refund_that_the_gateway_refuses_may_be_tried_again() {
    for kind in KINDS {
        let mut world = captured(kind);
        world.gateway.mishaps.push_back(Mishap::Refused);
        world.run(&refund()).unwrap();
        assert_eq!(stands(&world), ("approved", "paid"), "{kind:?}");
        assert_eq!(books(&world)[2..], ["refunds 12900 failed"]);
        world.run(&refund()).unwrap();
        settle(&mut world);
        assert_eq!(stands(&world), ("cancelled", "refunded"));
    }
}

#[test]
fn each_capture_is_given_back_by_itself() {
    let mut world = approved(GatewayKind::Klarna);
    for cents in [5_000, 7_900] {
        let part = moves(&world, Moving::Capture, Some(cents));
        world.run(&part).unwrap();
    }
    world.run(&refund()).unwrap();
    let mut given_back = books(&world).split_off(3);
    given_back.sort();
    assert_eq!(given_back, ["refunds 5000", "refunds 7900"]);
    assert_eq!(stands(&world), ("cancelled", "refunded"));
}

#[test]
fn what_is_still_held_of_an_order_that_was_given_back_is_let_go_of() {
    for kind in [GatewayKind::CheckoutCom, GatewayKind::Klarna] {
        let mut world = approved(kind);
        let part = moves(&world, Moving::Capture, Some(5_000));
        world.run(&part).unwrap();
        settle(&mut world);
        world.run(&refund()).unwrap();
        settle(&mut world);
        assert_eq!(stands(&world), ("cancelled", "refunded"), "{kind:?}");
        assert_eq!(at_gateway(&world), (0, 5_000, 5_000));
    }
}

#[test]
fn an_order_of_which_more_may_be_captured_goes_on_after_a_refund_of_what_was() {
    let mut world = approved(GatewayKind::Klarna);
    let part = moves(&world, Moving::Capture, Some(5_000));
    world.run(&part).unwrap();
    give_back(&mut world, 5_000);
    assert_eq!(stands(&world), ("approved", "refunded"));
    let rest = moves(&world, Moving::Capture, None);
    world.run(&rest).unwrap();
    assert_eq!(stands(&world), ("approved", "partially_refunded"));
}

#[test]
fn an_order_of_which_nothing_is_left_is_cancelled_whatever_came_last() {
    let mut world = approved(GatewayKind::Klarna);
    let part = moves(&world, Moving::Capture, Some(5_000));
    world.run(&part).unwrap();
    give_back(&mut world, 5_000);
    let rest = moves(&world, Moving::Void, None);
    world.run(&rest).unwrap();
    assert_eq!(stands(&world), ("cancelled", "refunded"));
}
