use domain::gateway::{GatewayCall, Moved, Outcome};
use domain::refusal::Code;
use serde_json::json;

use super::super::written;
use super::*;
use crate::testing::{BUDGET, Performed, World, call, decline_of, moved_of};

const BURNT: &[(&str, &str)] = &[("Idempotent-Replayed", "true")];

fn ask(kind: Moving, cents: i64) -> GatewayRequest {
    GatewayRequest::Move(moving(kind, cents))
}

/// Why a transaction failed: the vendor's code, and our sentence.
fn failure(performed: Performed) -> (Option<String>, String) {
    let decline = decline_of(performed);
    (decline.code, decline.message)
}

/// An intent of which this much was captured, by this transaction.
fn captured(units: i64, transaction: &str) -> Value {
    let mut intent = intent("succeeded");
    intent["amount_received"] = json!(units);
    intent["metadata"] = json!({"billfold_transaction": transaction});
    intent
}

fn canceled(reason: &str) -> Value {
    let mut intent = intent("canceled");
    intent["cancellation_reason"] = json!(reason);
    intent
}

#[tokio::test]
async fn a_capture_names_its_transaction_and_says_what_was_let_go_of() {
    let world = World::default();
    world.answer(200, captured(12_000, "eqRZMSaNqM"));
    let capture = moved_of(world.perform(ask(Moving::Capture, 12_000)).await);
    assert_eq!(capture.outcome, Outcome::Succeeded);
    assert_eq!(capture.reference.as_deref(), Some("pi_1"));
    assert_eq!(capture.released, Some(amount(900, "EUR")));
    let sent = &world.sent()[0];
    assert!(sent.target.ends_with("/v1/payment_intents/pi_1/capture"));
    assert_eq!(
        sent.fields(),
        pairs(&[
            ("amount_to_capture", "12000"),
            ("metadata[billfold_transaction]", "eqRZMSaNqM"),
            ("expand[]", "latest_charge"),
        ])
    );
    let whole = World::default();
    whole.answer(200, captured(12_900, "eqRZMSaNqM"));
    let capture = moved_of(whole.perform(ask(Moving::Capture, 12_900)).await);
    assert_eq!(capture.released, None);
}

#[tokio::test]
async fn a_void_cancels_what_is_held() {
    let world = World::default();
    world.answer(200, canceled("requested_by_customer"));
    let void = moved_of(world.perform(ask(Moving::Void, 12_900)).await);
    assert_eq!((void.outcome, void.released), (Outcome::Succeeded, None));
    let sent = &world.sent()[0];
    assert!(sent.target.ends_with("/v1/payment_intents/pi_1/cancel"));
    assert!(
        sent.body
            .starts_with("cancellation_reason=requested_by_customer")
    );
}

#[tokio::test]
async fn a_refund_names_its_transaction_and_may_take_its_time() {
    for (status, outcome) in [
        ("succeeded", Outcome::Succeeded),
        ("pending", Outcome::Pending),
        ("requires_action", Outcome::Pending),
    ] {
        let world = World::default();
        world.answer(200, refund(status));
        let refund = moved_of(world.perform(ask(Moving::Refund, 500)).await);
        assert_eq!(refund.outcome, outcome, "{status}");
        assert_eq!(refund.reference.as_deref(), Some("re_1"));
        let sent = &world.sent()[0];
        assert_eq!(sent.target, "https://api.stripe.com/v1/refunds");
        assert_eq!(
            sent.fields(),
            pairs(&[
                ("payment_intent", "pi_1"),
                ("amount", "500"),
                ("metadata[billfold_transaction]", "eqRZMSaNqM"),
                ("metadata[billfold_order]", "qaMAhZkZvd"),
            ])
        );
    }
}

