use std::time::Duration;

use domain::gateway::{GatewayAnswer, GatewayCall};
use domain::refusal::Code;
use outbound::TransportError;
use serde_json::json;

use super::*;
use crate::testing::{BUDGET, World, call, create_customer};

const BURNT: &[(&str, &str)] = &[("Idempotent-Replayed", "true")];

fn millis(world: &World) -> Vec<u128> {
    world.pauses().iter().map(Duration::as_millis).collect()
}

/// All tries sent the same request, key included.
fn assert_same_request(world: &World, tries: usize) {
    let sent = world.sent();
    assert_eq!(sent.len(), tries);
    for again in &sent {
        assert_eq!(again.key, sent[0].key);
        assert_eq!(again.body, sent[0].body);
        assert_eq!(again.target, sent[0].target);
    }
}

#[tokio::test]
async fn a_busy_gateway_is_asked_again_with_the_same_key() {
    for status in [409, 429, 500, 503] {
        let world = World::default();
        world.answer(status, json!({"error": {"type": "api_error"}}));
        world.answer(status, json!({"error": {"type": "api_error"}}));
        world.answer(200, intent("requires_confirmation"));
        payment_of(world.perform(create_payment()).await);
        assert_same_request(&world, 3);
        assert_eq!(millis(&world), [500, 1000]);
    }
}

#[tokio::test]
async fn two_retries_are_the_most() {
    let cases = [
        (409, CallFailure::Unavailable(409)),
        (429, CallFailure::Throttled),
        (500, CallFailure::Unavailable(500)),
    ];
    for (status, expected) in cases {
        let world = World::default();
        for _ in 0..4 {
            world.answer(status, json!({"error": {"type": "api_error"}}));
        }
        let failure = failure_of(world.perform(create_payment()).await);
        assert_eq!(failure, expected);
        assert_eq!(world.left(), 1);
    }
}

#[tokio::test]
async fn stripes_own_word_on_retrying_wins() {
    let world = World::default();
    world.answer_with(409, &[("Stripe-Should-Retry", "false")], "{}");
    failure_of(world.perform(create_payment()).await);
    assert_eq!(world.sent().len(), 1);

    let world = World::default();
    let error = error("invalid_request_error", "lock_timeout", "").to_string();
    world.answer_with(400, &[("Stripe-Should-Retry", "true")], &error);
    world.answer(200, intent("requires_confirmation"));
    payment_of(world.perform(create_payment()).await);
    assert_eq!(world.sent().len(), 2);
}

#[tokio::test]
async fn a_lost_connection_is_tried_again_with_the_same_key() {
    let world = World::default();
    world.fail(TransportError::NotSent("refused".to_owned()));
    world.fail(TransportError::Broken("reset".to_owned()));
    world.answer(200, intent("requires_confirmation"));
    payment_of(world.perform(create_payment()).await);
    assert_same_request(&world, 3);
}

#[tokio::test]
async fn silence_ends_within_the_deadline_and_leaves_time_for_the_commit() {
    let world = World::default();
    world.silence().silence().silence();
    let failure = failure_of(world.perform(create_payment()).await);
    assert_eq!(failure, CallFailure::TimedOut);
    assert_same_request(&world, 2);
    // Of twelve seconds two are kept; eight for the first try, half of one for the pause.
    let timeouts: Vec<_> = world
        .sent()
        .iter()
        .map(|it| it.timeout.as_millis())
        .collect();
    assert_eq!(timeouts, [8000, 1500]);
}

#[tokio::test]
async fn without_time_nothing_is_sent() {
    for millis in [0, 1000, 2000, 2249] {
        let world = World::default();
        let call = call(create_payment());
        let performed = world
            .perform_call(&call, Duration::from_millis(millis))
            .await;
        assert_eq!(failure_of(performed), CallFailure::NoTimeLeft);
        assert_eq!(world.sent(), []);
    }
}

#[tokio::test]
async fn a_pause_that_the_deadline_does_not_hold_is_not_made() {
    let world = World::default();
    world.answer(500, json!({"error": {"type": "api_error"}}));
    let call = call(create_payment());
    let performed = world.perform_call(&call, Duration::from_millis(2600)).await;
    assert_eq!(failure_of(performed), CallFailure::Unavailable(500));
    assert_eq!(world.pauses(), [] as [Duration; 0]);
}

