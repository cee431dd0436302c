//! What a decision rests on is read in pieces, and another request may be done between two of them.
//! Whichever pieces are older than that request, and whatever it did: in the end everything is as if the
//! one had come after the other.

use std::borrow::Cow;
use std::collections::BTreeMap;

use decisions::commands::{DeleteSource, DropReused, PatchOrder, PatchSource};
use domain::gateway::{GatewayKind, Moving};
use domain::purchase::Purchase;
use domain::wallet::Wallet;
use domain::{CustomerId, EntryId, ResourceType, SourceId};
use serde_json::{Value, json};

use crate::asking::{change, checkout, klarna, nullify, pay, reuse, save, select};
use crate::till;
use crate::world::{Asked, World, id};

/// The pieces that are read: the order, what it is paid with, its superseded sources, the wallet's head,
/// its entries, the customer's records at gateways, the order's transactions.
const PIECES: u8 = 7;

/// Transactions are read after the order: where they are older, it is.
const fn can_be_older(pieces: u8) -> bool {
    pieces >> 6 & 1 == 0 || pieces & 1 == 1
}

/// What was read before another request was done, and which pieces that is.
struct Torn<'a> {
    before: &'a World,
    older: u8,
}

impl Torn<'_> {
    fn pick<T>(&self, piece: u8, older: T, newer: T) -> T {
        match self.older >> piece & 1 {
            1 => older,
            _ => newer,
        }
    }

    fn purchase(&self, now: &World, command: &impl Asked) -> Purchase {
        let (older, newer) = (self.before.read_for(command), now.read_for(command));
        let wallet = match (older.wallet, &newer.wallet) {
            (Some(older), Some(newer)) => Some(self.wallet(older, newer.clone())),
            _ => newer.wallet.clone(),
        };
        let (older, mut newer) = (older.partition, newer);
        let partition = &mut newer.partition;
        let is_read = older.children.is_some() && partition.children.is_some();
        let children = match is_read {
            true => self.pick(6, older.children, partition.children.take()),
            false => partition.children.take().or(older.children),
        };
        partition.children = children;
        partition.order = self.pick(0, older.order, partition.order.clone());
        partition.source = self.pick(1, older.source, partition.source.clone());
        partition.superseded = self.pick(2, older.superseded, partition.superseded.clone());
        Purchase { wallet, ..newer }
    }

    /// A wallet whose head does not name its entries is read again.
    fn wallet(&self, older: Wallet, newer: Wallet) -> Wallet {
        let torn = Wallet {
            head: self.pick(3, older.head, newer.head.clone()),
            entries: self.pick(4, older.entries, newer.entries.clone()),
            gateway_customers: self.pick(
                5,
                older.gateway_customers,
                newer.gateway_customers.clone(),
            ),
            ..newer.clone()
        };
        match torn.is_of_one_moment() {
            true => torn,
            false => newer,
        }
    }
}

/// Something that is asked for; whether it was carried out.
struct Request {
    name: &'static str,
    run: Box<Run>,
}

