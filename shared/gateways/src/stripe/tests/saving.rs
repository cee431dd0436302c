use domain::gateway::Expiry;
use domain::refusal::Code;
use serde_json::{Value, json};

use super::*;
use crate::testing::{World, reusable_of};

const BURNT: &[(&str, &str)] = &[("Idempotent-Replayed", "true")];

#[tokio::test]
async fn a_method_that_nobody_confirmed_yet_is_attached_and_stripes_id_is_kept() {
    let world = World::default();
    world.answer(200, intent("requires_confirmation"));
    world.answer(200, method("pm_new", json!("cus_1")));
    let reusable = reusable_of(world.perform(make_reusable()).await);

    let attach = &world.sent()[1];
    assert_eq!(
        attach.target,
        "https://api.stripe.com/v1/payment_methods/pm_1/attach"
    );
    assert_eq!(attach.body, "customer=cus_1");
    assert!(attach.key.is_some());
    assert_eq!(reusable.customer_token, "cus_1");
    assert_eq!(reusable.payment_source_token, "pm_new");
    assert_eq!(reusable.name, "XXXX-XXXX-XXXX-4242");
    assert_eq!(reusable.fingerprint.as_deref(), Some("AOB934RVNwzk6xtn"));
    assert_eq!(
        reusable.expiry,
        Some(Expiry {
            year: 2030,
            month: 8
        })
    );
    let snapshot = Value::Object(reusable.snapshot);
    assert_eq!(snapshot["payment_instrument"]["card_last_digits"], "4242");
    assert!(!snapshot.to_string().contains("secret"));
}

#[tokio::test]
async fn a_confirmed_payment_is_only_read() {
    for status in ["processing", "requires_capture", "succeeded"] {
        let world = World::default();
        world.answer(200, intent(status));
        let reusable = reusable_of(world.perform(make_reusable()).await);
        assert_eq!(reusable.payment_source_token, "pm_1");
        assert_eq!(world.sent().len(), 1);
    }
}

#[tokio::test]
async fn a_payment_that_is_not_ready_is_not_attached() {
    let world = World::default();
    world.answer(200, intent("requires_action"));
    let (code, _) = refusal_of(world.perform(make_reusable()).await);
    assert_eq!(code, Code::PaymentSourceNotReady);
    assert_eq!(world.sent().len(), 1);
}

#[tokio::test]
async fn attaching_what_was_attached_meanwhile_is_settled_by_reading() {
    let world = World::default();
    world.answer(200, intent("requires_confirmation"));
    world
        .answer(400, invalid(""))
        .answer(200, method("pm_1", json!("cus_1")));
    let reusable = reusable_of(world.perform(make_reusable()).await);
    assert_eq!(reusable.payment_source_token, "pm_1");
    assert_eq!(
        world.sent()[2].target,
        "https://api.stripe.com/v1/payment_methods/pm_1"
    );
}

#[tokio::test]
async fn a_fault_that_stripe_replays_is_settled_by_reading() {
    let done = World::default();
    done.answer(200, intent("requires_confirmation"));
    done.answer_with(500, BURNT, "{}")
        .answer(200, method("pm_1", json!("cus_1")));
    reusable_of(done.perform(make_reusable()).await);

    let undone = World::default();
    undone.answer(200, intent("requires_confirmation"));
    undone
        .answer_with(500, BURNT, "{}")
        .answer(200, method("pm_1", Value::Null));
    let (code, _) = refusal_of(undone.perform(make_reusable()).await);
    assert_eq!(code, Code::GatewayError);
}

#[tokio::test]
async fn a_method_that_was_used_without_a_customer_is_not_reusable() {
    let world = World::default();
    world.answer(200, intent("requires_confirmation"));
    let message = "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a connected account without Customer attachment, or was detached from a Customer. It may not be used again.";
    world.answer(
        400,
        json!({"error": {"type": "invalid_request_error", "message": message}}),
    );
    world.answer(200, method("pm_1", Value::Null));
    let (code, detail) = refusal_of(world.perform(make_reusable()).await);
    assert_eq!(code, Code::PaymentSourceNotReusable);
    assert!(detail.contains("enter it anew"), "{detail}");
}

#[tokio::test]
async fn an_attached_method_that_is_not_the_customers_is_a_broken_answer() {
    let world = World::default();
    world.answer(200, intent("requires_confirmation"));
    world.answer(200, method("pm_1", json!("cus_2")));
    let failure = failure_of(world.perform(make_reusable()).await);
    assert!(matches!(failure, CallFailure::NotUnderstood(_)));
}

#[tokio::test]
async fn a_card_that_is_declined_while_it_is_attached_is_a_decline() {
    let world = World::default();
    world.answer(200, intent("requires_confirmation"));
    world.answer(402, error("card_error", "card_declined", ""));
    let (code, _) = refusal_of(world.perform(make_reusable()).await);
    assert_eq!(code, Code::PaymentDeclined);
}
