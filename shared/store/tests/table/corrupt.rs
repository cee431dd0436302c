//! A hand in the table: what does not read is an error that names its record, never a panic.

use decisions::Change;
use domain::record::Place;
use domain::wallet::{GatewayCustomer, Head};
use domain::{CustomerId, GatewayId, OrderId, ResourceType};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use store::aws_sdk_dynamodb::primitives::Blob;
use store::aws_sdk_dynamodb::types::AttributeValue;
use store::{DueWalk, StoreError};
use tokio::runtime::Builder;

use crate::engine::{
    Item, Table, at, customer_pk, entry, id, order_pk, payment_source, put_entry, put_order,
    release, tenant,
};

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

/// Values that fit no member.
fn garbage() -> Vec<AttributeValue> {
    vec![
        text(""),
        text("{\"half"),
        text("k1.AAAA"),
        text("null"),
        AttributeValue::N("-1".to_owned()),
        AttributeValue::N("1e40".to_owned()),
        AttributeValue::N("0.5".to_owned()),
        AttributeValue::Bool(true),
        AttributeValue::Null(true),
        AttributeValue::B(Blob::new([0, 159, 146, 150])),
        AttributeValue::Ss(vec!["a".to_owned()]),
        AttributeValue::L(vec![text("a")]),
        AttributeValue::M(Item::from([(
            "name".to_owned(),
            AttributeValue::B(Blob::new([255])),
        )])),
    ]
}

/// A table with one of everything.
async fn full() -> Table {
    let table = Table::with_customer().await;
    let order = table.order().await;
    let slot = Place::Slot(order.id());
    let made = GatewayCustomer {
        gateway: GatewayId::new(id("gateway")),
        token: "cus_1".to_owned(),
        version: 0,
    };
    table
        .commit(&[
            put_order(&order),
            Change::put(payment_source("source").to_record(), slot),
            Change::Owe(release("release", at(0))),
            put_entry(&entry("entry")),
            Change::PutHead(CustomerId::new(id("customer")), Head::default()),
            Change::PutGatewayCustomer(CustomerId::new(id("customer")), made),
        ])
        .await;
    table
}

/// Reads all there is, and gives the errors.
async fn read_everything(table: &Table) -> Vec<String> {
    let mut errors = read_records(table).await;
    errors.extend(read_operations(table).await);
    errors
}

async fn read_records(table: &Table) -> Vec<String> {
    let (store, tenant) = (table.other_process(), tenant());
    let source = ResourceType::StripePayments;
    let errors = [
        store
            .order(tenant, OrderId::new(id("order")), true)
            .await
            .err(),
        store
            .wallet(tenant, CustomerId::new(id("customer")))
            .await
            .err(),
        store.owner_of(tenant, source, id("source")).await.err(),
    ];
    errors.into_iter().flatten().map(named).collect()
}

async fn read_operations(table: &Table) -> Option<String> {
    let mut walk = DueWalk::new(at(60), 25);
    table.store.next_due(&mut walk).await.err().map(named)
}

/// The text of an error that says which record does not read.
fn named(error: StoreError) -> String {
    match error {
        StoreError::Corrupt(_) | StoreError::CorruptItem { .. } => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn garbage_in_any_member_of_any_item_is_an_error_or_harmless() {
    let table = full().await;
    assert_eq!(read_everything(&table).await, [""; 0]);
    for ((pk, sk), item) in table.items().await {
        let indexed = store::table::INDEXES.iter().flat_map(|it| [it.pk, it.sk]);
        let keys: Vec<_> = [store::table::PK, store::table::SK]
            .into_iter()
            .chain(indexed)
            .collect();
        let members = item.keys().filter(|name| !keys.contains(&name.as_str()));
        for name in members {
            for value in garbage() {
                let spoiled = (pk.as_str(), sk.as_str());
                table.spoil(spoiled, name, value).await;
                match sk.starts_with("operation#") {
                    true => drop(read_operations(&table).await),
                    false => drop(read_records(&table).await),
                }
            }
            table.put(item.clone()).await;
        }
        assert_eq!(read_everything(&table).await, [""; 0], "{pk} {sk}");
    }
}

#[tokio::test]
async fn an_error_names_the_item_that_does_not_read() {
    let (order, customer) = (order_pk(), customer_pk());
    let entry = format!("entry#{}", id("entry"));
    let gateway = format!("gateway#{}", id("gateway"));
    let spoiled = [
        (&order, "order", "type", "unknown", "order"),
        (&order, "order", "state", "{", id("order").as_str()),
        (&order, "source", "state", "{}", id("source").as_str()),
        (&order, "source", "created_at", "yesterday", "source"),
        (&customer, "wallet", "head", "[]", "wallet"),
        (&customer, &entry, "id", "not an id", &entry),
        (&customer, &gateway, "token", "k1.AAAA", &gateway),
    ]
    .map(|(pk, sk, name, value, named)| {
        let [pk, sk, named] = [pk.as_str(), sk, named].map(str::to_owned);
        (pk, sk, name, value, named)
    });
    for (pk, sk, name, value, named) in spoiled {
        let table = full().await;
        table.spoil((&pk, &sk), name, text(value)).await;
        let errors = read_everything(&table).await;
        assert!(!errors.is_empty(), "{sk} {name}");
        for error in errors {
            assert!(error.contains(&named), "{sk} {name}: {error}");
        }
    }
}

#[tokio::test]
async fn an_error_does_not_repeat_what_was_sealed() {
    let table = full().await;
    let sealed = "k1.AAAAaaaaBBBBbbbbCCCCcccc";
    for (pk, sk) in table.items().await.into_keys() {
        for name in ["token", "operation", "head", "state"] {
            let table = full().await;
            let items = table.items().await;
            if items[&(pk.clone(), sk.clone())].contains_key(name) {
                table.spoil((&pk, &sk), name, text(sealed)).await;
                for error in read_everything(&table).await {
                    assert!(!error.contains("AAAAaaaa"), "{error}");
                }
            }
        }
    }
}

#[test]
fn items_of_random_members_never_panic() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let table = runtime.block_on(Table::start());
    let member = prop::sample::select(vec![
        "type",
        "id",
        "version",
        "created_at",
        "updated_at",
        "attributes",
        "relationships",
        "state",
        "head",
        "gateway",
        "token",
        "owner",
    ]);
    let value = prop_oneof![
        prop::sample::select(garbage()),
        Just(text("orders")),
        Just(text("customer_payment_sources")),
        Just(text(id("order").as_str())),
        Just(text("2026-01-01T00:00:00.000Z")),
        Just(AttributeValue::N("1".to_owned())),
        Just(AttributeValue::M(Item::new())),
        any::<String>().prop_map(AttributeValue::S),
    ];
    let places = vec![
        (order_pk(), "order".to_owned()),
        (order_pk(), "source".to_owned()),
        (order_pk(), "anything".to_owned()),
        (customer_pk(), "customer".to_owned()),
        (customer_pk(), "wallet".to_owned()),
        (customer_pk(), "entry#".to_owned()),
        (customer_pk(), "gateway#".to_owned()),
    ];
    let item = (
        prop::sample::select(places),
        prop::collection::btree_map(member, value, 0..12),
    );
    let config = ProptestConfig {
        cases: 300,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let outcome = TestRunner::new(config).run(&item, |((pk, sk), members)| {
        let mut item: Item = members
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        item.insert("pk".to_owned(), text(&pk));
        item.insert("sk".to_owned(), text(&sk));
        runtime.block_on(async {
            table.put(item).await;
            read_records(&table).await;
        });
        Ok(())
    });
    outcome.unwrap();
}
