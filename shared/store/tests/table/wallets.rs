use decisions::{Change, OrderLine};
use domain::gateway::Reusable;
use domain::record::Place;
use domain::record::Record;
use domain::wallet::{CardKeys, GatewayCustomer, Head, Line};
use domain::{CustomerId, EntryId, GatewayId, OrderId, ResourceType, SourceId, Tenant};
use serde_json::Map;
use store::StoreError;

use crate::engine::{PERMIT, Table, at, entry, id, live, other_organization, put_entry, tenant};

const KIND: ResourceType = ResourceType::CustomerPaymentSources;

fn line(table: &Table, name: &str) -> Line {
    let reusable = Reusable {
        customer_token: String::new(),
        payment_source_token: name.to_owned(),
        name: String::new(),
        fingerprint: None,
        expiry: None,
        snapshot: Map::new(),
    };
    let keys = CardKeys::of(
        &reusable,
        GatewayId::new(id("gateway")),
        table.store.lookup(),
    );
    Line::new(EntryId::new(id(name)), keys, SourceId::new(id("source")))
}

/// What saving writes: the entry, and the head that was read with one line more.
fn save(table: &Table, head: &Head, name: &str) -> Vec<Change> {
    let mut head = head.clone();
    head.lines.push(line(table, name));
    vec![
        put_entry(&entry(name)),
        Change::PutHead(CustomerId::new(id("customer")), head),
    ]
}

fn gateway_customer(gateway: &str, token: &str) -> Change {
    let made = GatewayCustomer {
        gateway: GatewayId::new(id(gateway)),
        token: token.to_owned(),
        version: 0,
    };
    Change::PutGatewayCustomer(CustomerId::new(id("customer")), made)
}

async fn head(table: &Table) -> Head {
    let wallet = table
        .store
        .wallet(tenant(), CustomerId::new(id("customer")))
        .await;
    wallet.unwrap().head
}

fn is_conflict<T>(outcome: &Result<T, StoreError>) -> bool {
    matches!(outcome, Err(StoreError::Conflict))
}

#[tokio::test]
async fn a_wallet_comes_back_as_it_was_written() {
    let table = Table::with_customer().await;
    table
        .commit(&[gateway_customer("gateway", "hush-cus")])
        .await;
    table.commit(&save(&table, &Head::default(), "entry")).await;

    let wallet = table
        .store
        .wallet(tenant(), CustomerId::new(id("customer")))
        .await
        .unwrap();
    assert_eq!(
        wallet.profile.unwrap().text("email"),
        Some("customer@example.com")
    );
    assert_eq!(wallet.gateway_customers[0].token, "hush-cus");
    assert_eq!(wallet.head.lines, [line(&table, "entry")]);
    assert_eq!(wallet.head.version, 1);
    let [read] = &wallet.entries[..] else {
        panic!("one entry: {:?}", wallet.entries);
    };
    let written = entry("entry");
    assert_eq!(read.state, written.state);
    assert_eq!(read.record.attributes, written.record.attributes);
    assert_eq!(read.record.relationships, written.record.relationships);
    assert_eq!(read.record.version, 1);
}

#[tokio::test]
async fn an_empty_wallet_is_one_too() {
    let table = Table::start().await;
    let wallet = table
        .store
        .wallet(tenant(), CustomerId::new(id("customer")))
        .await
        .unwrap();
    assert_eq!(
        wallet,
        domain::wallet::Wallet::new(CustomerId::new(id("customer")))
    );
}

#[tokio::test]
async fn tokens_are_nowhere_in_the_table() {
    let table = Table::with_customer().await;
    table
        .commit(&[gateway_customer("gateway", "hush-cus")])
        .await;
    table.commit(&save(&table, &Head::default(), "entry")).await;
    let items = table.items().await;
    assert!(items.len() >= 4);
    for ((pk, sk), item) in items {
        assert!(!format!("{item:?}").contains("hush"), "{pk} {sk}");
    }
}

#[tokio::test]
async fn a_hundred_entries_come_back_oldest_first() {
    let table = Table::with_customer().await;
    for number in 0..100 {
        let mut changes = save(&table, &head(&table).await, &format!("entry {number}"));
        if let Change::Put { record, .. } = &mut changes[0] {
            record.created_at = at(1000 - number);
        }
        table.commit(&changes).await;
    }
    let wallet = table
        .store
        .wallet(tenant(), CustomerId::new(id("customer")))
        .await
        .unwrap();
    let ids: Vec<_> = wallet.entries.iter().map(|it| it.id()).collect();
    let oldest_first = (0..100).rev().map(|number| id(&format!("entry {number}")));
    assert_eq!(ids, oldest_first.collect::<Vec<_>>());
    assert_eq!(wallet.head.version, 100);
}

