//! Holds end by themselves: they are read once they are to be over, whenever their gateway says when that is.

use std::time::Duration;

use domain::gateway::{GatewayKind, Moving, Progress};
use domain::operation::Operation;

use super::{approved, books, moves, place, placed, ready, stands, transactions};
use crate::gateway::Mishap;
use crate::world::World;

/// When the order's hold is read next.
fn read_in(world: &World) -> u64 {
    let id = Operation::after_hold_id(transactions(world)[0].record.id);
    let due = world.watched[&id].due_at;
    due.since(world.now).as_secs()
}

const DAY: u64 = 86_400;

fn holds_for(world: &mut World, days: u64) {
    let until = world.now.plus(Duration::from_secs(days * DAY));
    for payment in world.gateway.payments.values_mut() {
        payment.holds_until = Some(until);
    }
}

#[test]
fn a_hold_whose_end_is_told_is_read_after_it() {
    let mut world = ready(GatewayKind::Stripe);
    holds_for(&mut world, 7);
    world.run(&place()).unwrap();
    assert!((7 * DAY..7 * DAY + 120).contains(&read_in(&world)));
}

#[test]
fn a_hold_whose_end_is_told_later_or_put_off_is_read_after_that() {
    let mut world = placed(GatewayKind::Klarna);
    assert!(read_in(&world) < 120, "soon");
    for days in [28, 60] {
        holds_for(&mut world, days);
        world.pass(120);
        world.watch();
        let left = days * DAY - 120;
        assert!((left..left + 120).contains(&read_in(&world)), "{days}");
        world.pass(read_in(&world));
    }
    for payment in world.gateway.payments.values_mut() {
        payment.progress = Progress::Released;
    }
    world.watch();
    assert_eq!(stands(&world), ("placed", "voided"));
}

#[test]
fn the_end_of_a_hold_is_taken_while_a_part_of_it_is_being_captured() {
    let mut world = approved(GatewayKind::Klarna);
    world.gateway.mishaps.push_back(Mishap::NotReached);
    world
        .run(&moves(&world, Moving::Capture, Some(5_000)))
        .unwrap();
    assert_eq!(books(&world)[1..], ["captures 5000 pending"]);
    holds_for(&mut world, 28);
    world.pass(120);
    world.watch();
    let left = 28 * DAY - 120;
    assert!((left..left + 120).contains(&read_in(&world)));
}
