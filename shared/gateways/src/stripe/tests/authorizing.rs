use domain::gateway::{GatewayCall, Progress};
use domain::refusal::Code;
use serde_json::json;

use super::super::written;
use super::*;
use crate::testing::{BUDGET, World, call};

const BURNT: &[(&str, &str)] = &[("Idempotent-Replayed", "true")];

fn declined() -> Value {
    let mut error = error("card_error", "card_declined", "");
    error["error"]["decline_code"] = json!("insufficient_funds");
    error
}

/// An intent that is back at its beginning, for this reason.
fn declined_intent() -> Value {
    let mut intent = intent("requires_payment_method");
    intent["payment_method"] = Value::Null;
    intent["last_payment_error"] = declined()["error"].clone();
    intent
}

fn given(given: Value) -> NewPayment {
    NewPayment {
        given: object(given),
        ..new_payment()
    }
}

#[tokio::test]
async fn what_was_entered_is_confirmed_while_the_shopper_is_there() {
    let world = World::default();
    world.answer(200, intent("requires_confirmation"));
    world.answer(200, intent("requires_capture"));
    let new = given(json!({"return_url": "https://shop.test/back"}));
    let held = payment_of(world.perform(authorize(new)).await);
    assert_eq!((held.progress, held.decline), (Progress::Authorized, None));
    let sent = &world.sent()[1];
    let base = "https://api.stripe.com/v1/payment_intents/pi_1";
    assert_eq!(sent.target, format!("{base}/confirm"));
    assert_eq!(
        sent.fields(),
        pairs(&[
            ("return_url", "https://shop.test/back"),
            ("use_stripe_sdk", "true"),
            ("expand[]", "payment_method"),
            ("expand[]", "latest_charge"),
        ])
    );
    assert_eq!(sent.key.as_ref().map(String::len), Some(64));
    let read = format!("{base}?expand%5B%5D=payment_method&expand%5B%5D=latest_charge");
    assert_eq!(world.sent()[0].target, read);
}

#[tokio::test]
async fn a_saved_card_is_named_and_never_charged_off_the_session() {
    let world = World::default();
    world.answer(200, intent("requires_payment_method"));
    world.answer(200, intent("requires_capture"));
    let new = NewPayment {
        saved: Some("pm_1".to_owned()),
        ..given(json!({"options": {"return_url": "https://shop.test/options"}}))
    };
    payment_of(world.perform(authorize(new)).await);
    let fields = world.sent()[1].fields();
    let saved = ("payment_method".to_owned(), "pm_1".to_owned());
    let back = (
        "return_url".to_owned(),
        "https://shop.test/options".to_owned(),
    );
    assert!(
        fields.contains(&saved) && fields.contains(&back),
        "{fields:?}"
    );
    assert!(!world.sent()[1].body.contains("off_session"));
}

#[tokio::test]
async fn a_card_is_confirmed_also_where_the_shop_names_no_page_to_come_back_to() {
    let world = World::default();
    world.answer(200, intent("requires_confirmation"));
    world.answer(200, intent("requires_capture"));
    payment_of(world.perform(authorize(new_payment())).await);
    let back = ("return_url".to_owned(), "https://example.com/".to_owned());
    assert!(world.sent()[1].fields().contains(&back));

    let leaves = World::default();
    let mut klarna = intent("requires_confirmation");
    klarna["payment_method"] = json!({"id": "pm_1", "type": "klarna", "klarna": {}});
    leaves.answer(200, klarna);
    let (code, detail) = refusal_of(leaves.perform(authorize(new_payment())).await);
    assert_eq!(code, Code::ValidationError);
    assert!(detail.contains("return_url"), "{detail}");
    assert_eq!(leaves.sent().len(), 1);
}

