//! What a gateway keeps by itself of what paid: it goes with the payment, unless the customer saved it.

use decisions::commands::DeleteSource;
use domain::refusal::Code;
use domain::{Role, gateway::Progress};

use crate::asking::{authorize_with, change_source, checkout, nullify, save, select};
use crate::gateway::Mishap;
use crate::world::{World, refusal};

/// An order that was authorised with a card.
fn held(token: &str) -> World {
    let mut world = World::with_checkout();
    world.run(&checkout(None)).unwrap();
    world.run(&authorize_with(&world, token)).unwrap();
    world.pass(60);
    world
}

/// Every way in which a payment source goes.
fn for_each_way(check: impl Fn(&dyn Fn(&mut World))) {
    check(&|world| {
        world.run(&nullify()).unwrap();
    });
    check(&|world| {
        world.run(&select("card")).unwrap();
    });
    check(&|world| {
        world.run(&checkout(None)).unwrap();
    });
    check(&|world| {
        let id = world.paid_with().id();
        world.run(&DeleteSource { id }).unwrap();
    });
}

#[test]
fn it_is_forgotten_with_its_payment() {
    for_each_way(|drop| {
        let mut world = held("tok_visa");
        drop(&mut world);
        assert_eq!(world.owes(), ["forget", "release"]);
        world.sweep();
        assert_eq!(world.gateway.live_payments(), [""; 0]);
        assert!(world.gateway.kept.is_empty());
    });
}

#[test]
fn it_stays_where_it_was_saved() {
    for_each_way(|drop| {
        let mut world = held("tok_visa");
        world.run(&save()).unwrap();
        drop(&mut world);
        assert_eq!(world.owes(), ["release"]);
        world.sweep();
        assert!(world.gateway.kept.contains("src_visa_1"));
        assert_eq!(world.entry().token(), Ok("src_visa_1"));
    });
}

#[test]
fn a_declined_payment_needs_no_release() {
    for_each_way(|drop| {
        let mut world = held("tok_decline_visa");
        drop(&mut world);
        assert!(world.owed.is_empty(), "{:?}", world.owed);
    });
}

#[test]
fn a_source_that_nothing_was_paid_with_owes_nothing() {
    for_each_way(|drop| {
        let mut world = World::with_checkout();
        world.run(&checkout(None)).unwrap();
        world.pass(60);
        drop(&mut world);
        assert!(world.owed.is_empty(), "{:?}", world.owed);
    });
}

#[test]
fn a_payment_that_waits_for_the_shopper_is_released() {
    for_each_way(|drop| {
        let mut world = held("tok_redirect_visa");
        drop(&mut world);
        assert_eq!(world.owes(), ["release"]);
    });
}

#[test]
fn what_the_shopper_agreed_to_meanwhile_is_released() {
    for_each_way(|drop| {
        let mut world = held("tok_redirect_visa");
        world.gateway.agreed("pay_1");
        drop(&mut world);
        world.sweep();
        assert_eq!(world.gateway.live_payments(), [""; 0]);
    });
}

#[test]
fn what_was_kept_when_the_shopper_agreed_meanwhile_is_forgotten() {
    for_each_way(|drop| {
        let mut world = held("tok_redirect_visa");
        world.gateway.agreed("pay_1");
        drop(&mut world);
        world.sweep();
        assert!(world.gateway.kept.is_empty(), "{:?}", world.gateway.kept);
    });
}

#[test]
fn what_was_kept_when_the_shopper_agreed_meanwhile_gives_way_to_another_card() {
    let mut world = held("tok_redirect_visa");
    world.gateway.agreed("pay_1");
    world.run(&authorize_with(&world, "tok_master")).unwrap();
    world.sweep();
    assert_eq!(world.gateway.live_payments(), ["pay_2"]);
    assert_eq!(world.gateway.kept, ["src_master_2".to_owned()].into());
}

#[test]
fn it_is_forgotten_though_the_order_became_a_guests() {
    let mut world = held("tok_visa").with_role(Role::Integration);
    world.set("guest", true);
    world.run(&nullify()).unwrap();
    world.sweep();
    assert!(world.gateway.kept.is_empty());
}

#[test]
fn a_captured_payment_keeps_its_source_and_its_card() {
    let mut world = held("tok_visa");
    let payment = world.gateway.payments.get_mut("pay_1").unwrap();
    payment.progress = Progress::Captured;
    let before = world.source.clone();
    assert_eq!(refusal(world.run(&nullify())).0, Code::ValidationError);
    assert_eq!(world.source, before);
    assert!(world.owed.is_empty());
}

#[test]
fn a_card_that_is_saved_while_it_is_owed_to_be_forgotten_stays() {
    let mut world = held("tok_visa");
    world.run(&nullify()).unwrap();
    assert!(world.to_be_forgotten().contains("src_visa_1"));
    // The same instrument pays another order, and is saved from there.
    world.turn_to("second order");
    world.run(&checkout(None)).unwrap();
    world.run(&authorize_with(&world, "tok_master")).unwrap();
    let held = world.gateway.payments.get_mut("pay_2").unwrap();
    held.instrument = Some("src_visa_1".to_owned());
    let refresh = decisions::commands::PatchSource {
        refresh: true,
        ..change_source(&world, serde_json::json!({}))
    };
    world.run(&refresh).unwrap();
    world.run(&save()).unwrap();
    assert!(!world.to_be_forgotten().contains("src_visa_1"), "void");
    world.sweep();
    assert!(world.gateway.kept.contains("src_visa_1"));
}

#[test]
fn a_debt_is_carried_on_until_it_is_paid_with_a_key_of_its_own_each_time() {
    let mut world = held("tok_visa");
    world.run(&nullify()).unwrap();
    let lost = [Mishap::NotReached, Mishap::AnswerLost];
    world.gateway.mishaps.extend(lost);
    world.sweep();
    assert_eq!(world.owes(), ["forget", "release"]);
    world.sweep();
    assert!(world.owed.is_empty());
    let calls = &world.gateway.calls[world.gateway.calls.len() - 4..];
    let keys: std::collections::BTreeSet<_> = calls.iter().map(crate::gateway::key).collect();
    assert_eq!(keys.len(), 4);
}
