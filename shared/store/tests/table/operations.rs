use std::collections::BTreeSet;

use decisions::{AsRead, Change};
use domain::operation::{Operation, Owner};
use domain::record::Place;
use store::aws_sdk_dynamodb::types::AttributeValue;
use store::{DueWalk, Owed, Store, StoreError};

use crate::engine::{
    PERMIT, Table, at, id, live, order_pk, other_organization, put_order, release, tenant,
};
use domain::CustomerId;

async fn owing(operations: &[Operation]) -> Table {
    let table = Table::start().await;
    for operation in operations {
        table.commit(&[Change::Owe(operation.clone())]).await;
    }
    table
}

fn settled(operation: &Operation) -> [Change; 1] {
    [Change::Settle(operation.owner, operation.id)]
}

async fn due(store: &Store, seconds: i64) -> Vec<Owed> {
    let mut walk = DueWalk::new(at(seconds), 25);
    let mut owed = Vec::new();
    loop {
        let some = store.next_due(&mut walk).await.unwrap();
        if some.is_empty() {
            return owed;
        }
        owed.extend(some);
    }
}

#[tokio::test]
async fn an_operation_is_due_from_its_moment_on_and_comes_back_as_it_was() {
    let table = owing(&[release("release", at(60))]).await;
    assert_eq!(due(&table.store, 0).await, []);
    assert_eq!(due(&table.store, 59).await, []);
    for now in [60, 61, 100_000] {
        let owed = due(&table.store, now).await;
        assert_eq!(owed[0].operation, release("release", at(60)));
        assert_eq!(owed[0].tenant, tenant());
    }
}

#[tokio::test]
async fn operations_of_all_tenants_and_owners_are_found() {
    let table = Table::start().await;
    let mut of_customer = release("of a customer", at(1));
    of_customer.owner = Owner::Customer(CustomerId::new(id("customer")));
    for tenant in [tenant(), live(), other_organization()] {
        let changes = [
            Change::Owe(release("release", at(0))),
            Change::Owe(of_customer.clone()),
        ];
        table.store.commit(PERMIT, tenant, &changes).await.unwrap();
    }
    let owed = due(&table.store, 60).await;
    assert_eq!(owed.len(), 6);
    for tenant in [tenant(), live(), other_organization()] {
        assert_eq!(owed.iter().filter(|it| it.tenant == tenant).count(), 2);
    }
    // Each is settled where it stands.
    let in_live = owed.iter().find(|it| it.tenant == live()).unwrap();
    let settled = table
        .store
        .commit(PERMIT, live(), &settled(&in_live.operation))
        .await;
    settled.unwrap();
    assert_eq!(due(&table.store, 60).await.len(), 5);
}

#[tokio::test]
async fn one_that_does_not_read_keeps_no_other_waiting() {
    let operations = [release("spoiled", at(0)), release("release", at(0))];
    let table = owing(&operations).await;
    let spoiled = format!("operation#{}", operations[0].id);
    let garbage = AttributeValue::S("k1.AAAA".to_owned());
    table
        .spoil((&order_pk(), &spoiled), "operation", garbage)
        .await;
    let owed = due(&table.store, 60).await;
    assert_eq!(owed.len(), 1);
    assert_eq!(owed[0].operation, operations[1]);
}

#[tokio::test]
async fn of_two_processes_that_begin_an_operation_one_wins() {
    let table = owing(&[release("release", at(0))]).await;
    let (one, other) = (&table.store, table.other_process());
    let found = (
        due(one, 60).await.remove(0),
        due(&other, 60).await.remove(0),
    );
    let (one, other) = tokio::join!(
        one.begin(PERMIT, &found.0, at(60)),
        other.begin(PERMIT, &found.1, at(60))
    );
    let conflicts = [&one, &other].map(|it| matches!(it, Err(StoreError::Conflict)));
    assert!(conflicts[0] != conflicts[1], "{one:?} {other:?}");
}

