//! Whatever shoppers, shops, gateways and the network do, in whatever order: the books of each order say what its
//! gateway holds, captured and gave back, and no order's money is held twice.

use std::collections::BTreeMap;

use domain::gateway::{Decline, GatewayKind, Moved, Moving, Outcome, Progress};
use domain::order::{Order, OrderStatus};
use domain::resources::ResourceType;
use domain::till::{PaymentStatus, Till};
use domain::transaction::Transaction;
use domain::{CustomerId, Role};
use proptest::prelude::*;
use serde_json::json;

use decisions::commands::{Hear, Observe, PatchOrder, PatchTransaction, Said};

use crate::asking::{
    authorize_with, change_source, checkout, external, klarna, nullify, pay, reuse, save,
};
use crate::gateway::Mishap;
use crate::till::{
    approve, approve_and_capture, authorize, cancel, capture, line, patch, place, refund,
};
use crate::world::{Asked, Ended, World, caller, id};

/// What may happen next.
#[derive(Debug, Clone)]
enum Event {
    Asks(Asks),
    /// Two requests at the same moment: the second is done before the first is committed.
    Race(Asks, Asks),
    /// A request whose first call brings no answer: it did not arrive, or was done.
    Unanswered(Asks, bool),
    Mishaps(Vec<Mishap>),
    Passes(u64),
    Sweep,
    /// The shopper confirms in the browser, or agrees at their bank.
    Agrees,
    /// Whether the gateway decides what it has taken on.
    DecidesLater(bool),
    /// The gateway decides on holds that it has taken on, and says so.
    Decides(bool),
    /// Whether methods capture by themselves.
    CapturesByItself(bool),
    Total(i64),
    By(bool),
    TurnTo(u8),
}

/// What a caller may ask for.
#[derive(Debug, Clone, Copy)]
enum Asks {
    /// A new payment source, with means of this kind.
    Enter(u8),
    /// Other means on the source that is there.
    Replace(u8),
    Place,
    Authorize,
    Approve,
    ApproveAndCapture,
    Capture,
    Refund,
    Cancel,
    /// Of a transaction: the one of this number, and so many hundredths of 12.90, or all of it.
    Move(Moving, u8, Option<i64>),
    Nullify,
    Save,
    Reuse,
}

