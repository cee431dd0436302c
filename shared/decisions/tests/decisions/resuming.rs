//! Authorisations whose answer was lost, carried on by the sweeper.

use decisions::Change;
use decisions::commands::DeleteSource;
use domain::EntryId;
use domain::gateway::Progress;
use domain::record::Place;
use serde_json::json;

use crate::asking::{authorize, authorize_with, change_source, checkout, nullify, reuse, save};
use crate::gateway::Mishap;
use crate::world::{Ended, World};

/// An order whose authorisation took effect, though the answer was lost.
fn lost(token: &str) -> World {
    let mut world = World::with_checkout();
    world.run(&checkout(None)).unwrap();
    world.pass(60);
    world.gateway.mishaps.push_back(Mishap::AnswerLost);
    let command = authorize_with(&world, token);
    assert_eq!(world.run(&command), Err(Ended::Unanswered));
    world.pass(60);
    world
}

/// A saved card on a second order, and its entry.
fn reused() -> (World, EntryId) {
    let mut world = World::with_checkout();
    world.run(&checkout(None)).unwrap();
    world.run(&authorize_with(&world, "tok_visa")).unwrap();
    world.run(&save()).unwrap();
    let entry = world.entry().id();
    world.turn_to("second order");
    world.run(&reuse(entry)).unwrap();
    (world, entry)
}

/// Sweeps until nothing is owed.
pub fn settle(world: &mut World) {
    for _ in 0..3 {
        world.sweep();
    }
    assert!(world.owed.is_empty(), "{:?}", world.owed);
}

#[test]
fn the_payment_comes_into_the_source_as_though_it_had_been_answered() {
    for token in ["tok_visa", "tok_redirect_visa", "tok_decline_visa"] {
        let mut swept = lost(token);
        let attempt = swept.order.state.payment_attempt;
        settle(&mut swept);
        let mut answered = lost(token);
        answered.run(&authorize_with(&answered, token)).unwrap();
        assert_eq!(swept.source, answered.source, "{token}");
        assert_eq!(swept.order.state.payment_attempt, attempt + 1);
        // What came of it though nobody was told stands in the order's books from now on.
        let noted = u32::from(token != "tok_redirect_visa");
        assert_eq!(swept.order.state.transactions, noted);
        assert_eq!(swept.order.state.superseded, []);
        let details = |world: &World| world.order.record.get("payment_source_details").cloned();
        assert_eq!(details(&swept), details(&answered));
        assert_eq!(swept.gateway.payments.len(), 1);
        // What the shopper asks for again is there.
        let repeat = authorize_with(&swept, token);
        if token != "tok_decline_visa" {
            assert_eq!(swept.asked_by(&repeat), [""; 0]);
        }
    }
}

#[test]
fn a_step_that_never_arrived_is_taken_now() {
    let mut world = World::with_checkout();
    world.run(&checkout(None)).unwrap();
    world.gateway.mishaps.push_back(Mishap::NotReached);
    assert!(world.run(&authorize_with(&world, "tok_visa")).is_err());
    assert!(world.gateway.payments.is_empty());
    settle(&mut world);
    assert_eq!(world.gateway.live_payments(), ["pay_1"]);
    assert_eq!(world.paid_with().state.payment.as_deref(), Some("pay_1"));
}

#[test]
fn a_step_that_is_not_answered_again_stays_noted() {
    let mut world = lost("tok_visa");
    let due = world.owed.values().next().unwrap().due_at;
    world.gateway.mishaps.push_back(Mishap::NotReached);
    world.sweep();
    let operation = world.owed.values().next().unwrap();
    assert_eq!(operation.tries, 1);
    assert!(operation.due_at >= due);
    settle(&mut world);
    assert_eq!(world.paid_with().state.payment.as_deref(), Some("pay_1"));
}