#[tokio::test]
async fn a_stale_head_is_a_conflict_and_nothing_is_written() {
    let table = Table::with_customer().await;
    table.commit(&save(&table, &Head::default(), "first")).await;
    let read = head(&table).await;
    table.commit(&save(&table, &read, "second")).await;
    let before = table.items().await;
    for stale in [Head::default(), read] {
        let changes = save(&table, &stale, "third");
        let outcome = table.store.commit(PERMIT, tenant(), &changes).await;
        assert!(is_conflict(&outcome), "{outcome:?}");
        assert_eq!(table.items().await, before);
    }
}

#[tokio::test]
async fn of_two_saves_at_the_same_moment_one_wins() {
    for first_of_all in [true, false] {
        let table = Table::with_customer().await;
        if !first_of_all {
            table
                .commit(&save(&table, &Head::default(), "before"))
                .await;
        }
        let head = head(&table).await;
        let (one, other) = (save(&table, &head, "one"), save(&table, &head, "other"));
        let process = table.other_process();
        let (one, other) = tokio::join!(
            table.store.commit(PERMIT, tenant(), &one),
            process.commit(PERMIT, tenant(), &other),
        );
        assert!(
            is_conflict(&one) != is_conflict(&other),
            "{one:?} {other:?}"
        );
        let wallet = table
            .store
            .wallet(tenant(), CustomerId::new(id("customer")))
            .await
            .unwrap();
        assert_eq!(wallet.entries.len(), wallet.head.lines.len());
        assert_eq!(wallet.entries.len(), if first_of_all { 1 } else { 2 });
    }
}

#[tokio::test]
async fn a_customer_has_one_record_at_a_gateway() {
    let table = Table::with_customer().await;
    table.commit(&[gateway_customer("gateway", "cus_1")]).await;
    table.commit(&[gateway_customer("another", "cus_2")]).await;
    let second = [
        gateway_customer("gateway", "cus_3"),
        put_entry(&entry("entry")),
    ];
    let outcome = table.store.commit(PERMIT, tenant(), &second).await;
    assert!(is_conflict(&outcome));
    let wallet = table
        .store
        .wallet(tenant(), CustomerId::new(id("customer")))
        .await
        .unwrap();
    let mut tokens: Vec<_> = wallet
        .gateway_customers
        .iter()
        .map(|it| &it.token)
        .collect();
    tokens.sort();
    assert_eq!(tokens, ["cus_1", "cus_2"]);
    assert!(wallet.entries.is_empty());
}

#[tokio::test]
async fn an_entry_is_found_by_its_id_and_written_again_without_claiming_it_anew() {
    let table = Table::with_customer().await;
    table.commit(&save(&table, &Head::default(), "entry")).await;
    let owner = |tenant: Tenant| table.store.owner_of(tenant, KIND, id("entry"));
    assert_eq!(owner(tenant()).await.unwrap(), Some(id("customer")));
    for elsewhere in [live(), other_organization()] {
        assert_eq!(owner(elsewhere).await.unwrap(), None);
    }

    let mut wallet = table
        .store
        .wallet(tenant(), CustomerId::new(id("customer")))
        .await
        .unwrap();
    wallet.entries[0].record.set("reference", "mine");
    let again = put_entry(&wallet.entries[0]);
    let head = Change::PutHead(CustomerId::new(id("customer")), wallet.head);
    table.commit(&[again, head]).await;
    let wallet = table
        .store
        .wallet(tenant(), CustomerId::new(id("customer")))
        .await
        .unwrap();
    assert_eq!(wallet.entries[0].record.text("reference"), Some("mine"));
    assert_eq!(wallet.entries[0].record.version, 2);
}

#[tokio::test]
async fn a_check_of_the_head_holds_while_the_wallet_is_as_it_was_read() {
    let table = Table::with_customer().await;
    table.commit(&save(&table, &Head::default(), "entry")).await;
    let customer = id("customer");
    let wallet = table
        .store
        .wallet(tenant(), CustomerId::new(customer))
        .await
        .unwrap();
    table
        .commit(&[Change::CheckHead(
            CustomerId::new(customer),
            wallet.head.version,
        )])
        .await;
    let stale = [
        Change::CheckHead(CustomerId::new(customer), wallet.head.version + 1),
        gateway_customer("gateway", "cus_1"),
    ];
    let refused = table.store.commit(PERMIT, tenant(), &stale).await;
    assert!(matches!(refused, Err(store::StoreError::Conflict)));
    let after = table
        .store
        .wallet(tenant(), CustomerId::new(customer))
        .await
        .unwrap();
    assert_eq!(after, wallet, "all or nothing");
}

