//! What a gateway keeps for a wallet, and has changed or lost by itself.

use decisions::commands::ObserveKept;
use decisions::{Answers, Change, Command, Step};
use domain::EntryId;
use domain::gateway::{Expiry, GatewayAnswer, GatewayRefusal, GatewayRequest, KeptThere, Reusable};
use domain::record::Record;
use domain::refusal::Code;
use domain::resources::ResourceType;
use serde_json::json;

use crate::asking::{pay, reuse, save};
use crate::gateway::EXPIRY;
use crate::till::{books, place};
use crate::world::{World, id, refusal, tenant};

const LOST: &str = "It was detached. Let the shopper enter the card again.";

const RENEWED: Expiry = Expiry {
    year: 2041,
    month: 3,
};

fn saved() -> (World, EntryId) {
    let mut world = World::new();
    world.gateway.card("pm_1", Some("same"), Some(EXPIRY));
    world.run(&pay("pm_1")).unwrap();
    world.run(&save()).unwrap();
    world.pass(60);
    let entry = world.entry().id();
    (world, entry)
}

fn source(token: &str) -> KeptThere {
    KeptThere::Source(token.to_owned())
}

fn lost() -> GatewayAnswer {
    GatewayAnswer::Lost(LOST.to_owned())
}

/// The card of a token as its bank has renewed it.
fn renewed(world: &World) -> GatewayAnswer {
    let entry = world.entry();
    GatewayAnswer::Reusable(Reusable {
        customer_token: entry.record.text("customer_token").unwrap().to_owned(),
        payment_source_token: entry.token().unwrap().to_owned(),
        name: "XXXX-XXXX-XXXX-5556".to_owned(),
        fingerprint: Some("another".to_owned()),
        expiry: Some(RENEWED),
        snapshot: json!({ "payment_instrument": { "card_last_digits": "5556" } })
            .as_object()
            .unwrap()
            .clone(),
    })
}

fn command(world: &World, gateway: &str, kept: KeptThere) -> ObserveKept {
    ObserveKept {
        tenant: tenant(),
        gateway: Record::new(ResourceType::StripeGateways, id(gateway), world.now),
        kept,
    }
}

/// The step that a reading comes to; first the one that asks for it.
fn steps(
    world: &mut World,
    kept: KeptThere,
    answer: Result<GatewayAnswer, GatewayRefusal>,
) -> [Step<()>; 2] {
    let command = command(world, "stripe", kept.clone());
    let wallet = world.wallet().clone();
    let mut answers = Answers::default();
    let asks = world.with_input(|input| command.next(&wallet, &answers, input));
    answers.keep(GatewayRequest::ReadKept { kept }, answer);
    let step = world.with_input(|input| command.next(&wallet, &answers, input));
    [asks, step]
}

/// Reads it, and writes what comes of it. False where that is nothing.
fn observe(world: &mut World, kept: KeptThere, answer: GatewayAnswer) -> bool {
    let [_, step] = steps(world, kept, Ok(answer));
    let Step::Commit(commit) = step else {
        return false;
    };
    assert!(matches!(commit.changes[0], Change::PutHead(..)));
    assert!(world.commit(&commit.changes), "conflict");
    true
}

#[test]
fn what_no_entry_stands_on_is_not_read() {
    let (mut world, _) = saved();
    let wallet = world.wallet().clone();
    for command in [
        command(&world, "stripe", source("pm_other")),
        command(&world, "stripe", KeptThere::Customer("pm_1".to_owned())),
        command(&world, "other stripe", source("pm_1")),
    ] {
        let none = Answers::default();
        let step = world.with_input(|input| command.next(&wallet, &none, input));
        assert_eq!(step, Step::Answer(Box::new(())), "{command:?}");
    }
}

#[test]
fn what_an_entry_stands_on_is_read_and_nothing_noted() {
    let (mut world, _) = saved();
    let [asks, _] = steps(&mut world, source("pm_1"), Ok(lost()));
    let Step::Ask(ask) = asks else {
        panic!("{asks:?}");
    };
    assert_eq!(ask.noted, []);
    let kept = source("pm_1");
    assert_eq!(ask.call.request, GatewayRequest::ReadKept { kept });
}

