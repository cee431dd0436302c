//! What becomes of a payment that is replaced, dropped or deleted.

use decisions::Change;
use decisions::commands::DeleteSource;
use domain::ResourceType;
use domain::gateway::{GatewayRequest, Progress};
use domain::operation::Operation;
use domain::order::MOST_SUPERSEDED;
use domain::record::{Place, Record};
use domain::refusal::Code;
use domain::source::PaymentSource;
use serde_json::json;

use crate::asking::{nullify, pay, pay_with, save, select};
use crate::world::{Asked, World, identifier, refusal};

/// An order whose payment source was made a minute ago.
fn paid() -> World {
    let mut world = World::new();
    world.run(&pay("pm_visa")).unwrap();
    world.pass(60);
    world
}

fn progress(world: &mut World, progress: Progress) {
    world.gateway.payments.get_mut("pi_1").unwrap().progress = progress;
}

fn releases(world: &World) -> Vec<String> {
    let released = |operation: &Operation| match &operation.request {
        GatewayRequest::Release { payment, .. } => payment.clone().unwrap(),
        other => panic!("owed: {other:?}"),
    };
    world.owed.values().map(released).collect()
}

fn for_each_way(mut check: impl FnMut(&dyn Fn(&mut World) -> Result<(), (Code, String)>, bool)) {
    fn run(world: &mut World, command: &impl Asked) -> Result<(), (Code, String)> {
        match world.run(command) {
            Ok(_) => Ok(()),
            ended => Err(refusal(ended)),
        }
    }
    check(&|world| run(world, &pay("pm_master")), true);
    check(&|world| run(world, &nullify()), false);
    check(&|world| run(world, &select("second card")), false);
    check(
        &|world| {
            let id = world.source.as_ref().unwrap().id();
            run(world, &decisions::commands::DeleteSource { id })
        },
        false,
    );
}

#[test]
fn the_release_is_owed_in_the_commit_that_drops_the_source() {
    for_each_way(|drop, has_source_after| {
        for state in [Progress::Open, Progress::Authorized] {
            let mut world = paid();
            progress(&mut world, state);
            drop(&mut world).unwrap();
            assert_eq!(releases(&world), ["pi_1"], "{state:?}");
            assert_eq!(world.source.is_some(), has_source_after);
            let commit = world.commits.last().unwrap();
            let owes = |change: &Change| matches!(change, Change::Owe(_));
            assert_eq!(commit.iter().filter(|it| owes(it)).count(), 1);
            assert!(matches!(
                commit[0],
                Change::Put {
                    place: Place::Order,
                    ..
                }
            ));
            assert_eq!(world.asked()[2], "read payment");
        }
    });
}

#[test]
fn a_captured_payment_is_not_replaced_nor_dropped() {
    for_each_way(|drop, _| {
        let mut world = paid();
        progress(&mut world, Progress::Captured);
        let before = world.clone();
        assert_eq!(drop(&mut world).unwrap_err().0, Code::ValidationError);
        assert_eq!(world.source, before.source);
        assert_eq!(world.order, before.order);
        assert!(world.owed.is_empty());
        assert_eq!(world.gateway.payments.len(), 1);
    });
}

#[test]
fn what_was_released_before_is_not_owed_again() {
    for_each_way(|drop, _| {
        let mut world = paid();
        progress(&mut world, Progress::Released);
        drop(&mut world).unwrap();
        assert!(world.owed.is_empty());
    });
}

#[test]
fn a_payment_that_the_gateway_does_not_know_any_more_is_dropped() {
    for_each_way(|drop, _| {
        let mut world = paid();
        world.gateway.payments.remove("pi_1");
        drop(&mut world).unwrap();
        assert!(world.owed.is_empty());
    });
}

#[test]
fn a_payment_whose_gateways_record_is_gone_is_owed_for_release_all_the_same() {
    let mut world = paid();
    world
        .catalog
        .remove(&identifier(ResourceType::StripeGateways, "stripe"));
    world.run(&nullify()).unwrap();
    assert_eq!(releases(&world), ["pi_1"]);
}

