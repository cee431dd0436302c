use decisions::commands::PatchSource;
use domain::gateway::{GatewayRequest, Progress};
use domain::refusal::Code;
use domain::{Role, SourceId};
use serde_json::{Value, json};

use crate::asking::{change, pay, pay_with};
use crate::gateway::Mishap;
use crate::world::{World, id, refusal};

fn paid() -> (World, SourceId) {
    let mut world = World::new();
    world.run(&pay("pm_visa")).unwrap();
    world.pass(60);
    let source = world.source.as_ref().unwrap().id();
    (world, source)
}

fn update(id: SourceId) -> PatchSource {
    PatchSource {
        update: true,
        ..change(id, json!({}))
    }
}

fn refresh(id: SourceId) -> PatchSource {
    PatchSource {
        refresh: true,
        ..change(id, json!({}))
    }
}

fn at(name: &str) -> (Code, String) {
    (Code::ValidationError, format!("/data/attributes/{name}"))
}

fn options(world: &World) -> &Value {
    world
        .source
        .as_ref()
        .unwrap()
        .record
        .get("options")
        .unwrap()
}

#[test]
fn options_are_merged_and_the_gateway_hears_of_a_new_card_alone() {
    let (mut world, source) = paid();
    let note = change(source, json!({ "options": { "note": "gift" } }));
    assert_eq!(world.asked_by(&note), [""; 0]);
    let card = change(source, json!({ "options": { "id": "pm_master" } }));
    assert_eq!(world.asked_by(&card), ["update payment"]);
    let merged = json!({ "id": "pm_master", "setup_future_usage": "off_session", "note": "gift" });
    assert_eq!(*options(&world), merged);
    let held = &world.gateway.payments["pi_1"];
    assert_eq!(held.card.as_deref(), Some("pm_master"));
}

#[test]
fn null_options_change_nothing_of_what_was_settled() {
    let (mut world, source) = paid();
    let before = options(&world).clone();
    world
        .run(&change(source, json!({ "options": null })))
        .unwrap();
    assert_eq!(*options(&world), before);
}

#[test]
fn setup_future_usage_is_settled_when_the_source_is_made() {
    for changed in [json!("on_session"), json!(""), Value::Null, json!(true)] {
        let (mut world, source) = paid();
        let patch = change(
            source,
            json!({ "options": { "setup_future_usage": changed } }),
        );
        assert_eq!(world.refuses(&patch), at("options/setup_future_usage"));
    }
    let (mut world, source) = paid();
    let same = json!({ "options": { "setup_future_usage": "off_session", "note": 1 } });
    assert!(world.run(&change(source, same)).is_ok());

    let mut world = World::new();
    world.run(&pay_with(json!({ "options": {} }))).unwrap();
    let source = world.source.as_ref().unwrap().id();
    let none = json!({ "options": { "setup_future_usage": null } });
    assert!(world.run(&change(source, none)).is_ok());
    let added = json!({ "options": { "setup_future_usage": "off_session" } });
    let refused = world.refuses(&change(source, added));
    assert_eq!(refused, at("options/setup_future_usage"));
}

#[test]
fn a_sales_channel_adds_no_other_gateway_customer() {
    let (mut world, source) = paid();
    let name = |customer: &str| change(source, json!({ "options": { "customer": customer } }));
    assert_eq!(world.refuses(&name("cus_2")), at("options/customer"));
    assert_eq!(world.asked_by(&name("cus_1")), [""; 0]);
    world.caller.role = Role::Integration;
    assert_eq!(world.asked_by(&name("cus_2")), [""; 0]);
}

#[test]
fn metadata_alone_asks_nobody_and_starts_no_attempt() {
    let (mut world, source) = paid();
    let attempt = world.order.state.payment_attempt;
    let metadata = change(source, json!({ "metadata": { "gift": true } }));
    assert_eq!(world.asked_by(&metadata), [""; 0]);
    assert_eq!(world.order.state.payment_attempt, attempt);
    let record = &world.source.as_ref().unwrap().record;
    assert_eq!(record.get("metadata"), Some(&json!({ "gift": true })));
    assert_eq!(record.updated_at, world.now);
}