#[tokio::test]
async fn two_refunds_of_the_same_amount_have_two_keys_and_a_repeat_has_the_same() {
    let mut keys = Vec::new();
    for subject in ["refundAAAA", "refundBBBB", "refundAAAA"] {
        let asked = GatewayCall {
            subject: subject.parse().unwrap(),
            ..call(ask(Moving::Refund, 500))
        };
        let world = World::default();
        world.answer(200, refund("succeeded"));
        world.perform_call(&asked, BUDGET).await.unwrap().unwrap();
        keys.push(world.sent()[0].key.clone().unwrap());
        assert_eq!(written(&asked).unwrap().key, keys[keys.len() - 1]);
    }
    assert_eq!(keys[0], keys[2]);
    assert_ne!(keys[0], keys[1]);
}

#[tokio::test]
async fn what_this_very_transaction_did_before_is_done() {
    let unexpected = || invalid("payment_intent_unexpected_state");
    let capture = World::default();
    capture
        .answer(400, unexpected())
        .answer(200, captured(12_900, "eqRZMSaNqM"));
    let done = moved_of(capture.perform(ask(Moving::Capture, 12_900)).await);
    assert_eq!(done.outcome, Outcome::Succeeded);

    let void = World::default();
    void.answer(400, unexpected())
        .answer(200, canceled("requested_by_customer"));
    let done = moved_of(void.perform(ask(Moving::Void, 12_900)).await);
    assert_eq!(done.outcome, Outcome::Succeeded);

    let refunded = World::default();
    refunded.answer(400, invalid("charge_already_refunded"));
    refunded.answer(200, json!({"data": [refund("pending")], "has_more": false}));
    let done = moved_of(refunded.perform(ask(Moving::Refund, 500)).await);
    assert_eq!(done.outcome, Outcome::Pending);
    assert_eq!(done.reference.as_deref(), Some("re_1"));
}

#[tokio::test]
async fn what_stripe_will_not_do_failed_with_its_code_and_our_sentence() {
    let unexpected = || invalid("payment_intent_unexpected_state");
    let none = || json!({"data": [], "has_more": false});
    let cases = [
        (
            Moving::Capture,
            unexpected(),
            captured(12_900, "otherAAAAA"),
            "payment_intent_unexpected_state",
            "captured or canceled before",
        ),
        (
            Moving::Capture,
            invalid("amount_too_large"),
            intent("requires_capture"),
            "amount_too_large",
            "More than what is held",
        ),
        (
            Moving::Capture,
            unexpected(),
            canceled("expired"),
            "expired",
            "ran out",
        ),
        (
            Moving::Capture,
            unexpected(),
            canceled("abandoned"),
            "canceled",
            "canceled at the gateway",
        ),
        (
            Moving::Void,
            unexpected(),
            captured(12_900, "otherAAAAA"),
            "payment_intent_unexpected_state",
            "captured or canceled before",
        ),
        (
            Moving::Void,
            unexpected(),
            canceled("expired"),
            "expired",
            "ran out",
        ),
        (
            Moving::Refund,
            invalid("charge_already_refunded"),
            none(),
            "charge_already_refunded",
            "refunded before",
        ),
        (
            Moving::Refund,
            invalid("refund_disputed_payment"),
            none(),
            "refund_disputed_payment",
            "asked their bank",
        ),
    ];
    for (kind, refusal, read, code, part) in cases {
        let world = World::default();
        world.answer(400, refusal).answer(200, read);
        let (found, message) = failure(world.perform(ask(kind, 12_900)).await);
        assert_eq!(found.as_deref(), Some(code), "{kind:?}");
        assert!(message.contains(part), "{kind:?}: {message}");
    }
    let declined = World::default();
    declined.answer(402, error("card_error", "expired_card", ""));
    declined.answer(200, intent("requires_capture"));
    let (code, _) = failure(declined.perform(ask(Moving::Capture, 12_900)).await);
    assert_eq!(code.as_deref(), Some("expired_card"));
}

#[tokio::test]
async fn what_cannot_be_asked_for_failed_without_being_asked() {
    let world = World::default();
    let (code, message) = failure(world.perform(ask(Moving::Refund, 0)).await);
    assert_eq!(code, None);
    assert!(message.contains("Stripe takes amounts"), "{message}");
    assert_eq!(world.sent().len(), 0);
}

