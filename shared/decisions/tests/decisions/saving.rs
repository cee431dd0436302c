use decisions::Change;
use decisions::commands::PatchOrder;
use domain::gateway::Expiry;
use domain::lookup::LookupKey;
use domain::record::Place;
use domain::refusal::Code;
use domain::wallet::{CardKeys, Line, MOST_ENTRIES, Wallet};
use domain::{CustomerId, EntryId, GatewayId, Id, Role, SourceId};
use serde_json::json;

use crate::asking::{nullify, pay, pay_with, reuse, save};
use crate::gateway::{EXPIRY, Mishap};
use crate::world::{World, id, refusal};

const TRIGGER: &str = "/data/attributes/_save_payment_source_to_customer_wallet";

fn at_trigger(code: Code) -> (Code, String) {
    (code, TRIGGER.to_owned())
}

fn paid(card: &str) -> World {
    let mut world = World::new();
    world.run(&pay(card)).unwrap();
    world
}

/// Pays with another card and saves it; the entries' tokens after that.
fn save_card(world: &mut World, card: &str) -> Vec<String> {
    world.pass(60);
    world.run(&pay(card)).unwrap();
    world.run(&save()).unwrap();
    tokens(world)
}

fn tokens(world: &World) -> Vec<String> {
    let entries = world.wallet().entries.iter();
    entries.map(|it| it.token().unwrap().to_owned()).collect()
}

#[test]
fn a_draft_pending_or_placed_orders_source_is_saved_and_no_other() {
    for status in ["draft", "pending", "placed"] {
        let mut world = paid("pm_visa");
        world.set("status", status);
        assert!(world.run(&save()).is_ok(), "{status}");
    }
    for status in ["editing", "placing", "approved", "cancelled"] {
        let mut world = paid("pm_visa");
        world.set("status", status);
        let refused = world.refuses(&save());
        assert_eq!(refused, at_trigger(Code::ValidationError), "{status}");
    }
}

#[test]
fn an_order_without_customer_has_no_wallet_to_save_to() {
    let mut world = paid("pm_visa");
    world.order.record.relate("customer", None);
    assert_eq!(world.refuses(&save()), at_trigger(Code::ValidationError));
}

#[test]
fn a_wallet_is_closed_to_others() {
    let closed = (Code::Unauthorized, String::new());
    for role in [
        Role::Guest,
        Role::Customer(CustomerId::new(id("somebody else"))),
    ] {
        let mut world = paid("pm_visa").with_role(role);
        assert_eq!(world.refuses(&save()), closed, "{role:?}");
    }
}

#[test]
fn a_guest_order_does_not_open_the_wallet_of_the_customer_that_it_carries() {
    for role in [
        Role::Guest,
        Role::Customer(CustomerId::new(id("customer"))),
        Role::Integration,
    ] {
        let mut world = World::new().with_role(role);
        world.set("guest", true);
        world.run(&pay("pm_visa")).unwrap();
        let refused = world.refuses(&save());
        assert_eq!(refused, (Code::Unauthorized, String::new()), "{role:?}");
    }
}

#[test]
fn there_must_be_a_source() {
    let mut world = World::new();
    assert_eq!(world.refuses(&save()), at_trigger(Code::ValidationError));
}

#[test]
fn what_the_gateway_does_not_let_be_used_again_is_not_saved() {
    let mut world = World::new();
    let once = pay_with(json!({ "options": { "id": "pm_visa" } }));
    world.run(&once).unwrap();
    let before = world.order.state.payment_attempt;
    let refused = refusal(world.run(&save()));
    assert_eq!(refused, at_trigger(Code::PaymentDeclined));
    assert!(world.wallet().entries.is_empty() && world.wallet().head.lines.is_empty());
    assert_eq!(world.order.state.payment_attempt, before + 1);
}

#[test]
fn a_source_made_before_the_order_had_its_customer_is_not_saved() {
    let mut world = World::new();
    world.set("guest", true);
    world.run(&pay("pm_visa")).unwrap();
    world.set("guest", false);
    let refused = world.refuses(&save());
    assert_eq!(refused, at_trigger(Code::PaymentSourceNotReusable));
}

#[test]
fn saving_keeps_the_token_that_the_gateway_answers_and_whose_it_is() {
    let mut world = paid("pm_visa");
    let after = world.run(&save()).unwrap();
    let entry = &world.wallet().entries[0];
    assert_eq!(entry.record.text("payment_source_token"), Some("pm_visa"));
    assert_eq!(entry.record.text("customer_token"), Some("cus_1"));
    assert_eq!(entry.record.text("name"), Some("card pm_visa"));
    assert_eq!(entry.record.related("customer"), Some(id("customer")));
    assert_eq!(entry.record.related("payment_method"), Some(id("card")));
    assert_eq!(entry.state.expiry, Some(EXPIRY));
    let source = world.source.as_ref().unwrap();
    assert_eq!(
        entry.record.related("payment_source"),
        Some(Id::from(source.id()))
    );
    assert!(!entry.state.snapshot.contains_key("client_secret"));
    // The answer shows the wallet as it is now.
    assert_eq!(after.wallet.unwrap().entries[0].id(), entry.id());
    assert_eq!(after.partition.source.as_ref(), Some(source));
}

