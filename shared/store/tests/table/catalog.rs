use decisions::Change;
use domain::record::Place;
use domain::record::Record;
use domain::{Id, ResourceType, Tenant};
use store::StoreError;

use crate::engine::{NAME, PERMIT, Table, at, id, live, other_organization, tenant};

const KIND: ResourceType = ResourceType::Markets;

async fn make(table: &Table, tenant: Tenant, name: &str) {
    let record = Record::new(KIND, id(name), at(0));
    let created = table.store.create(PERMIT, tenant, Place::Catalog, &record);
    created.await.unwrap();
}

async fn commit(table: &Table, changes: &[Change]) -> Result<(), StoreError> {
    table.store.commit(PERMIT, tenant(), changes).await
}

/// The markets that the store tells of `seconds` into the day.
async fn told(table: &Table, seconds: i64) -> Vec<Id> {
    let catalog = table.store.catalog(tenant(), at(seconds)).await.unwrap();
    catalog.of(KIND).iter().map(|it| it.id).collect()
}

#[tokio::test]
async fn the_catalogue_is_kept_for_a_minute_by_the_given_clock() {
    let table = Table::start().await;
    make(&table, tenant(), "first").await;
    assert_eq!(told(&table, 0).await, [id("first")]);
    make(&table, tenant(), "second").await;
    for seconds in [0, 1, 59] {
        assert_eq!(told(&table, seconds).await.len(), 1, "{seconds}");
    }
    assert_eq!(told(&table, 60).await.len(), 2);
    assert_eq!(told(&table, 61).await.len(), 2);
}

#[tokio::test]
async fn a_miss_reads_it_again_and_starts_a_new_minute() {
    let table = Table::start().await;
    assert!(told(&table, 0).await.is_empty());
    make(&table, tenant(), "first").await;
    let read = table.store.read_catalog(tenant(), at(30)).await.unwrap();
    assert!(read.get(KIND, id("first")).is_some());
    make(&table, tenant(), "second").await;
    assert_eq!(told(&table, 89).await.len(), 1);
    assert_eq!(told(&table, 90).await.len(), 2);
}

#[tokio::test]
async fn another_process_has_a_memory_of_its_own_and_a_clone_shares_it() {
    let table = Table::start().await;
    make(&table, tenant(), "first").await;
    told(&table, 0).await;
    make(&table, tenant(), "second").await;
    let other = table.other_process().catalog(tenant(), at(0)).await;
    assert_eq!(other.unwrap().of(KIND).len(), 2);
    let clone = table.store.clone().catalog(tenant(), at(0)).await;
    assert_eq!(clone.unwrap().of(KIND).len(), 1);
}

#[tokio::test]
async fn an_empty_catalogue_is_not_remembered() {
    let table = Table::start().await;
    assert!(told(&table, 0).await.is_empty());
    make(&table, tenant(), "first").await;
    assert_eq!(told(&table, 0).await.len(), 1);
}

#[tokio::test]
async fn catalogues_of_tenants_never_meet_in_table_or_memory() {
    let table = Table::start().await;
    let tenants = [tenant(), live(), other_organization()];
    for (tenant, name) in tenants.into_iter().zip(["one", "two", "three"]) {
        make(&table, tenant, name).await;
    }
    for _ in 0..2 {
        for (tenant, name) in tenants.into_iter().zip(["one", "two", "three"]) {
            let catalog = table.store.catalog(tenant, at(0)).await.unwrap();
            let ids: Vec<_> = catalog.of(KIND).iter().map(|it| it.id).collect();
            assert_eq!(ids, [id(name)]);
        }
    }
}

#[tokio::test]
async fn who_connects_knows_the_tables_mark_if_it_has_one() {
    let table = Table::start().await;
    let connect = || store::connect(&table.client, NAME);
    assert_eq!(connect().await, None);
    let mark = table.store.mark().await.unwrap();
    let known = connect().await;
    assert_eq!(known.as_ref(), Some(&mark));
    let knowing = table.store.clone().knowing(known);
    assert_eq!(knowing.mark().await.unwrap(), mark);
    assert_eq!(store::connect(&table.client, "no-table").await, None);
}

#[tokio::test]
async fn a_change_is_written_where_nobody_was_first_and_forgets_what_was_remembered() {
    let table = Table::start().await;
    make(&table, tenant(), "first").await;
    let catalog = table.store.catalog(tenant(), at(0)).await.unwrap();
    let mut record = catalog.get(KIND, id("first")).unwrap().clone();
    record.set("name", "Europe");
    let change = [Change::put(record, Place::Catalog)];
    commit(&table, &change).await.unwrap();
    let again = commit(&table, &change).await;
    assert!(matches!(again, Err(StoreError::Conflict)), "an old version");

    let catalog = table.store.catalog(tenant(), at(0)).await.unwrap();
    let record = catalog.get(KIND, id("first")).unwrap();
    assert_eq!(record.text("name"), Some("Europe"));
    assert_eq!(record.version, 2);
}

#[tokio::test]
async fn changes_of_one_decision_are_all_written_or_none() {
    let table = Table::start().await;
    make(&table, tenant(), "first").await;
    let read = table.store.catalog(tenant(), at(0)).await.unwrap();
    let first = read.get(KIND, id("first")).unwrap().clone();
    let second = Record::new(KIND, id("second"), at(0));
    let both = [
        Change::put(second, Place::Catalog),
        Change::put(first.clone(), Place::Catalog),
    ];
    let before = table.items().await;
    let deleted = [Change::delete(&first, Place::Catalog)];
    commit(&table, &deleted).await.unwrap();
    assert_eq!(table.items().await.len(), before.len() - 1);
    for late in [both.as_slice(), &deleted] {
        let refused = commit(&table, late).await;
        assert!(matches!(refused, Err(StoreError::Conflict)));
    }
    assert!(told(&table, 0).await.is_empty());

    let anew = Record::new(KIND, id("first"), at(0));
    let anew = [Change::put(anew, Place::Catalog)];
    commit(&table, &anew).await.unwrap();
    let taken = commit(&table, &anew).await;
    assert!(matches!(taken, Err(StoreError::Conflict)), "an id is one's");
}
