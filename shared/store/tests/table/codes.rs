use std::time::Duration;

use domain::{CustomerId, Timestamp};
use store::aws_sdk_dynamodb::types::AttributeValue;
use store::{Authorization, Session, StoreError, table};

use crate::engine::{Table, at, id, live, other_organization, tenant};

const CODE: &str = "the-code";

fn authorization() -> Authorization {
    Authorization {
        owner: CustomerId::new(id("customer")),
        client_id: "shop".to_owned(),
        redirect_uri: "https://shop.example/callback".to_owned(),
        scope: "market:code:europe".to_owned(),
        challenge: Some("the-challenge".to_owned()),
    }
}

fn session() -> Session {
    Session {
        id: "the-session".to_owned(),
        owner: CustomerId::new(id("customer")),
        client_id: "shop".to_owned(),
        scope: "market:code:europe".to_owned(),
        custom_claim: None,
        created_at: at(0),
    }
}

fn expiry() -> Timestamp {
    at(0).plus(Duration::from_secs(60))
}

async fn with_code() -> Table {
    let table = Table::start().await;
    let authorization = authorization();
    let kept = table
        .store
        .keep_code(tenant(), CODE, &authorization, expiry());
    kept.await.unwrap();
    table
}

fn is_conflict<T>(outcome: &Result<T, StoreError>) -> bool {
    matches!(outcome, Err(StoreError::Conflict))
}

#[tokio::test]
async fn a_code_is_read_as_it_was_written_in_its_organization_and_mode_alone() {
    let table = with_code().await;
    let store = table.other_process();
    let stored = store.code(tenant(), CODE).await.unwrap().unwrap();
    assert_eq!(stored.authorization, authorization());
    assert_eq!(stored.expires_at, expiry());
    for tenant in [live(), other_organization()] {
        assert_eq!(store.code(tenant, CODE).await.unwrap(), None);
    }
    assert_eq!(store.code(tenant(), "other").await.unwrap(), None);
}

#[tokio::test]
async fn a_code_begins_one_session() {
    let table = with_code().await;
    let store = &table.store;
    let first = session();
    let begun = store.begin_session_by_code(tenant(), CODE, &first, "first", expiry());
    begun.await.unwrap();
    assert_eq!(store.code(tenant(), CODE).await.unwrap(), None);
    let other = Session {
        id: "other".to_owned(),
        ..session()
    };
    let again = store.begin_session_by_code(tenant(), CODE, &other, "second", expiry());
    assert!(is_conflict(&again.await));
    assert_eq!(store.session(tenant(), "other").await.unwrap(), None);
    let stored = store.session(tenant(), "the-session").await.unwrap();
    assert!(store.is_newest(&stored.unwrap(), "first"));
}

#[tokio::test]
async fn of_two_uses_at_once_one_begins_a_session() {
    let table = with_code().await;
    let store = &table.store;
    let (first, second) = (session(), session());
    let outcomes = tokio::join!(
        store.begin_session_by_code(tenant(), CODE, &first, "first", expiry()),
        store.begin_session_by_code(tenant(), CODE, &second, "second", expiry()),
    );
    assert_ne!(outcomes.0.is_ok(), outcomes.1.is_ok());
    assert!(is_conflict(&outcomes.0) || is_conflict(&outcomes.1));
    let stored = store.session(tenant(), "the-session").await.unwrap();
    let stored = stored.unwrap();
    assert_eq!(store.is_newest(&stored, "first"), outcomes.0.is_ok());
}

#[tokio::test]
async fn a_code_that_is_not_there_begins_nothing() {
    let table = with_code().await;
    let (before, session) = (table.items().await, session());
    for (tenant, code) in [(live(), CODE), (tenant(), "other"), (tenant(), "")] {
        let store = &table.store;
        let begun = store.begin_session_by_code(tenant, code, &session, "first", expiry());
        assert!(is_conflict(&begun.await), "{code}");
    }
    assert_eq!(table.items().await, before);
}

#[tokio::test]
async fn the_code_is_not_stored_and_the_item_leaves_when_it_expires() {
    let table = with_code().await;
    let items = table.items().await;
    assert_eq!(items.len(), 1);
    for ((pk, sk), item) in items {
        assert!(pk.contains("#test#token#"), "{pk}");
        assert_eq!(sk, "at");
        assert!(!format!("{item:?}").contains(CODE));
        let seconds = expiry().unix_seconds().to_string();
        assert_eq!(item[table::TTL], AttributeValue::N(seconds));
    }
}