fn asks() -> impl Strategy<Value = Asks> {
    let moving = prop_oneof![
        3 => Just(Moving::Capture),
        2 => Just(Moving::Void),
        3 => Just(Moving::Refund),
    ];
    let cents = prop::option::of((-1..14_i64).prop_map(|it| it * 1_290));
    prop_oneof![
        5 => (0..6_u8).prop_map(Asks::Enter),
        2 => (0..6_u8).prop_map(Asks::Replace),
        6 => Just(Asks::Place),
        2 => Just(Asks::Authorize),
        3 => Just(Asks::Approve),
        2 => Just(Asks::ApproveAndCapture),
        3 => Just(Asks::Capture),
        2 => Just(Asks::Refund),
        2 => Just(Asks::Cancel),
        6 => (moving, 0..3_u8, cents).prop_map(|(kind, number, cents)| Asks::Move(kind, number, cents)),
        1 => Just(Asks::Nullify),
        1 => Just(Asks::Save),
        1 => Just(Asks::Reuse),
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
    prop_oneof![
        16 => asks().prop_map(Event::Asks),
        4 => (asks(), asks()).prop_map(|(one, other)| Event::Race(one, other)),
        4 => (asks(), any::<bool>()).prop_map(|(asks, done)| Event::Unanswered(asks, done)),
        3 => prop::collection::vec(mishap(), 1..4).prop_map(Event::Mishaps),
        1 => (1..40_u64).prop_map(Event::Passes),
        2 => Just(Event::Sweep),
        2 => Just(Event::Agrees),
        1 => any::<bool>().prop_map(Event::DecidesLater),
        1 => any::<bool>().prop_map(Event::Decides),
        1 => any::<bool>().prop_map(Event::CapturesByItself),
        1 => (0..3_i64).prop_map(|it| Event::Total(it * 6_450)),
        1 => any::<bool>().prop_map(Event::By),
        1 => (0..3_u8).prop_map(Event::TurnTo),
    ]
}

fn of_customer() -> Role {
    Role::Customer(CustomerId::new(id("customer")))
}

fn as_shop<T>(world: &mut World, run: impl FnOnce(&mut World) -> T) -> T {
    let asking = std::mem::replace(&mut world.caller, caller(Role::Integration));
    let done = run(world);
    world.caller = asking;
    done
}

impl Event {
    fn happen(&self, world: &mut World, kind: GatewayKind) -> Result<(), TestCaseError> {
        match self {
            Self::Asks(asks) => {
                let before = world.order.status;
                let ended = run(world, kind, *asks, None);
                prop_assert_ne!(&ended, &Err(Ended::Contended));
                let is_placed =
                    before != world.order.status && world.order.status == OrderStatus::Placed;
                if matches!(asks, Asks::Place) && ended.is_ok() && is_placed {
                    check_placed(world)?;
                }
            }
            Self::Race(one, other) => {
                let _may_be_refused = run(world, kind, *one, Some(*other));
            }
            Self::Unanswered(asks, is_done) => {
                let lost = match is_done {
                    true => Mishap::AnswerLost,
                    false => Mishap::NotReached,
                };
                world.gateway.mishaps.push_front(lost);
                let _may_be_refused = run(world, kind, *asks, None);
            }
            Self::Mishaps(mishaps) => world.gateway.mishaps.extend(mishaps.clone()),
            Self::Passes(seconds) => world.pass(*seconds),
            Self::Sweep => {
                world.watch();
                world.sweep();
            }
            Self::Agrees => agree(world, kind),
            Self::DecidesLater(later) => world.gateway.decides_later = *later,
            Self::Decides(is_fine) => {
                world.gateway.decide_holds(*is_fine);
                tell(world, kind);
            }
            Self::CapturesByItself(does) => {
                for record in world.catalog.values_mut() {
                    record.set("auto_capture", *does);
                }
            }
            Self::Total(cents) => {
                let attributes = json!({ "total_amount_with_taxes_cents": cents });
                let command = PatchOrder {
                    attributes: attributes.as_object().unwrap().clone(),
                    ..PatchOrder::default()
                };
                as_shop(world, |world| world.run(&command)).unwrap();
            }
            Self::By(shopper) => {
                let role = if *shopper {
                    of_customer()
                } else {
                    Role::Integration
                };
                world.caller = caller(role);
            }
            Self::TurnTo(number) => {
                world.turn_to(["order", "second", "third"][usize::from(*number)])
            }
        }
        Ok(())
    }
}

/// What waits for the shopper is agreed to; a card that was entered is confirmed.
fn agree(world: &mut World, kind: GatewayKind) {
    let payment = world
        .source
        .as_ref()
        .and_then(|it| it.state.payment.clone());
    let held = payment
        .as_ref()
        .and_then(|it| world.gateway.payments.get_mut(it));
    if let (Some(payment), Some(held)) = (&payment, held)
        && held.progress == Progress::Open
        && held.card.is_some()
    {
        match kind {
            GatewayKind::CheckoutCom => world.gateway.agreed(payment),
            _ => {
                held.progress = Progress::Authorized;
                world.gateway.failed.remove(payment);
            }
        }
    }
}

/// The gateway tells what became of holds that wait for it: a shop's own says what it decided, the others are read.
fn tell(world: &mut World, kind: GatewayKind) {
    let mut waiting = Vec::new();
    for (order, _, transactions) in world.orders() {
        let till = till(transactions);
        let undecided = till.undecided_holds();
        waiting.extend(undecided.map(|it| (order.id(), it.state.clone())));
    }
    let here = world.order.id();
    for (order, hold) in waiting {
        let Some(payment) = hold.payment else {
            continue;
        };
        let held = &world.gateway.payments[&payment];
        if held.is_undecided {
            continue;
        }
        let outcome = match held.progress {
            Progress::Authorized | Progress::Captured => Outcome::Succeeded,
            _ => Outcome::Failed(Decline {
                code: None,
                message: "The gateway decided against it.".to_owned(),
            }),
        };
        world.visit(order);
        as_shop(world, |world| {
            let _may_be_unanswered = match kind {
                GatewayKind::External => world.run(&Hear {
                    gateway: hold.gateway,
                    action: payment.clone(),
                    said: Said {
                        moved: Moved::new(outcome, Some(payment)),
                        cents: None,
                    },
                }),
                _ => world.run(&Observe {
                    gateway: hold.gateway,
                    payment,
                    is_disputed: false,
                }),
            };
        });
        world.visit(here);
    }
}

/// Most means pay, some are declined, some ask for the shopper.
fn means(world: &World, number: u8) -> String {
    let behaviour = ["", "", "", "", "decline_", "asks_"][usize::from(number)];
    let count = world.gateway.calls.len() + world.gateway.approvals.len();
    format!("{behaviour}{count}_visa")
}

fn token_of(means: &str) -> String {
    format!("tok_{}", means.replace("asks_", "redirect_"))
}

fn run(
    world: &mut World,
    kind: GatewayKind,
    asks: Asks,
    meanwhile: Option<Asks>,
) -> Result<(), Ended> {
    macro_rules! race {
        ($command:expr) => {{
            let command = $command;
            race(world, kind, &command, meanwhile)
        }};
    }
    match asks {
        Asks::Enter(number) => {
            let means = means(world, number);
            match kind {
                GatewayKind::Stripe => race!(pay(&format!("pm_{means}"))),
                GatewayKind::CheckoutCom => race!(checkout(Some(&token_of(&means)))),
                GatewayKind::Klarna => race!(klarna()),
                GatewayKind::External => race!(external(&means)),
            }
        }
        Asks::Replace(number) if world.source.is_some() => {
            let means = means(world, number);
            match kind {
                GatewayKind::Stripe => {
                    let card = json!({ "options": { "id": format!("pm_{means}") } });
                    race!(change_source(world, card))
                }
                GatewayKind::CheckoutCom => race!(authorize_with(world, &token_of(&means))),
                GatewayKind::Klarna => {
                    let token = format!("auth_{means}");
                    world.gateway.approve(&token);
                    race!(change_source(world, json!({ "auth_token": token })))
                }
                GatewayKind::External => race!(external(&means)),
            }
        }
        Asks::Replace(_) => Ok(()),
        Asks::Place => race!(place()),
        Asks::Authorize => race!(authorize()),
        Asks::Approve => race!(approve()),
        Asks::ApproveAndCapture => race!(approve_and_capture()),
        Asks::Capture => race!(capture()),
        Asks::Refund => race!(refund()),
        Asks::Cancel => race!(cancel()),
        Asks::Move(moving, number, cents) => {
            let of = match moving {
                Moving::Capture | Moving::Void => ResourceType::Authorizations,
                Moving::Refund => ResourceType::Captures,
            };
            let mut of_kind = world.transactions.iter().filter(|it| it.kind == of);
            let Some(of) = of_kind.nth(usize::from(number)) else {
                return Ok(());
            };
            let cents = cents.filter(|_| moving != Moving::Void);
            race!(PatchTransaction {
                moves: Some((moving, cents)),
                ..patch(of.id)
            })
        }
        Asks::Nullify => race!(nullify()),
        Asks::Save => race!(save()),
        Asks::Reuse => {
            let wallet = world.wallets.get(&CustomerId::new(id("customer")));
            match wallet.and_then(|it| it.entries.first()) {
                Some(entry) => race!(reuse(entry.id())),
                None => Ok(()),
            }
        }
    }
}

fn race(
    world: &mut World,
    kind: GatewayKind,
    command: &impl Asked,
    other: Option<Asks>,
) -> Result<(), Ended> {
    let meanwhile = |world: &mut World| {
        if let Some(other) = other {
            let _may_be_refused = run(world, kind, other, None);
        }
    };
    world.run_while(command, meanwhile).map(|_| ())
}

fn till(transactions: &[domain::record::Record]) -> Till {
    Till::of(transactions).unwrap()
}

fn told(till: &Till) -> String {
    let lines: Vec<_> = till.transactions.iter().map(line).collect();
    lines.join(", ")
}

fn of_kind(till: &Till, kind: ResourceType) -> impl Iterator<Item = &Transaction> {
    let transactions = till.transactions.iter();
    transactions.filter(move |it| it.record.kind == kind)
}

/// Whether a void of it, or a refund, did not work out: what people have to see to.
fn has_failed(till: &Till, of: &Transaction) -> bool {
    let mut transactions = till.transactions.iter();
    let is_undoing =
        |it: &Transaction| matches!(it.record.kind, ResourceType::Voids | ResourceType::Refunds);
    transactions.any(|it| it.draws_on(of.record.id) && !it.counts() && is_undoing(it))
}

/// A placed order is paid by what holds or took its money.
fn check_placed(world: &World) -> Result<(), TestCaseError> {
    let till = till(&world.transactions);
    let due = world.order.amount_due().unwrap().cents;
    let authorizations = of_kind(&till, ResourceType::Authorizations);
    let succeeded = authorizations.filter(|it| it.has_succeeded());
    let paid: i64 = succeeded.map(|it| till.pays(it)).sum();
    prop_assert!(paid >= due, "placed with {paid} of {due}: {}", told(&till));
    Ok(())
}

/// What holds for an order's books at any moment.
fn check_books(order: &Order, till: &Till) -> Result<(), TestCaseError> {
    if till.transactions.is_empty() {
        return Ok(());
    }
    let due = order.amount_due().unwrap().cents;
    let status = PaymentStatus::of(due, till.totals()).name();
    prop_assert_eq!(order.record.text("payment_status"), Some(status));
    let count = u32::try_from(till.transactions.len()).unwrap();
    prop_assert_eq!(order.state.transactions, count);
    for it in &till.transactions {
        prop_assert!(
            till.held(it) >= 0,
            "more is drawn than held: {}",
            told(till)
        );
        prop_assert!(
            till.refundable(it) >= 0,
            "more is given back: {}",
            told(till)
        );
    }
    let holds = till.holds().filter(|it| !has_failed(till, it));
    prop_assert!(holds.count() <= 1, "held twice: {}", told(till));
    Ok(())
}

fn check(world: &World) -> Result<(), TestCaseError> {
    for (order, _, transactions) in world.orders() {
        check_books(order, &till(transactions))?;
    }
    Ok(())
}

/// Once the network is well again and gateways have decided, gateways and books agree.
fn check_end(world: &mut World, kind: GatewayKind) -> Result<(), TestCaseError> {
    world.gateway.mishaps.clear();
    world.gateway.decides_later = false;
    // Longer than any session is open.
    world.pass(2 * 3600);
    world.watch();
    world.gateway.decide_holds(true);
    for _ in 0..6 {
        world.sweep();
        tell(world, kind);
    }
    prop_assert!(world.owed.is_empty(), "{:#?}", world.owed);
    check(world)?;

    let mut known = BTreeMap::new();
    for (order, source, transactions) in world.orders() {
        let till = till(transactions);
        for authorization in of_kind(&till, ResourceType::Authorizations) {
            if authorization.has_succeeded() {
                let payment = authorization.state.payment.clone().unwrap();
                check_payment(world, &till, authorization)?;
                let other = known.insert(payment, order.id());
                prop_assert_eq!(other, None, "a payment of two orders");
            }
        }
        check_cancelled(order, &till)?;
        let paid = source.and_then(|it| it.state.payment.clone());
        let paid = paid.filter(|it| !known.contains_key(it));
        known.extend(paid.map(|it| (it, order.id())));
        for it in &till.transactions {
            prop_assert!(it.is_decided(), "undecided: {}", told(&till));
        }
    }
    for (payment, held) in &world.gateway.payments {
        let is_known = known.contains_key(payment);
        prop_assert!(
            held.held() == 0 || is_known,
            "{payment} is held for nothing"
        );
        prop_assert!(
            held.captured == 0 || is_known,
            "{payment} was captured for nothing"
        );
    }
    let mut holding = BTreeMap::new();
    for (payment, order) in &known {
        if world.gateway.payments[payment].held() > 0 {
            *holding.entry(*order).or_insert(0) += 1;
        }
    }
    for (order, _, transactions) in world.orders() {
        let till = till(transactions);
        let is_stuck = till.transactions.iter().any(|it| has_failed(&till, it));
        let count = holding.get(&order.id()).copied().unwrap_or(0);
        prop_assert!(
            count <= 1 || is_stuck,
            "{count} live holds: {}",
            told(&till)
        );
    }
    Ok(())
}

/// What the gateway holds, captured and gave back of a payment is what the transactions say.
fn check_payment(
    world: &World,
    till: &Till,
    authorization: &Transaction,
) -> Result<(), TestCaseError> {
    let payment = authorization.state.payment.as_deref().unwrap();
    let sum = |kind| -> i64 {
        let succeeded = of_kind(till, kind).filter(|it| it.has_succeeded());
        let of_payment = succeeded.filter(|it| it.state.payment.as_deref() == Some(payment));
        of_payment.map(Transaction::cents).sum()
    };
    let said = (
        till.held(authorization),
        sum(ResourceType::Captures),
        sum(ResourceType::Refunds),
    );
    let held = &world.gateway.payments[payment];
    let is = (held.held(), held.captured, held.refunded);
    prop_assert_eq!(is, said, "{}: {}", payment, told(till));
    prop_assert!(held.captured <= held.amount.cents);
    prop_assert!(held.refunded <= held.captured);
    Ok(())
}

/// Nothing is held or kept of a cancelled order, but what the gateway did not undo.
fn check_cancelled(order: &Order, till: &Till) -> Result<(), TestCaseError> {
    if order.status != OrderStatus::Cancelled {
        return Ok(());
    }
    for it in &till.transactions {
        let left = match it.record.kind {
            ResourceType::Authorizations => till.held(it),
            ResourceType::Captures => till.refundable(it),
            _ => 0,
        };
        prop_assert!(left == 0 || has_failed(till, it), "kept: {}", told(till));
    }
    Ok(())
}

/// The first order has something to pay with, and may be approved already.
fn live(kind: GatewayKind, (is_approved, events): (bool, Vec<Event>)) -> Result<(), TestCaseError> {
    let mut world = match kind {
        GatewayKind::Stripe => World::new(),
        GatewayKind::CheckoutCom => World::with_checkout(),
        GatewayKind::Klarna => World::with_klarna(),
        GatewayKind::External => World::with_external(),
    };
    let enter = Event::Asks(Asks::Enter(0));
    let approve = [Asks::Place, Asks::Approve].map(Event::Asks);
    let begin = approve.into_iter().filter(|_| is_approved);
    // A session at Klarna pays nothing until the shopper has approved it.
    let brought = (kind == GatewayKind::Klarna).then_some(Event::Asks(Asks::Replace(0)));
    let begin = std::iter::once(enter).chain(brought).chain(begin);
    for event in begin.chain(events) {
        event.happen(&mut world, kind)?;
        check(&world)?;
    }
    check_end(&mut world, kind)
}

fn events() -> impl Strategy<Value = (bool, Vec<Event>)> {
    (any::<bool>(), prop::collection::vec(event(), 1..40))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn orders_that_are_paid_at_stripe(events in events()) {
        live(GatewayKind::Stripe, events)?;
    }

    #[test]
    fn orders_that_are_paid_at_checkout_com(events in events()) {
        live(GatewayKind::CheckoutCom, events)?;
    }

    #[test]
    fn orders_that_are_paid_at_klarna(events in events()) {
        live(GatewayKind::Klarna, events)?;
    }

    #[test]
    fn orders_that_are_paid_at_the_shops_own_gateway(events in events()) {
        live(GatewayKind::External, events)?;
    }
}
