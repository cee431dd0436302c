//! `_authorize`: the amount is held, with what the browser brought or with a saved source.

use domain::EntryId;
use domain::Token;
use domain::gateway::{GatewayRequest, NewPayment, Progress};
use domain::refusal::Code;
use serde_json::json;

use crate::asking::{authorize, authorize_with, change_source, checkout, nullify, reuse, save};
use crate::gateway::Mishap;
use crate::world::{World, refusal};

const TRIGGER: &str = "/data/attributes/_authorize";

fn at(pointer: &str) -> (Code, String) {
    (Code::ValidationError, pointer.to_owned())
}

/// An order with a Checkout.com source that nothing was paid with yet.
fn created() -> World {
    let mut world = World::with_checkout();
    world.run(&checkout(None)).unwrap();
    world.pass(60);
    world
}

/// The same, authorised with a card.
fn held(token: &str) -> World {
    let mut world = created();
    world.run(&authorize_with(&world, token)).unwrap();
    world
}

/// A saved card, put on another order, and its entry.
fn reused() -> (World, EntryId) {
    let mut world = held("tok_visa");
    world.run(&save()).unwrap();
    let entry = world.entry().id();
    world.turn_to("second order");
    world.run(&reuse(entry)).unwrap();
    (world, entry)
}

fn authorizations(world: &World) -> Vec<&NewPayment> {
    let requests = world.gateway.calls.iter().map(|call| &call.request);
    let authorized = requests.filter_map(|request| match request {
        GatewayRequest::AuthorizePayment(new) => Some(new),
        _ => None,
    });
    authorized.collect()
}

fn payment(world: &World) -> &str {
    world.paid_with().state.payment.as_deref().unwrap()
}

#[test]
fn the_amount_due_is_held_for_the_orders_customer() {
    let world = held("tok_visa");
    let [new] = authorizations(&world)[..] else {
        panic!("one authorisation");
    };
    assert_eq!(new.amount.cents, 12_900);
    assert_eq!(new.order, world.order.id());
    assert_eq!(new.customer_token.as_deref(), Some("cus_1"));
    assert_eq!(new.shopper_token.as_deref(), Some("tok_visa"));
    assert_eq!(new.saved, None);
    let success = new.given_text("success_url");
    assert_eq!(success, Some("https://shop.example.com/success"));
    assert!(!new.given.contains_key("token"), "the token goes once");

    let state = &world.paid_with().state;
    assert_eq!(state.payment.as_deref(), Some("pay_1"));
    assert_eq!(state.progress, Progress::Authorized);
    assert_eq!(state.instrument, Some(Token::new("src_visa_1")));
    let details = world.order.record.get("payment_source_details");
    assert_eq!(details, Some(&json!({ "card": "visa" })));
}

#[test]
fn the_amount_is_the_orders_at_that_moment() {
    let mut world = created();
    world.set("total_amount_with_taxes_cents", 15_000);
    world.run(&authorize_with(&world, "tok_visa")).unwrap();
    assert_eq!(world.gateway.payments["pay_1"].amount.cents, 15_000);
    assert_eq!(world.paid_with().state.amount.cents, 15_000);
}

#[test]
fn nothing_due_is_not_authorised() {
    let mut world = created();
    world.set("total_amount_with_taxes_cents", 0);
    let refused = world.refuses(&authorize_with(&world, "tok_visa"));
    assert_eq!(refused, at(TRIGGER));
}

#[test]
fn it_takes_something_to_pay_with() {
    let mut world = created();
    let refused = world.refuses(&authorize(&world));
    assert_eq!(refused, at("/data/attributes/token"));
}

#[test]
fn the_token_may_be_brought_before() {
    let mut world = created();
    let bring = change_source(&world, json!({ "token": "tok_visa" }));
    assert_eq!(world.asked_by(&bring), [""; 0]);
    world.run(&authorize(&world)).unwrap();
    assert_eq!(payment(&world), "pay_1");
}

#[test]
fn only_an_open_orders_payment_is_authorised() {
    for status in ["editing", "placing", "placed", "approved", "cancelled"] {
        let mut world = created();
        world.set("status", status);
        assert_eq!(world.refuses(&authorize(&world)), at(TRIGGER));
    }
}

#[test]
fn the_same_token_again_asks_nobody_while_the_payment_lives() {
    for token in ["tok_visa", "tok_redirect_visa"] {
        let mut world = held(token);
        world.pass(3600);
        assert_eq!(world.asked_by(&authorize_with(&world, token)), [""; 0]);
        assert_eq!(world.asked_by(&authorize(&world)), [""; 0]);
        assert_eq!(world.gateway.live_payments(), ["pay_1"]);
        assert!(world.owed.is_empty());
    }
}

