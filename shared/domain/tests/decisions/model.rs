//! Whatever shoppers, shops and the network do, in whatever order: an order has one payment at most
//! that is neither released nor owed for release.

use std::collections::BTreeSet;

use domain::Role;
use domain::commands::{Change, DeleteSource, MethodChoice, PatchOrder};
use domain::gateway::{GatewayRequest, NewPayment, Progress};
use proptest::prelude::*;
use serde_json::{Map, json};

use crate::asking::{change, nullify, pay, pay_with, reuse, save, select};
use crate::gateway::Mishap;
use crate::world::{Asked, Ended, World, caller, id};

/// What may happen next.
#[derive(Debug, Clone)]
enum Event {
    Asks(Asks),
    /// Two requests at the same moment: the second is done before the first is committed.
    Race(Asks, Asks),
    Mishaps(Vec<Mishap>),
    Passes(u64),
    /// What is owed is paid.
    Sweep,
    /// The shopper confirms in the browser, the shop captures, somebody cancels at the gateway.
    Progress(Progress),
    Total(i64),
    Place(bool),
    By(Role),
}

/// What a caller may ask for.
#[derive(Debug, Clone)]
enum Asks {
    Create(u8),
    /// Of the current payment, or of one that the shop opened itself.
    TakeOver(bool),
    Reuse(u8),
    ReuseAnew(u8),
    ReuseAndSave(u8),
    Select(bool),
    NoMethod,
    Nullify,
    Save,
    Update,
    Refresh,
    Card(u8),
    Delete,
    DeleteSuperseded(u8),
}

fn asks() -> impl Strategy<Value = Asks> {
    prop_oneof![
        4 => (0..3_u8).prop_map(Asks::Create),
        1 => any::<bool>().prop_map(Asks::TakeOver),
        3 => (0..3_u8).prop_map(Asks::Reuse),
        1 => (0..3_u8).prop_map(Asks::ReuseAnew),
        1 => (0..3_u8).prop_map(Asks::ReuseAndSave),
        2 => any::<bool>().prop_map(Asks::Select),
        1 => Just(Asks::NoMethod),
        2 => Just(Asks::Nullify),
        3 => Just(Asks::Save),
        1 => Just(Asks::Update),
        1 => Just(Asks::Refresh),
        1 => (0..3_u8).prop_map(Asks::Card),
        1 => Just(Asks::Delete),
        1 => (0..3_u8).prop_map(Asks::DeleteSuperseded),
    ]
}

