//! Klarna: what the shopper's browser brings is an approval by itself.

use decisions::commands::PatchSource;
use domain::gateway::GatewayRequest;
use domain::refusal::Code;
use serde_json::{Value, json};

use crate::asking::{change_source, klarna, nullify, reuse, save, select, update};
use crate::gateway::Approval;
use crate::world::{World, refusal};

/// A Klarna order whose shopper has approved.
fn approved(token: &str) -> World {
    let mut world = World::with_klarna();
    world.run(&klarna()).unwrap();
    world.pass(60);
    approve(&mut world, token);
    world
}

fn approve(world: &mut World, token: &str) {
    world.gateway.approve(token);
    let brought = bring(world, token.into());
    world.run(&brought).unwrap();
}

fn bring(world: &World, token: Value) -> PatchSource {
    change_source(world, json!({ "auth_token": token }))
}

fn release(payment: Option<&str>, token: Option<&str>) -> (Option<String>, Option<String>) {
    (payment.map(str::to_owned), token.map(str::to_owned))
}

#[test]
fn a_session_is_opened_with_the_basket_and_without_customer() {
    let world = approved("auth_1");
    assert_eq!(world.asked(), ["create payment"]);
    let GatewayRequest::CreatePayment(new) = &world.gateway.calls[0].request else {
        panic!("a session");
    };
    let basket = new.basket.as_ref().unwrap();
    assert_eq!(basket.lines[0].sku_code.as_deref(), Some("TSHIRT"));
    assert_eq!(basket.buyer.country(), Some("DE"));
    assert_eq!(new.customer_token, None);
    assert!(world.wallets.is_empty(), "no customer is made");
    let source = world.paid_with();
    assert_eq!(source.approval(), Some("auth_1"));
    assert_eq!(source.state.payment.as_deref(), Some("session_1"));
}

#[test]
fn an_approval_is_brought_without_asking_anybody() {
    let mut world = approved("auth_1");
    assert_eq!(world.asked_by(&bring(&world, json!("auth_1"))), [""; 0]);
    assert!(world.owed.is_empty());
    assert_eq!(world.paid_with().state.changes_of_card, 0);
}

#[test]
fn another_approval_releases_the_former_one_and_counts_as_another_card() {
    let mut world = approved("auth_1");
    world.run(&save()).unwrap();
    approve(&mut world, "auth_2");
    let released = release(None, Some("auth_1"));
    assert_eq!(world.to_be_released(), [released].into());
    assert_eq!(world.paid_with().approval(), Some("auth_2"));
    world.sweep();
    assert_eq!(world.gateway.held_approvals(), ["auth_2"]);
    assert_eq!(
        world.gateway.live_payments(),
        ["session_1"],
        "the session stays"
    );

    world.run(&save()).unwrap();
    assert_eq!(world.wallet().entries.len(), 2);
}

#[test]
fn null_takes_the_approval_off_and_releases_it() {
    let mut world = approved("auth_1");
    world.run(&bring(&world, Value::Null)).unwrap();
    assert_eq!(world.paid_with().approval(), None);
    world.sweep();
    assert_eq!(world.gateway.held_approvals(), [""; 0]);
    // Nothing more to take off.
    world.run(&bring(&world, Value::Null)).unwrap();
    assert!(world.owed.is_empty());
}

#[test]
fn an_update_to_another_amount_takes_the_approval_off_and_releases_it() {
    let mut world = approved("auth_1");
    world.set("total_amount_with_taxes_cents", 15_000);
    assert_eq!(world.asked_by(&update(&world)), ["update payment"]);
    assert_eq!(world.gateway.payments["session_1"].amount.cents, 15_000);
    assert_eq!(world.paid_with().approval(), None);
    let released = release(None, Some("auth_1"));
    assert_eq!(world.to_be_released(), [released].into());
}

#[test]
fn an_update_to_the_same_amount_keeps_the_approval() {
    let mut world = approved("auth_1");
    world.run(&update(&world)).unwrap();
    assert_eq!(world.paid_with().approval(), Some("auth_1"));
    assert!(world.owed.is_empty());
}

