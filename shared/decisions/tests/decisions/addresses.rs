//! Addresses that an order is to name, and where they stand by then.

use std::collections::BTreeMap;

use decisions::commands::{OrderRelations, PatchOrder};
use decisions::{Answers, Change, Command, Step};
use domain::record::{Place, Placed, Record};
use domain::resources::ResourceType;

use crate::world::{World, id, identifier};

/// Naming the address as it stood when the request came in: by itself, made by the caller.
fn naming(world: &World, version: u64) -> (PatchOrder, Record) {
    let address = identifier(ResourceType::Addresses, "entered");
    let mut record = Record::new(ResourceType::Addresses, id("entered"), world.now);
    record.version = version;
    world.caller.sign(&mut record);
    let (placed, place) = (record.clone(), Place::Own);
    let relations = OrderRelations {
        relationships: vec![("billing_address", Some(address))],
        named: BTreeMap::from([(
            address,
            Placed {
                record: placed,
                place,
            },
        )]),
    };
    let command = PatchOrder {
        relations,
        ..PatchOrder::default()
    };
    (command, record)
}

fn moves(world: &mut World, command: &PatchOrder) -> usize {
    let purchase = world.read_whole();
    let answers = Answers::default();
    match world.with_input(|input| command.next(&purchase, &answers, input)) {
        Step::Commit(commit) => {
            let is_move = |it: &&Change| {
                matches!(
                    it,
                    Change::Move {
                        to: Place::OfOrder(_),
                        ..
                    }
                )
            };
            commit.changes.iter().filter(is_move).count()
        }
        Step::Answer(_) => 0,
        step => panic!("{step:?}"),
    }
}

#[test]
fn an_address_moves_to_the_order_that_names_it_unless_it_has_moved_there_since() {
    let mut world = World::new();
    let (command, mut record) = naming(&world, 1);
    assert_eq!(moves(&mut world, &command), 1);
    record.version += 1;
    world.children.push(record);
    assert_eq!(moves(&mut world, &command), 0);
}
