use decisions::{AsRead, Change};
use domain::order::OrderStatus;
use domain::purchase::OrderPartition;
use domain::record::{Place, Record};
use domain::{Id, OrderId, ResourceType, SourceId};
use store::StoreError;

use crate::engine::{
    PERMIT, Table, at, id, live, order_pk, order_record, other_organization, payment_source,
    put_order, release, tenant, text,
};

const KIND: ResourceType = ResourceType::StripePayments;

fn put_source(name: &str) -> Change {
    put_source_over(AsRead::Nothing, name)
}

fn put_source_over(read: AsRead, name: &str) -> Change {
    Change::Put {
        record: payment_source(name).to_record(),
        place: slot(),
        read,
    }
}

fn slot() -> Place {
    Place::Slot(OrderId::new(id("order")))
}

/// The order with its current source.
async fn read(table: &Table) -> OrderPartition {
    let read = table
        .store
        .order(tenant(), OrderId::new(id("order")), false)
        .await;
    read.unwrap().unwrap()
}

fn is_conflict<T: std::fmt::Debug>(outcome: &Result<T, StoreError>) -> bool {
    matches!(outcome, Err(StoreError::Conflict))
}

/// An order with a source, one that was superseded, a line item and an owed operation.
async fn full() -> Table {
    let table = Table::start().await;
    let order = table.order().await;
    table
        .commit(&[put_order(&order), put_source("first")])
        .await;
    let order = table.read_order().await;
    let first = read(&table).await.source.unwrap();
    table
        .commit(&[
            put_order(&order),
            put_source_over(AsRead::of(&first.record), "second"),
            Change::Put {
                place: Place::OfOrder(OrderId::new(id("order"))),
                read: AsRead::Nothing,
                record: first.to_record(),
            },
            Change::Owe(release("release", at(60))),
        ])
        .await;
    for (name, seconds) in [("younger", 5), ("older", 1)] {
        let line = Record::new(ResourceType::LineItems, id(name), at(seconds));
        let place = Place::OfOrder(OrderId::new(id("order")));
        table
            .store
            .create(PERMIT, tenant(), place, &line)
            .await
            .unwrap();
    }
    table
}

#[tokio::test]
async fn an_order_is_read_with_its_current_source_alone() {
    let table = full().await;
    let read = table
        .store
        .order(tenant(), OrderId::new(id("order")), false)
        .await;
    let read = read.unwrap().unwrap();
    assert_eq!(read.source.unwrap().id(), id("second"));
    assert!(read.superseded.is_empty());
    assert_eq!(read.children, None);
}

#[tokio::test]
async fn an_order_is_read_whole_with_its_children_in_order_of_creation() {
    let table = full().await;
    let read = table
        .store
        .order(tenant(), OrderId::new(id("order")), true)
        .await;
    let read = read.unwrap().unwrap();
    assert_eq!(read.source.unwrap().id(), id("second"));
    assert_eq!(read.superseded[0].id(), id("first"));
    let children: Vec<Id> = read.children.unwrap().iter().map(|it| it.id).collect();
    assert_eq!(children, [id("older"), id("younger")]);
}

#[tokio::test]
async fn a_superseded_source_is_read_on_demand() {
    let table = full().await;
    for (asked, superseded) in [("first", 1), ("second", 0), ("unknown", 0)] {
        let store = &table.store;
        let read = store
            .order_with_source(
                tenant(),
                OrderId::new(id("order")),
                KIND,
                SourceId::new(id(asked)),
            )
            .await;
        let read = read.unwrap().unwrap();
        assert_eq!(read.source.unwrap().id(), id("second"));
        assert_eq!(read.superseded.len(), superseded, "{asked}");
    }
}

#[tokio::test]
async fn a_source_is_found_by_its_id_until_it_is_deleted() {
    let table = full().await;
    let store = &table.store;
    let owner = |name: &'static str| store.owner_of(tenant(), KIND, id(name));
    for name in ["first", "second"] {
        assert_eq!(owner(name).await.unwrap(), Some(id("order")));
    }
    let order = table.read_order().await;
    let whole = store.order(tenant(), OrderId::new(id("order")), true).await;
    let whole = whole.unwrap().unwrap();
    let first = &whole.superseded[0].record;
    let second = &whole.source.unwrap().record;
    table
        .commit(&[
            put_order(&order),
            Change::delete(first, Place::OfOrder(OrderId::new(id("order")))),
            Change::delete(second, slot()),
        ])
        .await;
    for name in ["first", "second"] {
        assert_eq!(owner(name).await.unwrap(), None);
    }
    let read = store.order(tenant(), OrderId::new(id("order")), true).await;
    let read = read.unwrap().unwrap();
    assert!(read.source.is_none() && read.superseded.is_empty());
}

#[tokio::test]
async fn an_emptied_slot_is_empty() {
    let table = full().await;
    let second = read(&table).await.source.unwrap();
    let moved = Change::Move {
        record: second.to_record(),
        from: slot(),
        to: Place::OfOrder(OrderId::new(id("order"))),
    };
    table.commit(&[moved]).await;
    assert_eq!(read(&table).await.source, None);
    let owner = table.store.owner_of(tenant(), KIND, id("second")).await;
    assert_eq!(owner.unwrap(), Some(id("order")), "it is still found");
}

#[tokio::test]
async fn a_source_that_another_request_replaced_is_not_written_over() {
    let table = full().await;
    let second = read(&table).await.source.unwrap();
    let mut stale = second.to_record();
    stale.version = 1;
    let third = put_source_over(AsRead::of(&second.record), "third");
    table.commit(std::slice::from_ref(&third)).await;
    for late in [third, Change::put(stale, slot())] {
        let outcome = table.store.commit(PERMIT, tenant(), &[late]).await;
        assert!(is_conflict(&outcome), "{outcome:?}");
    }
    assert_eq!(read(&table).await.source.unwrap().id(), id("third"));
}