#[test]
fn an_integration_saves_to_the_customers_wallet() {
    let mut world = paid("pm_visa").with_role(Role::Integration);
    world.run(&save()).unwrap();
    assert_eq!(tokens(&world), ["pm_visa"]);
}

#[test]
fn saving_twice_keeps_one_entry_and_asks_nobody() {
    let mut world = paid("pm_visa");
    let first = world.run(&save()).unwrap().wallet.unwrap();
    world.pass(24 * 3600);
    let commits = world.commits.len();
    assert_eq!(world.asked_by(&save()), [""; 0]);
    assert_eq!(world.commits.len(), commits);
    assert_eq!(world.wallet().entries[0].id(), first.entries[0].id());
}

#[test]
fn saving_twice_at_the_same_moment_keeps_one_entry() {
    let mut world = paid("pm_visa");
    let first = world.run_while(&save(), |world| {
        world.run(&save()).unwrap();
    });
    let answered = first.unwrap().wallet.unwrap().entries[0].id();
    assert_eq!(tokens(&world), ["pm_visa"]);
    assert_eq!(world.wallet().entries[0].id(), answered);
    assert_eq!(world.wallet().head.lines.len(), 1);
}

#[test]
fn a_lost_answer_is_asked_for_again_with_the_same_key() {
    let mut world = paid("pm_visa");
    world.gateway.mishaps.push_back(Mishap::AnswerLost);
    assert!(world.run(&save()).is_err());
    world.run(&save()).unwrap();
    let [.., lost, again] = &world.gateway.calls[..] else {
        panic!("two calls");
    };
    assert_eq!(crate::gateway::key(lost), crate::gateway::key(again));
    assert_eq!(tokens(&world), ["pm_visa"]);
}

#[test]
fn the_same_token_from_another_order_is_the_same_entry() {
    let mut world = paid("pm_visa");
    world.run(&save()).unwrap();
    let entry = world.wallet().entries[0].id();
    world.turn_to("second order");
    assert_eq!(save_card(&mut world, "pm_visa"), ["pm_visa"]);
    assert_eq!(world.wallet().entries[0].id(), entry);
    assert!(world.wallet().entries[0].state.superseded_tokens.is_empty());
    assert_eq!(world.wallet().head.lines[0].sources.len(), 2);
}

#[test]
fn the_same_card_entered_anew_keeps_its_entry_and_its_newest_token() {
    let mut world = World::new();
    for token in ["pm_1", "pm_2", "pm_3"] {
        world.gateway.card(token, Some("same"), Some(EXPIRY));
        assert_eq!(save_card(&mut world, token), [token]);
    }
    let entry = &world.wallet().entries[0];
    assert_eq!(entry.state.superseded_tokens, ["pm_1", "pm_2"]);
    assert_eq!(world.wallet().head.lines.len(), 1);
    assert_eq!(world.wallet().head.lines[0].tokens.len(), 3);
}

#[test]
fn an_older_token_that_is_saved_once_more_is_the_newest_and_superseded_no_more() {
    let mut world = World::new();
    for token in ["pm_1", "pm_2"] {
        world.gateway.card(token, Some("same"), Some(EXPIRY));
        save_card(&mut world, token);
    }
    for _ in 0..3 {
        save_card(&mut world, "pm_1");
        let entry = &world.wallet().entries[0];
        assert_eq!(entry.token(), Ok("pm_1"));
        assert_eq!(entry.state.superseded_tokens, ["pm_2"]);
        save_card(&mut world, "pm_2");
        assert_eq!(world.wallet().entries[0].state.superseded_tokens, ["pm_1"]);
    }
}

#[test]
fn a_card_without_fingerprint_matches_by_its_token_alone() {
    let mut world = World::new();
    for token in ["pm_1", "pm_2", "pm_1"] {
        world.gateway.card(token, None, Some(EXPIRY));
        save_card(&mut world, token);
    }
    assert_eq!(tokens(&world), ["pm_1", "pm_2"]);
}

#[test]
fn another_expiry_is_another_entry() {
    let mut world = World::new();
    let later = Expiry {
        year: 2031,
        ..EXPIRY
    };
    let cards = [
        ("pm_1", Some(EXPIRY)),
        ("pm_2", Some(later)),
        ("pm_3", None),
    ];
    for (token, expiry) in cards {
        world.gateway.card(token, Some("same"), expiry);
        save_card(&mut world, token);
    }
    assert_eq!(world.wallet().entries.len(), 3);
}

