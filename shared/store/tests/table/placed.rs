//! Records beyond payments: where they stand, move to, and how they are found.

use decisions::{Change, OrderLine, Unique};
use domain::record::{Identifier, Place, Record};
use domain::{CustomerId, Id, OrderId, Period, ResourceType};
use store::aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use store::{Found, StoreError, table as definition};

use crate::engine::{NAME, PERMIT, Table, at, id, order_record, tenant};

fn address(name: &str) -> Record {
    let mut record = Record::new(ResourceType::Addresses, id(name), at(1));
    record.set("city", name);
    record
}

async fn read(table: &Table, identifier: Identifier) -> Option<(Record, Place)> {
    let placed = table.store.placed(tenant(), identifier).await.unwrap();
    placed.map(|it| (it.record, it.place))
}

#[tokio::test]
async fn a_record_moves_whole_and_is_found_where_it_stands() {
    let table = Table::with_customer().await;
    table.order().await;
    let address = address("Milano");
    let identifier = address.identifier();
    let (by_itself, with_order) = (Place::Own, Place::OfOrder(OrderId::new(id("order"))));
    let made = table
        .store
        .create(PERMIT, tenant(), by_itself, &address)
        .await;
    made.unwrap();
    let (stored, place) = read(&table, identifier).await.unwrap();
    assert_eq!((stored.text("city"), place), (Some("Milano"), by_itself));
    let items = table.items().await.len();
    for (from, to) in [
        (by_itself, with_order),
        (with_order, by_itself),
        (
            by_itself,
            Place::OfCustomer(CustomerId::new(id("customer"))),
        ),
    ] {
        let (record, _) = read(&table, identifier).await.unwrap();
        let moved = Change::Move {
            record: record.clone(),
            from,
            to,
        };
        table
            .store
            .commit(PERMIT, tenant(), std::slice::from_ref(&moved))
            .await
            .unwrap();
        let (stored, place) = read(&table, identifier).await.unwrap();
        assert_eq!((stored.text("city"), place), (Some("Milano"), to));
        assert_eq!(stored.created_at, record.created_at);
        let again = table.store.commit(PERMIT, tenant(), &[moved]).await;
        assert!(matches!(again, Err(StoreError::Conflict)), "{again:?}");
        let children = table
            .store
            .order(tenant(), OrderId::new(id("order")), true)
            .await;
        let children = children.unwrap().unwrap().children.unwrap();
        assert_eq!(children.len(), usize::from(to == with_order));
    }
    // A locator is one item more.
    assert_eq!(table.items().await.len(), items + 1);
    let found = table.store.find(tenant(), identifier).await.unwrap();
    assert_eq!(
        found,
        Some(Found::At(Place::OfCustomer(CustomerId::new(id(
            "customer"
        )))))
    );
    let book = table
        .store
        .address_book(tenant(), CustomerId::new(id("customer")))
        .await;
    let book = book.unwrap();
    assert!(book.iter().any(|it| it.identifier() == identifier));

    let (record, place) = read(&table, identifier).await.unwrap();
    let deleted = [Change::delete(&record, place)];
    table
        .store
        .commit(PERMIT, tenant(), &deleted)
        .await
        .unwrap();
    assert_eq!(read(&table, identifier).await, None);
    assert_eq!(table.items().await.len(), items - 1);
}

