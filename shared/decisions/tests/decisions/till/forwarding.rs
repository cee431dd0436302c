//! `_forward`: people have seen to a transaction that is stuck, and it counts as succeeded.

use decisions::commands::PatchTransaction;
use domain::gateway::{GatewayKind, Moving};
use domain::transaction::Transaction;

use super::{
    approved, as_shop, at_gateway, books, capture, entered, moves, patch, place, settle, stands,
    transactions,
};
use crate::gateway::Mishap;
use crate::world::World;

fn forward(of: &Transaction) -> PatchTransaction {
    PatchTransaction {
        forward: true,
        ..patch(of.record.id)
    }
}

fn last(world: &World) -> Transaction {
    transactions(world).pop().unwrap()
}

#[test]
fn a_capture_that_is_stuck_counts_and_is_asked_for_no_more() {
    let mut world = approved(GatewayKind::Klarna);
    world.gateway.mishaps.push_back(Mishap::NotReached);
    world.run(&capture()).unwrap();
    assert_eq!(world.owes_now(), ["capture"]);
    let stuck = last(&world);
    assert_eq!(world.asked_by(&forward(&stuck)), [""; 0]);
    assert_eq!(stands(&world), ("approved", "paid"));
    assert_eq!(world.owes_now(), [""; 0]);
}

#[test]
fn one_that_succeeded_stays_as_it_is() {
    let mut world = approved(GatewayKind::Klarna);
    world.run(&capture()).unwrap();
    let before = world.transactions.clone();
    world.run(&forward(&last(&world))).unwrap();
    assert_eq!(world.transactions, before);
}

#[test]
fn a_failed_authorization_that_is_forwarded_places_the_order() {
    let mut world = entered(GatewayKind::Klarna, "decline");
    assert!(world.run(&place()).is_err());
    let mut world = as_shop(world);
    world.run(&forward(&last(&world))).unwrap();
    assert_eq!(stands(&world), ("placed", "authorized"));
    let order = &world.order.record;
    assert_eq!(order.integer("place_total_amount_cents"), Some(12_900));
    let at = world.now.to_string();
    assert_eq!(order.text("placed_at"), Some(at.as_str()));
}

#[test]
fn a_failed_authorization_beside_one_that_holds_is_not_forwarded() {
    let mut world = entered(GatewayKind::Klarna, "decline");
    assert!(world.run(&place()).is_err());
    let failed = last(&world);
    world.pass(60);
    super::enter(&mut world, GatewayKind::Klarna, "visa");
    world.run(&place()).unwrap();
    let mut world = as_shop(world);
    world.run(&forward(&failed)).unwrap();
    assert_eq!(
        books(&world),
        ["authorizations 12900 failed", "authorizations 12900"]
    );
}

#[test]
fn a_failed_capture_of_what_is_held_no_more_is_not_forwarded() {
    let mut world = approved(GatewayKind::Klarna);
    world.gateway.mishaps.push_back(Mishap::Refused);
    world.run(&capture()).unwrap();
    let failed = last(&world);
    world
        .run(&moves(&world, Moving::Capture, Some(5_000)))
        .unwrap();
    world.run(&forward(&failed)).unwrap();
    settle(&mut world);
    assert_eq!(
        books(&world)[1..],
        ["captures 12900 failed", "captures 5000"]
    );
    assert_eq!(at_gateway(&world), (7_900, 5_000, 0));
}
