//! Whatever shoppers, shops and the network do, in whatever order: an order has one payment at most
//! that is neither released nor owed for release, and the wallet holds nothing that was forgotten or
//! deleted.

mod events;
mod till;

use std::collections::BTreeSet;

use decisions::Change;
use domain::gateway::{GatewayRequest, Moving, Progress};
use domain::record::Place;
use domain::source::PaymentSource;
use domain::transaction::Transaction;
use domain::{CustomerId, EntryId, ResourceType};
use proptest::prelude::*;

use crate::world::{World, id};
use events::{Event, Kind, event};

/// The payments that callers were ever told of: those of sources that were written.
fn disclosed(world: &World) -> BTreeSet<String> {
    let changes = world.commits.iter().flatten();
    let sources = changes.filter_map(|change| match change {
        Change::Put {
            record,
            place: Place::Slot(_),
            ..
        } => PaymentSource::parse(record.clone()).unwrap().state.payment,
        _ => None,
    });
    sources.collect()
}

fn current_payments(world: &World) -> BTreeSet<String> {
    let sources = world.current_sources().into_iter();
    sources.filter_map(|it| it.state.payment.clone()).collect()
}

/// The payments that are to be let go of: released, or voided in an order's books.
fn to_be_let_go_of(world: &World) -> BTreeSet<String> {
    let released = world.to_be_released().into_iter();
    let released = released.filter_map(|(payment, _)| payment);
    let requests = world.owed.values().map(|it| &it.request);
    let voided = requests.filter_map(|it| match it {
        GatewayRequest::Move(asked) | GatewayRequest::ReadMoved { asked, .. }
            if asked.kind == Moving::Void =>
        {
            Some(asked.payment.clone())
        }
        _ => None,
    });
    released.chain(voided).collect()
}

/// The payments of which an order's books say that the gateway did not let go of them.
fn not_let_go_of(world: &World) -> BTreeSet<String> {
    let orders = world.orders().into_iter();
    let transactions = orders.flat_map(|(.., transactions)| transactions.to_vec());
    let transactions = transactions.map(|it| Transaction::parse(it).unwrap());
    let failed = transactions.filter(|it| {
        let is_void = it.record.kind == ResourceType::Voids;
        is_void && !it.counts()
    });
    failed.filter_map(|it| it.state.payment).collect()
}

fn check_payments(world: &World) -> Result<(), TestCaseError> {
    let owed = to_be_let_go_of(world);
    let refused = not_let_go_of(world);
    let current = current_payments(world);
    for payment in disclosed(world) {
        let progress = world.gateway.payments[&payment].progress;
        let kept = current.contains(&payment);
        prop_assert!(
            !progress.is_live() || kept || owed.contains(&payment) || refused.contains(&payment),
            "{payment} is left"
        );
        prop_assert!(!kept || !owed.contains(&payment), "{payment} is owed");
        prop_assert!(
            progress != Progress::Captured || kept,
            "{payment} was dropped"
        );
    }
    let sources = world.superseded.iter().chain(&world.source);
    let ids: Vec<_> = sources.map(PaymentSource::id).collect();
    let distinct: BTreeSet<_> = ids.iter().collect();
    prop_assert_eq!(distinct.len(), ids.len());
    Ok(())
}

/// The entries that were ever deleted.
fn deleted(world: &World) -> BTreeSet<EntryId> {
    let changes = world.commits.iter().flatten();
    let deleted = changes.filter_map(|change| match change {
        Change::Delete {
            of,
            place: Place::Wallet(_),
            ..
        } => Some(EntryId::new(of.id)),
        _ => None,
    });
    deleted.collect()
}

