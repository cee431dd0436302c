//! Changing a saved source.

use domain::EntryId;
use domain::refusal::Code;
use serde_json::{Value, json};

use crate::asking::{pay, reuse, save, select};
use crate::gateway::EXPIRY;
use crate::world::{World, id};

/// What one transaction of the table takes.
const MOST_WRITES: usize = 100;

fn saved() -> (World, EntryId) {
    let mut world = World::new();
    world.run(&pay("pm_visa")).unwrap();
    world.run(&save()).unwrap();
    world.pass(60);
    let entry = world.entry().id();
    (world, entry)
}

fn refused(world: &mut World, entry: EntryId, attributes: &Value) -> (Code, Option<String>) {
    let commits = world.commits.len();
    let refusal = world.patch(entry, attributes).unwrap_err();
    assert_eq!(world.commits.len(), commits);
    let place = refusal.error_source.map(|it| match it {
        domain::refusal::ErrorSource::Pointer(pointer) => pointer,
        other => panic!("{other:?}"),
    });
    (refusal.code, place)
}

fn invalid(name: &str) -> (Code, Option<String>) {
    let pointer = format!("/data/attributes/{name}");
    (Code::ValidationError, Some(pointer))
}

#[test]
fn reference_and_metadata_are_kept_and_nothing_else_changes() {
    let (mut world, entry) = saved();
    let before = world.entry().clone();
    let attributes = json!({ "reference": "blue card", "metadata": { "default": true } });
    let answered = world.patch(entry, &attributes).unwrap();
    let after = world.entry();
    assert_eq!(after.record.text("reference"), Some("blue card"));
    assert_eq!(
        after.record.get("metadata"),
        Some(&json!({ "default": true }))
    );
    assert_eq!(after.record.updated_at, world.now);
    assert_eq!(after.state, before.state);
    assert_eq!(after.token(), before.token());
    assert_eq!(answered.record.attributes, after.record.attributes);
    world.patch(entry, &json!({ "reference": null })).unwrap();
    assert_eq!(world.entry().record.get("reference"), None);
}

#[test]
fn what_is_not_an_entry_is_not_found() {
    let (mut world, _) = saved();
    let unknown = refused(&mut world, EntryId::new(id("unknown")), &json!({}));
    assert_eq!(unknown, (Code::RecordNotFound, None));
}

#[test]
fn tokens_are_not_blank() {
    let (mut world, entry) = saved();
    for name in ["payment_source_token", "customer_token"] {
        for blank in [Value::Null, json!(""), json!(5)] {
            let attributes = json!({ name: blank });
            assert_eq!(refused(&mut world, entry, &attributes), invalid(name));
        }
    }
}

#[test]
fn another_entrys_token_is_refused() {
    let (mut world, entry) = saved();
    for token in ["pm_1", "pm_2"] {
        world.gateway.card(token, Some("same"), Some(EXPIRY));
        world.run(&pay(token)).unwrap();
        world.run(&save()).unwrap();
        world.pass(60);
    }
    // The one that it is used with, and the one that this replaced.
    for token in ["pm_1", "pm_2"] {
        let attributes = json!({ "payment_source_token": token });
        let taken = refused(&mut world, entry, &attributes);
        assert_eq!(taken, invalid("payment_source_token"));
    }
}

#[test]
fn a_token_of_the_same_name_at_another_gateway_is_no_other_entrys() {
    let (mut world, entry) = saved();
    world.run(&select("other card")).unwrap();
    world.run(&pay("pm_master")).unwrap();
    world.run(&save()).unwrap();
    let attributes = json!({ "payment_source_token": "pm_master" });
    assert!(world.patch(entry, &attributes).is_ok());
}

