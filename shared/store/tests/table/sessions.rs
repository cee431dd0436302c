use std::time::Duration;

use domain::{CustomerId, Timestamp};
use store::aws_sdk_dynamodb::types::AttributeValue;
use store::{Session, StoreError, table};

use crate::engine::{Table, at, id, live, other_organization, tenant};

const ID: &str = "the-session";

fn session() -> Session {
    Session {
        id: ID.to_owned(),
        owner: CustomerId::new(id("customer")),
        client_id: "shop".to_owned(),
        scope: "market:code:europe".to_owned(),
        custom_claim: Some(r#"{"a":1.0}"#.to_owned()),
        created_at: at(0),
    }
}

fn expiry() -> Timestamp {
    at(0).plus(Duration::from_secs(14 * 24 * 60 * 60))
}

async fn begun() -> Table {
    let table = Table::start().await;
    let session = session();
    let begun = table
        .store
        .begin_session(tenant(), &session, "first", expiry());
    begun.await.unwrap();
    table
}

fn is_conflict<T>(outcome: &Result<T, StoreError>) -> bool {
    matches!(outcome, Err(StoreError::Conflict))
}

#[tokio::test]
async fn a_session_is_read_as_it_was_written() {
    let table = begun().await;
    let store = table.other_process();
    let stored = store.session(tenant(), ID).await.unwrap().unwrap();
    assert_eq!(stored.session, session());
    assert_eq!(stored.expires_at, expiry());
    assert!(store.is_newest(&stored, "first"));
    assert!(!store.is_newest(&stored, "second") && !store.is_newest(&stored, ""));
}

#[tokio::test]
async fn a_session_is_of_one_organization_and_mode() {
    let table = begun().await;
    for tenant in [live(), other_organization()] {
        assert_eq!(table.store.session(tenant, ID).await.unwrap(), None);
        table.store.end_session(tenant, ID).await.unwrap();
    }
    assert!(table.store.session(tenant(), ID).await.unwrap().is_some());
}

#[tokio::test]
async fn a_renewed_session_takes_the_new_secret_alone() {
    let table = begun().await;
    let store = &table.store;
    let stored = store.session(tenant(), ID).await.unwrap().unwrap();
    let later = expiry().plus(Duration::from_secs(60));
    let renewed = store.renew_session(tenant(), &stored, "second", later);
    renewed.await.unwrap();
    let stored = store.session(tenant(), ID).await.unwrap().unwrap();
    assert!(store.is_newest(&stored, "second"));
    assert!(!store.is_newest(&stored, "first"));
    assert_eq!(stored.session, session());
    assert_eq!(stored.expires_at, later);
}

#[tokio::test]
async fn of_two_renewals_at_once_one_is_done() {
    let table = begun().await;
    let store = &table.store;
    let stored = store.session(tenant(), ID).await.unwrap().unwrap();
    let outcomes = [
        store.renew_session(tenant(), &stored, "second", expiry()),
        store.renew_session(tenant(), &stored, "third", expiry()),
    ];
    let [one, other] = outcomes;
    let (one, other) = tokio::join!(one, other);
    assert_ne!(one.is_ok(), other.is_ok());
    assert!(is_conflict(&one) || is_conflict(&other));
    let newest = store.session(tenant(), ID).await.unwrap().unwrap();
    assert_eq!(store.is_newest(&newest, "second"), one.is_ok());
    assert_eq!(store.is_newest(&newest, "third"), other.is_ok());
}

#[tokio::test]
async fn an_ended_session_is_not_renewed_and_ends_once() {
    let table = begun().await;
    let store = &table.store;
    let stored = store.session(tenant(), ID).await.unwrap().unwrap();
    store.end_session(tenant(), ID).await.unwrap();
    store.end_session(tenant(), ID).await.unwrap();
    let renewed = store.renew_session(tenant(), &stored, "second", expiry());
    assert!(is_conflict(&renewed.await));
    assert_eq!(store.session(tenant(), ID).await.unwrap(), None);
    assert!(table.items().await.is_empty());
}

#[tokio::test]
async fn a_session_does_not_take_anothers_place() {
    let table = begun().await;
    let other = Session {
        owner: CustomerId::new(id("other")),
        ..session()
    };
    let store = &table.store;
    let begun = store.begin_session(tenant(), &other, "second", expiry());
    assert!(is_conflict(&begun.await));
    let stored = store.session(tenant(), ID).await.unwrap().unwrap();
    assert_eq!(stored.session, session());
}

#[tokio::test]
async fn neither_id_nor_secret_is_stored_and_the_item_leaves_when_it_expires() {
    let table = begun().await;
    let items = table.items().await;
    assert_eq!(items.len(), 1);
    for ((pk, sk), item) in items {
        assert!(pk.contains("#test#token#"), "{pk}");
        assert_eq!(sk, "at");
        let written = format!("{item:?}");
        assert!(!written.contains(ID) && !written.contains("first"));
        let seconds = expiry().unix_seconds().to_string();
        assert_eq!(item[table::TTL], AttributeValue::N(seconds));
    }
}
