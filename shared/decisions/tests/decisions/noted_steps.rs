//! Steps that must not be taken twice nor be left half done: noted before they are asked for, settled
//! by whatever the gateway answers.

use decisions::commands::{PatchOrder, PatchSource};
use decisions::{Answers, Change, Command, Step};
use domain::gateway::GatewayRequest;
use domain::operation::{Operation, Owner};
use domain::refusal::Code;
use domain::{CustomerId, Role, TableMark};
use serde_json::json;

use crate::asking::{authorize_with, change_source, checkout, external, klarna, pay, save};
use crate::gateway::{Mishap, key};
use crate::world::{Asked, Ended, World, caller, id, refusal};

/// An order with a Checkout.com source that nothing was paid with yet.
fn created() -> World {
    let mut world = World::with_checkout();
    world.run(&checkout(None)).unwrap();
    world.pass(60);
    world
}

/// Orders whose next command asks for a step that is noted.
fn for_each_step(check: impl Fn(World, &dyn Fn(&mut World) -> Result<(), Ended>)) {
    check(created(), &|world| {
        let command = authorize_with(world, "tok_visa");
        world.run(&command).map(|_| ())
    });
    let mut approved = World::with_klarna();
    approved.run(&klarna()).unwrap();
    approved.gateway.approve("auth_1");
    let brought = crate::asking::change_source(&approved, json!({ "auth_token": "auth_1" }));
    approved.run(&brought).unwrap();
    check(approved, &|world| world.run(&save()).map(|_| ()));
    let mut shops = World::with_external();
    shops.run(&external("token")).unwrap();
    check(shops, &|world| world.run(&save()).map(|_| ()));
}

fn under_way(world: &World) -> &Operation {
    let mut operations = world.owed.values();
    match (operations.next(), operations.next()) {
        (Some(operation), None) => operation,
        _ => panic!("not one operation: {:?}", world.owed),
    }
}

/// An integration's change of the order that touches no payment.
fn touch(world: &mut World) {
    let asking = std::mem::replace(&mut world.caller, caller(Role::Integration));
    let coupon = json!({ "coupon_code": "SALE" });
    let change = PatchOrder {
        attributes: coupon.as_object().unwrap().clone(),
        ..PatchOrder::default()
    };
    world.run(&change).unwrap();
    world.caller = asking;
}

#[test]
fn the_step_is_noted_before_it_is_asked_for() {
    for_each_step(|mut world, run| {
        let version = world.order.record.version;
        let attempt = world.order.state.payment_attempt;
        let (commits, calls) = (world.commits.len(), world.gateway.calls.len());
        world.gateway.mishaps.push_back(Mishap::NotReached);
        assert_eq!(run(&mut world), Err(Ended::Unanswered));

        assert_eq!(world.commits.len(), commits + 1);
        let [Change::Owe(noted)] = &world.commits[commits][..] else {
            panic!("not noted: {:?}", world.commits[commits]);
        };
        assert_eq!(noted.owner, Owner::Order(world.order.id()));
        let call = &world.gateway.calls[calls];
        assert_eq!(noted.subject, call.subject);
        assert_eq!(noted.attempt, attempt);
        assert_eq!(noted.attempt, call.attempt);
        assert!(noted.due_at > world.now, "left to whoever began it");
        assert_eq!(world.order.record.version, version);
    });
}

#[test]
fn what_is_noted_is_what_was_asked_for_but_for_the_document() {
    for_each_step(|mut world, run| {
        world.gateway.mishaps.push_back(Mishap::NotReached);
        assert!(run(&mut world).is_err());
        let mut asked = world.gateway.calls.last().unwrap().request.clone();
        if let GatewayRequest::MakeReusable(keep) = &mut asked {
            keep.document = None;
        }
        let noted = under_way(&world).clone();
        assert_eq!(noted.request, asked);
        let catalog = world.read(None).catalog;
        let call = noted.call(crate::world::tenant(), &TableMark::NONE, &catalog);
        assert_eq!(key(&call), key(world.gateway.calls.last().unwrap()));
        // However often it is begun, its key stays.
        let begun = noted.begun(world.now).begun(world.now);
        let call = begun.call(crate::world::tenant(), &TableMark::NONE, &catalog);
        assert_eq!(key(&call), key(world.gateway.calls.last().unwrap()));
    });
}

