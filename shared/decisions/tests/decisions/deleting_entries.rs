//! Deleting a saved source: here at once, at its gateway soon, and for good.

use decisions::Change;
use decisions::commands::DropReused;
use domain::gateway::{GatewayKind, GatewayRequest, Progress};
use domain::operation::Owner;
use domain::refusal::Code;
use domain::wallet::{CardKeys, Line};
use domain::{CustomerId, EntryId, GatewayId, Refusal, SourceId};

use crate::asking::{authorize, authorize_with, checkout, pay, reuse, save};
use crate::gateway::{EXPIRY, Mishap};
use crate::world::{Ended, World, id, lookup, refusal};

/// A Stripe order whose card was saved.
fn saved(card: &str) -> (World, EntryId) {
    let mut world = World::new();
    world.run(&pay(card)).unwrap();
    world.run(&save()).unwrap();
    world.pass(60);
    let entry = world.entry().id();
    (world, entry)
}

/// The same, with the card on a second order.
fn reused() -> (World, EntryId) {
    let (mut world, entry) = saved("pm_visa");
    world.turn_to("second order");
    world.run(&reuse(entry)).unwrap();
    (world, entry)
}

/// A card that was entered and saved anew for each of these tokens.
fn entered_anew(tokens: &[&str]) -> (World, EntryId) {
    let mut world = World::new();
    for token in tokens {
        world.gateway.card(token, Some("same"), Some(EXPIRY));
        world.run(&pay(token)).unwrap();
        world.run(&save()).unwrap();
        world.pass(60);
    }
    let entry = world.entry().id();
    (world, entry)
}

fn tokens(owed: &[&str]) -> std::collections::BTreeSet<String> {
    owed.iter().map(|it| (*it).to_owned()).collect()
}

#[test]
fn entry_and_line_go_and_the_gateway_is_told_in_one_transaction() {
    let (mut world, entry) = saved("pm_visa");
    let source = world.paid_with().id();
    let changes = world.deletion(entry);
    let [
        Change::PutHead(customer, head),
        Change::Delete { of: deleted, .. },
        Change::Owe(owed),
    ] = &changes[..]
    else {
        panic!("{changes:?}");
    };
    assert_eq!(
        (*customer, deleted.id),
        (CustomerId::new(id("customer")), entry.into())
    );
    assert_eq!(head.version, world.wallet().head.version);
    assert!(head.lines.is_empty());
    assert_eq!(head.deleted, [source]);
    assert_eq!(owed.owner, Owner::Customer(CustomerId::new(id("customer"))));
    assert_eq!(
        (owed.gateway, owed.tries),
        (GatewayId::new(id("stripe")), 0)
    );
    assert_eq!(owed.gateway_kind, GatewayKind::Stripe);
    let request = GatewayRequest::Forget {
        payment_source_token: "pm_visa".to_owned(),
    };
    assert_eq!(owed.request, request);
}

#[test]
fn what_is_not_an_entry_is_not_found() {
    let (mut world, entry) = saved("pm_visa");
    assert_eq!(
        world.delete(EntryId::new(id("unknown"))),
        Err(Ended::Refused(Refusal::not_found()))
    );
    world.delete(entry).unwrap();
    assert_eq!(
        world.delete(entry),
        Err(Ended::Refused(Refusal::not_found()))
    );
}

#[test]
fn the_gateway_is_told_until_it_answers() {
    let (mut world, entry) = saved("pm_visa");
    world.delete(entry).unwrap();
    assert!(world.wallet().entries.is_empty(), "gone at once");
    world.gateway.mishaps.push_back(Mishap::NotReached);
    world.sweep();
    assert_eq!(world.owes(), ["forget"]);
    world.sweep();
    assert!(world.owed.is_empty());
    assert!(world.gateway.forgotten.contains("pm_visa"));
}

#[test]
fn superseded_tokens_are_forgotten_with_it() {
    let (mut world, entry) = entered_anew(&["pm_1", "pm_2", "pm_3"]);
    world.delete(entry).unwrap();
    let forgotten = world.to_be_forgotten();
    assert_eq!(forgotten, tokens(&["pm_1", "pm_2", "pm_3"]));
}

