use domain::graph::{Graph, Part, Related};
use domain::record::Record;
use domain::resources::PAYMENT_GATEWAYS;
use domain::{CustomerId, ResourceType, Role};
use serde_json::json;

use crate::asking::{pay, save};
use crate::world::{World, caller, id, identifier};

/// An order with a saved card, whose graph nothing but order and catalogue was read into.
fn saved() -> World {
    let mut world = World::new();
    world.run(&pay("pm_visa")).unwrap();
    world.run(&save()).unwrap();
    world
}

/// The graph that this role has, with or without the wallet.
fn graph(world: &World, role: Role, with_wallet: bool) -> Graph {
    let mut purchase = world.read(None);
    purchase.wallet = with_wallet.then(|| world.wallet().clone());
    purchase.partition.children = None;
    Graph::of(purchase, caller(role), world.now)
}

fn follow(world: &World, role: Role, relationship: &str) -> Result<Related, Part> {
    graph(world, role, false).related(&world.order.record, relationship)
}

const AVAILABLE: &str = "available_customer_payment_sources";

#[test]
fn nothing_of_a_closed_wallet_is_shown_or_read() {
    let world = saved();
    let nothing = Ok(Related::Many(Vec::new()));
    for role in [
        Role::Guest,
        Role::Customer(CustomerId::new(id("somebody else"))),
    ] {
        assert_eq!(follow(&world, role, AVAILABLE), nothing);
        assert_eq!(follow(&world, role, "customer"), Ok(Related::One(None)));
        // Nor where it was read for another reason.
        let graph = graph(&world, role, true);
        let order = &world.order.record;
        assert_eq!(graph.related(order, AVAILABLE), nothing);
        assert_eq!(graph.related(order, "customer"), Ok(Related::One(None)));
    }
}

#[test]
fn a_guest_order_shows_nothing_of_the_wallet_of_the_customer_that_it_carries() {
    let mut world = saved();
    world.set("guest", true);
    for role in [
        Role::Guest,
        Role::Customer(CustomerId::new(id("customer"))),
        Role::Integration,
    ] {
        let nothing = Ok(Related::Many(Vec::new()));
        assert_eq!(follow(&world, role, AVAILABLE), nothing, "{role:?}");
    }
}

#[test]
fn an_open_wallet_is_asked_for_and_then_shown() {
    let world = saved();
    for role in [
        Role::Customer(CustomerId::new(id("customer"))),
        Role::Integration,
    ] {
        let missing = Err(Part::Wallet(CustomerId::new(id("customer"))));
        assert_eq!(follow(&world, role, AVAILABLE), missing);
        let shown = graph(&world, role, true).related(&world.order.record, AVAILABLE);
        let entry = world.wallet().entries[0].id();
        let shown = shown.unwrap().into_records();
        assert_eq!(shown.iter().map(|it| it.id).collect::<Vec<_>>(), [entry]);
    }
}

#[test]
fn children_are_asked_for_before_they_are_followed() {
    let world = saved();
    for relationship in [
        "line_items",
        "shipments",
        "shipping_address",
        "billing_address",
    ] {
        let missing = Part::Order {
            id: world.order.id(),
            children: true,
        };
        let followed = follow(&world, Role::Guest, relationship);
        assert_eq!(followed, Err(missing), "{relationship}");
    }
}

#[test]
fn addresses_are_followed_by_id_and_children_by_type() {
    let world = saved();
    let address = Record::new(ResourceType::Addresses, id("address"), world.now);
    let line = Record::new(ResourceType::LineItems, id("address"), world.now);
    let mut purchase = world.read(None);
    let order = &mut purchase.partition.order.record;
    order.relate("shipping_address", Some(address.identifier()));
    order.relate("billing_address", None);
    let order = order.clone();
    purchase.partition.children = Some(vec![line.clone(), address.clone()]);
    let graph = Graph::of(purchase, caller(Role::Guest), world.now);
    let related = |name: &str| graph.related(&order, name).unwrap();
    assert_eq!(related("shipping_address"), Related::One(Some(address)));
    assert_eq!(related("billing_address"), Related::One(None));
    assert_eq!(related("line_items"), Related::Many(vec![line]));
    assert_eq!(related("shipments"), Related::Many(Vec::new()));
}

#[test]
fn gateways_are_for_integrations_alone() {
    let world = saved();
    let source = world.source.as_ref().unwrap().to_record();
    let method = world.catalog[&identifier(ResourceType::PaymentMethods, "card")].clone();
    for record in [&source, &method] {
        let gateway = |role: Role| {
            let related = graph(&world, role, false).related(record, "payment_gateway");
            related.unwrap().into_records().pop()
        };
        assert_eq!(gateway(Role::Integration).unwrap().id, id("stripe"));
        assert_eq!(gateway(Role::Guest), None);
        assert_eq!(
            gateway(Role::Customer(CustomerId::new(id("customer")))),
            None
        );
    }
}

