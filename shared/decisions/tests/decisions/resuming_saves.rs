//! Saves whose answer was lost, carried on by the sweeper.

use decisions::commands::DeleteSource;
use domain::wallet::MOST_ENTRIES;
use serde_json::json;

use crate::asking::{change_source, external, klarna, nullify, save};
use crate::gateway::Mishap;
use crate::resuming::settle;
use crate::saving::fill;
use crate::world::{Ended, World, id};
use domain::CustomerId;

/// An order whose save took effect, though the answer was lost.
fn lost_save(mut world: World) -> World {
    world.gateway.mishaps.push_back(Mishap::AnswerLost);
    assert_eq!(world.run(&save()), Err(Ended::Unanswered));
    assert_eq!(world.gateway.kept.len(), 1);
    world.pass(60);
    world
}

fn approved() -> World {
    let mut world = World::with_klarna();
    world.run(&klarna()).unwrap();
    world.pass(60);
    world.gateway.approve("auth_1");
    let brought = change_source(&world, json!({ "auth_token": "auth_1" }));
    world.run(&brought).unwrap();
    world
}

fn shops() -> World {
    let mut world = World::with_external();
    world.run(&external("token")).unwrap();
    world
}

#[test]
fn a_late_answer_does_not_bring_a_deleted_entry_back() {
    let mut world = lost_save(approved());
    let late = world.owed.values().next().unwrap().clone();
    world.run(&save()).unwrap();
    let entry = world.entry().id();
    world.delete(entry).unwrap();
    world.resume(&late).unwrap();
    assert!(world.wallet().entries.is_empty());
    settle(&mut world);
    assert!(world.gateway.kept.is_empty());
}

#[test]
fn a_late_answer_to_what_was_saved_already_changes_nothing() {
    let mut world = lost_save(approved());
    let late = world.owed.values().next().unwrap().clone();
    world.run(&save()).unwrap();
    let wallets = world.wallets.clone();
    world.resume(&late).unwrap();
    assert_eq!(world.wallets, wallets);
    assert!(world.owed.is_empty(), "{:?}", world.owed);
}

#[test]
fn a_save_makes_the_entry_that_it_would_have_made() {
    for mut world in [lost_save(approved()), lost_save(shops())] {
        settle(&mut world);
        assert_eq!(world.gateway.kept.len(), 1);
        let token = world.entry().token().unwrap();
        assert!(world.gateway.kept.contains(token));
        let source = world.paid_with().id();
        assert_eq!(world.wallet().head.lines[0].sources, [source]);
        // The shopper asks again.
        assert_eq!(world.asked_by(&save()), [""; 0]);
        assert_eq!(world.wallet().entries.len(), 1);
    }
}

#[test]
fn a_save_of_an_order_that_was_placed_meanwhile_makes_the_entry() {
    let mut world = lost_save(approved());
    world.set("status", "placed");
    settle(&mut world);
    assert_eq!(world.entry().token(), Ok("ctok_1"));
}

#[test]
fn a_save_whose_source_is_gone_forgets_the_token() {
    let mut world = lost_save(approved());
    world.run(&nullify()).unwrap();
    settle(&mut world);
    assert_eq!(world.gateway.kept.len(), 0);
    assert!(world.wallets.values().all(|it| it.entries.is_empty()));
    assert_eq!(world.gateway.held_approvals(), [""; 0]);
}

#[test]
fn a_save_whose_source_was_deleted_forgets_the_token() {
    let mut world = lost_save(approved());
    let id = world.paid_with().id();
    world.run(&DeleteSource { id }).unwrap();
    settle(&mut world);
    assert_eq!(world.gateway.kept.len(), 0);
}

#[test]
fn a_save_that_another_approval_overtook_keeps_the_former_token_out_of_the_wallet() {
    let mut world = lost_save(approved());
    world.gateway.approve("auth_2");
    let brought = change_source(&world, json!({ "auth_token": "auth_2" }));
    world.run(&brought).unwrap();
    settle(&mut world);
    world.run(&save()).unwrap();
    settle(&mut world);
    let token = world.entry().token().unwrap();
    assert_eq!(token, "ctok_2", "what the shopper approved last");
    assert_eq!(world.gateway.kept, [token.to_owned()].into());
}

#[test]
fn a_save_of_an_order_that_became_a_guests_forgets_the_token() {
    let mut world = lost_save(approved());
    world.set("guest", true);
    settle(&mut world);
    assert_eq!(world.gateway.kept.len(), 0);
    assert!(world.wallets.values().all(|it| it.entries.is_empty()));
}

#[test]
fn a_step_whose_document_cannot_be_written_any_more_is_settled() {
    let mut world = lost_save(shops());
    let id = world.paid_with().id();
    world.run(&DeleteSource { id }).unwrap();
    world.sweep();
    assert!(world.owed.is_empty(), "{:?}", world.owed);
}

#[test]
fn a_save_into_a_full_wallet_keeps_nothing_and_comes_to_an_end() {
    let mut world = approved();
    fill(&mut world, MOST_ENTRIES);
    assert!(world.run(&save()).is_err());
    settle(&mut world);
    assert_eq!(world.gateway.kept.len(), 0);
}

#[test]
fn a_resumed_save_into_a_full_wallet_keeps_nothing_and_comes_to_an_end() {
    let mut world = lost_save(approved());
    fill(&mut world, MOST_ENTRIES);
    settle(&mut world);
    assert_eq!(world.gateway.kept.len(), 0);
    assert_eq!(
        world.wallets[&CustomerId::new(id("customer"))]
            .entries
            .len(),
        0
    );
}