#[test]
fn a_token_that_another_entry_holds_is_not_forgotten() {
    let (mut world, entry) = entered_anew(&["pm_1", "pm_2"]);
    // The token moved to another entry, whose line alone tells of it.
    let mut wallet = world.wallet().clone();
    let reusable = domain::gateway::Reusable {
        customer_token: "cus_1".to_owned(),
        payment_source_token: "pm_1".to_owned(),
        name: String::new(),
        fingerprint: None,
        expiry: None,
        snapshot: serde_json::Map::new(),
    };
    let keys = CardKeys::of(&reusable, GatewayId::new(id("stripe")), &lookup());
    let line = Line::new(
        EntryId::new(id("another")),
        keys,
        SourceId::new(id("another source")),
    );
    wallet.head.lines.push(line);
    world
        .wallets
        .insert(CustomerId::new(id("customer")), wallet);
    world.delete(entry).unwrap();
    assert_eq!(world.to_be_forgotten(), tokens(&["pm_2"]));
}

#[test]
fn a_token_of_the_same_name_at_another_gateway_is_forgotten() {
    let (mut world, entry) = saved("pm_visa");
    world.run(&crate::asking::select("other card")).unwrap();
    world.run(&pay("pm_visa")).unwrap();
    world.run(&save()).unwrap();
    assert_eq!(world.wallet().entries.len(), 2);
    world.delete(entry).unwrap();
    assert_eq!(world.to_be_forgotten(), tokens(&["pm_visa"]));
}

#[test]
fn saving_the_same_source_again_is_refused_for_good() {
    let (mut world, entry) = saved("pm_visa");
    world.delete(entry).unwrap();
    for _ in 0..2 {
        let refused = world.refuses(&save());
        assert_eq!(refused.0, Code::PaymentSourceNotReusable);
        world.sweep();
    }
    assert!(world.gateway.forgotten.contains("pm_visa"));
    assert!(world.wallet().entries.is_empty());
}

#[test]
fn every_source_that_it_was_saved_from_is_refused() {
    let (mut world, entry) = saved("pm_visa");
    world.turn_to("second order");
    world.run(&pay("pm_visa")).unwrap();
    world.run(&save()).unwrap();
    assert_eq!(world.wallet().head.lines[0].sources.len(), 2);
    world.delete(entry).unwrap();
    for order in ["order", "second order"] {
        world.turn_to(order);
        let refused = world.refuses(&save());
        assert_eq!(refused.0, Code::PaymentSourceNotReusable, "{order}");
    }
}

#[test]
fn another_source_of_a_card_that_is_being_forgotten_is_refused() {
    let (mut world, entry) = saved("pm_visa");
    world.delete(entry).unwrap();
    world.turn_to("second order");
    world.run(&pay("pm_visa")).unwrap();
    for _ in 0..2 {
        let refused = refusal(world.run(&save()));
        assert_eq!(refused.0, Code::PaymentSourceNotReusable);
        assert!(world.wallet().entries.is_empty());
        world.gateway.mishaps.push_back(Mishap::AnswerLost);
        world.sweep();
        assert!(!world.owed.is_empty(), "its answer was lost");
    }
    world.sweep();
    assert!(world.owed.is_empty());
    assert_eq!(world.wallet().head.forgetting, Vec::<String>::new());
    let refused = refusal(world.run(&save()));
    assert_eq!(refused.0, Code::PaymentSourceNotReusable);
}

#[test]
fn another_source_of_a_card_that_the_gateway_has_forgotten_is_refused() {
    let (mut world, entry) = saved("pm_visa");
    world.turn_to("second order");
    world.run(&pay("pm_visa")).unwrap();
    world.delete(entry).unwrap();
    world.sweep();
    assert_eq!(
        refusal(world.run(&save())).0,
        Code::PaymentSourceNotReusable
    );
    assert!(world.wallet().entries.is_empty());
}

#[test]
fn the_same_card_entered_anew_after_that_is_a_new_entry() {
    let (mut world, entry) = entered_anew(&["pm_1"]);
    world.delete(entry).unwrap();
    world.gateway.card("pm_2", Some("same"), Some(EXPIRY));
    world.run(&pay("pm_2")).unwrap();
    world.run(&save()).unwrap();
    assert_ne!(world.entry().id(), entry);
    world.sweep();
    assert_eq!(world.gateway.kept, tokens(&["pm_2"]));
}

#[test]
fn an_open_order_loses_the_source_that_was_made_from_it() {
    let (mut world, entry) = reused();
    world.delete(entry).unwrap();
    assert_eq!(world.source, None);
    assert_eq!(world.owes(), ["forget", "release"]);
    world.turn_to("order");
    assert!(world.source.is_some(), "the card was entered there");
}