#[tokio::test]
async fn what_the_browser_confirmed_is_taken_as_it_stands() {
    for (status, progress) in [
        ("requires_action", Progress::Open),
        ("processing", Progress::Authorized),
        ("requires_capture", Progress::Authorized),
        ("succeeded", Progress::Captured),
        ("canceled", Progress::Released),
    ] {
        let world = World::default();
        world.answer(200, intent(status));
        let payment = payment_of(world.perform(authorize(new_payment())).await);
        assert_eq!(payment.progress, progress, "{status}");
        assert_eq!(payment.attributes["client_secret"], "pi_1_secret_hush");
        assert_eq!(world.sent().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn an_intent_without_anything_to_pay_with_waits_for_the_shopper() {
    let world = World::default();
    let mut empty = intent("requires_payment_method");
    empty["payment_method"] = Value::Null;
    world.answer(200, empty);
    let payment = payment_of(world.perform(authorize(new_payment())).await);
    assert_eq!((payment.progress, payment.failed), (Progress::Open, false));
    assert_eq!(world.sent().len(), 1);
}

#[tokio::test]
async fn a_decline_is_an_answer_with_its_reason_and_the_intent_is_open_again() {
    let world = World::default();
    world.answer(200, intent("requires_confirmation"));
    world.answer(402, declined());
    world.answer(200, declined_intent());
    let payment = payment_of(world.perform(authorize(new_payment())).await);
    assert_eq!((payment.progress, payment.failed), (Progress::Open, true));
    let decline = payment.decline.unwrap();
    assert_eq!(decline.code.as_deref(), Some("insufficient_funds"));
    assert!(decline.message.contains("not enough funds"), "{decline:?}");
}

#[tokio::test]
async fn a_reason_that_is_not_the_shoppers_to_know_is_not_in_the_code_either() {
    let world = World::default();
    world.answer(200, intent("requires_confirmation"));
    let mut stolen = declined();
    stolen["error"]["decline_code"] = json!("stolen_card");
    world.answer(402, stolen);
    // What Stripe read meanwhile says nothing: the answer to our own request does.
    let mut open = declined_intent();
    open["last_payment_error"] = Value::Null;
    world.answer(200, open);
    let payment = payment_of(world.perform(authorize(new_payment())).await);
    assert!(payment.failed);
    assert_eq!(
        payment.decline.unwrap().code.as_deref(),
        Some("card_declined")
    );
}

#[tokio::test]
async fn a_confirmation_that_is_refused_is_settled_by_the_payments_state() {
    let unexpected = || invalid("payment_intent_unexpected_state");
    let overtaken = World::default();
    overtaken.answer(200, intent("requires_confirmation"));
    overtaken
        .answer(400, unexpected())
        .answer(200, intent("requires_capture"));
    let payment = payment_of(overtaken.perform(authorize(new_payment())).await);
    assert_eq!(payment.progress, Progress::Authorized);

    let failed = World::default();
    failed.answer(200, intent("requires_confirmation"));
    failed.answer(400, invalid("payment_intent_authentication_failure"));
    failed.answer(200, declined_intent());
    let payment = payment_of(failed.perform(authorize(new_payment())).await);
    assert!(payment.failed && payment.decline.is_some());

    let refused = World::default();
    refused.answer(200, intent("requires_confirmation"));
    refused.answer(400, error("invalid_request_error", "", "return_url"));
    refused.answer(200, intent("requires_confirmation"));
    let (code, detail) = refusal_of(refused.perform(authorize(new_payment())).await);
    assert_eq!(code, Code::ValidationError);
    assert!(detail.contains("return_url"), "{detail}");
}

#[tokio::test]
async fn a_fault_that_stripe_keeps_is_settled_by_the_payments_state() {
    for (status, is_held) in [("requires_capture", true), ("requires_confirmation", false)] {
        let world = World::default();
        world.answer(200, intent("requires_confirmation"));
        world
            .answer_with(500, BURNT, "{}")
            .answer(200, intent(status));
        let performed = world.perform(authorize(new_payment())).await;
        match is_held {
            true => assert_eq!(payment_of(performed).progress, Progress::Authorized),
            false => assert_eq!(refusal_of(performed).0, Code::GatewayError),
        }
    }
}

#[tokio::test]
async fn what_is_not_known_is_no_answer() {
    let world = World::default();
    world.answer(200, intent("requires_confirmation"));
    for _ in 0..3 {
        world.answer(503, json!({"error": {"type": "api_error"}}));
    }
    let failure = failure_of(world.perform(authorize(new_payment())).await);
    assert_eq!(failure, CallFailure::Unavailable(503));
    let nothing = World::default();
    let request = GatewayRequest::AuthorizePayment(new_payment());
    let failure = failure_of(nothing.perform(request).await);
    assert!(matches!(failure, CallFailure::NotWritable(_)), "{failure}");
}

#[tokio::test]
async fn nothing_is_confirmed_but_what_the_order_says_and_a_hold_alone() {
    let other_amount = || intent("requires_confirmation");
    let mut at_once = intent("requires_confirmation");
    at_once["capture_method"] = json!("automatic_async");
    let dearer = NewPayment {
        amount: amount(12_901, "EUR"),
        ..new_payment()
    };
    for (answer, new, part) in [
        (other_amount(), dearer, "amount"),
        (at_once, new_payment(), "captured at once"),
    ] {
        let world = World::default();
        world.answer(200, answer);
        let (code, detail) = refusal_of(world.perform(authorize(new)).await);
        assert_eq!(code, Code::ValidationError);
        assert!(detail.contains(part), "{detail}");
        assert_eq!(world.sent().len(), 1);
    }
}

#[tokio::test]
async fn a_noted_step_is_asked_for_again_with_the_bytes_that_were_noted() {
    let asked = call(authorize(given(
        json!({"return_url": "https://shop.test/back"}),
    )));
    let noted = written(&asked).unwrap();
    let later = GatewayCall {
        attempt: 7,
        request: authorize(given(json!({"return_url": "https://shop.test/elsewhere"}))),
        noted: Some(noted.clone()),
        ..asked.clone()
    };
    let mut sent = Vec::new();
    for call in [asked, later] {
        let world = World::default();
        world.answer(200, intent("requires_confirmation"));
        world.answer(200, intent("requires_capture"));
        payment_of(world.perform_call(&call, BUDGET).await);
        sent.push(world.sent().remove(1));
    }
    assert_eq!(sent[0].key.as_deref(), Some(noted.key.as_str()));
    assert_eq!(Some(sent[0].body.as_str()), noted.body.as_deref());
    assert_eq!((&sent[0].key, &sent[0].body), (&sent[1].key, &sent[1].body));
}
