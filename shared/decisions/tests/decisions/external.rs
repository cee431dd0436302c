//! The shop's own gateway: told with a document, and asked for nothing but a save.

use domain::ResourceType;
use domain::refusal::Code;
use serde_json::{Value, json};

use crate::asking::{change_source, external, nullify, reuse, save};
use crate::world::World;

fn paid() -> World {
    let mut world = World::with_external();
    world.run(&external("shop_token")).unwrap();
    world.pass(60);
    world
}

fn gateway(world: &mut World) -> &mut domain::record::Record {
    world.catalogued(ResourceType::ExternalGateways, "external")
}

#[test]
fn a_save_sends_a_document_about_the_source() {
    let mut world = paid();
    world.run(&save()).unwrap();
    let document = &world.gateway.documents[0];
    assert_eq!(document["source"], world.paid_with().id().as_str());
    assert_eq!(document["token"], "shop_token");
    let told = [
        "order",
        "order.market",
        "order.line_items",
        "order.shipping_address",
        "order.billing_address",
        "order.customer",
    ];
    assert_eq!(document["include"], json!(told));
}

#[test]
fn the_gateway_says_what_the_document_includes() {
    for includes in [json!(["order.shipments"]), json!([])] {
        let mut world = paid();
        gateway(&mut world).set("external_includes", includes.clone());
        world.run(&save()).unwrap();
        assert_eq!(world.gateway.documents[0]["include"], includes);
    }
}

#[test]
fn the_tokens_are_those_of_its_answer() {
    let mut world = paid();
    world.run(&save()).unwrap();
    let entry = world.entry();
    assert_eq!(entry.token(), Ok("kept_1_shop_token"));
    let customer = entry.record.text("customer_token");
    assert_eq!(customer, Some("shop customer"));
}

#[test]
fn without_token_url_nothing_is_saved_nor_asked() {
    let mut world = paid();
    gateway(&mut world).set("token_url", Value::Null);
    let refused = world.refuses(&save());
    assert_eq!(refused.0, Code::PaymentSourceNotReusable);
}

#[test]
fn saving_twice_tells_it_once() {
    let mut world = paid();
    world.run(&save()).unwrap();
    assert_eq!(world.asked_by(&save()), [""; 0]);
    assert_eq!(world.gateway.documents.len(), 1);
    assert_eq!(world.wallet().entries.len(), 1);
}

#[test]
fn a_saved_source_is_put_on_another_order_and_is_its_entry() {
    let mut world = paid();
    world.run(&save()).unwrap();
    let entry = world.entry().id();
    world.turn_to("second order");
    world.run(&reuse(entry)).unwrap();
    assert_eq!(world.paid_with().shopper_token(), Some("kept_1_shop_token"));
    assert_eq!(world.paid_with().state.entry, Some(entry));
    assert_eq!(world.asked_by(&save()), [""; 0]);
    assert_eq!(world.gateway.documents.len(), 1);
}

#[test]
fn there_is_nothing_to_release() {
    let mut world = paid();
    world.run(&nullify()).unwrap();
    assert!(world.owed.is_empty(), "{:?}", world.owed);
}

#[test]
fn options_and_metadata_are_the_shops_own_business() {
    let mut world = paid();
    let change = change_source(
        &world,
        json!({ "options": { "note": 1 }, "metadata": { "a": 1 } }),
    );
    assert_eq!(world.asked_by(&change), [""; 0]);
    let options = world.paid_with().record.get("options");
    assert_eq!(options, Some(&json!({ "note": 1 })));
}

#[test]
fn a_deleted_entry_is_forgotten_here() {
    let mut world = paid();
    world.run(&save()).unwrap();
    let entry = world.entry().id();
    world.delete(entry).unwrap();
    world.sweep();
    assert!(world.owed.is_empty());
    assert!(world.wallet().entries.is_empty());
    assert_eq!(world.refuses(&save()).0, Code::PaymentSourceNotReusable);
}
