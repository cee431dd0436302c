use super::*;

const DONE: Performed = Ok(Ok(GatewayAnswer::Done));

/// The payment's card stays at the gateway.
fn kept() -> Performed {
    Ok(Ok(GatewayAnswer::Kept(SOURCE.to_owned())))
}

#[tokio::test]
async fn a_held_amount_is_voided_with_a_key() {
    let world = world();
    world.answer(200, payment("Authorized"));
    world.answer(202, json!({"action_id": "act_1"}));
    assert_eq!(perform(&world, release()).await, kept());
    let sent = &world.sent()[1];
    assert!(sent.target.ends_with(&format!("/payments/{PAYMENT}/voids")));
    assert!(sent.header("cko-idempotency-key").is_some());
}

#[tokio::test]
async fn what_holds_nothing_needs_no_void() {
    for (status, expected) in [
        ("Declined", DONE),
        ("Voided", kept()),
        ("Canceled", kept()),
        ("Expired", kept()),
        ("Card Verified", kept()),
    ] {
        let world = world();
        world.answer(200, payment(status));
        assert_eq!(perform(&world, release()).await, expected, "{status}");
        assert_eq!(world.sent().len(), 1);
    }
    let world = world();
    missing(&world);
    assert_eq!(perform(&world, release()).await, DONE);
}

#[tokio::test]
async fn a_payment_that_waits_for_the_shopper_is_released_later() {
    let world = world();
    world.answer(200, pending());
    let failure = failure_of(perform(&world, release()).await);
    assert_eq!(failure, CallFailure::InProgress);
}

#[tokio::test]
async fn a_captured_payment_can_only_be_refunded() {
    for status in ["Captured", "Partially Captured", "Refunded"] {
        let world = world();
        world.answer(200, payment(status));
        let (code, detail) = refusal_of(perform(&world, release()).await);
        assert_eq!(code, Code::ValidationError);
        assert!(detail.contains("refunded"), "{detail}");
    }
}

#[tokio::test]
async fn a_void_that_is_refused_is_settled_by_the_payments_state() {
    let refused = |world: &World, status: u16| {
        world.answer(200, payment("Authorized"));
        world.answer_with(status, &[OWN], "");
    };
    for status in [403, 404, 422] {
        let done = world();
        refused(&done, status);
        done.answer(200, payment("Voided"));
        assert_eq!(perform(&done, release()).await, kept());

        let captured = world();
        refused(&captured, status);
        captured.answer(200, payment("Captured"));
        refusal_of(perform(&captured, release()).await);

        let held = world();
        refused(&held, status);
        held.answer(200, payment("Authorized"));
        failure_of(perform(&held, release()).await);
    }
    let held = world();
    held.answer(200, payment("Authorized"));
    held.answer(422, error(&["void_not_allowed"]));
    held.answer(200, payment("Authorized"));
    let failure = failure_of(perform(&held, release()).await);
    assert_eq!(failure, CallFailure::Unavailable(422));
}

#[tokio::test]
async fn without_a_payment_there_is_nothing_to_release() {
    let world = world();
    let request = GatewayRequest::Release {
        payment: None,
        shopper_token: Some(TOKEN.to_owned()),
    };
    assert_eq!(perform(&world, request).await, DONE);
    assert_eq!(world.sent(), []);
}

#[tokio::test]
async fn a_card_is_forgotten_also_where_it_was_before() {
    let world = world();
    world.answer_with(204, &[OWN], "");
    missing(&world);
    for _ in 0..2 {
        assert_eq!(perform(&world, forget()).await, DONE);
    }
    let sent = &world.sent()[0];
    assert_eq!(sent.method, "DELETE");
    assert!(sent.target.ends_with(&format!("/instruments/{SOURCE}")));
    assert_eq!(sent.header("cko-idempotency-key"), None);

    let world = super::world();
    world.answer_with(404, &[], "<html>");
    failure_of(perform(&world, forget()).await);
}
