//! Answers that are lost, and calls that never arrive: what is owed is carried on, and in the end all is as though it
//! had been answered.

use decisions::commands::{DeleteSource, PatchOrder};
use domain::gateway::{GatewayKind, Moving};

use super::{
    KINDS, approved, at_gateway, books, captured, enter, moves, place, placed, ready, settle,
    stands,
};
use crate::asking::nullify;
use crate::gateway::Mishap;
use crate::world::{Asked, Ended, World};

const LOST: [Mishap; 2] = [Mishap::AnswerLost, Mishap::NotReached];

/// Runs a command of which one call brings no answer, for each of its calls.
fn without_each_answer(world: &World, command: &impl Asked, check: impl Fn(World, &str)) {
    let mut answered = world.clone();
    let before = answered.gateway.calls.len();
    answered.run(command).unwrap();
    let calls = answered.gateway.calls.len() - before;
    assert!(calls > 0, "no gateway is asked");
    for call in 0..calls {
        for lost in LOST {
            let mut world = world.clone();
            world.gateway.mishaps.extend(vec![Mishap::None; call]);
            world.gateway.mishaps.push_back(lost);
            let _may_be_unanswered = world.run(command);
            world.gateway.mishaps.clear();
            check(world, &format!("{lost:?} of call {call}"));
        }
    }
}

fn same_as_answered(world: &World, command: &impl Asked) {
    let mut answered = world.clone();
    answered.run(command).unwrap();
    settle(&mut answered);
    without_each_answer(world, command, |mut world, what| {
        settle(&mut world);
        assert_eq!(books(&world), books(&answered), "{what}");
        assert_eq!(stands(&world), stands(&answered), "{what}");
        assert_eq!(at_gateway(&world), at_gateway(&answered), "{what}");
    });
}

#[test]
fn a_capture_is_made_once() {
    for kind in KINDS {
        let world = approved(kind);
        same_as_answered(&world, &super::capture());
        same_as_answered(&world, &moves(&world, Moving::Capture, Some(5_000)));
    }
}

#[test]
fn a_void_is_made_once() {
    for kind in KINDS {
        let world = placed(kind);
        same_as_answered(&world, &moves(&world, Moving::Void, None));
        same_as_answered(&world, &super::cancel());
    }
}

#[test]
fn a_refund_is_made_once() {
    for kind in KINDS {
        let world = captured(kind);
        same_as_answered(&world, &moves(&world, Moving::Refund, None));
        same_as_answered(&world, &moves(&world, Moving::Refund, Some(500)));
    }
}

#[test]
fn an_order_that_is_placed_again_is_paid_once() {
    for kind in KINDS {
        without_each_answer(&ready(kind), &place(), |mut world, what| {
            world.run(&place()).unwrap();
            assert_eq!(stands(&world), ("placed", "authorized"), "{kind:?} {what}");
            settle(&mut world);
            assert_eq!(books(&world), ["authorizations 12900"], "{kind:?} {what}");
            assert_eq!(at_gateway(&world), (12_900, 0, 0), "{kind:?} {what}");
        });
    }
}

#[test]
fn an_order_that_is_placed_again_after_a_sweep_is_paid_once() {
    for kind in KINDS {
        without_each_answer(&ready(kind), &place(), |mut world, what| {
            settle(&mut world);
            world.run(&place()).unwrap();
            assert_eq!(books(&world), ["authorizations 12900"], "{kind:?} {what}");
            assert_eq!(at_gateway(&world), (12_900, 0, 0), "{kind:?} {what}");
        });
    }
}

#[test]
fn what_was_held_after_the_shopper_went_another_way_is_let_go_of() {
    for kind in KINDS {
        without_each_answer(&ready(kind), &place(), |mut world, what| {
            world.run(&nullify()).unwrap();
            world.pass(60);
            enter(&mut world, kind, "master");
            world.run(&place()).unwrap();
            settle(&mut world);
            assert_eq!(stands(&world), ("placed", "authorized"), "{kind:?} {what}");
            assert_eq!(at_gateway(&world), (12_900, 0, 0), "{kind:?} {what}");
        });
    }
}

#[test]
fn what_was_held_after_its_source_was_deleted_is_let_go_of() {
    for kind in KINDS {
        without_each_answer(&ready(kind), &place(), |mut world, what| {
            let id = world.paid_with().id();
            world.run(&DeleteSource { id }).unwrap();
            if world.superseded.iter().any(|it| it.id() == id) {
                world.run(&DeleteSource { id }).unwrap();
            }
            settle(&mut world);
            assert_eq!(world.superseded, [], "{kind:?} {what}");
            assert_eq!(at_gateway(&world), (0, 0, 0), "{kind:?} {what}");
        });
    }
}

#[test]
fn what_was_held_after_the_order_was_cancelled_is_let_go_of() {
    for kind in KINDS {
        without_each_answer(&ready(kind), &place(), |mut world, what| {
            world.run(&super::cancel()).unwrap();
            settle(&mut world);
            assert_eq!(stands(&world).0, "cancelled", "{kind:?} {what}");
            assert_eq!(at_gateway(&world), (0, 0, 0), "{kind:?} {what}");
        });
    }
}

#[test]
fn a_decline_that_nobody_was_told_of_is_kept() {
    for kind in [GatewayKind::CheckoutCom, GatewayKind::Klarna] {
        let mut world = super::entered(kind, "decline_visa");
        let calls = match kind {
            // The session is read, and the approval kept before it is ordered with.
            GatewayKind::Klarna => 2,
            _ => 0,
        };
        world.gateway.mishaps.extend(vec![Mishap::None; calls]);
        world.gateway.mishaps.push_back(Mishap::AnswerLost);
        assert_eq!(world.run(&place()), Err(Ended::Unanswered), "{kind:?}");
        settle(&mut world);
        assert_eq!(books(&world), ["authorizations 12900 failed"], "{kind:?}");
    }
}

#[test]
fn a_change_meanwhile_does_not_make_a_second_payment() {
    for kind in KINDS {
        let mut world = ready(kind);
        let metadata = serde_json::json!({ "metadata": { "a": 1 } });
        let note = PatchOrder {
            attributes: metadata.as_object().unwrap().clone(),
            ..PatchOrder::default()
        };
        let meanwhile = |world: &mut World| {
            world.run(&note).unwrap();
        };
        world.run_while(&place(), meanwhile).unwrap();
        settle(&mut world);
        assert_eq!(books(&world), ["authorizations 12900"], "{kind:?}");
        assert_eq!(at_gateway(&world), (12_900, 0, 0), "{kind:?}");
    }
}