#[tokio::test]
async fn what_is_named_has_to_be_there() {
    let table = Table::start().await;
    let named = address("Roma");
    let other = Change::put(address("Bari"), Place::Own);
    let changes = [Change::require(named.identifier(), Place::Own), other];
    let refused = table.store.commit(PERMIT, tenant(), &changes).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    assert!(table.items().await.is_empty());
    table
        .store
        .create(PERMIT, tenant(), Place::Own, &named)
        .await
        .unwrap();
    table
        .store
        .commit(PERMIT, tenant(), &changes)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_unique_value_is_one_records_until_it_is_released() {
    let table = Table::start().await;
    let claim = |value: &str, name: &str| {
        Change::Claim(Unique::new(ResourceType::Customers, value), id(name))
    };
    let commit = async |change: Change| table.store.commit(PERMIT, tenant(), &[change]).await;
    commit(claim("Ada@example.com", "ada")).await.unwrap();
    let taken = commit(claim("ada@EXAMPLE.com ", "other")).await;
    assert!(matches!(taken, Err(StoreError::Conflict)), "{taken:?}");
    let unique = Unique::new(ResourceType::Customers, "ada@example.com");
    let owner = table
        .store
        .owner_of_unique(tenant(), &unique)
        .await
        .unwrap();
    assert_eq!(owner, Some(id("ada")));
    commit(Change::Release(unique, id("ada"))).await.unwrap();
    commit(claim("ada@example.com", "other")).await.unwrap();
    let of_another_type = Unique::new(ResourceType::Skus, "ada@example.com");
    let owner = table
        .store
        .owner_of_unique(tenant(), &of_another_type)
        .await;
    assert_eq!(owner.unwrap(), None);
}

#[tokio::test]
async fn a_customers_orders_are_read_oldest_first_however_many() {
    let table = Table::start().await;
    let customer = id("customer");
    let mut made = Vec::new();
    for number in 0..60_i64 {
        let mut order = order_record();
        order.id = Id::derived(&["order", &number.to_string()]);
        order.created_at = at((number * 7) % 60);
        order.relate(
            "customer",
            Some(Identifier {
                kind: ResourceType::Customers,
                id: customer,
            }),
        );
        table
            .store
            .create(PERMIT, tenant(), Place::Order, &order)
            .await
            .unwrap();
        made.push((order.created_at, OrderId::new(order.id)));
    }
    made.sort_unstable();
    let read = table
        .store
        .orders_of(tenant(), CustomerId::new(customer), 60)
        .await
        .unwrap()
        .unwrap();
    let read: Vec<_> = read
        .iter()
        .map(|it| (it.order.record.created_at, it.order.id()))
        .collect();
    assert_eq!(read, made);
    let gone = OrderLine {
        order: made[0].1,
        created_at: made[0].0,
    };
    let unlisted = [Change::UnlistOrder(CustomerId::new(customer), gone)];
    table
        .store
        .commit(PERMIT, tenant(), &unlisted)
        .await
        .unwrap();
    let left = table
        .store
        .orders_of(tenant(), CustomerId::new(customer), 59)
        .await
        .unwrap();
    assert_eq!(left.unwrap().len(), 59);
    let too_many = table
        .store
        .orders_of(tenant(), CustomerId::new(customer), 58);
    assert_eq!(too_many.await.unwrap(), None);
}

#[tokio::test]
async fn a_deletion_of_more_than_one_transaction_takes_is_carried_out() {
    let table = Table::start().await;
    let order = table.order().await;
    let place = Place::OfOrder(order.id());
    for number in 0..120 {
        let line = Id::derived(&["line", &number.to_string()]);
        let line = Record::new(ResourceType::LineItems, line, at(number));
        table
            .store
            .create(PERMIT, tenant(), place, &line)
            .await
            .unwrap();
    }
    let partition = table
        .store
        .order(tenant(), order.id(), true)
        .await
        .unwrap()
        .unwrap();
    let changes = decisions::manage::delete_order(&partition).unwrap();
    assert_eq!(
        changes.len(),
        122,
        "the lines, the order, and its line with the customer"
    );
    table
        .store
        .commit(PERMIT, tenant(), &changes)
        .await
        .unwrap();
    assert!(table.items().await.is_empty());
}

#[tokio::test]
async fn records_are_found_by_reference_and_by_key() {
    let table = Table::start().await;
    for (name, reference, code) in [("a", "one", "A"), ("b", "one", "B"), ("c", "two", "C")] {
        let mut sku = Record::new(ResourceType::Skus, id(name), at(1));
        sku.set("reference", reference);
        sku.set("code", code);
        table
            .store
            .create(PERMIT, tenant(), Place::Own, &sku)
            .await
            .unwrap();
    }
    let found = async |attribute: &str, values: &[&str]| {
        let kind = ResourceType::Skus;
        let keys = table
            .store
            .found_by(tenant(), kind, attribute, values, Period::default(), 10)
            .await
            .unwrap();
        let records = table.store.records(tenant(), keys).await.unwrap();
        let mut ids: Vec<_> = records
            .iter()
            .map(|it| it.text("code").unwrap().to_owned())
            .collect();
        ids.sort_unstable();
        ids.concat()
    };
    assert_eq!(found("reference", &["one"]).await, "AB");
    assert_eq!(found("reference", &["one", "two", "one"]).await, "ABC");
    assert_eq!(found("code", &["B", "none"]).await, "B");
    assert_eq!(found("code", &["one"]).await, "");

    let (mut sku, place) = {
        let identifier = Identifier {
            kind: ResourceType::Skus,
            id: id("b"),
        };
        read(&table, identifier).await.unwrap()
    };
    sku.set("reference", "two");
    let changes = [Change::put(sku, place)];
    table
        .store
        .commit(PERMIT, tenant(), &changes)
        .await
        .unwrap();
    assert_eq!(found("reference", &["two"]).await, "BC");
    let hashed = format!("{:?}", table.items().await);
    assert!(!hashed.contains("#reference#two"), "values are hashed");
}

#[tokio::test]
async fn a_table_of_an_earlier_version_gets_its_indexes() {
    let table = Table::start().await;
    let name = "earlier";
    let key = |name: &str, kind| {
        KeySchemaElement::builder()
            .attribute_name(name)
            .key_type(kind)
            .build()
            .unwrap()
    };
    let text = |name: &str| {
        let text = AttributeDefinition::builder().attribute_name(name);
        text.attribute_type(ScalarAttributeType::S).build().unwrap()
    };
    table
        .client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(key(definition::PK, KeyType::Hash))
        .key_schema(key(definition::SK, KeyType::Range))
        .attribute_definitions(text(definition::PK))
        .attribute_definitions(text(definition::SK))
        .send()
        .await
        .unwrap();
    let before = store::inspect(&table.client, name).await.unwrap();
    assert!(before.has_keys);
    let all: Vec<_> = definition::INDEXES.iter().map(|it| it.name).collect();
    assert_eq!(before.lacking_indexes, all);
    assert_ne!(before.expires, Some(true));
    for _ in 0..2 {
        // DynamoDB makes one index at a time, and refuses the next until it is there: what is missing is made then.
        for _ in 0..100 {
            match definition::create(&table.client, name).await {
                Ok(()) => break,
                Err(error) if error.to_string().contains("LimitExceeded") => {
                    std::thread::sleep(std::time::Duration::from_millis(50));
                }
                Err(error) => panic!("{error}"),
            }
        }
        let described = table
            .client
            .describe_table()
            .table_name(name)
            .send()
            .await
            .unwrap();
        let indexes = described.table.unwrap().global_secondary_indexes.unwrap();
        assert_eq!(indexes.len(), definition::INDEXES.len());
    }
}

#[tokio::test]
async fn a_table_that_is_made_here_is_as_its_definition_wants_it() {
    let table = Table::start().await;
    let made = store::inspect(&table.client, NAME).await.unwrap();
    assert!(made.is_active && made.has_keys, "{made:?}");
    assert_eq!(made.lacking_indexes, [""; 0]);
    assert_eq!(made.expires, Some(true));
    assert!(store::inspect(&table.client, "elsewhere").await.is_err());
}
