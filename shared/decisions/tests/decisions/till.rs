//! The till: an order's amount is held when it is placed, then captured, let go of or given back, and the order's
//! books say what moved.

mod authorizing;
mod cancelling;
mod capturing;
mod declined;
mod dropping;
mod forwarding;
mod fulfillment;
mod given;
mod holds;
mod lost_answers;
mod placing;
mod refunding;
mod voiding;

use decisions::commands::{Lifecycle, PatchOrder, PatchTransaction};
use domain::gateway::{GatewayKind, Moving};
use domain::refusal::Code;
use domain::resources::ResourceType;
use domain::transaction::{Status, Transaction};
use domain::{Id, Role};
use serde_json::{Map, json};

use crate::asking::{change_source, checkout, external, klarna, pay};
use crate::world::{Ended, World, caller, refusal};

pub const KINDS: [GatewayKind; 4] = [
    GatewayKind::Stripe,
    GatewayKind::CheckoutCom,
    GatewayKind::Klarna,
    GatewayKind::External,
];

/// A PATCH of the order with these triggers.
pub fn lifecycle(lifecycle: Lifecycle) -> PatchOrder {
    PatchOrder {
        lifecycle,
        ..PatchOrder::default()
    }
}

macro_rules! triggers {
    ($($name:ident),*) => {$(
        pub fn $name() -> PatchOrder {
            lifecycle(Lifecycle {
                $name: true,
                ..Lifecycle::default()
            })
        }
    )*};
}

triggers!(
    authorize,
    place,
    approve,
    capture,
    approve_and_capture,
    refund,
    cancel
);

/// A PATCH of a transaction.
pub fn patch(id: Id) -> PatchTransaction {
    PatchTransaction {
        id,
        attributes: Map::new(),
        moves: None,
        forward: false,
        cancel: false,
    }
}

/// `_capture`, `_void` or `_refund` of the newest transaction that it can draw on: of so much, or of all.
pub fn moves(world: &World, kind: Moving, cents: Option<i64>) -> PatchTransaction {
    let of = match kind {
        Moving::Capture | Moving::Void => ResourceType::Authorizations,
        Moving::Refund => ResourceType::Captures,
    };
    PatchTransaction {
        moves: Some((kind, cents)),
        ..patch(newest(world, of).record.id)
    }
}

/// The newest transaction of that type which has not failed.
pub fn newest(world: &World, kind: ResourceType) -> Transaction {
    let transactions = transactions(world).into_iter().rev();
    let mut of_kind = transactions.filter(|it| it.record.kind == kind && it.counts());
    of_kind.next().expect("a transaction")
}

/// The order's transactions, oldest first.
pub fn transactions(world: &World) -> Vec<Transaction> {
    let records = world.transactions.iter().cloned();
    let mut all: Vec<_> = records.map(|it| Transaction::parse(it).unwrap()).collect();
    let number = |it: &Transaction| it.record.text("number").unwrap().to_owned();
    all.sort_by_key(number);
    all
}

/// What the order's books say: `authorizations 12900`, `captures 100 pending`.
pub fn books(world: &World) -> Vec<String> {
    transactions(world).iter().map(line).collect()
}

/// A transaction as a line of the books.
pub fn line(transaction: &Transaction) -> String {
    let (kind, cents) = (transaction.record.kind.name(), transaction.cents());
    match transaction.state.status {
        Status::Succeeded => format!("{kind} {cents}"),
        Status::Pending => format!("{kind} {cents} pending"),
        Status::Failed => format!("{kind} {cents} failed"),
    }
}

/// Where the order stands, and what is paid of it.
pub fn stands(world: &World) -> (&'static str, &str) {
    let paid = world
        .order
        .record
        .text("payment_status")
        .unwrap_or("unpaid");
    (world.order.status.name(), paid)
}

/// What the gateway holds, captured and gave back of all payments.
pub fn at_gateway(world: &World) -> (i64, i64, i64) {
    let payments = world.gateway.payments.values();
    payments.fold((0, 0, 0), |(held, captured, refunded), it| {
        (
            held + it.held(),
            captured + it.captured,
            refunded + it.refunded,
        )
    })
}

/// The shop's own back end asks.
pub fn as_shop(mut world: World) -> World {
    world.caller = caller(Role::Integration);
    world
}

/// An order that is ready to be placed with what the shopper entered.
pub fn ready(kind: GatewayKind) -> World {
    entered(kind, "visa")
}

/// The same, with something that the gateway declines.
pub fn entered(kind: GatewayKind, means: &str) -> World {
    let mut world = match kind {
        GatewayKind::Stripe => World::new(),
        GatewayKind::CheckoutCom => World::with_checkout(),
        GatewayKind::Klarna => World::with_klarna(),
        GatewayKind::External => World::with_external(),
    };
    enter(&mut world, kind, means);
    world.pass(60);
    world
}

/// The shopper enters something to pay with.
pub fn enter(world: &mut World, kind: GatewayKind, means: &str) {
    match kind {
        GatewayKind::Stripe => world.run(&pay(&format!("pm_{means}"))),
        GatewayKind::CheckoutCom => world.run(&checkout(Some(&format!("tok_{means}")))),
        GatewayKind::Klarna => {
            world.run(&klarna()).unwrap();
            let token = format!("auth_{means}");
            world.gateway.approve(&token);
            let brought = change_source(world, json!({ "auth_token": token }));
            world.run(&brought)
        }
        GatewayKind::External => world.run(&external(means)),
    }
    .unwrap();
}

/// A placed order, asked about by the shop from now on.
pub fn placed(kind: GatewayKind) -> World {
    let mut world = ready(kind);
    world.run(&place()).unwrap();
    world.pass(60);
    as_shop(world)
}

/// An approved order.
pub fn approved(kind: GatewayKind) -> World {
    let mut world = placed(kind);
    world.run(&approve()).unwrap();
    world
}

/// An order of which all was captured.
pub fn captured(kind: GatewayKind) -> World {
    let mut world = approved(kind);
    world.run(&capture()).unwrap();
    settle(&mut world);
    world
}

/// Carries on what is owed until nothing is.
pub fn settle(world: &mut World) {
    for _ in 0..3 {
        world.pass(60);
        world.sweep();
    }
    assert!(world.owed.is_empty(), "{:?}", world.owed);
}

/// The pointers of all that a command is refused for.
pub fn lacks(ended: Result<domain::purchase::Purchase, Ended>) -> Vec<(Code, String)> {
    match ended {
        Err(Ended::RefusedFor(refusals)) => {
            let one = |it| refusal(Err(Ended::Refused(it)));
            refusals.into_iter().map(one).collect()
        }
        other => vec![refusal(other)],
    }
}

/// A validation error at this attribute.
pub fn invalid(name: &str) -> (Code, String) {
    (Code::ValidationError, format!("/data/attributes/{name}"))
}
