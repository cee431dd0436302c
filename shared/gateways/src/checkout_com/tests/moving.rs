use domain::Timestamp;
use domain::gateway::{Books, Moved, Outcome, Progress};

use super::super::written;
use super::*;
use crate::testing::{decline_of, moved_of};

/// A payment in this state, with these of its balances.
fn with_balances(status: &str, balances: Value) -> Value {
    let mut payment = payment(status);
    payment["balances"] = balances;
    payment
}

/// Something that was done, of this kind, for this transaction.
fn action(kind: &str, transaction: &str, approved: Option<bool>) -> Value {
    let mut action = json!({
        "id": ACTION, "type": kind, "amount": 500, "processed_on": "2026-09-10T10:11:12Z",
        "reference": transaction, "response_code": match approved {
            Some(false) => "20005",
            _ => "10000",
        },
    });
    match approved {
        Some(approved) => action["approved"] = json!(approved),
        None => action["response_code"] = Value::Null,
    }
    action
}

async fn code(world: &World, request: GatewayRequest) -> Option<String> {
    decline_of(perform(world, request).await).code
}

#[tokio::test]
async fn what_is_taken_on_is_on_its_way_and_names_its_transaction() {
    let metadata = json!({"billfold_transaction": "eqRZMSaNqM", "billfold_order": "qaMAhZkZvd"});
    let part = GatewayRequest::Move(Move {
        is_last: false,
        ..moving(Moving::Capture, 500)
    });
    let capture = |kind| {
        json!({
            "amount": 500, "capture_type": kind, "reference": "eqRZMSaNqM", "metadata": metadata,
        })
    };
    let void = json!({"reference": "eqRZMSaNqM", "metadata": metadata});
    let refund = json!({"amount": 500, "reference": "eqRZMSaNqM", "metadata": metadata});
    for (request, path, body) in [
        (ask(Moving::Capture, 500), "captures", capture("Final")),
        (part, "captures", capture("NonFinal")),
        (ask(Moving::Void, 500), "voids", void),
        (ask(Moving::Refund, 500), "refunds", refund),
    ] {
        let asked = call(request);
        let world = world();
        world.answer(202, accepted());
        let moved = moved_of(perform_call(&world, &asked).await);
        let expected = Moved {
            outcome: Outcome::Pending,
            reference: Some(ACTION.to_owned()),
            released: None,
            metadata: serde_json::Map::new(),
        };
        assert_eq!(moved, expected, "{path}");
        let sent = &world.sent()[0];
        assert!(
            sent.target
                .ends_with(&format!("/payments/{PAYMENT}/{path}"))
        );
        assert_eq!(sent.json(), body);
        let noted = written(&asked).unwrap();
        assert_eq!(sent.header("cko-idempotency-key"), Some(noted.key.as_str()));
        assert_eq!(Some(sent.body.as_str()), noted.body.as_deref());
    }
}

#[tokio::test]
async fn what_is_asked_for_again_has_the_same_key_and_another_transaction_another() {
    let mut keys = Vec::new();
    for subject in ["refundAAAA", "refundBBBB", "refundAAAA"] {
        let asked = GatewayCall {
            subject: subject.parse().unwrap(),
            ..call(ask(Moving::Refund, 500))
        };
        keys.push(written(&asked).unwrap().key);
    }
    assert_eq!(keys[0], keys[2]);
    assert_ne!(keys[0], keys[1]);

    let world = world();
    world.answer(502, json!({}));
    world.answer(202, accepted());
    moved_of(perform(&world, ask(Moving::Refund, 500)).await);
    let sent = world.sent();
    let key = |at: usize| sent[at].header("cko-idempotency-key");
    assert_eq!(key(0), key(1));
}

#[tokio::test]
async fn what_this_very_transaction_did_before_is_as_it_went() {
    for (approved, outcome) in [(Some(true), Outcome::Succeeded), (None, Outcome::Pending)] {
        let world = world();
        world.answer_with(403, &[OWN], "");
        let others = action("Refund", "otherAAAAA", Some(true));
        world.answer(
            200,
            json!([others, action("Refund", "eqRZMSaNqM", approved)]),
        );
        world.answer(200, payment("Refunded"));
        let moved = moved_of(perform(&world, ask(Moving::Refund, 500)).await);
        assert_eq!(moved.outcome, outcome);
        assert_eq!(moved.reference.as_deref(), Some(ACTION));
    }
}