#[tokio::test]
async fn what_is_not_known_is_no_answer() {
    for kind in [Moving::Capture, Moving::Void, Moving::Refund] {
        let world = World::default();
        for _ in 0..3 {
            world.answer(500, json!({"error": {"type": "api_error"}}));
        }
        let failure = failure_of(world.perform(ask(kind, 12_900)).await);
        assert_eq!(failure, CallFailure::Unavailable(500));
        let keys: Vec<_> = world.sent().into_iter().map(|it| it.key).collect();
        assert!(keys.windows(2).all(|two| two[0] == two[1]));

        let denied = World::default();
        denied.answer(401, invalid(""));
        let failure = failure_of(denied.perform(ask(kind, 12_900)).await);
        assert_eq!(failure, CallFailure::CredentialsRefused(401));
    }
}

#[tokio::test]
async fn a_fault_that_stripe_keeps_is_settled_by_what_there_is_and_never_by_what_is_not() {
    let done = World::default();
    done.answer_with(500, BURNT, "{}")
        .answer(200, captured(12_900, "eqRZMSaNqM"));
    let capture = moved_of(done.perform(ask(Moving::Capture, 12_900)).await);
    assert_eq!(capture.outcome, Outcome::Succeeded);

    let none = json!({"data": [], "has_more": false});
    for (kind, read) in [
        (Moving::Refund, none),
        (Moving::Capture, intent("requires_capture")),
        (Moving::Void, intent("requires_capture")),
    ] {
        let world = World::default();
        world.answer_with(500, BURNT, "{}").answer(200, read);
        let moved = moved_of(world.perform(ask(kind, 500)).await);
        assert_eq!(moved, Moved::new(Outcome::Pending, None), "{kind:?}");
    }
}

#[tokio::test]
async fn what_became_of_a_transaction_is_read() {
    let other = |mut refund: Value| {
        refund["metadata"] = json!({});
        refund
    };
    let list = json!({"data": [other(refund("pending")), refund("succeeded")], "has_more": false});
    let failed = json!({"id": "re_1", "status": "failed", "failure_reason": "lost_or_stolen_card"});
    let found = async |kind, reference, answer| {
        let world = World::default();
        world.answer(200, answer);
        let target = |it: &World| it.sent()[0].target.clone();
        let moved = moved_of(world.perform(read_moved(kind, reference)).await);
        (moved.outcome, target(&world))
    };
    let (outcome, target) = found(Moving::Refund, None, list).await;
    assert_eq!(outcome, Outcome::Succeeded);
    assert!(
        target.ends_with("/v1/refunds?limit=100&payment_intent=pi_1"),
        "{target}"
    );
    let (outcome, target) = found(Moving::Refund, Some("re_1"), failed).await;
    let Outcome::Failed(decline) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(decline.code.as_deref(), Some("lost_or_stolen_card"));
    assert!(target.ends_with("/v1/refunds/re_1"), "{target}");
    let (outcome, _) = found(Moving::Capture, None, captured(12_900, "eqRZMSaNqM")).await;
    assert_eq!(outcome, Outcome::Succeeded);
    let (outcome, _) = found(Moving::Void, None, canceled("abandoned")).await;
    assert_eq!(outcome, Outcome::Succeeded);
}

#[tokio::test]
async fn a_transaction_that_stripe_has_not_is_refused() {
    for (kind, answer) in [
        (Moving::Capture, intent("requires_capture")),
        (Moving::Capture, captured(12_900, "otherAAAAA")),
        (Moving::Void, intent("requires_capture")),
        (Moving::Refund, json!({"data": [], "has_more": false})),
    ] {
        let world = World::default();
        world.answer(200, answer);
        let (code, _) = refusal_of(world.perform(read_moved(kind, None)).await);
        assert_eq!(code, Code::ValidationError, "{kind:?}");
    }
    let more = World::default();
    more.answer(200, json!({"data": [], "has_more": true}));
    let failure = failure_of(more.perform(read_moved(Moving::Refund, None)).await);
    assert!(
        matches!(failure, CallFailure::NotUnderstood(_)),
        "{failure}"
    );
}