#[test]
fn an_order_that_is_not_seen_is_not_followed_back() {
    let world = saved();
    let source = world.source.as_ref().unwrap().to_record();
    let order = |role: Role| {
        let related = graph(&world, role, false).related(&source, "order");
        related.unwrap().into_records().len()
    };
    assert_eq!(order(Role::Customer(CustomerId::new(id("customer")))), 1);
    assert_eq!(order(Role::Integration), 1);
    assert_eq!(
        order(Role::Customer(CustomerId::new(id("somebody else")))),
        0
    );
    assert_eq!(order(Role::Guest), 0);
}

#[test]
fn an_order_that_was_not_read_is_asked_for_and_one_that_is_gone_leads_nowhere() {
    let world = saved();
    let source = world.source.as_ref().unwrap().to_record();
    let purchase = world.read(None);
    let mut graph = Graph::new(
        caller(Role::Integration),
        world.now,
        std::sync::Arc::clone(&purchase.catalog),
    );
    let id = world.order.id();
    let missing = Part::Order {
        id,
        children: false,
    };
    assert_eq!(graph.related(&source, "order"), Err(missing));
    graph.add_order(id, None);
    assert_eq!(graph.related(&source, "order"), Ok(Related::One(None)));
    let lines = graph.related(&world.order.record, "line_items").unwrap();
    assert!(lines.into_records().is_empty());
}

/// What the first entry of the wallet leads to.
fn source_of_entry(world: &World, graph: &Graph) -> Record {
    let entry = world.wallet().entries[0].to_record();
    let source = graph.related(&entry, "payment_source").unwrap();
    source.into_records().pop().unwrap()
}

#[test]
fn an_entry_leads_to_its_source_as_the_order_has_it() {
    let world = saved();
    let owner = Role::Customer(CustomerId::new(id("customer")));
    let read = source_of_entry(&world, &graph(&world, owner, true));
    let source = world.source.as_ref().unwrap();
    assert_eq!(read.attributes, source.record.attributes);
    assert_eq!(
        read.get("payment_instrument"),
        Some(&json!({ "card": "pm_visa" }))
    );
}

#[test]
fn an_entry_whose_order_is_gone_or_pays_with_another_card_leads_to_what_it_remembers_without_secrets()
 {
    let mut world = saved();
    let owner = Role::Customer(CustomerId::new(id("customer")));
    let mut without_order = graph(&world, owner, true);
    without_order.add_order(world.order.id(), None);
    let of_no_order = source_of_entry(&world, &without_order);
    world.source.as_mut().unwrap().change_card();
    let of_another_card = source_of_entry(&world, &graph(&world, owner, true));
    for remembered in [of_no_order, of_another_card] {
        assert_eq!(remembered.id, world.source.as_ref().unwrap().id());
        assert_eq!(remembered.get("client_secret"), None);
        let instrument = json!({ "card": "pm_visa" });
        assert_eq!(remembered.get("payment_instrument"), Some(&instrument));
    }
}

#[test]
fn offered_methods_are_shown_to_everybody() {
    let world = saved();
    for role in [
        Role::Guest,
        Role::Customer(CustomerId::new(id("customer"))),
        Role::Integration,
    ] {
        let offered = follow(&world, role, "available_payment_methods").unwrap();
        assert_eq!(offered.into_records().len(), 3);
    }
}

#[test]
fn amounts_are_mismatched_once_the_orders_changed() {
    let mut world = saved();
    let source = world.source.as_ref().unwrap().to_record();
    let attribute = source.kind.declaration().attribute("mismatched_amounts");
    let attribute = attribute.unwrap();
    let shown = |world: &World| {
        let graph = graph(world, Role::Guest, false);
        graph.attribute(&source, &attribute).into_owned()
    };
    assert_eq!(shown(&world), json!(false));
    world.set("total_amount_with_taxes_cents", 12_901);
    assert_eq!(shown(&world), json!(true));
    world.set("total_amount_with_taxes_cents", json!(null));
    assert_eq!(shown(&world), json!(true));
}

#[test]
fn no_relationship_of_any_record_leads_a_guest_to_customer_or_gateway() {
    let world = saved();
    let entry = world.wallet().entries[0].to_record();
    let source = world.source.as_ref().unwrap().to_record();
    let catalog = world.catalog.values().cloned();
    let records = [world.order.to_record(), entry, source];
    let graph = graph(&world, Role::Guest, true);
    for record in records.into_iter().chain(catalog) {
        for relationship in record.kind.declaration().relationships {
            let Ok(related) = graph.related(&record, relationship.name) else {
                continue;
            };
            for found in related.into_records() {
                assert_ne!(found.kind, ResourceType::Customers, "{}", relationship.name);
                assert!(!PAYMENT_GATEWAYS.contains(&found.kind));
            }
        }
    }
}
