use std::time::Duration;

use domain::{Tenant, Timestamp};
use futures_util::future::join_all;
use gatehouse::throttle::Counted;
use store::Store;

use crate::engine::{Table, at, live, tenant};

const WHO: &[&str] = &["client", "customer", "192.0.2.1"];

async fn count(store: &Store, tenant: Tenant, who: &[&str], now: Timestamp) -> (u32, u32) {
    let counted = store.count_request(Some(tenant), who, 10, now).await;
    let Counted { count, before, .. } = counted.unwrap();
    (count, before)
}

/// The beginning of the nth minute.
fn minute(number: u64) -> Timestamp {
    Timestamp::from_unix_millis(0).plus(Duration::from_secs(60 * number))
}

#[tokio::test]
async fn requests_of_a_minute_add_up_and_the_next_minute_knows_them() {
    let table = Table::start().await;
    let other = table.other_process();
    assert_eq!(count(&table.store, tenant(), WHO, minute(5)).await, (1, 0));
    assert_eq!(count(&other, tenant(), WHO, minute(5)).await, (2, 0));
    assert_eq!(count(&table.store, tenant(), WHO, minute(6)).await, (1, 2));
    assert_eq!(count(&other, tenant(), WHO, minute(6)).await, (2, 2));
    assert_eq!(count(&other, tenant(), WHO, minute(8)).await, (1, 0));
    assert_eq!(table.items().await.len(), 1);
    // Across the hour, of which each has an item.
    assert_eq!(count(&other, tenant(), WHO, minute(59)).await, (1, 0));
    let store = &table.store;
    assert_eq!(count(store, tenant(), WHO, minute(60)).await, (1, 1));
    assert_eq!(count(store, tenant(), WHO, minute(61)).await, (1, 1));
    assert_eq!(table.items().await.len(), 2);
}

#[tokio::test]
async fn a_process_writes_down_a_block_at_a_time_and_learns_of_the_others() {
    let table = Table::start().await;
    let others = [table.other_process(), table.other_process()];
    let mut last = 0;
    for _ in 0..30 {
        for store in &others {
            let counted = store.count_request(Some(tenant()), WHO, 600, minute(5));
            last = counted.await.unwrap().count;
        }
    }
    assert!((40..=70).contains(&last), "{last} of 60");
    let items = table.items().await;
    let written: Vec<_> = items.values().map(|it| it["m5"].as_n().unwrap()).collect();
    assert_eq!(written, ["60"]);
}

#[tokio::test]
async fn requests_at_once_are_all_counted() {
    let table = Table::start().await;
    for (now, before) in [(minute(5), 0), (minute(6), 20)] {
        let counting = (0..20).map(|_| count(&table.store, tenant(), WHO, now));
        let mut counts = join_all(counting).await;
        counts.sort_unstable();
        let wanted: Vec<_> = (1..=20).map(|count| (count, before)).collect();
        assert_eq!(counts, wanted);
    }
}

#[tokio::test]
async fn a_process_whose_clock_is_behind_counts_in_its_own_minute() {
    let table = Table::start().await;
    count(&table.store, tenant(), WHO, minute(6)).await;
    assert_eq!(count(&table.store, tenant(), WHO, minute(5)).await, (1, 0));
    assert_eq!(count(&table.store, tenant(), WHO, minute(6)).await, (2, 1));
}

#[tokio::test]
async fn callers_tenants_and_addresses_have_counts_of_their_own() {
    let table = Table::start().await;
    let (store, now) = (&table.store, at(0));
    assert_eq!(count(store, tenant(), WHO, now).await, (1, 0));
    assert_eq!(count(store, live(), WHO, now).await, (1, 0));
    let other = ["client", "customer", "192.0.2.2"];
    assert_eq!(count(store, tenant(), &other, now).await, (1, 0));
    let of_nobody = store.count_request(None, WHO, 10, now).await.unwrap();
    assert_eq!(of_nobody.count, 1);
    assert_eq!(count(store, tenant(), WHO, now).await, (2, 0));
}

#[tokio::test]
async fn counts_are_forgotten_and_name_nobody() {
    let table = Table::start().await;
    let now = minute(5);
    count(&table.store, tenant(), WHO, now).await;
    let items = table.items().await;
    let ((pk, _), item) = items.first_key_value().unwrap();
    assert!(pk.contains("#throttle#"), "{pk}");
    assert!(WHO.iter().all(|it| !format!("{item:?}").contains(it)));
    let ttl: i64 = item["ttl"].as_n().unwrap().parse().unwrap();
    let two_minutes = Duration::from_secs(120);
    assert!(ttl >= now.plus(two_minutes).unix_seconds());
}