#[test]
fn a_renewed_card_shows_its_new_digits_and_expiry_and_is_known_by_them() {
    let (mut world, entry) = saved();
    let shown = renewed(&world);
    assert!(observe(&mut world, source("pm_1"), shown.clone()));
    let after = world.entry();
    assert_eq!(after.record.text("name"), Some("XXXX-XXXX-XXXX-5556"));
    assert_eq!(after.state.expiry, Some(RENEWED));
    assert_eq!(
        after.state.snapshot["payment_instrument"],
        json!({ "card_last_digits": "5556" })
    );
    assert_eq!(after.record.updated_at, world.now);
    assert_eq!(after.token(), Ok("pm_1"));
    // Told again, it changes nothing.
    assert!(!observe(&mut world, source("pm_1"), shown));

    // Entered anew, it is the same entry.
    world.gateway.card("pm_2", Some("another"), Some(RENEWED));
    world.turn_to("second order");
    world.run(&pay("pm_2")).unwrap();
    world.run(&save()).unwrap();
    assert_eq!(world.entry().id(), entry);
    assert_eq!(world.entry().token(), Ok("pm_2"));
}

#[test]
fn a_lost_entry_stays_and_says_why_it_cannot_be_used() {
    let (mut world, entry) = saved();
    assert!(observe(&mut world, source("pm_1"), lost()));
    assert!(!world.entry().is_valid(world.now));
    let since = world.entry().state.lost.clone().unwrap().since;
    world.pass(60);
    assert!(!observe(&mut world, source("pm_1"), lost()), "told again");
    assert_eq!(world.entry().state.lost.clone().unwrap().since, since);

    let refused = |trigger: &str| {
        let pointer = format!("/data/attributes/{trigger}");
        (Code::PaymentSourceNotReusable, pointer)
    };
    let saved_again = world.refuses(&save());
    let save = "_save_payment_source_to_customer_wallet";
    assert_eq!(saved_again, refused(save));
    world.turn_to("second order");
    let reused = world.refuses(&reuse(entry));
    assert_eq!(reused, refused("_customer_payment_source_id"));
    let refusal = world.entry().require_kept().unwrap_err();
    assert_eq!(refusal.detail, LOST);
    world.delete(entry).unwrap();
    assert!(world.wallet().entries.is_empty());
}

#[test]
fn an_order_that_it_was_put_on_before_is_not_placed_with_it() {
    let (mut world, entry) = saved();
    world.run(&reuse(entry)).unwrap();
    assert!(observe(&mut world, source("pm_1"), lost()));
    let refused = refusal(world.run(&place()));
    let pointer = "/data/attributes/_place".to_owned();
    assert_eq!(refused, (Code::PaymentSourceNotReusable, pointer));
    assert_eq!(books(&world), [""; 0]);
}

#[test]
fn a_customer_who_was_deleted_takes_all_that_was_kept_for_them() {
    let (mut world, _) = saved();
    let customer = world.entry().record.text("customer_token").unwrap();
    let kept = KeptThere::Customer(customer.to_owned());
    let there = GatewayAnswer::Customer(customer.to_owned());
    assert!(!observe(&mut world, kept.clone(), there));
    assert!(observe(&mut world, kept, lost()));
    assert!(world.entry().state.lost.is_some());
}

#[test]
fn what_the_gateway_knows_nothing_of_it_has_not_lost() {
    let (mut world, _) = saved();
    let refusal = GatewayRefusal {
        code: Code::ValidationError,
        detail: "This is not known at the payment gateway.".to_owned(),
    };
    let [_, step] = steps(&mut world, source("pm_1"), Err(refusal));
    assert_eq!(step, Step::Answer(Box::new(())));
}

#[test]
fn it_comes_back_with_a_later_reading_with_another_token_and_when_it_is_entered_anew() {
    let (mut world, entry) = saved();
    let shown = renewed(&world);
    observe(&mut world, source("pm_1"), lost());
    assert!(observe(&mut world, source("pm_1"), shown));
    assert_eq!(world.entry().state.lost, None);

    observe(&mut world, source("pm_1"), lost());
    let moved = json!({ "payment_source_token": "pm_moved" });
    world.patch(entry, &moved).unwrap();
    assert_eq!(world.entry().state.lost, None);

    observe(&mut world, source("pm_moved"), lost());
    world.gateway.card("pm_2", Some("another"), Some(RENEWED));
    world.turn_to("second order");
    world.run(&pay("pm_2")).unwrap();
    world.run(&save()).unwrap();
    assert_eq!(world.entry().id(), entry);
    assert_eq!(world.entry().state.lost, None);
}