type Run = dyn Fn(&mut World, Option<&Torn<'_>>) -> bool;

fn of_order(name: &'static str, command: impl Asked + 'static) -> Request {
    Request {
        name,
        run: Box::new(move |world, torn| {
            let read = match torn {
                Some(torn) => torn.purchase(world, &command),
                None => world.read_for(&command),
            };
            world.run_on(read, &command, |_| {}).is_ok()
        }),
    }
}

fn read_wallet(world: &World, torn: Option<&Torn<'_>>) -> Option<Wallet> {
    let of = |world: &World| {
        let customer = CustomerId::new(id("customer"));
        world.wallets.get(&customer).cloned()
    };
    match (torn, of(world)) {
        (Some(torn), Some(now)) => Some(torn.wallet(of(torn.before)?, now)),
        (_, now) => now,
    }
}

fn patch(name: &'static str, entry: EntryId, attributes: Value) -> Request {
    Request {
        name,
        run: Box::new(move |world, torn| {
            let read = read_wallet(world, torn);
            read.is_some_and(|read| world.patch_on(read, entry, &attributes).is_ok())
        }),
    }
}

fn delete(entry: EntryId) -> Request {
    Request {
        name: "delete the entry",
        run: Box::new(move |world, torn| {
            let read = read_wallet(world, torn);
            read.is_some_and(|read| world.delete_on(read, entry, |_| {}).is_ok())
        }),
    }
}

/// What may be asked for of a world, whose order may have a payment source and whose wallet an entry.
fn requests(world: &World, creates: impl Asked + Clone + 'static, pays: Value) -> Vec<Request> {
    let wallet = world.wallets.get(&CustomerId::new(id("customer")));
    let entry = wallet.and_then(|it| it.entries.first());
    let entry = entry.map_or(EntryId::new(id("unknown")), |it| it.id());
    let source = world.source.as_ref().map(|it| it.id());
    let source = source.unwrap_or(SourceId::new(id("unknown")));
    let superseded = world.superseded.first().map(|it| it.id());
    let is_checkout = pays.get("token").is_some();
    vec![
        of_order("create", creates),
        of_order(
            "pay",
            PatchSource {
                authorize: is_checkout,
                ..change(source, pays)
            },
        ),
        of_order(
            "describe",
            change(source, json!({ "metadata": { "a": 1 } })),
        ),
        of_order(
            "update",
            PatchSource {
                update: !is_checkout,
                ..change(source, json!({}))
            },
        ),
        of_order("delete the source", DeleteSource { id: source }),
        of_order(
            "delete a superseded source",
            DeleteSource {
                id: superseded.unwrap_or(source),
            },
        ),
        of_order("choose another method", select("second card")),
        of_order("nullify", nullify()),
        of_order("save", save()),
        of_order("reuse", reuse(entry)),
        of_order(
            "reuse and save",
            PatchOrder {
                save: true,
                ..reuse(entry)
            },
        ),
        of_order("drop what is reused", DropReused { entry, ask: true }),
        of_order(
            "describe the order",
            PatchOrder {
                attributes: json!({ "metadata": { "b": 2 } })
                    .as_object()
                    .unwrap()
                    .clone(),
                ..PatchOrder::default()
            },
        ),
        patch(
            "describe the entry",
            entry,
            json!({ "metadata": { "c": 3 } }),
        ),
        patch(
            "replace the entry's token",
            entry,
            json!({ "payment_source_token": "pm_new" }),
        ),
        delete(entry),
    ]
}

/// What is in the table; what gateways number is numbered in its order here.
fn table(world: &World) -> String {
    let mut transactions = world.transactions.clone();
    transactions.sort_by_key(|it| it.id);
    let stored = format!(
        "{:#?}",
        (
            (&world.order, &world.source, &world.superseded),
            &transactions,
            &world.wallets,
            (&world.owed, &world.watched),
        )
    );
    let mut numbers = BTreeMap::new();
    let lines = stored.split_inclusive('\n');
    lines
        .map(|line| renumber_line(line, &mut numbers))
        .collect()
}

fn renumber_line<'a>(line: &'a str, numbers: &mut BTreeMap<String, usize>) -> Cow<'a, str> {
    let mut parts = line.split('_').skip(1);
    if !parts.any(|it| it.starts_with(|it: char| it.is_ascii_digit())) {
        return Cow::Borrowed(line);
    }
    let is_word = |it: char| it.is_alphanumeric() || it == '_';
    let words = line.split_inclusive(|it: char| !is_word(it));
    Cow::Owned(words.map(|word| renumber(word, numbers)).collect())
}

fn renumber(word: &str, numbers: &mut BTreeMap<String, usize>) -> String {
    let mut before = String::new();
    let parts = word.split('_').map(|part| {
        let name = format!("{before}_");
        before = format!("{name}{part}");
        let digits = part.trim_end_matches(|it: char| !it.is_alphanumeric());
        let is_number = !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit());
        match is_number && name.len() > 1 {
            true => {
                let next = numbers.len();
                let number = numbers.entry(format!("{name}{digits}")).or_insert(next);
                format!("{number}{}", &part[digits.len()..])
            }
            false => part.to_owned(),
        }
    });
    parts.collect::<Vec<_>>().join("_")
}

/// The pieces that differ between two worlds.
fn changed(before: &World, now: &World) -> u8 {
    let customer = CustomerId::new(id("customer"));
    let wallets = [before, now].map(|it| it.wallets.get(&customer).cloned());
    let [older, newer] = wallets.map(|it| it.unwrap_or(Wallet::new(customer)));
    let differs = [
        before.order != now.order,
        before.source != now.source,
        before.superseded != now.superseded,
        older.head != newer.head,
        older.entries != newer.entries,
        older.gateway_customers != newer.gateway_customers,
        before.transactions != now.transactions,
    ];
    let bits = differs.iter().enumerate();
    bits.fold(0, |bits, (piece, differs)| {
        bits | u8::from(*differs) << piece
    })
}

/// The first lines that differ.
fn difference(is: &str, ought: &str) -> String {
    let mut lines = is.lines().zip(ought.lines()).enumerate();
    let first = lines.find(|(_, (is, ought))| is != ought);
    let (line, _) = first.unwrap_or((0, ("", "")));
    let around = |text: &str| {
        let lines = text.lines().skip(line.saturating_sub(6)).take(14);
        lines.collect::<Vec<_>>().join("\n")
    };
    format!("{}\n=== ought to be\n{}", around(is), around(ought))
}

