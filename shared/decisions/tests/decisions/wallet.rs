//! The wallet's own rules, and who sees an order and opens a wallet.

use domain::gateway::{Expiry, Reusable};
use domain::lookup::LookupKey;
use domain::wallet::{CardKeys, Head, Line};
use domain::{Caller, CustomerId, EntryId, GatewayId, MarketId, Role, SourceId, Timestamp};
use proptest::prelude::*;
use serde_json::Map;

use crate::asking::{pay, save, select};
use crate::world::{World, caller, id, identifier};

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn a_card_is_valid_through_the_last_day_of_its_month() {
    let months = [
        (2, "2028-02-29T23:59:59.999Z", "2028-03-01T00:00:00.000Z"),
        (12, "2028-12-31T23:59:59.999Z", "2029-01-01T00:00:00.000Z"),
        (1, "2028-01-31T23:59:59.999Z", "2028-02-01T00:00:00.000Z"),
    ];
    for (month, last, after) in months {
        let expiry = Expiry { year: 2028, month };
        assert!(!expiry.is_past(instant(last)), "{last}");
        assert!(expiry.is_past(instant(after)), "{after}");
        assert!(!expiry.is_past(instant("2027-12-31T00:00:00.000Z")));
    }
}

fn reusable(token: &str, fingerprint: Option<&str>, expiry: Option<Expiry>) -> Reusable {
    Reusable {
        customer_token: "cus_1".to_owned(),
        payment_source_token: token.to_owned(),
        name: String::new(),
        fingerprint: fingerprint.map(str::to_owned),
        expiry,
        snapshot: Map::new(),
    }
}

fn keys(token: &str, fingerprint: Option<&str>, expiry: Option<Expiry>) -> CardKeys {
    let lookup = LookupKey::new([7; 32]);
    CardKeys::of(
        &reusable(token, fingerprint, expiry),
        GatewayId::new(id("stripe")),
        &lookup,
    )
}

#[test]
fn the_head_holds_hashes_and_no_token_or_fingerprint() {
    let line = Line::new(
        EntryId::new(id("entry")),
        keys("pm_secret", Some("finger"), None),
        SourceId::new(id("source")),
    );
    let head = Head {
        lines: vec![line],
        ..Head::default()
    };
    let text = serde_json::to_string(&head).unwrap();
    assert!(
        !text.contains("pm_secret") && !text.contains("finger"),
        "{text}"
    );
}

#[test]
fn a_fingerprint_is_not_taken_for_a_token() {
    let head = Head {
        lines: vec![Line::new(
            EntryId::new(id("entry")),
            keys("same", None, None),
            SourceId::new(id("source")),
        )],
        ..Head::default()
    };
    assert_eq!(head.line_of_card(&keys("other", Some("same"), None)), None);
}

#[test]
fn a_line_remembers_its_newest_sources_and_tokens() {
    let mut line = Line::new(
        EntryId::new(id("entry")),
        keys("pm", None, None),
        SourceId::new(id("source 0")),
    );
    for number in 1..150 {
        line.saved_again(
            keys("pm", None, None),
            SourceId::new(id(&format!("source {number}"))),
        );
    }
    assert_eq!(line.sources.len(), 20);
    assert_eq!(line.sources.last(), Some(&SourceId::new(id("source 149"))));
    assert_eq!(line.tokens.len(), 1);
    for number in 0..150 {
        line.saved_again(
            keys(&format!("pm {number}"), None, None),
            SourceId::new(id("source")),
        );
    }
    assert_eq!(line.tokens.len(), 10);
}

#[test]
fn a_fingerprint_that_is_missing_once_is_not_forgotten() {
    let mut line = Line::new(
        EntryId::new(id("entry")),
        keys("pm", Some("finger"), None),
        SourceId::new(id("source")),
    );
    let card = line.card.clone();
    line.saved_again(keys("pm", None, None), SourceId::new(id("another")));
    assert_eq!(line.card, card);
}

proptest! {
    /// Whatever is saved in whatever order: two entries never hold one token, nor one card.
    #[test]
    fn one_card_is_in_the_wallet_once(
        saves in prop::collection::vec((0..6_usize, 0..3_usize, 0..2_i32), 1..12)
    ) {
        let mut world = World::new();
        for (token, fingerprint, year) in saves {
            // A token's card is the same whenever it is saved.
            let (token, fingerprint) = (format!("pm_{token}{fingerprint}{year}"), fingerprint);
            let finger = ["one", "two"].get(fingerprint).copied();
            let expiry = Expiry { year: 2030 + year, month: 1 };
            world.gateway.card(&token, finger, Some(expiry));
            world.pass(60);
            world.run(&pay(&token)).unwrap();
            world.run(&save()).unwrap();

            let wallet = world.wallet();
            let lines = &wallet.head.lines;
            let mut cards: Vec<_> = lines.iter().filter_map(|it| it.card.clone()).collect();
            let mut tokens: Vec<_> = lines.iter().flat_map(|it| it.tokens.clone()).collect();
            for hashes in [&mut cards, &mut tokens] {
                let count = hashes.len();
                hashes.sort();
                hashes.dedup();
                prop_assert_eq!(hashes.len(), count);
            }
            prop_assert_eq!(lines.len(), wallet.entries.len());
            let newest = wallet.entries.iter().filter(|it| it.token() == Ok(&token));
            prop_assert_eq!(newest.count(), 1);
        }
    }
}

