//! Whatever a record holds comes back as it was.

use domain::record::Place;
use domain::record::{Identifier, Record};
use domain::resource::{Source, ValueType};
use domain::{Id, Mode, OrderId, ResourceType, Tenant, Timestamp, Token};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use store::StoreError;
use tokio::runtime::Builder;

use crate::engine::{PERMIT, Table, at, id, order_record, put_order, tenant};

/// Any JSON, with the numbers and names that codecs stumble over.
fn json(depth: u32) -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        prop::num::f64::NORMAL.prop_map(Value::from),
        prop::num::f64::SUBNORMAL.prop_map(Value::from),
        prop::sample::select(vec![
            json!(1.0),
            json!(-0.0),
            json!(1e200),
            json!(0.1),
            json!(1)
        ]),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        number,
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(depth, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            object_of(inner),
        ]
    })
}

fn object_of(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    let name = prop_oneof![Just(String::new()), any::<String>()];
    prop::collection::vec((name, value), 0..4)
        .prop_map(|members| Value::Object(members.into_iter().collect()))
}

/// Any value that an attribute of this type takes.
fn value_of(kind: ValueType) -> BoxedStrategy<Value> {
    match kind {
        ValueType::Text | ValueType::Token => any::<String>().prop_map(Value::from).boxed(),
        ValueType::Integer => any::<i64>().prop_map(Value::from).boxed(),
        ValueType::Float => prop_oneof![
            (prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL).prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            prop::sample::select(vec![json!(0.22), json!(1e200), json!(1e-200), json!(0.0)]),
        ]
        .boxed(),
        ValueType::Boolean => any::<bool>().prop_map(Value::from).boxed(),
        ValueType::Time => (0..2_000_000_000_000_i64)
            .prop_map(|millis| Timestamp::from_unix_millis(millis).to_string().into())
            .boxed(),
        ValueType::Object | ValueType::TokenObject => object_of(json(5)).boxed(),
        ValueType::Array => prop::collection::vec(json(5), 0..4)
            .prop_map(Value::from)
            .boxed(),
    }
}

/// Any record of any type, with any of its stored attributes.
fn record() -> impl Strategy<Value = Record> {
    let kind = prop::sample::select(ResourceType::ALL.to_vec());
    kind.prop_flat_map(|kind| {
        let attributes = kind.declaration().all_attributes();
        let stored: Vec<_> = attributes
            .filter(|it| matches!(it.source, Source::Stored))
            .map(|it| (Just(it.name), prop::option::of(value_of(it.value))))
            .collect();
        let tokens = prop::collection::vec(any::<String>(), 0..3);
        (
            Just(kind),
            stored,
            json(3),
            tokens,
            0..4_000_000_000_000_i64,
        )
    })
    .prop_map(|(kind, attributes, remembered, tokens, millis)| {
        let mut record = Record::new(kind, id("record"), Timestamp::from_unix_millis(millis));
        record.updated_at = Timestamp::from_unix_millis(millis / 2);
        for (name, value) in attributes {
            record.set(name, value);
        }
        let related = Identifier {
            kind: ResourceType::Customers,
            id: id("customer"),
        };
        record.relate("customer", Some(related));
        record.state = json!({
            "gateway": id("gateway"),
            "superseded_tokens": tokens.iter().map(Token::new).collect::<Vec<_>>(),
            "remembered": remembered,
        });
        record
    })
}

#[test]
fn any_record_comes_back_equal() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let table = runtime.block_on(Table::start());
    let organization = std::cell::Cell::new(0);
    let round_trip = |record: Record| {
        organization.set(organization.get() + 1);
        // An organization per case: the catalogue takes records of any type.
        let tenant = Tenant {
            organization: id(&organization.get().to_string()),
            mode: Mode::Test,
        };
        let read = runtime.block_on(async {
            let store = &table.store;
            let created = store.create(PERMIT, tenant, Place::Catalog, &record).await;
            created.map_err(|error| TestCaseError::fail(error.to_string()))?;
            let read = store.read_catalog(tenant, at(0)).await;
            read.map_err(|error| TestCaseError::fail(error.to_string()))
        })?;
        let read = read.get(record.kind, record.id).unwrap();
        prop_assert_eq!(&read.attributes, &record.attributes);
        prop_assert_eq!(&read.relationships, &record.relationships);
        prop_assert_eq!(&read.state, &record.state);
        prop_assert_eq!(read.created_at, record.created_at);
        prop_assert_eq!(read.updated_at, record.updated_at);
        prop_assert_eq!(read.version, 1);
        Ok(())
    };
    let config = ProptestConfig {
        cases: 150,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    TestRunner::new(config).run(&record(), round_trip).unwrap();
}

async fn stored_and_read(metadata: Value) -> Record {
    let table = Table::start().await;
    let mut record = order_record();
    record.set("metadata", metadata);
    let created = table.store.create(PERMIT, tenant(), Place::Order, &record);
    created.await.unwrap();
    table.read_order().await.record
}

#[tokio::test]
async fn free_form_json_keeps_its_numbers_names_and_their_order() {
    let text = r#"{"z":1.0,"a":1,"":{"":[]},"big":1e+200,"u":18446744073709551615,"😀":"\u0000"}"#;
    let metadata: Value = serde_json::from_str(text).unwrap();
    let read = stored_and_read(metadata.clone()).await;
    let read = read.get("metadata").unwrap();
    assert_eq!(*read, metadata);
    assert_eq!(read.to_string(), metadata.to_string());
}

