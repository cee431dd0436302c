use decisions::Change;
use decisions::commands::DeleteSource;
use domain::record::Place;
use domain::refusal::Code;

use crate::asking::pay;
use crate::world::{World, id};
use domain::SourceId;

fn replaced() -> World {
    let mut world = World::new();
    world.run(&pay("pm_visa")).unwrap();
    world.pass(60);
    world.run(&pay("pm_master")).unwrap();
    world
}

#[test]
fn the_current_source_is_deleted_and_leaves_no_superseded_one() {
    let mut world = replaced();
    let id = world.source.as_ref().unwrap().id();
    let after = world.run(&DeleteSource { id }).unwrap();
    assert_eq!(after.partition.source(id), None);
    assert_eq!(world.source, None);
    assert_eq!(world.superseded.len(), 1);
    let commit = world.commits.last().unwrap();
    let deletions = commit.iter().filter(|change| {
        matches!(
            change,
            Change::Delete { .. }
                | Change::Move { .. }
                | Change::Put {
                    place: Place::OfOrder(_),
                    ..
                }
        )
    });
    assert_eq!(deletions.count(), 1);
    assert_eq!(world.owed.len(), 2);
}

#[test]
fn a_superseded_source_is_deleted_without_touching_the_current_one() {
    let mut world = replaced();
    let current = world.source.clone();
    let owed = world.owed.clone();
    let id = world.superseded[0].id();
    world.pass(1);
    assert_eq!(world.asked_by(&DeleteSource { id }), [""; 0]);
    assert!(world.superseded.is_empty());
    assert_eq!(world.source, current);
    assert_eq!(world.owed, owed);
}

#[test]
fn a_superseded_source_is_deleted_within_the_millisecond_of_its_replacement() {
    let mut world = replaced();
    let id = world.superseded[0].id();
    world.run(&DeleteSource { id }).unwrap();
    assert!(world.superseded.is_empty());
    let commit = world.commits.last().unwrap();
    assert!(
        matches!(
            commit[0],
            Change::Put {
                place: Place::Order,
                ..
            }
        ),
        "unguarded"
    );
}

#[test]
fn a_source_that_is_not_the_orders_is_not_found() {
    let mut world = replaced();
    let refused = world.refuses(&DeleteSource {
        id: SourceId::new(id("unknown")),
    });
    assert_eq!(refused, (Code::RecordNotFound, String::new()));
}

#[test]
fn nothing_is_deleted_once_the_order_is_placed() {
    let mut world = replaced();
    world.set("status", "placed");
    for id in [world.source.clone().unwrap().id(), world.superseded[0].id()] {
        assert_eq!(world.refuses(&DeleteSource { id }).0, Code::ValidationError);
    }
}
