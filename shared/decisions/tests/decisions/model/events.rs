//! What may happen: callers ask, alone or at once; the network fails; time passes; shoppers agree and
//! shops capture.

use decisions::commands::{DeleteSource, MethodChoice, PatchOrder, PatchSource};
use domain::gateway::{NewPayment, Progress};
use domain::operation::Owner;
use domain::{CustomerId, EntryId, ResourceType, Role, SourceId};
use proptest::prelude::*;
use serde_json::{Map, json};

use crate::asking::{
    change, checkout, create, klarna, nullify, pay, pay_with, reuse, save, select,
};
use crate::gateway::Mishap;
use crate::world::{Asked, Ended, World, caller, id};

/// Through which gateway the orders are paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Stripe,
    Checkout,
    Klarna,
}

/// What may happen next.
#[derive(Debug, Clone)]
pub enum Event {
    Asks(Asks),
    /// Two requests at the same moment: the second is done before the first is committed.
    Race(Asks, Asks),
    /// A saved source is deleted; a request may be done before that is committed.
    DeleteEntry(u8, Option<Asks>),
    Mishaps(Vec<Mishap>),
    Passes(u64),
    /// What is owed is paid.
    Sweep,
    /// The shopper confirms in the browser, the shop captures, somebody cancels at the gateway.
    Progress(Progress),
    /// The shopper comes back from their bank.
    Agrees,
    /// The shopper pays in a session, of the order's payment source or a former one, and nobody says so.
    PaysInSession(u8),
    Total(i64),
    Place(bool),
    By(Role),
    /// The other order.
    TurnTo(bool),
}

/// What a caller may ask for.
#[derive(Debug, Clone)]
pub enum Asks {
    Create(u8),
    /// Of the current payment, or of one that the shop or the browser opened.
    TakeOver(bool),
    /// With this card, token or approval.
    Pay(u8),
    /// With what the source has.
    Authorize,
    /// With a token, and whatever else may be asked for beside it.
    PayAnd(u8, bool),
    Reuse(u8),
    ReuseAnew(u8),
    ReuseAndSave(u8),
    Select(bool),
    NoMethod,
    Nullify,
    Save,
    Update,
    Refresh,
    Delete,
    DeleteSuperseded(u8),
}