#[test]
fn a_decline_is_an_answer_and_a_new_token_asks_again_with_another_attempt() {
    let mut world = held("tok_decline_visa");
    assert_eq!(world.paid_with().state.progress, Progress::Declined);
    assert_eq!(world.gateway.live_payments(), [""; 0]);

    world.run(&authorize_with(&world, "tok_master")).unwrap();
    assert_eq!(payment(&world), "pay_2");
    assert_eq!(world.paid_with().state.progress, Progress::Authorized);
    assert!(world.owed.is_empty(), "a declined payment holds nothing");
    let asked = world.gateway.calls.iter();
    let asked = asked.filter(|it| matches!(it.request, GatewayRequest::AuthorizePayment(_)));
    let attempts: Vec<_> = asked.map(|it| it.attempt).collect();
    assert_eq!(attempts, [1, 2]);
}

#[test]
fn a_declined_token_that_is_brought_again_is_answered_with_its_decline() {
    let mut world = held("tok_decline_visa");
    let again = authorize_with(&world, "tok_decline_visa");
    assert_eq!(world.asked_by(&again), [""; 0]);
    assert_eq!(world.paid_with().state.progress, Progress::Declined);
    assert_eq!(payment(&world), "pay_1");
    assert!(world.owed.is_empty());
}

#[test]
fn another_card_releases_the_former_payment_and_forgets_its_card() {
    let mut world = held("tok_visa");
    world.run(&authorize_with(&world, "tok_master")).unwrap();
    assert_eq!(payment(&world), "pay_2");
    let released = (Some("pay_1".to_owned()), None);
    assert_eq!(world.to_be_released(), [released].into());
    assert_eq!(world.to_be_forgotten(), ["src_visa_1".to_owned()].into());

    world.sweep();
    assert_eq!(world.gateway.live_payments(), ["pay_2"]);
    assert_eq!(world.gateway.kept, ["src_master_2".to_owned()].into());
}

#[test]
fn another_card_releases_the_former_payment_and_leaves_its_saved_card() {
    let mut world = held("tok_visa");
    world.run(&save()).unwrap();
    world.run(&authorize_with(&world, "tok_master")).unwrap();
    assert_eq!(world.owes(), ["release"]);
    world.run(&save()).unwrap();
    assert_eq!(world.wallet().entries.len(), 2);
}

#[test]
fn a_payment_that_waits_for_the_shopper_gives_way_to_another_card() {
    let mut world = held("tok_redirect_visa");
    assert_eq!(world.paid_with().state.progress, Progress::Open);
    world.run(&authorize_with(&world, "tok_master")).unwrap();
    assert_eq!(world.owes(), ["release"]);
    world.sweep();
    assert_eq!(world.gateway.live_payments(), ["pay_2"]);
}

#[test]
fn a_captured_payment_is_not_authorised_again() {
    let mut world = held("tok_visa");
    let captured = world.gateway.payments.get_mut("pay_1").unwrap();
    captured.progress = Progress::Captured;
    let mut refresh = change_source(&world, json!({}));
    refresh.refresh = true;
    world.run(&refresh).unwrap();
    let refused = world.refuses(&authorize_with(&world, "tok_master"));
    assert_eq!(refused, at(TRIGGER));
}

#[test]
fn a_payment_that_was_captured_meanwhile_is_not_replaced_by_another_card() {
    let mut world = held("tok_visa");
    let captured = world.gateway.payments.get_mut("pay_1").unwrap();
    captured.progress = Progress::Captured;
    let ended = world.run(&authorize_with(&world, "tok_master"));
    assert_eq!(refusal(ended).0, Code::ValidationError);
    assert_eq!(payment(&world), "pay_1");
    assert_eq!(world.gateway.live_payments(), [""; 0]);
}

#[test]
fn a_refusal_leaves_source_and_debts_as_they_were() {
    let mut world = held("tok_visa");
    let before = world.clone();
    // Reading is not what is refused.
    let declined = [Mishap::Refused, Mishap::Refused];
    world.gateway.mishaps.extend(declined);
    let refused = world.run(&authorize_with(&before, "tok_master"));
    assert_eq!(
        refusal(refused),
        (Code::PaymentDeclined, "/data/attributes/token".to_owned())
    );
    assert_eq!(world.source, before.source);
    assert!(world.owed.is_empty(), "{:?}", world.owed);
    let attempt = before.order.state.payment_attempt;
    assert_eq!(world.order.state.payment_attempt, attempt + 1);
}