#[test]
fn an_order_past_that_keeps_it() {
    for status in ["placing", "placed", "approved", "cancelled"] {
        let (mut world, entry) = reused();
        world.set("status", status);
        let before = world.source.clone();
        world.delete(entry).unwrap();
        assert_eq!(world.source, before, "{status}");
        assert_eq!(world.owes(), ["forget"]);
    }
}

#[test]
fn an_order_that_another_source_came_onto_keeps_that() {
    let (mut world, entry) = reused();
    world.run(&pay("pm_master")).unwrap();
    let before = world.source.clone();
    world.delete(entry).unwrap();
    assert_eq!(world.source, before);
}

#[test]
fn a_gateway_that_does_not_answer_does_not_keep_the_source_there() {
    let (mut world, entry) = reused();
    world.gateway.mishaps.push_back(Mishap::NotReached);
    world.delete(entry).unwrap();
    assert_eq!(world.source, None);
    assert!(world.wallet().entries.is_empty());
    world.sweep();
    assert_eq!(world.gateway.live_payments(), ["pi_1"], "the first order's");
}

#[test]
fn the_gateway_is_asked_how_far_the_payment_has_come_unless_told_otherwise() {
    let (mut world, entry) = reused();
    let mut unasked = world.clone();
    let ask = DropReused { entry, ask: true };
    assert_eq!(world.asked_by(&ask), ["read payment"]);
    let ask = DropReused { entry, ask: false };
    assert_eq!(unasked.asked_by(&ask), [""; 0]);
    assert_eq!(world.source, unasked.source);
    assert_eq!(world.owed, unasked.owed);
    // Nothing more to drop.
    assert_eq!(world.asked_by(&DropReused { entry, ask: true }), [""; 0]);
}

#[test]
fn a_captured_payment_stays_on_its_order() {
    let (mut world, entry) = reused();
    let payment = world.gateway.payments.get_mut("pi_2").unwrap();
    payment.progress = Progress::Captured;
    let before = world.source.clone();
    world.delete(entry).unwrap();
    assert_eq!(world.source, before);
    assert!(world.wallet().entries.is_empty());
}

#[test]
fn a_payment_that_was_authorised_with_it_is_released_and_the_card_forgotten_once() {
    let mut world = World::with_checkout();
    world.run(&checkout(None)).unwrap();
    world.run(&authorize_with(&world, "tok_visa")).unwrap();
    world.run(&save()).unwrap();
    let entry = world.entry().id();
    world.turn_to("second order");
    world.run(&reuse(entry)).unwrap();
    world.run(&authorize(&world)).unwrap();
    world.delete(entry).unwrap();
    assert_eq!(world.owes(), ["forget", "release"]);
    world.sweep();
    assert_eq!(world.gateway.live_payments(), ["pay_1"]);
    assert!(world.gateway.kept.is_empty());
}

#[test]
fn reuse_notes_the_order_in_the_head() {
    let (world, entry) = reused();
    let line = world.wallet().head.line(entry).unwrap();
    assert_eq!(line.orders, [id("second order")]);
}

#[test]
fn a_reuse_at_the_same_moment_is_undone_by_the_deletion() {
    let (mut world, entry) = saved("pm_visa");
    world.turn_to("second order");
    world
        .delete_while(entry, |world| {
            world.run(&reuse(entry)).unwrap();
        })
        .unwrap();
    assert_eq!(world.source, None);
    assert!(world.wallet().entries.is_empty());
    world.sweep();
    assert_eq!(world.gateway.live_payments(), ["pi_1"]);
}

#[test]
fn a_save_of_the_same_card_at_the_same_moment_does_not_outlive_the_deletion() {
    let (mut world, entry) = saved("pm_visa");
    world.turn_to("second order");
    world.run(&pay("pm_visa")).unwrap();
    world
        .delete_while(entry, |world| {
            world.run(&save()).unwrap();
        })
        .unwrap();
    assert!(world.wallet().entries.is_empty());
    assert_eq!(world.refuses(&save()).0, Code::PaymentSourceNotReusable);
}

#[test]
fn a_deletion_at_the_same_moment_as_a_save_leaves_no_entry_of_the_card() {
    let (mut world, entry) = saved("pm_visa");
    world.turn_to("second order");
    world.run(&pay("pm_visa")).unwrap();
    let ended = world.run_while(&save(), |world| world.delete(entry).unwrap());
    assert_eq!(refusal(ended).0, Code::PaymentSourceNotReusable);
    assert!(world.wallet().entries.is_empty());
    world.sweep();
    assert!(!world.gateway.kept.contains("pm_visa"));
}