fn tear_every_pair(world: &World, requests: &[Request]) {
    for (number, one) in requests.iter().enumerate() {
        for other in requests {
            let of_one = |world: &mut World, torn: Option<&Torn<'_>>| {
                world.number_from(1_000 + number * 10_000);
                (one.run)(world, torn)
            };
            let of_other = |world: &mut World| {
                world.number_from(1_000_000);
                (other.run)(world, None)
            };
            let mut between = world.clone();
            of_other(&mut between);
            let changed = changed(world, &between);
            if changed == 0 {
                continue;
            }
            let mut after = between.clone();
            of_one(&mut after, None);
            let mut before = world.clone();
            of_one(&mut before, None);
            of_other(&mut before);
            let serial = [table(&after), table(&before)];
            let pieces = (1..1 << PIECES).filter(|it| it & !changed == 0);
            for older in pieces.filter(|it| can_be_older(*it)) {
                let mut torn = between.clone();
                let read = Torn {
                    before: world,
                    older,
                };
                let done = of_one(&mut torn, Some(&read));
                let is = table(&torn);
                let was_refused = !done && is == table(&between);
                assert!(
                    was_refused || serial.contains(&is),
                    "{} beside {}, older {older:07b}, {done}: {}",
                    one.name,
                    other.name,
                    difference(&is, &serial[0]),
                );
            }
        }
    }
}

#[test]
fn cards_at_stripe() {
    let mut world = World::new();
    let by_card = json!({ "options": { "id": "pm_other" } });
    tear_every_pair(&world, &requests(&world, pay("pm_visa"), by_card.clone()));
    world.run(&pay("pm_visa")).unwrap();
    tear_every_pair(&world, &requests(&world, pay("pm_other"), by_card.clone()));
    world.run(&save()).unwrap();
    world.pass(60);
    tear_every_pair(&world, &requests(&world, pay("pm_other"), by_card.clone()));
    let entry = world.entry().id();
    world.run(&reuse(entry)).unwrap();
    world.pass(60);
    tear_every_pair(&world, &requests(&world, pay("pm_other"), by_card));
}

#[test]
fn cards_at_checkout_com() {
    let mut world = World::with_checkout();
    let by_token = json!({ "token": "tok_1_visa" });
    tear_every_pair(&world, &requests(&world, checkout(None), by_token.clone()));
    world.run(&checkout(None)).unwrap();
    world.pass(60);
    tear_every_pair(&world, &requests(&world, checkout(None), by_token.clone()));
    let source = world.paid_with().id();
    let authorize = PatchSource {
        authorize: true,
        ..change(source, by_token)
    };
    world.run(&authorize).unwrap();
    world.run(&save()).unwrap();
    let entry = world.entry().id();
    world.run(&reuse(entry)).unwrap();
    world.pass(60);
    let other = json!({ "token": "tok_2_master" });
    tear_every_pair(&world, &requests(&world, checkout(None), other));
}

#[test]
fn approvals_at_klarna() {
    let mut world = World::with_klarna();
    world.run(&klarna()).unwrap();
    for token in ["auth_1", "auth_2"] {
        world.gateway.approve(token);
    }
    let approval = json!({ "auth_token": "auth_1" });
    tear_every_pair(&world, &requests(&world, klarna(), approval.clone()));
    let source = world.paid_with().id();
    world.run(&change(source, approval)).unwrap();
    world.run(&save()).unwrap();
    world.pass(60);
    let other = json!({ "auth_token": "auth_2" });
    tear_every_pair(&world, &requests(&world, klarna(), other));
}

/// What may be asked for of an order's money.
fn requests_of_money(world: &World) -> Vec<Request> {
    let total = json!({ "total_amount_with_taxes_cents": 12_000 });
    let changes_total = PatchOrder {
        attributes: total.as_object().unwrap().clone(),
        ..PatchOrder::default()
    };
    let mut requests = vec![
        of_order("place", till::place()),
        of_order("authorize", till::authorize()),
        of_order("approve", till::approve()),
        of_order("approve and capture", till::approve_and_capture()),
        of_order("capture", till::capture()),
        of_order("refund", till::refund()),
        of_order("cancel", till::cancel()),
        of_order("nullify", nullify()),
        of_order("change the total", changes_total),
    ];
    for (kind, of) in [
        (Moving::Capture, ResourceType::Authorizations),
        (Moving::Void, ResourceType::Authorizations),
        (Moving::Refund, ResourceType::Captures),
    ] {
        if world.transactions.iter().any(|it| it.kind == of) {
            let part = (kind != Moving::Void).then_some(5_000);
            let command = till::moves(world, kind, part);
            requests.push(of_order("move a part", command));
        }
    }
    requests
}

fn tear_money(kind: GatewayKind) {
    let mut world = till::as_shop(till::ready(kind));
    tear_every_pair(&world, &requests_of_money(&world));
    let mut held = world.clone();
    held.run(&till::authorize()).unwrap();
    tear_every_pair(&held, &requests_of_money(&held));
    world.run(&till::place()).unwrap();
    for step in [till::approve(), till::capture()] {
        world.run(&step).unwrap();
        world.pass(60);
        tear_every_pair(&world, &requests_of_money(&world));
    }
    till::settle(&mut world);
    tear_every_pair(&world, &requests_of_money(&world));
}

#[test]
fn money_at_stripe() {
    tear_money(GatewayKind::Stripe);
}

#[test]
fn money_at_checkout_com() {
    tear_money(GatewayKind::CheckoutCom);
}