fn check_wallet(world: &World) -> Result<(), TestCaseError> {
    let Some(wallet) = world.wallets.get(&CustomerId::new(id("customer"))) else {
        return Ok(());
    };
    prop_assert!(wallet.gateway_customers.len() <= 1);
    let lines = &wallet.head.lines;
    let ids: BTreeSet<_> = lines.iter().map(|it| it.entry).collect();
    let entries: BTreeSet<_> = wallet.entries.iter().map(|it| it.id()).collect();
    prop_assert_eq!(&ids, &entries);
    prop_assert!(wallet.is_of_one_moment(), "{wallet:?}");
    prop_assert_eq!(ids.len(), wallet.entries.len());
    prop_assert!(entries.is_disjoint(&deleted(world)), "a deleted entry");

    let distinct = |hashes: Vec<&String>| {
        let set: BTreeSet<_> = hashes.iter().collect();
        set.len() == hashes.len()
    };
    let tokens = lines.iter().flat_map(|it| &it.tokens);
    prop_assert!(distinct(tokens.collect()), "a token twice");
    let cards = lines.iter().filter_map(|it| it.card.as_ref());
    prop_assert!(distinct(cards.collect()), "a card twice");
    let sources: BTreeSet<_> = lines.iter().flat_map(|it| &it.sources).collect();
    let gone: BTreeSet<_> = wallet.head.deleted.iter().collect();
    prop_assert!(sources.is_disjoint(&gone), "a deleted source");

    for entry in &wallet.entries {
        for token in entry.tokens() {
            let is_forgotten = world.gateway.forgotten.contains(token);
            prop_assert!(!is_forgotten, "{token} was forgotten");
        }
    }
    Ok(())
}

/// Once the network is well again, nothing stays owed and one payment at most is held per order.
fn check_end(world: &mut World, kind: Kind) -> Result<(), TestCaseError> {
    world.gateway.mishaps.clear();
    // Longer than any session is open.
    world.pass(2 * 3600);
    world.watch();
    prop_assert!(world.watched.is_empty(), "{:?}", world.watched);
    for _ in 0..3 {
        world.sweep();
    }
    prop_assert!(world.owed.is_empty(), "{:?}", world.owed);
    let current = current_payments(world);
    let told = disclosed(world);
    let refused = not_let_go_of(world);
    for (payment, held) in &world.gateway.payments {
        // A PaymentIntent that nobody was told of is paid by nobody; one that was authorised is.
        let counts = match kind {
            Kind::Checkout => {
                let in_session = world.gateway.paid_in.contains_key(payment);
                let is_ours = held.card.as_deref() != Some("browser");
                is_ours || in_session || told.contains(payment)
            }
            _ => told.contains(payment),
        };
        let is_known = current.contains(payment) || refused.contains(payment);
        let is_stray = counts && held.progress.is_live() && !is_known;
        prop_assert!(!is_stray, "{payment} is held for nothing");
    }
    Ok(())
}

/// What gateways keep is in the wallet, or pays an order.
fn check_kept(world: &World) -> Result<(), TestCaseError> {
    let wallet = world.wallets.get(&CustomerId::new(id("customer")));
    let entries = wallet.map(|it| it.entries.as_slice()).unwrap_or_default();
    let saved = entries.iter().flat_map(|it| it.tokens().map(str::to_owned));
    let current = current_payments(world);
    let paying = current.iter().map(|it| &world.gateway.payments[it]);
    let paying = paying.filter_map(|it| it.instrument.clone());
    let wanted: BTreeSet<_> = saved.chain(paying).collect();
    let kept = world.gateway.kept.iter();
    let stray: Vec<_> = kept
        .filter(|it| !wanted.contains(*it) && !it.starts_with("src_browser"))
        .collect();
    prop_assert!(stray.is_empty(), "{stray:?} is kept for nothing");
    Ok(())
}

fn live(kind: Kind, events: &[Event]) -> Result<World, TestCaseError> {
    let mut world = kind.world();
    for event in events {
        event.happen(&mut world, kind)?;
        check_payments(&world)?;
        check_wallet(&world)?;
    }
    check_end(&mut world, kind)?;
    check_wallet(&world)?;
    Ok(world)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_card_that_the_browser_confirms(events in prop::collection::vec(event(Kind::Stripe), 1..30)) {
        live(Kind::Stripe, &events)?;
    }

    #[test]
    fn a_payment_that_is_asked_for(events in prop::collection::vec(event(Kind::Checkout), 1..30)) {
        live(Kind::Checkout, &events)?;
    }

    #[test]
    fn an_approval_that_a_token_is_minted_from(
        events in prop::collection::vec(event(Kind::Klarna), 1..30)
    ) {
        live(Kind::Klarna, &events)?;
    }

    #[test]
    fn a_gateway_keeps_nothing_that_neither_pays_nor_is_saved(
        events in prop::collection::vec(event(Kind::Checkout), 1..30)
    ) {
        check_kept(&live(Kind::Checkout, &events)?)?;
    }
}