#[test]
fn update_takes_the_payment_to_the_orders_amount() {
    let (mut world, source) = paid();
    world.set("total_amount_with_taxes_cents", 15_000);
    assert!(
        world
            .read(None)
            .partition
            .mismatches(world.source.as_ref().unwrap())
    );
    assert_eq!(world.asked_by(&update(source)), ["update payment"]);
    assert_eq!(world.gateway.payments["pi_1"].amount.cents, 15_000);
    assert!(
        !world
            .read(None)
            .partition
            .mismatches(world.source.as_ref().unwrap())
    );
}

#[test]
fn update_to_nothing_due_is_refused() {
    let (mut world, source) = paid();
    world.set("total_amount_with_taxes_cents", 0);
    assert_eq!(world.refuses(&update(source)), at("_update"));
}

#[test]
fn two_updates_to_different_amounts_have_different_keys() {
    let (mut world, source) = paid();
    for cents in [1_000, 2_000, 1_000] {
        world.set("total_amount_with_taxes_cents", cents);
        world.run(&update(source)).unwrap();
        assert_eq!(world.gateway.payments["pi_1"].amount.cents, cents);
    }
}

#[test]
fn refresh_reads_the_payment_even_once_the_order_is_placed() {
    let (mut world, source) = paid();
    world.set("status", "placed");
    let payment = world.gateway.payments.get_mut("pi_1").unwrap();
    payment.progress = Progress::Authorized;
    assert_eq!(world.asked_by(&refresh(source)), ["read payment"]);
    let state = &world.source.as_ref().unwrap().state;
    assert_eq!(state.progress, Progress::Authorized);
    assert_eq!(world.refuses(&update(source)).0, Code::ValidationError);
    let metadata = change(source, json!({ "metadata": {} }));
    assert_eq!(world.refuses(&metadata).0, Code::ValidationError);
}

#[test]
fn what_the_gateway_refuses_leaves_the_source_as_it_was() {
    let (mut world, source) = paid();
    let before = world.source.clone();
    world.gateway.mishaps.push_back(Mishap::Refused);
    let card = change(
        source,
        json!({ "options": { "id": "pm_bad" }, "metadata": {} }),
    );
    assert_eq!(refusal(world.run(&card)).0, Code::PaymentDeclined);
    assert_eq!(world.source, before);
}

#[test]
fn a_superseded_source_changes_no_more() {
    let (mut world, source) = paid();
    world.run(&pay("pm_master")).unwrap();
    for command in [
        update(source),
        refresh(source),
        change(source, json!({ "metadata": {} })),
    ] {
        assert_eq!(world.refuses(&command).0, Code::ValidationError);
    }
    let unknown = world.refuses(&refresh(SourceId::new(id("unknown"))));
    assert_eq!(unknown.0, Code::RecordNotFound);
}

#[test]
fn a_change_of_a_source_that_is_replaced_meanwhile_is_refused() {
    let (mut world, source) = paid();
    let late = world.run_while(&change(source, json!({ "metadata": {} })), |world| {
        world.run(&pay("pm_master")).unwrap();
    });
    assert_eq!(refusal(late).0, Code::ValidationError);
    assert_eq!(world.source.unwrap().state.payment.as_deref(), Some("pi_2"));
}

#[test]
fn a_change_never_names_amount_or_customer_to_the_gateway() {
    let (mut world, source) = paid();
    let amount = json!({ "options": { "payment_method": "pm_2", "amount": 1 } });
    let refused = world.refuses(&change(source, amount));
    let pointer = "/data/attributes/options/amount".to_owned();
    assert_eq!(refused, (Code::ValidationError, pointer));
    let all = json!({ "options": { "payment_method": "pm_2", "customer": "cus_1" } });
    world.run(&change(source, all)).unwrap();
    let GatewayRequest::UpdatePayment { to, .. } = &world.gateway.calls.last().unwrap().request
    else {
        panic!("an update");
    };
    assert_eq!(*to, None);
}