#[test]
fn the_commit_that_follows_the_answer_settles_the_step() {
    for_each_step(|mut world, run| {
        run(&mut world).unwrap();
        assert!(world.owed.is_empty(), "{:?}", world.owed);
        let [.., noted, done] = &world.commits[..] else {
            panic!("two commits");
        };
        let [Change::Owe(noted)] = &noted[..] else {
            panic!("not noted: {noted:?}");
        };
        let settles = |it: &&Change| matches!(it, Change::Settle(_, id) if *id == noted.id);
        assert_eq!(done.iter().filter(settles).count(), 1);
        assert!(done.len() > 1, "settled alone");
    });
}

#[test]
fn a_definitive_refusal_settles_the_step_and_counts_the_attempt() {
    for_each_step(|mut world, run| {
        let before = world.clone();
        world.gateway.mishaps.push_back(Mishap::Refused);
        let Err(Ended::Refused(refused)) = run(&mut world) else {
            panic!("not refused");
        };
        assert_eq!(refused.code, Code::PaymentDeclined);
        assert!(world.owed.is_empty(), "{:?}", world.owed);
        let attempt = before.order.state.payment_attempt;
        assert_eq!(world.order.state.payment_attempt, attempt + 1);
        assert_eq!(world.source, before.source);
        assert_eq!(world.wallets, before.wallets);
    });
}

#[test]
fn a_refusal_after_the_step_leaves_no_payment_that_nobody_knows_of() {
    let mut world = created();
    for token in ["tok_visa", "tok_master", "tok_amex"] {
        let unread = [Mishap::None, Mishap::NotKnownYet];
        world.gateway.mishaps.extend(unread);
        let both = PatchSource {
            refresh: true,
            ..authorize_with(&world, token)
        };
        let (code, _) = refusal(world.run(&both));
        assert_eq!(code, Code::ValidationError);
        assert_eq!(world.paid_with().state.payment, None);
        world.pass(1);
    }
    assert_eq!(world.gateway.live_payments().len(), 3);
    assert_eq!(world.owes(), ["authorize payment"; 3]);
    for _ in 0..3 {
        world.sweep();
    }
    assert_eq!(world.gateway.live_payments(), Vec::<&str>::new());
    assert!(world.owed.is_empty(), "{:?}", world.owed);
}

#[test]
fn two_ways_to_a_payment_are_refused_before_either_is_taken() {
    let mut world = created();
    let details = |command: PatchSource| PatchSource {
        details: true,
        ..command
    };
    for command in [
        authorize_with(&world, "tok_visa"),
        change_source(&world, json!({ "token": "pay_1", "session_id": "sid_1" })),
    ] {
        let pointer = "/data/attributes/_details".to_owned();
        assert_eq!(
            world.refuses(&details(command)),
            (Code::ValidationError, pointer)
        );
    }
}

#[test]
fn a_lost_answer_and_the_callers_repeat_are_one_step_with_one_key() {
    for_each_step(|mut world, run| {
        let payments = world.gateway.payments.len();
        for mishap in [Mishap::AnswerLost, Mishap::NotReached] {
            world.gateway.mishaps.push_back(mishap);
            assert_eq!(run(&mut world), Err(Ended::Unanswered));
            world.pass(600);
        }
        assert_eq!(world.owed.len(), 1);
        run(&mut world).unwrap();
        assert!(world.owed.is_empty(), "{:?}", world.owed);
        let [.., lost, again, answered] = &world.gateway.calls[..] else {
            panic!("three calls");
        };
        assert_eq!(key(lost), key(again));
        assert_eq!(key(lost), key(answered));
        assert!(world.gateway.payments.len() <= payments + 1);
        assert!(world.gateway.kept.len() <= 1);
        assert!(world.gateway.documents.len() <= 1);
    });
}

#[test]
fn a_step_is_not_begun_on_an_order_that_another_request_has_changed() {
    let mut world = created();
    let command = authorize_with(&world, "tok_visa");
    let read = world.read_for(&command);
    touch(&mut world);
    let step = world.decide(&command, &read, &Answers::default(), id("fresh"));
    let Step::Ask(ask) = step else {
        panic!("a call: {step:?}");
    };
    assert!(!world.commit(&ask.noted));
    assert!(world.owed.is_empty());
}