fn mishap() -> impl Strategy<Value = Mishap> {
    prop_oneof![
        3 => Just(Mishap::None),
        1 => Just(Mishap::Refused),
        2 => Just(Mishap::AnswerLost),
        1 => Just(Mishap::NotReached),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    let progress = prop_oneof![
        Just(Progress::Authorized),
        Just(Progress::Captured),
        Just(Progress::Released)
    ];
    let role = prop_oneof![
        4 => Just(Role::Customer(id("customer"))),
        1 => Just(Role::Integration),
        1 => Just(Role::Guest)
    ];
    prop_oneof![
        12 => asks().prop_map(Event::Asks),
        4 => (asks(), asks()).prop_map(|(one, other)| Event::Race(one, other)),
        3 => prop::collection::vec(mishap(), 1..4).prop_map(Event::Mishaps),
        3 => (1..40_u64).prop_map(Event::Passes),
        2 => Just(Event::Sweep),
        1 => progress.prop_map(Event::Progress),
        1 => (0..3_i64).prop_map(Event::Total),
        1 => any::<bool>().prop_map(Event::Place),
        2 => role.prop_map(Event::By),
    ]
}

fn run(world: &mut World, asks: &Asks, meanwhile: Option<&Asks>) -> Result<(), Ended> {
    let entry = |index: &u8| {
        let entries = world.wallets.get(&id("customer")).map(|it| &it.entries);
        let entry = entries.and_then(|it| it.get(usize::from(*index)));
        entry.map_or(id("unknown"), |it| it.id())
    };
    let current = world.source.as_ref().map_or(id("unknown"), |it| it.id());
    match asks {
        Asks::Create(card) => race(world, &pay(&format!("pm_{card}")), meanwhile),
        Asks::TakeOver(current) => {
            let payment = match (current, &world.source) {
                (true, Some(source)) if meanwhile.is_none() => source.state.payment.clone(),
                _ => open_beside(world),
            };
            let take_over = pay_with(json!({ "stripe_id": payment }));
            race(world, &take_over, meanwhile)
        }
        Asks::Reuse(index) => race(world, &reuse(entry(index)), meanwhile),
        Asks::ReuseAnew(index) => {
            let anew = PatchOrder {
                nullify: true,
                ..reuse(entry(index))
            };
            race(world, &anew, meanwhile)
        }
        Asks::ReuseAndSave(index) => {
            let both = PatchOrder {
                save: true,
                ..reuse(entry(index))
            };
            race(world, &both, meanwhile)
        }
        Asks::Select(first) => {
            let method = if *first { "card" } else { "second card" };
            race(world, &select(method), meanwhile)
        }
        Asks::NoMethod => {
            let none = PatchOrder {
                payment_method: MethodChoice::None,
                ..PatchOrder::default()
            };
            race(world, &none, meanwhile)
        }
        Asks::Nullify => race(world, &nullify(), meanwhile),
        Asks::Save => race(world, &save(), meanwhile),
        Asks::Update | Asks::Refresh => {
            let mut command = change(current, json!({}));
            command.update = matches!(asks, Asks::Update);
            command.refresh = !command.update;
            race(world, &command, meanwhile)
        }
        Asks::Card(card) => {
            let options = json!({ "options": { "id": format!("pm_{card}") } });
            race(world, &change(current, options), meanwhile)
        }
        Asks::Delete => race(world, &DeleteSource { id: current }, meanwhile),
        Asks::DeleteSuperseded(index) => {
            let superseded = world.superseded.get(usize::from(*index));
            let id = superseded.map_or(id("unknown"), |it| it.id());
            race(world, &DeleteSource { id }, meanwhile)
        }
    }
}

/// A payment that the shop opens at the gateway itself, fit for the order.
fn open_beside(world: &mut World) -> String {
    let wallet = world.wallets.get(&id("customer"));
    let customer = wallet.and_then(|it| it.gateway_customers.first());
    world.gateway.open(&NewPayment {
        order: world.order.id(),
        order_number: None,
        amount: world.order.amount_due().unwrap(),
        customer_token: customer.map(|it| it.token.clone()),
        saved: None,
        options: Map::new(),
        receipt_email: None,
    })
}

fn race(world: &mut World, command: &impl Asked, other: Option<&Asks>) -> Result<(), Ended> {
    let meanwhile = |world: &mut World| {
        if let Some(other) = other {
            let _may_be_refused = run(world, other, None);
        }
    };
    world.run_while(command, meanwhile).map(|_| ())
}

/// Pays what is owed, as the sweeper does: a refusal ends a debt too.
fn sweep(world: &mut World) {
    for (id, operation) in world.owed.clone() {
        let call = operation.call(crate::world::tenant()).unwrap();
        if world.gateway.perform(&call).is_ok() {
            world.owed.remove(&id);
        }
    }
}

fn happen(world: &mut World, event: &Event) -> Result<(), TestCaseError> {
    let ended = match event {
        Event::Asks(asks) => run(world, asks, None),
        Event::Race(one, other) => run(world, one, Some(other)),
        Event::Mishaps(mishaps) => {
            world.gateway.mishaps.extend(mishaps.clone());
            Ok(())
        }
        Event::Passes(seconds) => {
            world.pass(*seconds);
            Ok(())
        }
        Event::Sweep => {
            sweep(world);
            Ok(())
        }
        Event::Progress(progress) => {
            let current = world.source.as_ref().map(|it| it.state.payment.clone());
            let held = current.and_then(|it| world.gateway.payments.get_mut(&it));
            if let Some(held) = held.filter(|it| it.progress != Progress::Captured) {
                held.progress = *progress;
            }
            Ok(())
        }
        Event::Total(step) => {
            world.set("total_amount_with_taxes_cents", step * 6_450);
            Ok(())
        }
        Event::Place(placed) => {
            world.set("status", if *placed { "placed" } else { "pending" });
            Ok(())
        }
        Event::By(role) => {
            world.caller = caller(*role);
            Ok(())
        }
    };
    let alone = !matches!(event, Event::Race(..));
    prop_assert!(
        !(alone && ended == Err(Ended::Contended)),
        "contended alone"
    );
    Ok(())
}

/// The payments that callers were ever told of: those of sources that were written.
fn disclosed(world: &World) -> BTreeSet<String> {
    let changes = world.commits.iter().flatten();
    let sources = changes.filter_map(|change| match change {
        Change::PutSource { source, .. } => Some(source.state.payment.clone()),
        _ => None,
    });
    sources.collect()
}

fn check(world: &World) -> Result<(), TestCaseError> {
    let owed: BTreeSet<_> = world
        .owed
        .values()
        .map(|operation| match &operation.request {
            GatewayRequest::Release { payment } => payment.clone(),
            other => panic!("owed: {other:?}"),
        })
        .collect();
    let current = world.source.as_ref().map(|it| it.state.payment.clone());
    for payment in disclosed(world) {
        let progress = world.gateway.payments[&payment].progress;
        let live = matches!(progress, Progress::Open | Progress::Authorized);
        let kept = current.as_ref() == Some(&payment);
        prop_assert!(
            !live || kept || owed.contains(&payment),
            "{payment} is left"
        );
        prop_assert!(!kept || !owed.contains(&payment), "{payment} is owed");
        prop_assert!(
            progress != Progress::Captured || kept,
            "{payment} was dropped"
        );
    }
    let mut ids: Vec<_> = world.superseded.iter().map(|it| it.id()).collect();
    ids.extend(world.source.as_ref().map(|it| it.id()));
    let distinct: BTreeSet<_> = ids.iter().collect();
    prop_assert_eq!(distinct.len(), ids.len());
    if let Some(wallet) = world.wallets.get(&id("customer")) {
        prop_assert!(wallet.gateway_customers.len() <= 1);
        let lines: BTreeSet<_> = wallet.head.lines.iter().map(|it| it.entry).collect();
        let entries: BTreeSet<_> = wallet.entries.iter().map(|it| it.id()).collect();
        prop_assert_eq!(lines, entries);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn an_order_has_one_payment_at_most_that_is_neither_released_nor_owed(
        events in prop::collection::vec(event(), 1..30)
    ) {
        let mut world = World::new();
        for event in &events {
            happen(&mut world, event)?;
            check(&world)?;
        }
        // Once the network is well again, nothing stays owed and one payment at most is held.
        world.gateway.mishaps.clear();
        sweep(&mut world);
        prop_assert!(world.owed.is_empty());
        let told = disclosed(&world);
        let held = told.iter().filter(|payment| {
            let progress = world.gateway.payments[*payment].progress;
            progress != Progress::Released
        });
        prop_assert!(held.count() <= 1);
    }
}