#[test]
fn a_saved_card_that_was_authorised_stays_the_entrys() {
    let (mut world, entry) = reused();
    world.gateway.mishaps.push_back(Mishap::AnswerLost);
    assert!(world.run(&authorize(&world)).is_err());
    // The sweeper comes to it whichever order is looked at.
    world.turn_to("order");
    settle(&mut world);
    world.turn_to("second order");
    assert_eq!(world.paid_with().state.payment.as_deref(), Some("pay_2"));
    assert_eq!(world.paid_with().state.entry, Some(entry));
    assert!(world.gateway.kept.contains("src_visa_1"));
}

#[test]
fn a_token_that_was_brought_on_a_reused_source_makes_it_another_card() {
    let (mut world, entry) = reused();
    world.gateway.mishaps.push_back(Mishap::AnswerLost);
    assert!(world.run(&authorize_with(&world, "tok_master")).is_err());
    settle(&mut world);
    assert_eq!(world.paid_with().state.entry, None);
    assert_eq!(world.paid_with().shopper_token(), Some("tok_master"));
    world.run(&save()).unwrap();
    assert_eq!(world.wallet().entries.len(), 2);
    assert_eq!(world.wallet().entries[0].id(), entry);
}

#[test]
fn a_payment_with_a_saved_card_that_was_deleted_meanwhile_is_released() {
    for mishap in [Mishap::AnswerLost, Mishap::NotReached] {
        let (mut world, entry) = reused();
        world.gateway.mishaps.push_back(mishap);
        assert!(world.run(&authorize(&world)).is_err());
        world.delete(entry).unwrap();
        assert_eq!(world.source, None);
        settle(&mut world);
        assert_eq!(
            world.gateway.live_payments(),
            ["pay_1"],
            "the first order's"
        );
        assert!(world.gateway.kept.is_empty());
    }
}

#[test]
fn a_payment_that_was_answered_while_its_saved_card_was_deleted_is_released() {
    let (mut world, entry) = reused();
    let command = authorize(&world);
    let ended = world.run_while(&command, |world| world.delete(entry).unwrap());
    assert!(matches!(ended, Err(Ended::Refused(_))));
    settle(&mut world);
    assert_eq!(world.gateway.live_payments(), ["pay_1"]);
    assert!(world.gateway.kept.is_empty());
}

#[test]
fn a_token_that_was_brought_meanwhile_is_what_is_paid_with() {
    let mut world = lost("tok_visa");
    let brought = change_source(&world, json!({ "token": "tok_master" }));
    world.run(&brought).unwrap();
    settle(&mut world);
    world.run(&authorize(&world)).unwrap();
    settle(&mut world);
    assert_eq!(world.gateway.live_payments(), ["pay_2"]);
    assert_eq!(world.gateway.kept, ["src_master_2".to_owned()].into());
}

#[test]
fn a_payment_that_another_card_overtook_is_released_and_its_card_forgotten() {
    let mut world = lost("tok_visa");
    world.run(&authorize_with(&world, "tok_master")).unwrap();
    settle(&mut world);
    assert_eq!(world.gateway.live_payments(), ["pay_2"]);
    assert_eq!(world.paid_with().state.payment.as_deref(), Some("pay_2"));
    assert_eq!(world.gateway.kept, ["src_master_2".to_owned()].into());
}

#[test]
fn a_payment_of_a_source_that_was_dropped_is_released_and_its_card_forgotten() {
    for drop in [nullify(), crate::asking::select("card")] {
        let mut world = lost("tok_visa");
        world.run(&drop).unwrap();
        settle(&mut world);
        assert_eq!(world.gateway.live_payments(), [""; 0]);
        assert_eq!(world.gateway.kept.len(), 0);
        assert_eq!(world.source, None);
    }
}

#[test]
fn a_payment_of_a_source_that_was_replaced_is_released_and_its_card_forgotten() {
    let mut world = lost("tok_visa");
    world.run(&checkout(None)).unwrap();
    settle(&mut world);
    assert_eq!(world.gateway.live_payments(), [""; 0]);
    assert_eq!(world.gateway.kept.len(), 0);
    assert_eq!(world.paid_with().state.payment, None);
}

#[test]
fn a_payment_of_a_source_that_was_deleted_is_released() {
    let mut world = lost("tok_visa");
    let id = world.paid_with().id();
    world.run(&DeleteSource { id }).unwrap();
    settle(&mut world);
    assert_eq!(world.gateway.live_payments(), [""; 0]);
}

