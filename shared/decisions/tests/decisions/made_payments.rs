//! Payments that the shopper's browser made by itself, in the session that it was given.

use decisions::commands::PatchSource;
use domain::Token;
use domain::gateway::Progress;
use domain::refusal::Code;
use serde_json::json;

use crate::asking::{authorize_with, change_source, checkout, save};
use crate::world::{World, refusal};

fn at(name: &str) -> (Code, String) {
    (Code::ValidationError, format!("/data/attributes/{name}"))
}

/// An order with a Checkout.com source whose session the browser may pay in.
fn created() -> World {
    let mut world = World::with_checkout();
    world.run(&checkout(None)).unwrap();
    world.pass(60);
    world
}

/// A payment that the browser made for this order, of its amount.
fn fitting(world: &mut World) -> String {
    world
        .gateway
        .made_in_browser("order", 12_900, Some("cus_1"))
}

fn bring(world: &World, token: &str) -> PatchSource {
    change_source(world, json!({ "token": token }))
}

fn details(world: &World, session: &str) -> PatchSource {
    PatchSource {
        details: true,
        ..change_source(world, json!({ "session_id": session }))
    }
}

fn payment(world: &World) -> Option<&str> {
    world.paid_with().state.payment.as_deref()
}

#[test]
fn a_new_source_takes_it_over_and_keeps_its_session() {
    let mut world = World::with_checkout();
    let made = fitting(&mut world);
    world.run(&checkout(Some(&made))).unwrap();
    assert_eq!(payment(&world), Some("pay_1"));
    let source = world.paid_with();
    assert_eq!(source.state.progress, Progress::Authorized);
    assert_eq!(source.state.instrument, Some(Token::new("src_browser_1")));
    assert!(source.record.get("payment_session").is_some());
    assert!(source.record.get("payment_response").is_some());
}

#[test]
fn one_for_another_order_or_amount_is_not_taken_over() {
    for (order, cents) in [("another order", 12_900), ("order", 12_901)] {
        let mut world = World::with_checkout();
        let made = world.gateway.made_in_browser(order, cents, Some("cus_1"));
        let ended = world.run(&checkout(Some(&made)));
        assert_eq!(refusal(ended), at("token"), "{order} {cents}");
        assert_eq!(world.source, None);
        assert!(world.owed.is_empty());

        let mut world = created();
        let made = world.gateway.made_in_browser(order, cents, Some("cus_1"));
        let before = world.source.clone();
        let ended = world.run(&bring(&world, &made));
        assert_eq!(refusal(ended), at("token"), "{order} {cents}");
        assert_eq!(world.source, before);

        let session = made.replace("pay_", "sid_");
        let ended = world.run(&details(&world, &session));
        assert_eq!(refusal(ended), at("session_id"), "{order} {cents}");
        assert_eq!(world.source, before);
        assert!(world.owed.is_empty());
    }
}

#[test]
fn one_that_the_gateway_does_not_know_is_refused() {
    let mut world = created();
    let ended = world.run(&bring(&world, "pay_unknown"));
    assert_eq!(refusal(ended), at("token"));
    assert_eq!(payment(&world), None);
}

#[test]
fn one_that_is_brought_later_is_taken_over_and_authorised_no_more() {
    let mut world = created();
    let made = fitting(&mut world);
    let both = PatchSource {
        authorize: true,
        ..bring(&world, &made)
    };
    assert_eq!(world.asked_by(&both), ["read payment"]);
    assert_eq!(payment(&world), Some("pay_1"));
    assert!(world.owed.is_empty());
    world.run(&save()).unwrap();
    assert_eq!(world.entry().token(), Ok("src_browser_1"));
}

#[test]
fn one_that_is_brought_after_another_payment_replaces_it() {
    let mut world = created();
    world.run(&authorize_with(&world, "tok_visa")).unwrap();
    let made = fitting(&mut world);
    world.run(&bring(&world, &made)).unwrap();
    assert_eq!(payment(&world), Some("pay_2"));
    world.sweep();
    assert_eq!(world.gateway.live_payments(), ["pay_2"]);
    assert_eq!(world.gateway.kept, ["src_browser_2".to_owned()].into());
}

#[test]
fn one_that_is_brought_again_stays() {
    let mut world = created();
    let made = fitting(&mut world);
    world.run(&bring(&world, &made)).unwrap();
    world.run(&bring(&world, &made)).unwrap();
    assert!(world.owed.is_empty(), "{:?}", world.owed);
    assert_eq!(world.paid_with().state.changes_of_card, 0);
}

#[test]
fn one_that_a_second_source_takes_over_stays_with_its_card() {
    for seconds in [1, 3600] {
        let mut world = World::with_checkout();
        let made = fitting(&mut world);
        world.run(&checkout(Some(&made))).unwrap();
        world.pass(seconds);
        world.run(&checkout(Some(&made))).unwrap();
        assert_eq!(payment(&world), Some("pay_1"));
        world.sweep();
        assert_eq!(world.gateway.live_payments(), ["pay_1"]);
        assert_eq!(world.gateway.kept, ["src_browser_1".to_owned()].into());
        world.run(&save()).unwrap();
    }
}

#[test]
fn one_is_not_brought_to_an_order_that_is_placed() {
    let mut world = created();
    let made = fitting(&mut world);
    world.set("status", "placed");
    assert_eq!(world.refuses(&bring(&world, &made)), at("token"));
}

#[test]
fn the_session_that_the_shopper_comes_back_with_is_read_as_the_payment() {
    let mut world = created();
    let redirected = authorize_with(&world, "tok_redirect_visa");
    world.run(&redirected).unwrap();
    assert_eq!(world.paid_with().state.progress, Progress::Open);
    world.gateway.agreed("pay_1");
    assert_eq!(world.asked_by(&details(&world, "sid_1")), ["read payment"]);
    let state = &world.paid_with().state;
    assert_eq!(state.progress, Progress::Authorized);
    assert_eq!(state.payment.as_deref(), Some("pay_1"));
    assert!(world.owed.is_empty());
    // It is still the payment of that token.
    assert_eq!(world.asked_by(&redirected), [""; 0]);
    world.run(&save()).unwrap();
}

#[test]
fn without_session_the_payment_itself_is_read() {
    let mut world = created();
    let ask = |world: &World| PatchSource {
        details: true,
        ..change_source(world, json!({}))
    };
    assert_eq!(world.refuses(&ask(&world)), at("session_id"));
    world
        .run(&authorize_with(&world, "tok_redirect_visa"))
        .unwrap();
    world.gateway.agreed("pay_1");
    world.run(&ask(&world)).unwrap();
    assert_eq!(world.paid_with().state.progress, Progress::Authorized);
}

#[test]
fn a_session_of_the_same_payment_is_read_though_the_amount_changed_since() {
    let mut world = created();
    world
        .run(&authorize_with(&world, "tok_redirect_visa"))
        .unwrap();
    world.gateway.agreed("pay_1");
    world.set("total_amount_with_taxes_cents", 15_000);
    world.run(&details(&world, "sid_1")).unwrap();
    assert!(world.read(None).partition.mismatches(world.paid_with()));
}