#[test]
fn an_approval_that_comes_with_the_update_is_taken_off_with_it() {
    let mut world = approved("auth_1");
    world.gateway.approve("auth_2");
    world.set("total_amount_with_taxes_cents", 15_000);
    let both = PatchSource {
        update: true,
        ..bring(&world, json!("auth_2"))
    };
    world.run(&both).unwrap();
    assert_eq!(world.paid_with().approval(), None);
    world.sweep();
    assert_eq!(world.gateway.held_approvals(), [""; 0]);
}

#[test]
fn saving_hands_over_the_approval_and_who_buys() {
    let mut world = approved("auth_1");
    world.run(&save()).unwrap();
    let GatewayRequest::MakeReusable(keep) = &world.gateway.calls.last().unwrap().request else {
        panic!("a save");
    };
    assert_eq!(keep.shopper_token.as_deref(), Some("auth_1"));
    assert_eq!(keep.payment.as_deref(), Some("session_1"));
    assert_eq!(keep.customer_token, None);
    assert_eq!(keep.amount.cents, 12_900);
    let buyer = keep.buyer.as_ref().unwrap();
    assert_eq!(buyer.email.as_deref(), Some("customer@example.com"));
    let address = buyer.billing.as_ref().unwrap();
    assert_eq!(address.first_name.as_deref(), Some("Ada"));
    assert!(keep.once && keep.document.is_none());
    assert_eq!(world.entry().token(), Ok("ctok_1"));
    assert_eq!(world.gateway.approvals["auth_1"], Approval::Minted);
}

#[test]
fn saving_twice_mints_once() {
    let mut world = approved("auth_1");
    world.run(&save()).unwrap();
    assert_eq!(world.asked_by(&save()), [""; 0]);
    assert_eq!(world.wallet().entries.len(), 1);
    assert_eq!(world.gateway.kept.len(), 1);
}

#[test]
fn an_approval_that_comes_back_does_not_bring_back_a_token_that_was_deleted() {
    let mut world = approved("auth_1");
    world.run(&save()).unwrap();
    let entry = world.entry().id();
    world.delete(entry).unwrap();
    world.sweep();
    assert!(world.gateway.forgotten.contains("ctok_1"));
    for token in ["auth_2", "auth_1"] {
        let brought = bring(&world, token.into());
        world.run(&brought).unwrap();
    }
    let _may_be_refused = world.run(&save());
    assert!(world.wallet().entries.is_empty());
}

#[test]
fn without_approval_there_is_nothing_to_save() {
    let mut world = World::with_klarna();
    world.run(&klarna()).unwrap();
    assert_eq!(refusal(world.run(&save())).0, Code::ValidationError);
    assert!(world.owed.is_empty(), "settled: {:?}", world.owed);
}

#[test]
fn dropping_releases_session_and_approval() {
    for drop in [nullify(), select("card")] {
        let mut world = approved("auth_1");
        world.run(&drop).unwrap();
        let released = release(Some("session_1"), Some("auth_1"));
        assert_eq!(world.to_be_released(), [released].into());
        world.sweep();
        assert_eq!(world.gateway.live_payments(), [""; 0]);
        assert_eq!(world.gateway.held_approvals(), [""; 0]);
    }
}

#[test]
fn what_a_saved_source_shows_in_place_of_an_approval_is_not_released() {
    let mut world = approved("auth_1");
    world.run(&save()).unwrap();
    let entry = world.entry().id();
    world.turn_to("second order");
    world.run(&reuse(entry)).unwrap();
    let source = world.paid_with();
    assert!(source.record.text("auth_token").is_some());
    assert_eq!(source.approval(), None);
    world.run(&nullify()).unwrap();
    assert!(world.owed.is_empty(), "{:?}", world.owed);
}

#[test]
fn an_approval_that_is_brought_on_a_reused_source_makes_it_another() {
    let mut world = approved("auth_1");
    world.run(&save()).unwrap();
    let entry = world.entry().id();
    world.turn_to("second order");
    world.run(&reuse(entry)).unwrap();
    world.pass(60);
    approve(&mut world, "auth_2");
    assert_eq!(world.paid_with().approval(), Some("auth_2"));
    assert_eq!(world.paid_with().state.entry, None);
    assert!(world.owed.is_empty(), "a saved token is not released");
    world.run(&save()).unwrap();
    assert_eq!(world.wallet().entries.len(), 2);
    world.run(&nullify()).unwrap();
    world.sweep();
    assert_eq!(
        world.gateway.held_approvals(),
        ["auth_1"],
        "the first order's"
    );
}
