use domain::gateway::{Moved, Outcome};

use super::*;

/// The transaction, whose id the calls of these tests have.
const SUBJECT: &str = "eqRZMSaNqM";
const CAPTURE: &str = "4ba29b50-be7b-44f5-a492-113e6a865e22";

fn read_moved(kind: Moving) -> GatewayRequest {
    GatewayRequest::ReadMoved {
        asked: moving(kind),
        reference: None,
    }
}

fn succeeded(reference: &str) -> Moved {
    Moved {
        outcome: Outcome::Succeeded,
        reference: Some(reference.to_owned()),
        released: None,
        metadata: Map::new(),
    }
}

fn code(moved: Moved) -> String {
    match moved.outcome {
        Outcome::Failed(decline) => decline.code.unwrap_or_default(),
        other => panic!("{other:?}"),
    }
}

fn target(end: &str) -> String {
    format!("https://api.playground.klarna.com/ordermanagement/v1/orders/{ORDER}/{end}")
}

/// An order of which this was captured, or refunded, as our transaction.
fn with_ours(kind: Moving) -> Value {
    match kind {
        Moving::Capture => order(json!({
            "status": "PART_CAPTURED", "captured_amount": 5_000,
            "captures": [
                {"capture_id": "other", "reference": "zzzzzzzzzz", "captured_amount": 1},
                {"capture_id": CAPTURE, "reference": SUBJECT, "captured_amount": 5_000},
            ],
        })),
        Moving::Refund => order(json!({
            "status": "CAPTURED", "captured_amount": 12_900, "refunded_amount": 5_000,
            "refunds": [{"refund_id": CAPTURE, "reference": SUBJECT, "refunded_amount": 5_000}],
        })),
        Moving::Void => order(json!({"status": "CANCELLED"})),
    }
}

const MADE: [(Moving, &str, &str, &str); 2] = [
    (Moving::Capture, "captures", "captured_amount", "Capture-Id"),
    (Moving::Refund, "refunds", "refunded_amount", "Refund-Id"),
];

#[tokio::test]
async fn captures_and_refunds_bear_the_transactions_id() {
    for (kind, end, member, header) in MADE {
        let world = world();
        world.answer_with(201, &[(header, CAPTURE)], "");
        let moved = moved_of(perform(&world, move_money(kind)).await);
        assert_eq!(moved, succeeded(CAPTURE));
        let sent = &world.sent()[0];
        assert_eq!((sent.method.as_str(), &sent.target), ("POST", &target(end)));
        assert_eq!(sent.json(), json!({member: 5_000, "reference": SUBJECT}));
    }
}

#[tokio::test]
async fn equal_refunds_of_two_transactions_are_two() {
    let mut keys = Vec::new();
    for subject in [SUBJECT, "zzzzzzzzzz", SUBJECT] {
        let world = world();
        world.answer_with(201, &[("Refund-Id", CAPTURE)], "");
        let mut call = call(move_money(Moving::Refund));
        call.subject = subject.parse().unwrap();
        moved_of(world.perform_call(&call, BUDGET).await);
        keys.push(
            world.sent()[0]
                .header("klarna-idempotency-key")
                .unwrap()
                .to_owned(),
        );
    }
    assert_ne!(keys[0], keys[1]);
    assert_eq!(keys[0], keys[2]);
}

#[tokio::test]
async fn what_klarna_names_no_id_of_is_looked_up_by_our_reference() {
    for (kind, ..) in MADE {
        let world = world();
        world.answer_with(201, &[], "");
        world.answer(200, with_ours(kind));
        let moved = moved_of(perform(&world, move_money(kind)).await);
        assert_eq!(moved, succeeded(CAPTURE));
    }
}

#[tokio::test]
async fn a_refusal_fails_unless_this_very_transaction_was_done_before() {
    for (kind, refused) in [
        (Moving::Capture, "CAPTURE_NOT_ALLOWED"),
        (Moving::Refund, "REFUND_NOT_ALLOWED"),
    ] {
        let world = world();
        world.answer(403, error(refused, "no"));
        world.answer(200, order(json!({})));
        let moved = moved_of(perform(&world, move_money(kind)).await);
        assert_eq!(code(moved), refused);

        world.answer(403, error(refused, "no"));
        world.answer(200, with_ours(kind));
        let moved = moved_of(perform(&world, move_money(kind)).await);
        assert_eq!(moved, succeeded(CAPTURE));

        world.answer(404, error("NO_SUCH_ORDER", "none"));
        world.answer(404, error("NO_SUCH_ORDER", "none"));
        let moved = moved_of(perform(&world, move_money(kind)).await);
        assert_eq!(code(moved), "NO_SUCH_ORDER");
    }
}

#[tokio::test]
async fn what_decides_nothing_is_a_failure_and_no_refusal() {
    for (kind, ..) in MADE {
        let world = world();
        world.answer(409, error("CONFLICT", "another request"));
        let failure = failure_of(perform(&world, move_money(kind)).await);
        assert_eq!(failure, CallFailure::Unavailable(409));
        world.answer(403, error("CAPTURE_NOT_ALLOWED", "no"));
        world.silence().silence().silence();
        failure_of(perform(&world, move_money(kind)).await);
        world.answer(403, error("MERCHANT_INACTIVE", "no"));
        failure_of(perform(&world, move_money(kind)).await);
    }
}

fn kept_fault(world: &World) -> &World {
    let fault = || error("INTERNAL_SERVER_ERROR", "a fault");
    world
        .answer(500, fault())
        .answer(500, fault())
        .answer(500, fault())
}

