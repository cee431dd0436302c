//! A sealed value opens where it was written, and nowhere else.

use decisions::Change;
use domain::record::Place;
use domain::source::PaymentSource;
use domain::{OrderId, ResourceType, SourceId};
use serde_json::json;
use store::StoreError;
use store::aws_sdk_dynamodb::types::AttributeValue;

use crate::engine::{Item, PERMIT, Table, at, id, order_pk, payment_source, put_order, tenant};

fn source(name: &str) -> PaymentSource {
    let mut source = payment_source(name);
    source.record.set("stripe_id", format!("pi_{name}"));
    source
}

fn superseded_at(name: &str) -> String {
    format!("{}#{}", ResourceType::StripePayments, id(name))
}

/// A table with an order that has a payment source and a superseded one.
async fn table() -> Table {
    let table = Table::with_customer().await;
    let order = table.order().await;
    let slot = Place::Slot(order.id());
    let superseded = Place::OfOrder(order.id());
    table
        .commit(&[
            put_order(&order),
            Change::put(source("current").to_record(), slot),
            Change::put(source("former").to_record(), superseded),
        ])
        .await;
    table
}

async fn read(table: &Table) -> Result<[PaymentSource; 2], StoreError> {
    let order = OrderId::new(id("order"));
    let read = table.store.order(tenant(), order, true).await?.unwrap();
    let [former] = read.superseded.try_into().unwrap();
    Ok([read.source.unwrap(), former])
}

fn attributes(item: &Item) -> Item {
    item["attributes"].as_m().unwrap().clone()
}

#[tokio::test]
async fn a_value_that_is_copied_by_hand_does_not_open() {
    let clean = table().await;
    let items = clean.items().await;
    let at_key = |sk: &str| &items[&(order_pk(), sk.to_owned())];
    let (slot, former) = (at_key("source"), at_key(&superseded_at("former")));
    let secret = &attributes(slot)["client_secret"];
    let foreign = &attributes(former)["stripe_id"];
    for (name, value) in [("stripe_id", foreign), ("stripe_id", secret)] {
        let table = table().await;
        let mut attributes = attributes(slot);
        attributes.insert(name.to_owned(), value.clone());
        let spoiled = AttributeValue::M(attributes);
        table
            .spoil((&order_pk(), "source"), "attributes", spoiled)
            .await;
        let refused = read(&table).await.unwrap_err().to_string();
        assert!(refused.contains("stripe_id"), "{refused}");
        assert!(refused.contains(id("current").as_str()), "{refused}");
    }
    assert!(read(&clean).await.is_ok());
}

#[tokio::test]
async fn a_state_of_another_source_does_not_open() {
    let table = table().await;
    let items = table.items().await;
    let former = &items[&(order_pk(), superseded_at("former"))];
    let state = former["state"].clone();
    table.spoil((&order_pk(), "source"), "state", state).await;
    assert!(matches!(read(&table).await, Err(StoreError::Corrupt(_))));
}

#[tokio::test]
async fn a_source_that_is_superseded_opens_where_it_goes() {
    let table = Table::with_customer().await;
    let order = table.order().await;
    let (slot, beside) = (Place::Slot(order.id()), Place::OfOrder(order.id()));
    let first = Change::put(source("first").to_record(), slot);
    table.commit(&[put_order(&order), first]).await;
    let order = OrderId::new(id("order"));
    let stored = table.store.order(tenant(), order, true).await.unwrap();
    let stored = stored.unwrap().source.unwrap();
    let moved = Change::Move {
        record: stored.to_record(),
        from: slot,
        to: beside,
    };
    table.commit(&[moved]).await;
    let read = table
        .store
        .order_with_source(
            tenant(),
            order,
            ResourceType::StripePayments,
            SourceId::new(id("first")),
        )
        .await;
    let read = read.unwrap().unwrap();
    let [moved] = read.superseded.try_into().unwrap();
    assert_eq!(moved.record.text("stripe_id"), Some("pi_first"));
    assert_eq!(moved.state, stored.state);
}

#[tokio::test]
async fn what_earlier_versions_kept_in_clear_is_read_and_sealed_when_it_is_written() {
    let table = table().await;
    let items = table.items().await;
    let mut clear = attributes(&items[&(order_pk(), "source".to_owned())]);
    let text = |text: &str| AttributeValue::S(text.to_owned());
    clear.insert("stripe_id".to_owned(), text("pi_of_before"));
    clear.insert("options".to_owned(), text(r#"{"id":"pm_of_before"}"#));
    table
        .spoil(
            (&order_pk(), "source"),
            "attributes",
            AttributeValue::M(clear),
        )
        .await;
    let [source, _] = read(&table).await.unwrap();
    assert_eq!(source.record.text("stripe_id"), Some("pi_of_before"));
    let options = source.record.get("options").unwrap();
    assert_eq!(*options, json!({ "id": "pm_of_before" }));

    let slot = Place::Slot(OrderId::new(id("order")));
    let written = Change::put(source.to_record(), slot);
    let committed = table.store.commit(PERMIT, tenant(), &[written]).await;
    committed.unwrap();
    for (key, item) in table.items().await {
        assert!(!format!("{item:?}").contains("of_before"), "{key:?}");
    }
    let catalog = table.store.read_catalog(tenant(), at(0)).await;
    assert!(catalog.is_ok());
    assert_eq!(
        read(&table).await.unwrap()[0].record.attributes,
        source.record.attributes
    );
}