#[test]
fn the_same_fingerprint_at_another_gateway_is_another_entry() {
    let mut world = World::new();
    for (token, method) in [("pm_1", "card"), ("pm_2", "other card")] {
        world.gateway.card(token, Some("same"), Some(EXPIRY));
        world.run(&crate::asking::select(method)).unwrap();
        save_card(&mut world, token);
    }
    assert_eq!(world.wallet().entries.len(), 2);
    assert_eq!(world.wallet().gateway_customers.len(), 2);
}

/// Fills the wallet up to `count` lines.
pub fn fill(world: &mut World, count: usize) {
    let lookup = LookupKey::new([7; 32]);
    let wallet = world.wallets.get(&CustomerId::new(id("customer"))).cloned();
    let mut wallet = wallet.unwrap_or_else(|| Wallet::new(CustomerId::new(id("customer"))));
    while wallet.head.lines.len() < count {
        let number = wallet.head.lines.len();
        let reusable = domain::gateway::Reusable {
            customer_token: "cus_1".to_owned(),
            payment_source_token: format!("old {number}"),
            name: String::new(),
            fingerprint: None,
            expiry: None,
            snapshot: serde_json::Map::new(),
        };
        let keys = CardKeys::of(&reusable, GatewayId::new(id("stripe")), &lookup);
        let entry = id(&format!("entry {number}"));
        wallet
            .head
            .lines
            .push(Line::new(EntryId::new(entry), keys, SourceId::new(entry)));
    }
    world
        .wallets
        .insert(CustomerId::new(id("customer")), wallet);
}

#[test]
fn a_wallet_holds_a_hundred_entries() {
    let mut world = paid("pm_visa");
    fill(&mut world, MOST_ENTRIES - 1);
    world.run(&save()).unwrap();
    assert_eq!(world.wallet().head.lines.len(), MOST_ENTRIES);

    world.run(&pay("pm_master")).unwrap();
    let commits = world.commits.len();
    let refused = refusal(world.run(&save()));
    assert_eq!(refused, at_trigger(Code::ValidationError));
    assert_eq!(world.wallet().head.lines.len(), MOST_ENTRIES);
    // The card that is in it already is saved all the same.
    world.pass(60);
    world.run(&pay("pm_visa")).unwrap();
    world.run(&save()).unwrap();
    assert!(world.commits.len() > commits);
    assert_eq!(world.wallet().head.lines.len(), MOST_ENTRIES);
}

#[test]
fn a_reused_source_is_its_entry_and_nobody_is_asked() {
    let mut world = paid("pm_visa");
    world.run(&save()).unwrap();
    let entry = world.wallet().entries[0].clone();
    world.pass(60);
    world.run(&reuse(entry.id())).unwrap();
    let commits = world.commits.len();
    assert_eq!(world.asked_by(&save()), [""; 0]);
    assert_eq!(world.commits.len(), commits);
    assert_eq!(world.wallet().entries, [entry]);
}

#[test]
fn a_source_whose_entry_was_deleted_is_not_saved_again() {
    let mut world = paid("pm_visa");
    world.run(&save()).unwrap();
    let entry = world.wallet().entries[0].id();
    world.pass(60);
    world.run(&reuse(entry)).unwrap();
    world.set("status", "placed");
    world.delete(entry).unwrap();
    let refused = world.refuses(&save());
    assert_eq!(refused, at_trigger(Code::PaymentSourceNotReusable));
}

#[test]
fn a_save_that_another_card_overtakes_keeps_both() {
    let mut world = paid("pm_visa");
    let saved = world.run_while(&save(), |world| {
        world.run(&pay("pm_master")).unwrap();
        world.run(&save()).unwrap();
    });
    assert!(saved.is_ok());
    let heads = world.wallet().head.lines.len();
    assert_eq!(heads, world.wallet().entries.len());
}

#[test]
fn saving_writes_head_and_entry_together_and_moves_no_payment() {
    let mut world = paid("pm_visa");
    let (source, payments) = (world.source.clone(), world.gateway.payments.len());
    world.run(&save()).unwrap();
    let commit = world.commits.last().unwrap();
    assert!(matches!(
        commit[..],
        [
            Change::PutHead(..),
            Change::Put {
                place: Place::Wallet(_),
                ..
            },
            Change::ClaimToken { .. },
            Change::Settle(..)
        ]
    ));
    assert_eq!(world.source, source);
    assert_eq!(world.gateway.payments.len(), payments);
    assert!(world.owed.is_empty());
}

#[test]
fn nullify_and_save_together_are_refused_and_change_nothing() {
    let mut world = paid("pm_visa");
    let source = world.source.clone();
    let both = PatchOrder {
        save: true,
        ..nullify()
    };
    let refused = refusal(world.run(&both));
    assert_eq!(refused, at_trigger(Code::ValidationError));
    assert_eq!(world.source, source);
    assert!(world.owed.is_empty());
}