#[tokio::test]
async fn there_is_no_order_where_there_is_none() {
    let table = Table::start().await;
    for children in [true, false] {
        let read = table
            .store
            .order(tenant(), OrderId::new(id("order")), children)
            .await;
        assert_eq!(read.unwrap(), None);
    }
}

#[tokio::test]
async fn a_stale_order_is_a_conflict_and_nothing_is_written() {
    let table = Table::start().await;
    let order = table.order().await;
    table.commit(&[put_order(&order)]).await;
    let before = table.items().await;
    let stale = [
        put_order(&order),
        put_source("source"),
        Change::Owe(release("release", at(60))),
    ];
    let outcome = table.store.commit(PERMIT, tenant(), &stale).await;
    assert!(is_conflict(&outcome), "{outcome:?}");
    assert_eq!(table.items().await, before);
}

#[tokio::test]
async fn each_write_of_an_order_is_one_version_on() {
    let table = Table::start().await;
    for version in 1..4 {
        let order = match version {
            1 => table.order().await,
            _ => table.read_order().await,
        };
        assert_eq!(order.record.version, version);
        table.commit(&[put_order(&order)]).await;
    }
}

#[tokio::test]
async fn of_two_writes_of_one_order_at_the_same_moment_one_wins() {
    let table = Table::start().await;
    let order = table.order().await;
    let with_source = |name| vec![put_order(&order), put_source(name)];
    let (one, other) = (with_source("one"), with_source("other"));
    let (one, other) = tokio::join!(
        table.store.commit(PERMIT, tenant(), &one),
        table.store.commit(PERMIT, tenant(), &other),
    );
    assert!(
        is_conflict(&one) != is_conflict(&other),
        "{one:?} {other:?}"
    );
    let owners = [id("one"), id("other")].map(|it| table.store.owner_of(tenant(), KIND, it));
    let [one, other] = owners.map(|owner| async { owner.await.unwrap() });
    let found = [one.await, other.await];
    assert_eq!(
        found.iter().flatten().count(),
        1,
        "the loser left a locator"
    );
}

#[tokio::test]
async fn an_id_is_claimed_once() {
    let table = Table::start().await;
    let order = table.order().await;
    table
        .commit(&[put_order(&order), put_source("source")])
        .await;
    let outcome = table
        .store
        .commit(PERMIT, tenant(), &[put_source("source")])
        .await;
    assert!(is_conflict(&outcome));
    let again = table
        .store
        .create(PERMIT, tenant(), Place::Order, &order_record())
        .await;
    assert!(is_conflict(&again));
}

#[tokio::test]
async fn a_line_item_has_one_order_at_most() {
    let table = Table::start().await;
    let line = Record::new(ResourceType::LineItems, id("line"), at(0));
    let of = |order: &str| Place::OfOrder(OrderId::new(id(order)));
    let store = &table.store;
    store
        .create(PERMIT, tenant(), of("order"), &line)
        .await
        .unwrap();
    let elsewhere = store.create(PERMIT, tenant(), of("another"), &line).await;
    assert!(is_conflict(&elsewhere));
    assert!(
        !table
            .items()
            .await
            .keys()
            .any(|(pk, _)| { pk.ends_with(id("another").as_str()) })
    );
}

#[tokio::test]
async fn records_of_test_and_live_mode_and_of_organizations_never_meet() {
    let table = full().await;
    let store = &table.store;
    for elsewhere in [live(), other_organization()] {
        assert_eq!(
            store
                .order(elsewhere, OrderId::new(id("order")), true)
                .await
                .unwrap(),
            None
        );
        let owner = store.owner_of(elsewhere, KIND, id("second")).await;
        assert_eq!(owner.unwrap(), None);
        let listed = table.listed(elsewhere, ResourceType::Orders).await;
        assert!(listed.is_empty());
        // The same ids are free there, and what is written there is not seen here.
        let mut record = order_record();
        record.set("status", "draft");
        let created = store.create(PERMIT, elsewhere, Place::Order, &record).await;
        created.unwrap();
    }
    let here = table.read_order().await;
    assert_eq!(here.status, OrderStatus::Pending);
    let here = table.listed(tenant(), ResourceType::Orders).await;
    assert_eq!(here.len(), 1);
}

#[tokio::test]
async fn every_key_of_a_tenant_begins_with_organization_and_mode() {
    let table = full().await;
    let tenant = format!("{}#test#", id("organization"));
    for (pk, sk) in table.items().await.into_keys() {
        assert!(pk.starts_with(&tenant), "{pk} {sk}");
    }
}

#[tokio::test]
async fn secrets_are_nowhere_in_the_table() {
    let table = full().await;
    for ((pk, sk), item) in table.items().await {
        assert!(!format!("{item:?}").contains("hush"), "{pk} {sk}");
    }
}

#[tokio::test]
async fn a_sealed_secret_that_is_moved_to_another_customer_does_not_open() {
    let table = full().await;
    let mut item = table
        .items()
        .await
        .remove(&(order_pk(), "source".to_owned()));
    let item = item.as_mut().unwrap();
    let state = text(item, "state");
    let moved = state.replace(id("customer").as_str(), id("somebody").as_str());
    assert_ne!(state, moved);
    table
        .spoil(
            (&order_pk(), "source"),
            "state",
            store::aws_sdk_dynamodb::types::AttributeValue::S(moved),
        )
        .await;
    let read = table
        .store
        .order(tenant(), OrderId::new(id("order")), false)
        .await;
    assert!(matches!(read, Err(StoreError::Corrupt(_))), "{read:?}");
}