#[tokio::test]
async fn a_fault_that_klarna_keeps_is_settled_by_what_there_is() {
    for (kind, ..) in MADE {
        let world = super::world();
        kept_fault(&world).answer(200, with_ours(kind));
        let moved = moved_of(perform(&world, move_money(kind)).await);
        assert_eq!(moved, succeeded(CAPTURE));
        assert_eq!(world.sent().len(), 4);
    }
}

#[tokio::test]
async fn what_cannot_be_done_twice_is_asked_past_a_fault_that_klarna_keeps() {
    let world = super::world();
    kept_fault(&world).answer(200, order(json!({})));
    world.answer_with(201, &[("Capture-Id", CAPTURE)], "");
    let whole = Move {
        is_last: true,
        ..moving(Moving::Capture)
    };
    let moved = moved_of(perform(&world, GatewayRequest::Move(whole)).await);
    assert_eq!(moved, succeeded(CAPTURE));
    let sent = world.sent();
    let key = |at: usize| sent[at].header("klarna-idempotency-key").unwrap();
    assert_eq!(key(0), key(2));
    assert_ne!(key(0), key(4));
    assert_eq!(sent[0].body, sent[4].body);
}

#[tokio::test]
async fn what_might_be_done_twice_is_read_again_later() {
    for kind in [Moving::Capture, Moving::Refund] {
        let world = super::world();
        kept_fault(&world).answer(200, order(json!({})));
        let moved = moved_of(perform(&world, move_money(kind)).await);
        assert_eq!(moved, Moved::new(Outcome::Pending, None));
        assert_eq!(world.sent().len(), 4);
    }
}

#[tokio::test]
async fn a_void_cancels_an_order_or_what_is_left_of_it() {
    let part = json!({"status": "PART_CAPTURED", "captured_amount": 5_000, "remaining_authorized_amount": 7_900});
    for (read, end) in [
        (json!({}), "cancel"),
        (part, "release-remaining-authorization"),
    ] {
        let world = world();
        world.answer(200, order(read));
        world.answer_with(204, &[], "");
        let moved = moved_of(perform(&world, move_money(Moving::Void)).await);
        assert_eq!(moved, succeeded(&order_reference()));
        let sent = &world.sent()[1];
        assert_eq!(sent.target, target(end));
        assert_eq!(sent.body, "");
        assert!(sent.header("klarna-idempotency-key").is_some());
    }
}

#[tokio::test]
async fn a_void_that_was_done_before_is_done() {
    let released =
        json!({"status": "CAPTURED", "captured_amount": 5_000, "remaining_authorized_amount": 0});
    for read in [json!({"status": "CANCELLED"}), released] {
        let world = world();
        world.answer(200, order(read));
        let moved = moved_of(perform(&world, move_money(Moving::Void)).await);
        assert_eq!(moved, succeeded(&order_reference()));
        assert_eq!(world.sent().len(), 1);
    }
}

#[tokio::test]
async fn what_cannot_be_voided_any_more_fails_with_the_reason() {
    let world = world();
    world.answer(200, order(json!({"status": "EXPIRED"})));
    let moved = moved_of(perform(&world, move_money(Moving::Void)).await);
    assert_eq!(code(moved), "expired");

    world.answer(404, error("NO_SUCH_ORDER", "none"));
    let moved = moved_of(perform(&world, move_money(Moving::Void)).await);
    assert_eq!(code(moved), "NO_SUCH_ORDER");

    let captured = json!({
        "status": "CAPTURED", "captured_amount": 12_900, "remaining_authorized_amount": 0,
    });
    world.answer(200, order(captured.clone()));
    world.answer(403, error("NOT_ALLOWED", "no"));
    world.answer(200, order(captured));
    let moved = moved_of(perform(&world, move_money(Moving::Void)).await);
    assert_eq!(code(moved), "NOT_ALLOWED");
}

#[tokio::test]
async fn what_became_of_a_transaction_is_found_by_its_reference() {
    for kind in [Moving::Capture, Moving::Void, Moving::Refund] {
        let world = world();
        world.answer(200, with_ours(kind));
        let moved = moved_of(perform(&world, read_moved(kind)).await);
        assert_eq!(moved.outcome, Outcome::Succeeded);
        world.answer(200, order(json!({})));
        let moved = moved_of(perform(&world, read_moved(kind)).await);
        assert_eq!(code(moved), "");
        assert_eq!(world.sent().len(), 2);
    }
    let world = world();
    world.answer(200, order(json!({"status": "EXPIRED"})));
    let moved = moved_of(perform(&world, read_moved(Moving::Capture)).await);
    assert_eq!(code(moved), "expired");
    world.answer(404, error("NO_SUCH_ORDER", "none"));
    refusal_of(perform(&world, read_moved(Moving::Capture)).await);
}

#[tokio::test]
async fn a_noted_transaction_is_repeated_to_the_byte() {
    for kind in [Moving::Capture, Moving::Void, Moving::Refund] {
        let mut call = call(move_money(kind));
        call.noted = crate::klarna::written(&call);
        let noted = call.noted.clone().unwrap();
        let world = world();
        if kind == Moving::Void {
            world.answer(200, order(json!({})));
        }
        world.answer_with(201, &[("Capture-Id", CAPTURE)], "");
        moved_of(world.perform_call(&call, BUDGET).await);
        let sent = world.sent().pop().unwrap();
        assert_eq!(
            sent.header("klarna-idempotency-key"),
            Some(noted.key.as_str())
        );
        assert_eq!(sent.body, noted.body.unwrap_or_default());
    }
}

#[tokio::test]
async fn a_session_holds_nothing_that_could_move() {
    let asked = Move {
        payment: SESSION.to_owned(),
        ..moving(Moving::Capture)
    };
    let world = world();
    let moved = moved_of(perform(&world, GatewayRequest::Move(asked)).await);
    assert_eq!(code(moved), "");
    assert_eq!(world.sent(), []);
}