#[test]
fn a_card_of_a_source_that_was_deleted_is_forgotten() {
    let mut world = lost("tok_visa");
    let id = world.paid_with().id();
    world.run(&DeleteSource { id }).unwrap();
    settle(&mut world);
    assert_eq!(world.gateway.kept.len(), 0);
}

#[test]
fn a_payment_of_an_order_that_was_closed_meanwhile_is_released() {
    for status in ["placing", "placed", "cancelled"] {
        let mut world = lost("tok_visa");
        world.set("status", status);
        settle(&mut world);
        assert_eq!(world.gateway.live_payments(), [""; 0], "{status}");
        assert_eq!(world.paid_with().state.payment, None, "{status}");
    }
}

#[test]
fn a_decline_of_a_source_that_was_dropped_owes_nothing() {
    let mut world = lost("tok_decline_visa");
    world.run(&nullify()).unwrap();
    world.sweep();
    assert!(world.owed.is_empty(), "{:?}", world.owed);
}

#[test]
fn a_refusal_counts_the_attempt_and_settles_the_step() {
    let mut world = World::with_checkout();
    world.run(&checkout(None)).unwrap();
    world.gateway.mishaps.push_back(Mishap::NotReached);
    assert!(world.run(&authorize_with(&world, "tok_visa")).is_err());
    let before = world.clone();
    world.gateway.mishaps.push_back(Mishap::Refused);
    world.sweep();
    assert!(world.owed.is_empty());
    let attempt = before.order.state.payment_attempt;
    assert_eq!(world.order.state.payment_attempt, attempt + 1);
    assert_eq!(world.source, before.source);
}

#[test]
fn a_refusal_of_an_attempt_that_was_overtaken_changes_nothing_of_the_order() {
    let mut world = World::with_checkout();
    world.run(&checkout(None)).unwrap();
    world.gateway.mishaps.push_back(Mishap::NotReached);
    assert!(world.run(&authorize_with(&world, "tok_visa")).is_err());
    world.run(&authorize_with(&world, "tok_master")).unwrap();
    let order = world.order.clone();
    world.gateway.mishaps.push_back(Mishap::Refused);
    world.sweep();
    assert!(world.owed.is_empty());
    assert_eq!(world.order, order);
}

#[test]
fn what_is_resumed_is_settled_in_the_commit_that_it_changes() {
    let mut world = lost("tok_visa");
    world.sweep();
    let commit = world.commits.last().unwrap();
    let names = |it: &Change| match it {
        Change::Put {
            place: Place::Order,
            ..
        } => "order",
        Change::Put {
            place: Place::Slot(_),
            ..
        } => "source",
        Change::Put {
            place: Place::OfOrder(_),
            ..
        } => "authorization",
        Change::ClaimPayment { .. } => "payment",
        Change::Settle(..) => "settled",
        Change::Owe(operation) if operation.observes() => "watched",
        other => panic!("{other:?}"),
    };
    let mut written: Vec<_> = commit.iter().map(names).collect();
    written.sort_unstable();
    let expected = [
        "authorization",
        "order",
        "payment",
        "settled",
        "source",
        "watched",
    ];
    assert_eq!(written, expected);
    assert_eq!(world.paid_with().state.progress, Progress::Authorized);
}

#[test]
fn a_card_whose_payment_gives_way_to_a_resumed_one_is_forgotten() {
    let mut world = World::with_checkout();
    world.run(&checkout(None)).unwrap();
    let redirected = authorize_with(&world, "tok_redirect_master");
    world.run(&redirected).unwrap();
    world.gateway.agreed("pay_1");
    world
        .gateway
        .mishaps
        .extend([Mishap::None, Mishap::AnswerLost]);
    let lost = authorize_with(&world, "tok_visa");
    assert_eq!(world.run(&lost), Err(Ended::Unanswered));
    settle(&mut world);
    assert_eq!(world.gateway.live_payments(), ["pay_2"]);
    assert_eq!(world.gateway.kept, ["src_visa_2".to_owned()].into());
}