#[tokio::test]
async fn a_number_of_a_request_is_the_same_number_when_it_is_read() {
    // Each is the shortest text of a double that a careless parser misses by its last bit.
    for text in [
        "1.0715660391465826e-16",
        "9.5367431640625e-7",
        "122.416294033786585",
    ] {
        let exact: f64 = text.parse().unwrap();
        let request: Value = serde_json::from_str(&format!(r#"{{"n":{text}}}"#)).unwrap();
        let read = stored_and_read(request).await;
        assert_eq!(
            read.get("metadata").unwrap()["n"].as_f64(),
            Some(exact),
            "{text}"
        );
    }
}

#[tokio::test]
async fn deep_nesting_comes_back() {
    let nested = (0..100).fold(json!(1), |inner, _| json!({ "": [inner] }));
    let shallow = (0..31).fold(json!(1), |inner, _| json!({ "": inner }));
    let read = stored_and_read(shallow.clone()).await;
    assert_eq!(read.get("metadata"), Some(&shallow));
    // Deeper than any request may be; an error at the worst, never a panic.
    let table = Table::start().await;
    let mut record = order_record();
    record.set("metadata", nested);
    let created = table.store.create(PERMIT, tenant(), Place::Order, &record);
    if created.await.is_ok() {
        let read = table
            .store
            .order(tenant(), OrderId::new(record.id), false)
            .await;
        assert!(matches!(read, Ok(_) | Err(StoreError::Corrupt(_))));
    }
}

#[tokio::test]
async fn an_attribute_named_like_one_of_the_tables_own_meets_none() {
    let table = Table::start().await;
    let mut record = order_record();
    let names = [
        "ttl",
        "pk",
        "sk",
        "type",
        "version",
        "due",
        "by_type",
        "expires_at",
    ];
    for name in names {
        record.set(name, "2026-01-01T00:00:00.000Z");
    }
    let created = table.store.create(PERMIT, tenant(), Place::Order, &record);
    created.await.unwrap();
    let read = table.read_order().await;
    assert_eq!(read.to_record().attributes, record.attributes);
    for item in table.items().await.values() {
        assert!(!item.contains_key("ttl"));
    }
}

#[tokio::test]
async fn a_record_of_more_than_350_kb_is_too_large_and_nothing_is_written() {
    let table = Table::start().await;
    let mut record = order_record();
    // Within the largest record, not within it by a little, and by far.
    for (kilobytes, fits) in [(340, true), (351, false), (500, false)] {
        record.id = id(&kilobytes.to_string());
        record.set("coupon_code", "x".repeat(kilobytes * 1024));
        let before = table.items().await.len();
        let created = table
            .store
            .create(PERMIT, tenant(), Place::Order, &record)
            .await;
        match fits {
            true => created.unwrap(),
            false => {
                let Err(StoreError::TooLarge { kind, bytes }) = created else {
                    panic!("{created:?}");
                };
                assert_eq!(kind, "orders");
                assert!(bytes > 350 * 1024);
                assert_eq!(table.items().await.len(), before);
            }
        }
    }
}

#[tokio::test]
async fn a_change_that_makes_a_record_too_large_leaves_what_was_there() {
    let table = Table::start().await;
    let mut order = table.order().await;
    let before = table.items().await;
    order.record.set("coupon_code", "ü".repeat(180 * 1024));
    let change = [put_order(&order)];
    let outcome = table.store.commit(PERMIT, tenant(), &change).await;
    assert!(matches!(outcome, Err(StoreError::TooLarge { .. })));
    assert_eq!(table.items().await, before);
}

#[tokio::test]
async fn records_are_walked_in_time_order_and_read_in_the_order_asked() {
    let table = Table::start().await;
    let store = &table.store;
    let made_at = [30, 10, 20, 0];
    let ids: Vec<Id> = made_at.iter().map(|at| id(&at.to_string())).collect();
    for (id, seconds) in ids.iter().zip(made_at) {
        let record = Record::new(ResourceType::Shipments, *id, at(seconds));
        let place = Place::OfOrder(OrderId::new(crate::engine::id("order")));
        store
            .create(PERMIT, tenant(), place, &record)
            .await
            .unwrap();
    }
    table.order().await;
    let walked = table.listed(tenant(), ResourceType::Shipments).await;
    let read = store.records(tenant(), walked.clone()).await.unwrap();
    let read: Vec<_> = read.iter().map(|it| it.id).collect();
    assert_eq!(read, [ids[3], ids[1], ids[2], ids[0]]);

    let backwards: Vec<_> = walked.into_iter().rev().collect();
    let read = store.records(tenant(), backwards).await.unwrap();
    let read: Vec<_> = read.iter().map(|it| it.id).collect();
    assert_eq!(read, [ids[0], ids[2], ids[1], ids[3]]);
}

#[tokio::test]
async fn more_records_than_one_batch_are_read_in_order_and_those_gone_are_left_out() {
    let table = Table::start().await;
    let store = &table.store;
    for number in 0..130 {
        let id = id(&format!("market {number}"));
        let record = Record::new(ResourceType::Markets, id, at(number));
        let created = store.create(PERMIT, tenant(), Place::Catalog, &record);
        created.await.unwrap();
    }
    let mut walked = table.listed(tenant(), ResourceType::Markets).await;
    let mut gone = walked[5].clone();
    gone.sk.push('x');
    walked.insert(5, gone);
    let read = store.records(tenant(), walked).await.unwrap();
    let expected: Vec<_> = (0..130).map(|it| id(&format!("market {it}"))).collect();
    assert_eq!(read.iter().map(|it| it.id).collect::<Vec<_>>(), expected);
}