#[tokio::test]
async fn a_begun_operation_is_due_again_after_a_growing_pause() {
    let table = owing(&[release("release", at(0))]).await;
    let store = &table.store;
    let begun = store
        .begin(PERMIT, &due(store, 0).await[0], at(0))
        .await
        .unwrap();
    assert_eq!(begun.operation.tries, 1);
    assert_eq!(due(store, 59).await, []);
    assert_eq!(due(store, 60).await, [begun]);
    let again = store
        .begin(PERMIT, &due(store, 60).await[0], at(60))
        .await
        .unwrap();
    assert_eq!(again.operation.tries, 2);
    assert_eq!(due(store, 179).await, []);
    assert_eq!(due(store, 180).await, [again]);
}

#[test]
fn the_pause_ends_at_six_hours() {
    let mut operation = release("release", at(0));
    for _ in 0..100 {
        operation = operation.begun(operation.due_at);
    }
    operation.attempt = u32::MAX;
    let begun = operation.begun(at(0));
    assert_eq!(begun.due_at, at(6 * 3600));
    assert_eq!(begun.attempt, u32::MAX);
}

#[tokio::test]
async fn a_settled_operation_is_owed_no_more_and_cannot_be_begun() {
    let table = owing(&[release("release", at(0))]).await;
    let store = &table.store;
    let owed = due(store, 0).await.remove(0);
    store
        .commit(PERMIT, tenant(), &settled(&owed.operation))
        .await
        .unwrap();
    assert_eq!(due(store, 60).await, []);
    let begun = store.begin(PERMIT, &owed, at(60)).await;
    assert!(matches!(begun, Err(StoreError::Conflict)), "{begun:?}");
    assert!(table.items().await.is_empty());
    // Settling what somebody else settled is no error.
    store
        .commit(PERMIT, tenant(), &settled(&owed.operation))
        .await
        .unwrap();
}

#[tokio::test]
async fn what_is_owed_is_sealed() {
    let table = owing(&[release("release", at(0))]).await;
    for item in table.items().await.values() {
        assert!(!format!("{item:?}").contains("hush"));
    }
}

#[tokio::test]
async fn an_index_that_lags_behind_makes_nothing_due() {
    let table = owing(&[release("release", at(0))]).await;
    let store = &table.store;
    store
        .begin(PERMIT, &due(store, 0).await[0], at(0))
        .await
        .unwrap();
    // The index as another process may still see it: from before the operation was begun.
    let sk = format!("operation#{}", id("release"));
    let before = AttributeValue::S(format!("{}#{}", at(0), id("release")));
    table.spoil((&order_pk(), &sk), "due_at", before).await;
    assert_eq!(due(store, 30).await, []);
    assert_eq!(due(store, 60).await.len(), 1);
}

#[tokio::test]
async fn no_more_are_taken_from_a_part_of_the_index_than_wanted() {
    let operations: Vec<_> = (0..40)
        .map(|number| release(&format!("release {number}"), at(number)))
        .collect();
    let table = owing(&operations).await;
    let mut walk = DueWalk::new(at(60), 1);
    let (mut found, mut largest) = (BTreeSet::new(), 0);
    loop {
        let owed = table.store.next_due(&mut walk).await.unwrap();
        if owed.is_empty() {
            break;
        }
        largest = largest.max(owed.len());
        found.extend(owed.iter().map(|it| it.operation.id));
    }
    assert!((8..=16).contains(&largest), "{largest}");
    assert_eq!(found.len(), 40, "those that are left keep none waiting");
}

#[tokio::test]
async fn a_step_is_noted_on_condition_of_its_order_and_settled_with_what_came_of_it() {
    let table = Table::start().await;
    let order = table.order().await;
    let step = release("step", at(60));
    let noted = |version| {
        [
            Change::Check {
                of: order.record.identifier(),
                place: Place::Order,
                read: AsRead::Version(id("order"), version),
            },
            Change::Owe(step.clone()),
        ]
    };
    let version = order.record.version;
    let outdated = table
        .store
        .commit(PERMIT, tenant(), &noted(version + 1))
        .await;
    assert!(matches!(outdated, Err(StoreError::Conflict)));
    assert_eq!(due(&table.store, 60).await, []);

    table.commit(&noted(version)).await;
    assert_eq!(due(&table.store, 60).await.len(), 1);
    table
        .commit(&[put_order(&order), Change::Settle(step.owner, step.id)])
        .await;
    assert_eq!(due(&table.store, 60).await, []);
}