#[test]
fn the_old_source_is_kept_beside_the_new_one() {
    let mut world = paid();
    let old = world.source.clone().unwrap();
    world.run(&pay("pm_master")).unwrap();
    let moved = PaymentSource {
        record: Record {
            version: old.record.version + 1,
            ..old.record
        },
        ..old
    };
    assert_eq!(world.superseded, [moved]);
    assert_eq!(world.source.unwrap().state.payment.as_deref(), Some("pi_2"));
}

#[test]
fn nullifying_an_order_without_source_changes_nothing() {
    let mut world = World::new();
    world.run(&nullify()).unwrap();
    assert!(world.commits.is_empty() && world.asked().is_empty());
}

#[test]
fn the_orders_details_go_with_its_source() {
    let mut world = paid();
    let details = world.order.record.get("payment_source_details");
    assert_eq!(details, Some(&json!({ "payment_method_id": "pm_visa" })));
    world.run(&nullify()).unwrap();
    assert_eq!(world.order.record.get("payment_source_details"), None);
}

#[test]
fn an_equal_request_for_another_amount_is_a_new_payment() {
    let mut world = paid();
    world.set("total_amount_with_taxes_cents", 5_000);
    world.run(&pay("pm_visa")).unwrap();
    assert_eq!(world.gateway.payments["pi_2"].amount.cents, 5_000);
    assert_eq!(releases(&world).len(), 1);
}

#[test]
fn an_equal_request_later_is_given_what_can_still_be_paid() {
    for (now, at_once, later) in [
        (Progress::Open, true, true),
        (Progress::Authorized, true, false),
        (Progress::Released, false, false),
    ] {
        for (seconds, is_same) in [(1, at_once), (3_600, later)] {
            let mut world = World::new();
            world.run(&pay("pm_visa")).unwrap();
            let first = world.paid_with().id();
            world.pass(seconds);
            progress(&mut world, now);
            world.run(&pay("pm_visa")).unwrap();
            assert_eq!(world.paid_with().id() == first, is_same, "{now:?}");
        }
    }
}

#[test]
fn what_failed_or_is_gone_is_made_anew_at_once() {
    let mut world = paid();
    world.gateway.failed.insert("pi_1".to_owned());
    world.run(&pay("pm_visa")).unwrap();
    let second = world.paid_with().clone();
    assert_eq!(second.state.payment.as_deref(), Some("pi_2"));
    assert_eq!(releases(&world), ["pi_1"]);
    world.gateway.payments.remove("pi_2");
    world.run(&pay("pm_visa")).unwrap();
    assert_ne!(world.paid_with().id(), second.id());
}

#[test]
fn an_order_is_paid_however_often_its_source_was_replaced() {
    let mut world = World::new();
    let most = u32::try_from(MOST_SUPERSEDED).unwrap();
    for number in 0..most + 10 {
        world.run(&pay(&format!("pm_{number}"))).unwrap();
    }
    assert_eq!(world.superseded.len(), MOST_SUPERSEDED);
    assert_eq!(releases(&world).len(), MOST_SUPERSEDED + 9);
    let oldest = world.superseded[0].id();
    world.run(&DeleteSource { id: oldest }).unwrap();
    assert_eq!(world.order.state.superseded.len(), MOST_SUPERSEDED - 1);
    world.run(&save()).unwrap();
    world.run(&nullify()).unwrap();
    assert_eq!(world.superseded.len(), MOST_SUPERSEDED);
}

#[test]
fn a_request_that_lost_the_race_drops_what_the_winner_made() {
    let mut world = World::new();
    let lost = world.run_while(&pay("pm_visa"), |world| {
        world.run(&pay("pm_master")).unwrap();
    });
    let source = lost.unwrap().partition.source.unwrap();
    assert_eq!(world.source.as_ref().unwrap().id(), source.id());
    let winner = world.superseded[0].state.payment.clone().unwrap();
    assert_eq!(releases(&world), [winner.as_str()]);
    assert_ne!(source.state.payment, Some(winner));
}

#[test]
fn the_slot_has_what_the_last_of_two_different_requests_asked_for() {
    let mut world = paid();
    world.run(&pay_with(json!({ "options": {} }))).unwrap();
    let options = world.source.unwrap().record.attributes["options"].clone();
    assert_eq!(options, json!({}));
}