#[test]
fn a_reused_source_is_authorised_with_the_entrys_token() {
    let (mut world, entry) = reused();
    assert_eq!(world.paid_with().state.payment, None);
    world.run(&authorize(&world)).unwrap();
    let new = *authorizations(&world).last().unwrap();
    assert_eq!(new.saved.as_deref(), Some("src_visa_1"));
    assert_eq!(new.shopper_token, None);
    assert_eq!(new.customer_token.as_deref(), Some("cus_1"));
    assert_eq!(world.paid_with().state.entry, Some(entry));
    assert_eq!(payment(&world), "pay_2");
    assert_eq!(world.asked_by(&authorize(&world)), [""; 0]);
    // It is saved already.
    assert_eq!(world.asked_by(&save()), [""; 0]);
    assert_eq!(world.wallet().entries.len(), 1);
}

#[test]
fn dropping_a_reused_payment_leaves_the_saved_card() {
    let (mut world, _) = reused();
    world.run(&authorize(&world)).unwrap();
    world.run(&nullify()).unwrap();
    assert_eq!(world.owes(), ["release"]);
    world.sweep();
    assert_eq!(world.gateway.live_payments(), ["pay_1"]);
    assert!(world.gateway.kept.contains("src_visa_1"));
}

#[test]
fn a_token_that_is_brought_on_a_reused_source_makes_it_another_card() {
    let (mut world, entry) = reused();
    world.run(&authorize_with(&world, "tok_master")).unwrap();
    let new = *authorizations(&world).last().unwrap();
    assert_eq!(new.shopper_token.as_deref(), Some("tok_master"));
    assert_eq!(new.saved, None);
    assert_eq!(world.paid_with().state.entry, None);

    world.run(&save()).unwrap();
    let entries = &world.wallet().entries;
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[0].id(), entry);
    assert_eq!(entries[1].token(), Ok("src_master_2"));
}

#[test]
fn a_token_on_a_reused_source_that_was_authorised_releases_that_payment_alone() {
    let (mut world, _) = reused();
    world.run(&authorize(&world)).unwrap();
    world.run(&authorize_with(&world, "tok_master")).unwrap();
    let released = (Some("pay_2".to_owned()), None);
    assert_eq!(world.to_be_released(), [released].into());
    assert!(world.to_be_forgotten().is_empty());
}

#[test]
fn another_amount_is_authorised_anew_with_the_saved_card_and_the_former_payment_released() {
    let (mut world, entry) = reused();
    world.run(&authorize(&world)).unwrap();
    world.set("total_amount_with_taxes_cents", 15_000);
    world.run(&authorize(&world)).unwrap();
    assert_eq!(payment(&world), "pay_3");
    assert_eq!(world.paid_with().state.amount.cents, 15_000);
    assert_eq!(world.paid_with().state.entry, Some(entry));
    assert_eq!(world.owes(), ["release"], "the card is saved");
}

#[test]
fn a_card_is_saved_once_the_shopper_has_agreed() {
    let mut world = held("tok_redirect_visa");
    let not_ready = refusal(world.run(&save()));
    assert_eq!(not_ready.0, Code::PaymentSourceNotReady);
    world.gateway.agreed("pay_1");
    world.run(&save()).unwrap();
    assert_eq!(world.entry().token(), Ok("src_visa_pay_1"));
}

#[test]
fn a_saved_card_that_has_expired_is_not_authorised() {
    let (mut world, _) = reused();
    world.now = "2031-01-01T00:00:00.000Z".parse().unwrap();
    let refused = world.refuses(&authorize(&world));
    assert_eq!(
        refused,
        (Code::PaymentSourceNotReusable, TRIGGER.to_owned())
    );
}

#[test]
fn a_saved_card_that_was_deleted_is_not_authorised() {
    let (mut world, entry) = reused();
    let before = world.clone();
    world.delete(entry).unwrap();
    // As though the order had been read before the deletion dropped its source.
    world.source = before.source;
    let refused = world.refuses(&authorize(&world));
    assert_eq!(
        refused,
        (Code::PaymentSourceNotReusable, TRIGGER.to_owned())
    );
}

#[test]
fn a_saved_card_sends_the_shopper_back_to_the_urls_of_its_source_or_of_its_order() {
    let back = "https://shop.example.com/back";
    let own = "https://shop.example.com/own";
    for (given, sent) in [
        (json!({}), [back, back]),
        (json!({ "success_url": own }), [own, back]),
    ] {
        let (mut world, _) = reused();
        world.set("return_url", back);
        world.run(&change_source(&world, given)).unwrap();
        world.run(&authorize(&world)).unwrap();
        let new = authorizations(&world).pop().unwrap();
        let urls = ["success_url", "failure_url"].map(|name| new.given_text(name).unwrap());
        assert_eq!(urls, sent);
    }
}
