use domain::refusal::Code;
use serde_json::{Value, json};

use super::*;
use crate::testing::{World, done};

const BURNT: &[(&str, &str)] = &[("Idempotent-Replayed", "true")];

#[tokio::test]
async fn a_payment_is_released_as_abandoned() {
    let world = World::default();
    world.answer(200, intent("canceled"));
    done(world.perform(release()).await);
    let sent = &world.sent()[0];
    assert_eq!(
        sent.target,
        "https://api.stripe.com/v1/payment_intents/pi_1/cancel"
    );
    assert_eq!(sent.body, "cancellation_reason=abandoned");
}

#[tokio::test]
async fn what_is_not_there_any_more_is_released_and_forgotten() {
    for request in [release(), forget()] {
        let world = World::default();
        world.answer(404, invalid("resource_missing"));
        done(world.perform(request).await);
    }
}

#[tokio::test]
async fn a_path_that_stripe_does_not_know_says_nothing_about_the_payment() {
    for request in [release(), forget(), read_payment()] {
        let world = World::default();
        world.answer(404, invalid(""));
        let failure = failure_of(world.perform(request).await);
        assert!(matches!(failure, CallFailure::NotUnderstood(_)));
    }
}

#[tokio::test]
async fn a_release_that_is_refused_is_settled_by_the_payments_state() {
    let unexpected = || invalid("payment_intent_unexpected_state");
    let canceled = World::default();
    canceled
        .answer(400, unexpected())
        .answer(200, intent("canceled"));
    done(canceled.perform(release()).await);

    let captured = World::default();
    captured
        .answer(400, unexpected())
        .answer(200, intent("succeeded"));
    let (code, detail) = refusal_of(captured.perform(release()).await);
    assert_eq!(code, Code::ValidationError);
    assert!(detail.contains("captured"), "{detail}");

    let processing = World::default();
    processing
        .answer(400, unexpected())
        .answer(200, intent("processing"));
    let failure = failure_of(processing.perform(release()).await);
    assert_eq!(failure, CallFailure::InProgress);
}

#[tokio::test]
async fn a_release_whose_fault_is_replayed_is_settled_by_the_payments_state() {
    let canceled = World::default();
    canceled
        .answer_with(500, BURNT, "{}")
        .answer(200, intent("canceled"));
    done(canceled.perform(release()).await);

    let undone = World::default();
    undone
        .answer_with(500, BURNT, "{}")
        .answer(200, intent("requires_capture"));
    let failure = failure_of(undone.perform(release()).await);
    assert_eq!(failure, CallFailure::Unavailable(500));
}

#[tokio::test]
async fn a_saved_source_is_forgotten_by_detaching() {
    let world = World::default();
    world.answer(200, method("pm_1", Value::Null));
    done(world.perform(forget()).await);
    let sent = &world.sent()[0];
    assert_eq!(
        sent.target,
        "https://api.stripe.com/v1/payment_methods/pm_1/detach"
    );
    assert_eq!((sent.body.as_str(), sent.key.is_some()), ("", true));
}

#[tokio::test]
async fn forgetting_what_was_detached_before_is_done() {
    let world = World::default();
    world
        .answer(400, invalid(""))
        .answer(200, method("pm_1", Value::Null));
    done(world.perform(forget()).await);
    let gone = World::default();
    gone.answer(400, invalid(""))
        .answer(404, invalid("resource_missing"));
    done(gone.perform(forget()).await);
}

#[tokio::test]
async fn a_source_that_stays_attached_is_not_forgotten() {
    let refused = World::default();
    refused
        .answer(400, invalid(""))
        .answer(200, method("pm_1", json!("cus_1")));
    let (code, _) = refusal_of(refused.perform(forget()).await);
    assert_eq!(code, Code::ValidationError);

    let fault = World::default();
    fault
        .answer_with(503, BURNT, "{}")
        .answer(200, method("pm_1", json!("cus_1")));
    let failure = failure_of(fault.perform(forget()).await);
    assert_eq!(failure, CallFailure::Unavailable(503));
}