fn asks() -> impl Strategy<Value = Asks> {
    prop_oneof![
        4 => (0..3_u8).prop_map(Asks::Create),
        1 => any::<bool>().prop_map(Asks::TakeOver),
        4 => (0..16_u8).prop_map(Asks::Pay),
        1 => Just(Asks::Authorize),
        2 => (0..16_u8, any::<bool>()).prop_map(|(number, details)| Asks::PayAnd(number, details)),
        3 => (0..3_u8).prop_map(Asks::Reuse),
        1 => (0..3_u8).prop_map(Asks::ReuseAnew),
        1 => (0..3_u8).prop_map(Asks::ReuseAndSave),
        2 => any::<bool>().prop_map(Asks::Select),
        1 => Just(Asks::NoMethod),
        2 => Just(Asks::Nullify),
        3 => Just(Asks::Save),
        1 => Just(Asks::Update),
        1 => Just(Asks::Refresh),
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

/// What may happen to orders that are paid through this gateway.
pub fn event(kind: Kind) -> impl Strategy<Value = Event> {
    let progress = prop_oneof![
        Just(Progress::Authorized),
        Just(Progress::Captured),
        Just(Progress::Released)
    ];
    let rarely = match kind {
        Kind::Stripe => Role::Guest,
        _ => Role::Integration,
    };
    let role = prop_oneof![
        4 => Just(Role::Customer(CustomerId::new(id("customer")))),
        1 => Just(Role::Integration),
        1 => Just(rarely)
    ];
    let beside_us = match kind {
        Kind::Stripe => progress.prop_map(Event::Progress).boxed(),
        Kind::Checkout => prop_oneof![
            Just(Event::Agrees),
            (0..4_u8).prop_map(Event::PaysInSession),
        ]
        .boxed(),
        Kind::Klarna => Just(Event::Sweep).boxed(),
    };
    prop_oneof![
        12 => asks().prop_map(Event::Asks),
        4 => (asks(), asks()).prop_map(|(one, other)| Event::Race(one, other)),
        2 => (0..3_u8, prop::option::of(asks()))
            .prop_map(|(entry, meanwhile)| Event::DeleteEntry(entry, meanwhile)),
        3 => prop::collection::vec(mishap(), 1..4).prop_map(Event::Mishaps),
        3 => (1..40_u64).prop_map(Event::Passes),
        2 => Just(Event::Sweep),
        1 => beside_us,
        1 => (0..3_i64).prop_map(Event::Total),
        1 => any::<bool>().prop_map(Event::Place),
        2 => role.prop_map(Event::By),
        1 => any::<bool>().prop_map(Event::TurnTo),
    ]
}

impl Kind {
    pub fn world(self) -> World {
        match self {
            Self::Stripe => World::new(),
            Self::Checkout => World::with_checkout(),
            Self::Klarna => World::with_klarna(),
        }
    }

    /// The gateway's method, and another one that takes its place.
    const fn methods(self) -> [&'static str; 2] {
        match self {
            Self::Stripe => ["card", "second card"],
            Self::Checkout => ["checkout", "card"],
            Self::Klarna => ["klarna", "card"],
        }
    }
}

impl Event {
    pub fn happen(&self, world: &mut World, kind: Kind) -> Result<(), TestCaseError> {
        let ended = match self {
            Self::Asks(asks) => run(world, kind, asks, None),
            Self::Race(one, other) => run(world, kind, one, Some(other)),
            other => {
                other.befall(world, kind);
                Ok(())
            }
        };
        let alone = !matches!(self, Self::Race(..));
        prop_assert!(
            !(alone && ended == Err(Ended::Contended)),
            "contended alone"
        );
        Ok(())
    }

    fn befall(&self, world: &mut World, kind: Kind) {
        match self {
            Self::Asks(_) | Self::Race(..) => {}
            Self::DeleteEntry(index, meanwhile) => delete(world, kind, *index, meanwhile.as_ref()),
            Self::Mishaps(mishaps) => world.gateway.mishaps.extend(mishaps.clone()),
            Self::Passes(seconds) => world.pass(*seconds),
            Self::Sweep => {
                world.watch();
                world.sweep();
            }
            Self::PaysInSession(index) => {
                let here = Owner::Order(world.order.id());
                let mut sessions = world.watched.values().filter(|it| it.owner == here);
                let session = sessions.nth(usize::from(*index)).map(|it| it.subject);
                if let (Some(session), Ok(_)) = (session, world.order.amount_due()) {
                    let made = made_in_browser(world);
                    world.gateway.paid_in.insert(made, session);
                }
            }
            Self::Progress(progress) => {
                let held = current_payment(world);
                let held = held.and_then(|it| world.gateway.payments.get_mut(&it));
                if let Some(held) = held.filter(|it| it.progress != Progress::Captured) {
                    match progress {
                        Progress::Captured => held.capture_elsewhere(),
                        other => held.progress = *other,
                    }
                }
            }
            Self::Agrees => {
                if let Some(payment) = current_payment(world)
                    && let Some(held) = world.gateway.payments.get(&payment)
                    && held.progress == Progress::Open
                {
                    world.gateway.agreed(&payment);
                }
            }
            Self::Total(step) => world.set("total_amount_with_taxes_cents", step * 6_450),
            Self::Place(placed) => world.set("status", if *placed { "placed" } else { "pending" }),
            Self::By(role) => world.caller = caller(*role),
            Self::TurnTo(first) => world.turn_to(if *first { "order" } else { "other order" }),
        }
    }
}

fn current_payment(world: &World) -> Option<String> {
    world.source.as_ref()?.state.payment.clone()
}

fn entry(world: &World, index: u8) -> EntryId {
    let entries = world
        .wallets
        .get(&CustomerId::new(id("customer")))
        .map(|it| &it.entries);
    let entry = entries.and_then(|it| it.get(usize::from(index)));
    entry.map_or(EntryId::new(id("unknown")), |it| it.id())
}

fn delete(world: &mut World, kind: Kind, index: u8, meanwhile: Option<&Asks>) {
    // A guest has no wallet to delete from.
    if world.caller.role == Role::Guest
        || !world.wallets.contains_key(&CustomerId::new(id("customer")))
    {
        return;
    }
    // What is dropped unasked may have been captured: there the gateway answers.
    let is_captured = |it: &crate::gateway::Held| it.progress == Progress::Captured;
    if world.gateway.payments.values().any(is_captured) {
        world.gateway.mishaps.clear();
    }
    let entry = entry(world, index);
    let _may_be_refused = world.delete_while(entry, |world| {
        if let Some(asks) = meanwhile {
            let _may_be_refused = run(world, kind, asks, None);
        }
    });
}

fn run(world: &mut World, kind: Kind, asks: &Asks, meanwhile: Option<&Asks>) -> Result<(), Ended> {
    let current = world
        .source
        .as_ref()
        .map_or(id("unknown"), |it| it.id().into());
    macro_rules! race {
        ($command:expr) => {{
            let command = $command;
            race(world, kind, &command, meanwhile)
        }};
    }
    match asks {
        Asks::Create(card) => match kind {
            Kind::Stripe => race!(pay(&format!("pm_{card}"))),
            Kind::Checkout => race!(checkout(None)),
            Kind::Klarna => race!(klarna()),
        },
        Asks::TakeOver(of_current) => match kind {
            Kind::Stripe => {
                let payment = match (of_current, current_payment(world)) {
                    (true, Some(payment)) if meanwhile.is_none() => payment,
                    _ => open_beside(world),
                };
                race!(pay_with(json!({ "stripe_id": payment })))
            }
            Kind::Checkout => {
                let made = made_in_browser(world);
                match of_current {
                    true => race!(change(SourceId::new(current), json!({ "token": made }))),
                    false => race!(checkout(Some(&made))),
                }
            }
            Kind::Klarna => race!(create(
                ResourceType::KlarnaPayments,
                &json!({ "metadata": {} })
            )),
        },
        Asks::Pay(number) => race!(pay_by(world, kind, SourceId::new(current), *number)),
        Asks::PayAnd(number, details) => race!(PatchSource {
            details: *details && kind == Kind::Checkout,
            refresh: kind != Kind::Klarna,
            ..pay_by(world, kind, SourceId::new(current), *number)
        }),
        Asks::Authorize => race!(PatchSource {
            authorize: kind == Kind::Checkout,
            ..change(SourceId::new(current), json!({}))
        }),
        Asks::Reuse(index) => race!(reuse(entry(world, *index))),
        Asks::ReuseAnew(index) => race!(PatchOrder {
            nullify: true,
            ..reuse(entry(world, *index))
        }),
        Asks::ReuseAndSave(index) => race!(PatchOrder {
            save: true,
            ..reuse(entry(world, *index))
        }),
        Asks::Select(own) => race!(select(kind.methods()[usize::from(!own)])),
        Asks::NoMethod => race!(PatchOrder {
            payment_method: MethodChoice::None,
            ..PatchOrder::default()
        }),
        Asks::Nullify => race!(nullify()),
        Asks::Save => race!(save()),
        Asks::Update => race!(PatchSource {
            update: kind != Kind::Checkout,
            ..change(SourceId::new(current), json!({}))
        }),
        Asks::Refresh => race!(PatchSource {
            refresh: kind != Kind::Klarna,
            ..change(SourceId::new(current), json!({}))
        }),
        Asks::Delete => race!(DeleteSource {
            id: SourceId::new(current)
        }),
        Asks::DeleteSuperseded(index) => {
            let superseded = world.superseded.get(usize::from(*index));
            let id = superseded.map_or(id("unknown"), |it| it.id().into());
            race!(DeleteSource {
                id: SourceId::new(id)
            })
        }
    }
}

/// Pays with one of a few cards, tokens or approvals.
fn pay_by(world: &mut World, kind: Kind, current: SourceId, number: u8) -> PatchSource {
    match kind {
        Kind::Stripe => {
            let card = format!("pm_{}", number % 3);
            change(current, json!({ "options": { "id": card } }))
        }
        Kind::Checkout => {
            let behaviour = ["", "", "decline_", "redirect_"][usize::from(number % 4)];
            let card = ["visa", "master"][usize::from(number % 2)];
            let token = format!("tok_{behaviour}{number}_{card}");
            PatchSource {
                authorize: true,
                ..change(current, json!({ "token": token }))
            }
        }
        Kind::Klarna => {
            // The shopper approves anew, or the browser says again what it said last.
            let approved = world.gateway.approvals.len();
            let token = match number % 4 {
                0 => format!("auth_{:03}", approved.saturating_sub(1)),
                _ => format!("auth_{approved:03}"),
            };
            if !world.gateway.approvals.contains_key(&token) {
                world.gateway.approve(&token);
            }
            change(current, json!({ "auth_token": token }))
        }
    }
}

/// A payment that the shop opens at the gateway itself, fit for the order.
fn open_beside(world: &mut World) -> String {
    world.gateway.open(&NewPayment {
        order: world.order.id(),
        order_number: None,
        amount: world.order.amount_due().unwrap(),
        customer: Some(CustomerId::new(id("customer"))),
        customer_token: gateway_customer(world),
        saved: None,
        shopper_token: None,
        given: Map::new(),
        basket: None,
        payment: None,
        document: None,
    })
}

/// A payment that the browser makes, fit for the order.
fn made_in_browser(world: &mut World) -> String {
    let order = ["order", "other order"];
    let order = order.iter().find(|it| id(it) == world.order.id()).unwrap();
    let cents = world.order.amount_due().unwrap().cents;
    let customer = gateway_customer(world);
    world
        .gateway
        .made_in_browser(order, cents, customer.as_deref())
}

fn gateway_customer(world: &World) -> Option<String> {
    let wallet = world.wallets.get(&CustomerId::new(id("customer")))?;
    Some(wallet.gateway_customers.first()?.token.clone())
}

fn race(
    world: &mut World,
    kind: Kind,
    command: &impl Asked,
    other: Option<&Asks>,
) -> Result<(), Ended> {
    let meanwhile = |world: &mut World| {
        if let Some(other) = other {
            let _may_be_refused = run(world, kind, other, None);
        }
    };
    world.run_while(command, meanwhile).map(|_| ())
}
