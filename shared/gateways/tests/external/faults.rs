use std::sync::{Arc, Mutex};
use std::time::Duration;

use gateways::CallFailure;
use sandbox::Fault;

use crate::shop::Shop;
use crate::shop_parts::performed::{failure_of, reusable_of};

/// Fails in this way once, and saves the second time.
async fn saved_at_the_second_time(fault: Fault) -> CallFailure {
    let shop = Shop::open();
    shop.break_next(fault, 1);
    let failure = failure_of(shop.save("token-of-the-shopper").await);
    assert_eq!(shop.requests(), 1, "nobody knows whether it arrived");
    assert_eq!(shop.circuit().await.failures, 1);

    let repeated = reusable_of(shop.save("token-of-the-shopper").await);
    assert_eq!(shop.circuit().await.failures, 0);
    let untroubled = reusable_of(Shop::open().save("token-of-the-shopper").await);
    assert_eq!(repeated, untroubled);
    failure
}

#[tokio::test]
async fn whatever_is_lost_on_the_way_is_saved_by_a_repeat() {
    for fault in [Fault::DropBefore, Fault::DropAfter] {
        let failure = saved_at_the_second_time(fault).await;
        assert!(
            matches!(failure, CallFailure::NotReached(_)),
            "{fault:?}: {failure}"
        );
    }
}

#[tokio::test]
async fn what_does_not_read_and_what_does_not_fit_is_no_answer() {
    for fault in [Fault::Garbage, Fault::LargeBody] {
        let failure = saved_at_the_second_time(fault).await;
        assert!(
            matches!(failure, CallFailure::NotUnderstood(_)),
            "{fault:?}: {failure}"
        );
    }
}

#[tokio::test]
async fn a_gateway_that_cannot_now_is_asked_later() {
    let throttled = saved_at_the_second_time(Fault::Status429).await;
    assert_eq!(throttled, CallFailure::Throttled);
    let unavailable = saved_at_the_second_time(Fault::Status500).await;
    assert_eq!(unavailable, CallFailure::Unavailable(500));
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_waited_for_five_seconds() {
    let shop = Shop::open();
    shop.delay_next(Duration::from_millis(4_900));
    reusable_of(shop.save("token-of-the-shopper").await);
    shop.delay_next(Duration::from_millis(5_100));
    let late = failure_of(shop.save("token-of-the-shopper").await);
    assert_eq!(late, CallFailure::TimedOut);
}

#[tokio::test]
async fn a_repeat_is_known_by_its_key_whatever_time_the_document_tells() {
    let keys = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&keys);
    let shop = Shop::with(move |request| {
        let key = request.headers()["idempotency-key"].clone();
        seen.lock().unwrap().push(key);
    });
    shop.break_next(Fault::DropAfter, 1);
    failure_of(shop.save_at("token-1", "2027-01-15T08:00:00.000Z").await);
    reusable_of(shop.save_at("token-1", "2027-01-15T08:05:00.000Z").await);
    let keys = keys.lock().unwrap();
    assert_eq!(keys.len(), 2);
    assert_eq!(keys[0], keys[1]);
}

#[tokio::test]
async fn thirty_failures_in_a_row_open_the_circuit_until_it_is_reset() {
    let shop = Shop::open();
    shop.break_next(Fault::DropBefore, 30);
    for _ in 0..30 {
        assert!(!shop.circuit().await.is_open());
        failure_of(shop.save("token-of-the-shopper").await);
    }
    let stopped = failure_of(shop.save("token-of-the-shopper").await);
    assert_eq!(stopped, CallFailure::CircuitOpen);
    assert_eq!(shop.requests(), 30);

    shop.reset_circuit();
    reusable_of(shop.save("token-of-the-shopper").await);
}

#[tokio::test]
async fn a_success_in_between_keeps_the_circuit_closed() {
    let shop = Shop::open();
    for _ in 0..2 {
        shop.break_next(Fault::Status500, 29);
        for _ in 0..29 {
            failure_of(shop.save("token-of-the-shopper").await);
        }
        reusable_of(shop.save("token-of-the-shopper").await);
    }
    assert_eq!(shop.requests(), 60);
}