/// What each role sees of an order, by its status: 1 its customer, 2 another customer, 3 a guest.
fn seen(world: &mut World, status: &str) -> [bool; 3] {
    world.set("status", status);
    [
        Role::Customer(CustomerId::new(id("customer"))),
        Role::Customer(CustomerId::new(id("somebody else"))),
        Role::Guest,
    ]
    .map(|role| caller(role).sees(&world.order))
}

const STATUSES: [&str; 7] = [
    "draft",
    "pending",
    "editing",
    "placing",
    "placed",
    "approved",
    "cancelled",
];

#[test]
fn a_customers_order_is_seen_by_them_and_no_other_shopper() {
    for status in STATUSES {
        assert_eq!(
            seen(&mut World::new(), status),
            [true, false, false],
            "{status}"
        );
    }
}

#[test]
fn a_guests_order_is_seen_until_it_is_approved_or_cancelled() {
    for status in ["draft", "pending", "placing", "placed"] {
        let mut world = World::new();
        world.order.record.relate("customer", None);
        assert_eq!(seen(&mut world, status), [true; 3], "{status}");
    }
    for status in ["approved", "cancelled"] {
        let mut world = World::new();
        world.order.record.relate("customer", None);
        assert_eq!(seen(&mut world, status), [false; 3], "{status}");
    }
}

#[test]
fn a_sales_channel_sees_its_markets_alone() {
    let held_to = |role: Role, markets: Vec<MarketId>| Caller {
        markets,
        ..caller(role)
    };
    let mut world = World::new();
    let markets = ["elsewhere", "market"]
        .map(|it| MarketId::new(id(it)))
        .to_vec();
    let customer = Role::Customer(CustomerId::new(id("customer")));
    assert!(held_to(customer, markets.clone()).sees(&world.order));
    assert!(!held_to(customer, vec![MarketId::new(id("elsewhere"))]).sees(&world.order));
    world.order.record.relate("market", None);
    assert!(!held_to(customer, markets.clone()).sees(&world.order));
    world.order.record.relate("customer", None);
    assert!(!held_to(Role::Guest, markets).sees(&world.order));
    assert!(caller(Role::Guest).sees(&world.order));
}

#[test]
fn an_integration_sees_every_order() {
    for status in STATUSES {
        for guest in [true, false] {
            let mut world = World::new();
            world.set("status", status);
            world.set("guest", guest);
            let mut integration = caller(Role::Integration);
            integration.markets = vec![MarketId::new(id("elsewhere"))];
            assert!(integration.sees(&world.order));
        }
    }
}

#[test]
fn a_wallet_opens_to_its_owner_and_integrations_on_orders_that_are_no_guests() {
    let mut world = World::new();
    let opened = |world: &World, role: Role| caller(role).opens_wallet_of(&world.order);
    let owner = Role::Customer(CustomerId::new(id("customer")));
    assert_eq!(opened(&world, owner), Some(CustomerId::new(id("customer"))));
    assert_eq!(
        opened(&world, Role::Integration),
        Some(CustomerId::new(id("customer")))
    );
    assert_eq!(opened(&world, Role::Guest), None);
    assert_eq!(
        opened(&world, Role::Customer(CustomerId::new(id("somebody else")))),
        None
    );
    world.set("guest", true);
    for role in [owner, Role::Integration, Role::Guest] {
        assert_eq!(opened(&world, role), None);
    }
    world.set("guest", false);
    world.order.record.relate("customer", None);
    for role in [owner, Role::Integration, Role::Guest] {
        assert_eq!(opened(&world, role), None);
    }
}

#[test]
fn available_are_entries_that_have_not_expired_of_gateways_that_are_offered() {
    let mut world = World::new();
    for (token, method) in [("pm_1", "card"), ("pm_2", "other card")] {
        world.run(&select(method)).unwrap();
        world.run(&pay(token)).unwrap();
        world.run(&save()).unwrap();
    }
    world.gateway.card("pm_3", None, None);
    world.run(&pay("pm_3")).unwrap();
    world.run(&save()).unwrap();
    let available = |world: &World| {
        let purchase = world.read(None);
        let entries = purchase.available_entries(world.now).into_iter();
        let tokens = entries.map(|it| it.token().unwrap().to_owned());
        tokens.collect::<Vec<_>>()
    };
    assert_eq!(available(&world), ["pm_1", "pm_2", "pm_3"]);

    let mut without_gateway = world.clone();
    without_gateway
        .method("other card")
        .set("disabled_at", "2026-01-01T00:00:00.000Z");
    assert_eq!(available(&without_gateway), ["pm_1"]);

    let mut later = world.clone();
    later.now = instant("2031-01-01T00:00:00.000Z");
    assert_eq!(available(&later), ["pm_3"]);

    let mut closed = world;
    let market = identifier(domain::ResourceType::Markets, "market");
    closed.order.record.relate("market", Some(market));
    closed.caller = caller(Role::Guest);
    assert!(available(&closed).is_empty());
}
