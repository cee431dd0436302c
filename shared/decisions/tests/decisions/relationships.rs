//! Where relationships lead, walked for all that are declared: one without its arm in the graph would
//! fall through to another kind of answer.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::catalog::Catalog;
use domain::graph::{Graph, Part, Related};
use domain::purchase::OrderPartition;
use domain::record::{Identifier, Record};
use domain::resource::Relationship;
use domain::wallet::Wallet;
use domain::{Id, ResourceType, Role};

use crate::world::{World, caller, id};

/// Follows a relationship as far as it goes, reading what is missing on the way.
fn follow(world: &World, record: &Record, relationship: &Relationship) -> Related {
    let catalog = Arc::new(Catalog::from_iter(world.catalog.values().cloned()));
    let mut graph = Graph::new(caller(Role::Integration), world.now, catalog);
    for _ in 0..8 {
        match graph.related(record, relationship.name) {
            Ok(related) => return related,
            Err(part) => read(&mut graph, world, part),
        }
    }
    panic!("{} {} is never read", record.kind, relationship.name);
}

fn read(graph: &mut Graph, world: &World, part: Part) {
    match part {
        Part::Order { id, .. } => graph.add_order(id, Some(partition(world))),
        Part::Wallet(customer) => graph.add_wallet(Wallet::new(customer)),
        Part::AddressBook(customer) => graph.add_address_book(customer, Vec::new()),
        Part::OrdersOf(customer) => graph.add_orders_of(customer, vec![partition(world)]),
        Part::Other(identifier) => graph.add_other(identifier, None),
    }
}

fn partition(world: &World) -> OrderPartition {
    OrderPartition {
        order: world.order.clone(),
        source: None,
        superseded: Vec::new(),
        children: Some(world.children.clone()),
        elsewhere: BTreeSet::new(),
    }
}

/// A record of that type that belongs to the order and the customer.
fn record(kind: ResourceType, world: &World) -> Record {
    let mut record = match kind {
        ResourceType::Orders => world.order.to_record(),
        kind => Record::new(kind, id("record"), world.now),
    };
    for relationship in kind.declaration().relationships {
        let known = match relationship.to {
            [ResourceType::Orders] => Id::from(world.order.id()),
            [ResourceType::Customers] => id("customer"),
            _ => continue,
        };
        if !relationship.many {
            let to = Identifier {
                kind: relationship.to[0],
                id: known,
            };
            record.relate(relationship.name, Some(to));
        }
    }
    record
}

#[test]
fn every_declared_relationship_leads_where_it_says() {
    let world = World::new();
    for kind in ResourceType::ALL {
        let record = record(*kind, &world);
        for relationship in kind.declaration().relationships {
            let related = follow(&world, &record, relationship);
            let is_many = matches!(related, Related::Many(_));
            let name = relationship.name;
            assert_eq!(is_many, relationship.many, "{kind} {name}");
        }
    }
}