#[tokio::test]
async fn an_answer_without_end_is_not_asked_for_again() {
    let world = World::default();
    world.fail(TransportError::TooLarge { limit: 1 });
    let failure = failure_of(world.perform(create_payment()).await);
    assert!(matches!(failure, CallFailure::NotUnderstood(_)));
    assert_eq!(world.sent().len(), 1);
}

#[tokio::test]
async fn a_fault_that_stripe_replays_ends_the_attempt_so_that_the_next_has_a_new_key() {
    let world = World::default();
    world.answer(500, json!({"error": {"type": "api_error"}}));
    world.answer_with(500, BURNT, r#"{"error": {"type": "api_error"}}"#);
    let (code, _) = refusal_of(world.perform(create_payment()).await);
    assert_eq!(code, Code::GatewayError);
    assert_same_request(&world, 2);

    let mut next = call(create_payment());
    next.attempt = 1;
    world.answer(200, intent("requires_confirmation"));
    payment_of(world.perform_call(&next, BUDGET).await);
    let sent = world.sent();
    assert_ne!(sent[2].key, sent[0].key);
}

#[tokio::test]
async fn a_fault_that_stripe_asks_not_to_retry_ends_the_attempt_at_once() {
    let world = World::default();
    world.answer_with(500, &[("Stripe-Should-Retry", "false")], "{}");
    let (code, _) = refusal_of(world.perform(create_payment()).await);
    assert_eq!(code, Code::GatewayError);
    assert_eq!(world.sent().len(), 1);
}

#[tokio::test]
async fn a_customer_whose_key_is_burnt_is_made_under_a_second_one() {
    let world = World::default();
    world
        .answer_with(500, BURNT, "{}")
        .answer(200, json!({"id": "cus_1"}));
    let made = world.perform(create_customer()).await.unwrap().unwrap();
    assert_eq!(made, GatewayAnswer::Customer("cus_1".to_owned()));
    let sent = world.sent();
    assert_eq!(sent[0].body, sent[1].body);
    assert_ne!(sent[0].key, sent[1].key);

    let world = World::default();
    world
        .answer_with(500, BURNT, "{}")
        .answer_with(500, BURNT, "{}");
    let (code, _) = refusal_of(world.perform(create_customer()).await);
    assert_eq!(code, Code::GatewayError);
}

#[tokio::test]
async fn an_update_whose_fault_is_replayed_is_settled_by_reading() {
    let change = || update_payment(Some(amount(12_900, "EUR")), Some(json!({"id": "pm_1"})));
    let done = World::default();
    done.answer_with(500, BURNT, "{}")
        .answer(200, intent("requires_confirmation"));
    payment_of(done.perform(change()).await);

    for (member, value) in [("amount", json!(100)), ("payment_method", json!("pm_2"))] {
        let undone = World::default();
        let mut intent = intent("requires_confirmation");
        intent[member] = value;
        undone.answer_with(500, BURNT, "{}").answer(200, intent);
        let (code, _) = refusal_of(undone.perform(change()).await);
        assert_eq!(code, Code::GatewayError);
    }
}

#[tokio::test]
async fn a_customer_has_one_key_and_another_at_each_attempt_after_a_fault_that_stripe_keeps() {
    let mut keys = Vec::new();
    for attempt in [0, 1] {
        let world = World::default();

        for _ in 0..2 {
            world.answer_with(500, BURNT, "{}");
        }
        let call = GatewayCall {
            attempt,
            ..call(create_customer())
        };
        let (code, _) = refusal_of(world.perform_call(&call, BUDGET).await);
        assert_eq!(code, Code::GatewayError);
        keys.push(world.sent().into_iter().map(|sent| sent.key.unwrap()));
    }
    let keys: Vec<Vec<String>> = keys.into_iter().map(Iterator::collect).collect();
    assert_eq!(keys[0][0], keys[1][0]);
    assert_ne!(keys[0][1], keys[1][1]);
}