#[tokio::test]
async fn an_orders_line_and_operations_are_not_taken_for_the_wallet() {
    let table = Table::start().await;
    table.order().await;
    let mut owed = crate::engine::release("release", at(0));
    owed.owner = domain::operation::Owner::Customer(CustomerId::new(id("customer")));
    table.commit(&[Change::Owe(owed)]).await;
    let wallet = table
        .store
        .wallet(tenant(), CustomerId::new(id("customer")))
        .await
        .unwrap();
    assert_eq!(
        wallet,
        domain::wallet::Wallet::new(CustomerId::new(id("customer")))
    );
}

#[tokio::test]
async fn wallets_of_test_and_live_mode_and_of_organizations_never_meet() {
    let table = Table::with_customer().await;
    table.commit(&save(&table, &Head::default(), "entry")).await;
    table.commit(&[gateway_customer("gateway", "cus_1")]).await;
    for elsewhere in [live(), other_organization()] {
        let wallet = table
            .store
            .wallet(elsewhere, CustomerId::new(id("customer")))
            .await
            .unwrap();
        assert_eq!(
            wallet,
            domain::wallet::Wallet::new(CustomerId::new(id("customer")))
        );
    }
}

#[tokio::test]
async fn a_deleted_entry_is_gone_and_its_id_leads_nowhere() {
    let table = Table::with_customer().await;
    let saved = save(&table, &Head::default(), "entry");
    table.commit(&saved).await;
    let wallet = table
        .store
        .wallet(tenant(), CustomerId::new(id("customer")))
        .await
        .unwrap();
    let mut head = wallet.head.clone();
    head.delete(EntryId::new(id("entry")));
    table
        .commit(&[
            Change::PutHead(CustomerId::new(id("customer")), head),
            Change::delete(
                &wallet.entries[0].record,
                Place::Wallet(CustomerId::new(id("customer"))),
            ),
        ])
        .await;

    let wallet = table
        .store
        .wallet(tenant(), CustomerId::new(id("customer")))
        .await
        .unwrap();
    assert!(wallet.entries.is_empty());
    assert_eq!(wallet.head.deleted, [id("source")]);
    let owner = table.store.owner_of(tenant(), KIND, id("entry")).await;
    assert_eq!(owner.unwrap(), None);
    let head = table
        .store
        .wallet_head(tenant(), CustomerId::new(id("customer")))
        .await;
    assert_eq!(head.unwrap(), wallet.head);
    let other = table
        .store
        .wallet_head(live(), CustomerId::new(id("customer")))
        .await;
    assert_eq!(other.unwrap(), Head::default());
}

#[tokio::test]
async fn nothing_is_written_for_the_first_time_under_a_customer_who_is_not_there() {
    let table = Table::start().await;
    let customer = CustomerId::new(id("customer"));
    let line = OrderLine {
        order: OrderId::new(id("order")),
        created_at: at(0),
    };
    let address = Record::new(ResourceType::Addresses, id("address"), at(0));
    for first in [
        Change::PutHead(customer, Head::default()),
        gateway_customer("gateway", "hush-cus"),
        put_entry(&entry("entry")),
        Change::ListOrder(customer, line),
        Change::put(address, Place::OfCustomer(customer)),
    ] {
        let first = std::slice::from_ref(&first);
        let written = table.store.commit(PERMIT, tenant(), first).await;
        assert!(is_conflict(&written), "{first:?}: {written:?}");
    }
    assert!(table.items().await.is_empty());
}

#[tokio::test]
async fn a_token_is_in_one_wallet_until_it_is_released() {
    let table = Table::with_customer().await;
    let (gateway, token) = (GatewayId::new(id("gateway")), "pm_1".to_owned());
    let claim = |customer: &str| Change::ClaimToken {
        customer: CustomerId::new(id(customer)),
        gateway,
        token: token.clone(),
    };
    table.commit(&[claim("customer")]).await;
    table.commit(&[claim("customer")]).await;
    let others = [claim("other customer")];
    let taken = table.store.commit(PERMIT, tenant(), &others).await;
    assert!(matches!(taken, Err(StoreError::TokenTaken)), "{taken:?}");
    assert!(
        table
            .items()
            .await
            .keys()
            .all(|(pk, _)| !pk.contains("pm_1"))
    );
    let released = Change::ReleaseToken {
        customer: CustomerId::new(id("customer")),
        gateway,
        token: token.clone(),
    };
    table.commit(&[released]).await;
    table.commit(&others).await;
}
