use domain::record::Place;
use domain::record::Record;
use domain::{MarketId, ResourceType};
use serde_json::{Value, json};
use store::aws_sdk_dynamodb::types::AttributeValue;
use store::{ApiClient, ClientKind, StoreError};

use crate::engine::{PERMIT, Table, at, id, live, other_organization, tenant, text};

fn client(client_id: &str) -> ApiClient {
    ApiClient {
        client_id: client_id.to_owned(),
        id: id("client"),
        tenant: tenant(),
        slug: "shop".to_owned(),
        kind: ClientKind::SalesChannel,
        secret_hash: None,
        markets: vec![("europe".to_owned(), MarketId::new(id("market")))],
        redirect_uris: vec!["https://shop.example/callback".to_owned()],
    }
}

fn customer(name: &str, email: &str) -> Record {
    let mut record = Record::new(ResourceType::Customers, id(name), at(0));
    record.set("email", email);
    record.state = json!({ "password_hash": format!("hash of {name}") });
    record
}

fn is_conflict<T>(outcome: &Result<T, StoreError>) -> bool {
    matches!(outcome, Err(StoreError::Conflict))
}

#[tokio::test]
async fn a_client_is_found_by_its_client_id_to_the_letter() {
    let table = Table::start().await;
    let store = &table.store;
    let longest = "x".repeat(128);
    for client_id in ["demo-sales.channel_1", &longest] {
        let made = client(client_id);
        store.create_api_client(&made).await.unwrap();
        assert_eq!(store.api_client(client_id).await.unwrap(), Some(made));
    }
    let other_case = store.api_client("Demo-sales.channel_1").await;
    assert_eq!(other_case.unwrap(), None);
}

/// Clients that were stored before there were redirect URIs.
#[tokio::test]
async fn a_client_without_redirect_uris_is_read() {
    let table = Table::start().await;
    let store = &table.store;
    store.create_api_client(&client("shop")).await.unwrap();
    let key = ("client#shop", "at");
    let items = table.items().await;
    let text = text(&items[&(key.0.to_owned(), key.1.to_owned())], "client");
    let mut stored: Value = serde_json::from_str(&text).unwrap();
    let removed = stored.as_object_mut().unwrap().remove("redirect_uris");
    assert!(removed.is_some());
    let without = AttributeValue::S(stored.to_string());
    table.spoil(key, "client", without).await;
    let found = store.api_client("shop").await.unwrap().unwrap();
    assert_eq!(found.redirect_uris, Vec::<String>::new());
    assert_eq!(found.markets, client("shop").markets);
}

#[tokio::test]
async fn a_client_id_of_odd_characters_is_not_found() {
    let table = Table::start().await;
    let too_long = "x".repeat(129);
    let odd = [
        "",
        " ",
        "a b",
        "a#b",
        "a/b",
        "a\u{0}b",
        "ünïcode",
        "a\nb",
        "' OR 1=1",
        "../at",
        &too_long,
    ];
    for client_id in odd {
        let found = table.store.api_client(client_id).await;
        assert_eq!(found.unwrap(), None, "{client_id:?}");
        assert!(
            table
                .store
                .create_api_client(&client(client_id))
                .await
                .is_err()
        );
    }
    assert!(table.items().await.is_empty());
}

#[tokio::test]
async fn a_client_id_is_unique_among_all_organizations() {
    let table = Table::start().await;
    table
        .store
        .create_api_client(&client("shop"))
        .await
        .unwrap();
    let elsewhere = ApiClient {
        tenant: other_organization(),
        ..client("shop")
    };
    let outcome = table.store.create_api_client(&elsewhere).await;
    assert!(is_conflict(&outcome));
    let found = table.store.api_client("shop").await.unwrap();
    assert_eq!(found.unwrap().tenant, tenant());
}

#[tokio::test]
async fn an_email_is_one_customers_whatever_the_case_of_its_letters() {
    let table = Table::start().await;
    let store = &table.store;
    let first = customer("first", "Ada.Example@Example.com");
    let created = store
        .create(PERMIT, tenant(), Place::Customer, &first)
        .await;
    created.unwrap();
    let before = table.items().await;
    for email in [
        "Ada.Example@Example.com",
        "ada.example@example.com",
        " ADA.EXAMPLE@EXAMPLE.COM ",
    ] {
        let second = customer("second", email);
        let created = store
            .create(PERMIT, tenant(), Place::Customer, &second)
            .await;
        assert!(is_conflict(&created), "{email}");
        assert_eq!(table.items().await, before);
        let found = store.credentials(tenant(), email).await.unwrap().unwrap();
        assert_eq!(found.customer, id("first"));
        assert_eq!(found.password_hash.as_deref(), Some("hash of first"));
    }
    let unknown = store.credentials(tenant(), "else@example.com").await;
    assert_eq!(unknown.unwrap(), None);
}

#[tokio::test]
async fn the_same_email_may_be_a_customers_in_another_mode_or_organization() {
    let table = Table::start().await;
    let store = &table.store;
    let email = "customer@example.com";
    for (tenant, name) in [
        (tenant(), "one"),
        (live(), "two"),
        (other_organization(), "three"),
    ] {
        let record = customer(name, email);
        let created = store.create(PERMIT, tenant, Place::Customer, &record).await;
        created.unwrap();
    }
    for (tenant, name) in [
        (tenant(), "one"),
        (live(), "two"),
        (other_organization(), "three"),
    ] {
        let found = store.credentials(tenant, email).await.unwrap().unwrap();
        assert_eq!(found.customer, id(name));
    }
}

#[tokio::test]
async fn emails_are_hashed_in_keys() {
    let table = Table::start().await;
    let record = customer("customer", "customer@example.com");
    let created = table
        .store
        .create(PERMIT, tenant(), Place::Customer, &record);
    created.await.unwrap();
    for (pk, sk) in table.items().await.into_keys() {
        assert!(!pk.contains('@') && !sk.contains('@'), "{pk} {sk}");
    }
}

#[tokio::test]
async fn records_that_are_made_together_are_all_made_or_none_is() {
    let table = Table::start().await;
    let store = &table.store;
    let made = |name, email| (Place::Customer, customer(name, email));
    let both = [
        made("one", "one@example.com"),
        made("two", "two@example.com"),
    ];
    let created = store.create_together(PERMIT, tenant(), &both).await;
    created.unwrap();
    for (email, name) in [("one@example.com", "one"), ("two@example.com", "two")] {
        let found = store.credentials(tenant(), email).await.unwrap().unwrap();
        assert_eq!(found.customer, id(name));
    }

    let before = table.items().await;
    let with_a_taken_email = [
        made("three", "three@example.com"),
        made("four", "two@example.com"),
    ];
    let created = store
        .create_together(PERMIT, tenant(), &with_a_taken_email)
        .await;
    assert!(is_conflict(&created));
    assert_eq!(table.items().await, before);
}