#[tokio::test]
async fn what_the_vendor_will_not_do_failed_as_the_payments_state_says() {
    let none =
        json!({"available_to_capture": 0, "available_to_refund": 0, "total_captured": 12_900});
    for (kind, read, expected) in [
        (Moving::Capture, payment("Expired"), "expired"),
        (Moving::Capture, payment("Voided"), "voided"),
        (
            Moving::Capture,
            with_balances("Captured", none.clone()),
            "captured",
        ),
        (Moving::Void, payment("Partially Captured"), "captured"),
        (Moving::Void, payment("Expired"), "expired"),
        (Moving::Refund, with_balances("Refunded", none), "refunded"),
        (Moving::Refund, payment("Authorized"), "not_captured"),
        (Moving::Capture, declined(), "20051"),
    ] {
        let world = world();
        world.answer_with(403, &[OWN], "");
        world.answer(200, json!([])).answer(200, read);
        let code = code(&world, ask(kind, 500)).await;
        assert_eq!(code.as_deref(), Some(expected), "{kind:?}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_a_failure_with_the_vendors_code() {
    let world = world();
    world.answer(422, error(&["capture_value_greater_than_authorized"]));
    world
        .answer(200, json!([]))
        .answer(200, payment("Authorized"));
    let decline = decline_of(perform(&world, ask(Moving::Capture, 500)).await);
    assert_eq!(
        decline.code.as_deref(),
        Some("capture_value_greater_than_authorized")
    );
    assert!(
        decline.message.contains("More than what is held"),
        "{decline:?}"
    );

    let gone = super::world();
    missing(&gone);
    missing(&gone);
    missing(&gone);
    assert_eq!(code(&gone, ask(Moving::Void, 500)).await, None);
    let nothing = super::world();
    assert_eq!(code(&nothing, ask(Moving::Refund, 0)).await, None);
    assert_eq!(nothing.sent().len(), 0);
}

#[tokio::test]
async fn what_is_not_known_is_no_answer() {
    let open = json!({"available_to_capture": 12_900});
    let denied = world();
    denied.answer_with(403, &[OWN], "");
    denied
        .answer(200, json!([]))
        .answer(200, with_balances("Authorized", open));
    let failure = failure_of(perform(&denied, ask(Moving::Capture, 500)).await);
    assert_eq!(failure, CallFailure::CredentialsRefused(403));

    let reused = world();
    reused.answer(422, error(&["idempotency_key_reused"]));
    let failure = failure_of(perform(&reused, ask(Moving::Capture, 500)).await);
    assert!(
        matches!(failure, CallFailure::NotUnderstood(_)),
        "{failure}"
    );

    let down = world();
    for _ in 0..3 {
        down.answer(502, json!({}));
    }
    let failure = failure_of(perform(&down, ask(Moving::Refund, 500)).await);
    assert_eq!(failure, CallFailure::Unavailable(502));
}

#[tokio::test]
async fn what_became_of_a_transaction_is_read_from_the_payments_actions() {
    let read = async |payment: Value, actions: Value, kind, reference| {
        let world = world();
        world.answer(200, actions).answer(200, payment);
        perform(&world, read_moved(kind, reference)).await
    };
    let rest =
        json!({"total_authorized": 12_900, "total_captured": 500, "available_to_capture": 0});
    let captured = || with_balances("Partially Captured", rest.clone());
    let of_ours = json!([action("Capture", "eqRZMSaNqM", Some(true))]);
    let moved = moved_of(read(captured(), of_ours, Moving::Capture, None).await);
    assert_eq!(moved.outcome, Outcome::Succeeded);
    assert_eq!(moved.released, Some(euros(12_400)));

    let by_id = json!([action("Refund", "", Some(false))]);
    let moved = decline_of(read(payment("Captured"), by_id, Moving::Refund, Some(ACTION)).await);
    assert_eq!(moved.code.as_deref(), Some("20005"));

    let not_yet = read(
        payment("Authorized"),
        json!([]),
        Moving::Capture,
        Some(ACTION),
    )
    .await;
    assert_eq!(moved_of(not_yet).outcome, Outcome::Pending);
    let never = read(payment("Expired"), json!([]), Moving::Capture, Some(ACTION)).await;
    assert_eq!(decline_of(never).code.as_deref(), Some("expired"));
    let let_go = read(payment("Voided"), json!([]), Moving::Void, Some(ACTION)).await;
    assert_eq!(moved_of(let_go).outcome, Outcome::Succeeded);
    let unknown = read(payment("Authorized"), json!([]), Moving::Capture, None).await;
    assert_eq!(refusal_of(unknown).0, Code::ValidationError);
}

#[tokio::test]
async fn the_books_of_a_payment_and_why_it_was_declined_are_told() {
    let told = async |answer: Value| {
        let world = world();
        world.answer(200, answer);
        payment_of(perform(&world, read_payment(PAYMENT)).await)
    };
    let mut held = with_balances(
        "Partially Captured",
        json!({"available_to_capture": 2_900, "total_captured": 10_000, "total_refunded": 500}),
    );
    held["expires_on"] = json!("2026-09-17T10:11:12Z");
    let books = Books {
        held: 2_900,
        captured: 10_000,
        refunded: 500,
        holds_until: Some("2026-09-17T10:11:12.000Z".parse::<Timestamp>().unwrap()),
        is_disputed: false,
    };
    assert_eq!(told(held).await.books, Some(books));
    assert_eq!(told(payment("Authorized")).await.books, None);

    let mut in_actions = declined();
    in_actions.as_object_mut().unwrap().remove("response_code");
    in_actions["actions"] =
        json!([{"id": ACTION, "type": "Authorization", "response_code": "20154"}]);
    for (answer, code, part) in [
        (declined(), "20051", "not enough funds"),
        (in_actions, "20154", "authenticate"),
    ] {
        let payment = told(answer).await;
        assert_eq!(payment.progress, Progress::Declined);
        let decline = payment.decline.unwrap();
        assert_eq!(decline.code.as_deref(), Some(code));
        assert!(decline.message.contains(part), "{decline:?}");
    }
    let over = told(payment("Expired")).await;
    assert_eq!(over.progress, Progress::Released);
    assert_eq!(over.decline.unwrap().code.as_deref(), Some("expired"));
    assert_eq!(told(payment("Voided")).await.decline, None);
}