#[test]
fn a_new_token_supersedes_the_former_which_is_forgotten_with_the_entry() {
    let (mut world, entry) = saved();
    let moved = json!({ "payment_source_token": "pm_moved", "customer_token": "cus_moved" });
    world.patch(entry, &moved).unwrap();
    assert_eq!(world.entry().token(), Ok("pm_moved"));
    assert_eq!(world.entry().state.superseded_tokens, ["pm_visa"]);
    assert!(
        world.owed.is_empty(),
        "other orders' payments may stand on it"
    );

    world.turn_to("second order");
    world.run(&reuse(entry)).unwrap();
    let card = &world.gateway.payments["pi_2"].card;
    assert_eq!(card.as_deref(), Some("pm_moved"));
    let customer = &world.gateway.payments["pi_2"].customer;
    assert_eq!(customer.as_deref(), Some("cus_moved"));

    world.delete(entry).unwrap();
    let forgotten = ["pm_moved".to_owned(), "pm_visa".to_owned()];
    assert_eq!(world.to_be_forgotten(), forgotten.into());
}

#[test]
fn a_card_that_is_saved_with_the_new_token_is_the_same_entry() {
    let (mut world, entry) = saved();
    let moved = json!({ "payment_source_token": "pm_moved" });
    world.patch(entry, &moved).unwrap();
    world.turn_to("second order");
    world.gateway.card("pm_moved", None, None);
    world.run(&pay("pm_moved")).unwrap();
    world.run(&save()).unwrap();
    assert_eq!(world.entry().id(), entry);
}

#[test]
fn the_same_token_changes_nothing_and_the_former_one_comes_back() {
    let (mut world, entry) = saved();
    let same = json!({ "payment_source_token": "pm_visa" });
    world.patch(entry, &same).unwrap();
    assert!(world.entry().state.superseded_tokens.is_empty());
    assert_eq!(world.wallet().head.lines[0].tokens.len(), 1);

    let moved = json!({ "payment_source_token": "pm_moved" });
    world.patch(entry, &moved).unwrap();
    world.patch(entry, &same).unwrap();
    assert_eq!(world.entry().token(), Ok("pm_visa"));
    assert_eq!(world.entry().state.superseded_tokens, ["pm_moved"]);
}

#[test]
fn a_token_that_is_being_forgotten_is_taken_by_no_entry() {
    let (mut world, entry) = saved();
    world.run(&pay("pm_master")).unwrap();
    world.run(&save()).unwrap();
    let other = world.wallet().entries[1].id();
    world.delete(other).unwrap();
    assert!(world.to_be_forgotten().contains("pm_master"));
    let moved = json!({ "payment_source_token": "pm_master" });
    assert!(world.patch(entry, &moved).is_err());
    world.sweep();
    assert_eq!(world.entry().token(), Ok("pm_visa"));
    assert!(!world.gateway.kept.contains("pm_master"));
}

#[test]
fn however_often_it_was_changed_an_entry_can_be_deleted() {
    let (mut world, entry) = saved();
    for number in 0..MOST_WRITES + 20 {
        let token = json!({ "payment_source_token": format!("pm_{number}") });
        world.patch(entry, &token).unwrap();
    }
    let changes = world.deletion(entry);
    // The entry's deletion takes its locator too.
    assert!(changes.len() < MOST_WRITES);
}

#[test]
fn tokens_that_are_too_many_to_be_kept_are_forgotten() {
    let mut world = World::new();
    let count = 60;
    for number in 0..count {
        world.turn_to(&format!("order {number}"));
        let token = format!("pm_{number}");
        world.gateway.card(&token, Some("same"), Some(EXPIRY));
        world.run(&pay(&token)).unwrap();
        world.run(&save()).unwrap();
    }
    let superseded = &world.entry().state.superseded_tokens;
    assert_eq!(superseded.len(), 50);
    assert_eq!(*superseded.last().unwrap(), *"pm_58");
    let first: Vec<_> = (0..9).map(|number| format!("pm_{number}")).collect();
    assert_eq!(world.to_be_forgotten(), first.into_iter().collect());
    world.sweep();
    assert_eq!(world.gateway.kept.len(), 51);
}