#[test]
fn a_conflict_after_the_answer_does_not_ask_again() {
    fn check(mut world: World, command: &impl Asked) {
        let calls = world.gateway.calls.len();
        world.run_while(command, touch).unwrap();
        assert_eq!(world.gateway.calls.len(), calls + 1);
        assert!(world.owed.is_empty(), "{:?}", world.owed);
        assert_eq!(world.order.record.text("coupon_code"), Some("SALE"));
    }
    let world = created();
    let command = authorize_with(&world, "tok_visa");
    check(world, &command);

    // The document is written anew, and is no other request.
    let mut world = World::with_external();
    world.run(&external("token")).unwrap();
    let saved_twice = |world: &mut World| {
        let mut wallet = world.wallet().clone();
        wallet.head.version += 1;
        world
            .wallets
            .insert(CustomerId::new(id("customer")), wallet);
    };
    world.wallets.insert(
        CustomerId::new(id("customer")),
        domain::wallet::Wallet::new(CustomerId::new(id("customer"))),
    );
    world.run_while(&save(), saved_twice).unwrap();
    assert_eq!(world.gateway.documents.len(), 1);
    assert_eq!(world.wallet().entries.len(), 1);
}

#[test]
fn a_refusal_stands_after_a_conflict() {
    let mut world = created();
    world.gateway.mishaps.push_back(Mishap::Refused);
    let command = authorize_with(&world, "tok_visa");
    let calls = world.gateway.calls.len();
    let refused = refusal(world.run_while(&command, touch));
    assert_eq!(refused.0, Code::PaymentDeclined);
    assert_eq!(world.gateway.calls.len(), calls + 1);
    assert!(world.owed.is_empty());
}

#[test]
fn two_cards_at_the_same_moment_leave_one_payment() {
    let mut world = created();
    let first = authorize_with(&world, "tok_visa");
    let second = authorize_with(&world, "tok_master");
    let ended = world.run_while(&first, |world| {
        world.run(&second).unwrap();
    });
    assert!(ended.is_ok());
    world.sweep();
    world.sweep();
    assert!(world.owed.is_empty(), "{:?}", world.owed);
    let current = world.paid_with().state.payment.as_deref().unwrap();
    assert_eq!(world.gateway.live_payments(), [current]);
    assert_eq!(world.gateway.kept.len(), 1);
}

#[test]
fn the_same_card_at_the_same_moment_is_one_payment() {
    let mut world = created();
    let command = authorize_with(&world, "tok_visa");
    let ended = world.run_while(&command, |world| {
        world.run(&command).unwrap();
    });
    assert!(ended.is_ok());
    world.sweep();
    assert!(world.owed.is_empty());
    assert_eq!(world.gateway.payments.len(), 1);
    assert_eq!(world.gateway.live_payments(), ["pay_1"]);
    assert_eq!(world.gateway.kept, ["src_visa_1".to_owned()].into());
}

#[test]
fn what_may_be_repeated_is_not_noted() {
    let mut world = World::new();
    world.run(&pay("pm_visa")).unwrap();
    world.run(&save()).unwrap();
    let owes = |it: &Change| matches!(it, Change::Owe(_));
    assert!(!world.commits.iter().flatten().any(owes));
}

/// A decision takes an answer by what was asked, not by when.
#[test]
fn only_answers_to_noted_steps_outlive_a_conflict() {
    let mut world = created();
    let command = authorize_with(&world, "tok_visa");
    let read = world.read_for(&command);
    let Step::Ask(ask) = world.decide(&command, &read, &Answers::default(), id("fresh")) else {
        panic!("a call");
    };
    let mut answers = Answers::default();
    let reading = GatewayRequest::ReadPayment {
        payment: "pay_1".to_owned(),
    };
    let answer = world.gateway.perform(&ask.call).unwrap();
    answers.keep(ask.call.request.clone(), answer.clone());
    answers.keep(reading.clone(), answer.clone());
    let noted = answers.into_noted();
    assert_eq!(noted.to(&ask.call.request), Some(&answer));
    assert_eq!(noted.to(&reading), None);
    world.with_input(|input| {
        let step = command.next(&read, &noted, input);
        assert!(matches!(step, Step::Commit(_)), "{step:?}");
    });
}
