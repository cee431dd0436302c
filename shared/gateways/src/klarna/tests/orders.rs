use domain::gateway::{Books, Progress};

use super::*;

fn read_order() -> GatewayRequest {
    GatewayRequest::ReadPayment {
        payment: order_reference(),
    }
}

fn release_order() -> GatewayRequest {
    GatewayRequest::Release {
        payment: Some(order_reference()),
        shopper_token: Some(AUTHORIZATION.to_owned()),
    }
}

#[tokio::test]
async fn an_order_says_what_is_held_captured_and_refunded() {
    let accepted = json!({});
    let pending = json!({"fraud_status": "PENDING"});
    let part = json!({
        "status": "PART_CAPTURED", "captured_amount": 5_000, "refunded_amount": 1_000,
        "remaining_authorized_amount": 7_900,
    });
    let captured = json!({
        "status": "CAPTURED", "captured_amount": 12_900, "remaining_authorized_amount": 0,
    });
    let cancelled = json!({"status": "CANCELLED", "remaining_authorized_amount": 0});
    let closed = json!({"status": "CLOSED", "remaining_authorized_amount": 0});
    let rejected = json!({"status": "CANCELLED", "fraud_status": "REJECTED"});
    for (members, progress, held, captured, refunded) in [
        (accepted, Progress::Authorized, 12_900, 0, 0),
        (pending, Progress::Authorized, 0, 0, 0),
        (part, Progress::Captured, 7_900, 5_000, 1_000),
        (captured, Progress::Captured, 0, 12_900, 0),
        (cancelled, Progress::Released, 0, 0, 0),
        (closed, Progress::Released, 0, 0, 0),
        (rejected, Progress::Declined, 0, 0, 0),
    ] {
        let world = world();
        world.answer(200, order(members.clone()));
        let payment = payment_of(perform(&world, read_order()).await);
        assert_eq!(payment.reference, Some(order_reference()));
        assert_eq!(payment.order, Some("qaMAhZkZvd".parse().unwrap()));
        assert_eq!(payment.amount, amount(12_900, "EUR"));
        assert_eq!(payment.progress, progress, "{members}");
        let books = payment.books.unwrap();
        assert_eq!(
            (books.held, books.captured, books.refunded),
            (held, captured, refunded)
        );
        assert_eq!(payment.is_undecided(), members["fraud_status"] == "PENDING");
        assert_eq!(
            payment.attributes,
            Map::new(),
            "what the source shows stays"
        );
        let sent = &world.sent()[0];
        assert_eq!(
            sent.target,
            format!("https://api.playground.klarna.com/ordermanagement/v1/orders/{ORDER}")
        );
    }
}

#[tokio::test]
async fn a_hold_tells_when_it_ends_and_one_that_has_is_released_as_expired() {
    let world = world();
    world.answer(200, order(json!({})));
    let payment = payment_of(perform(&world, read_order()).await);
    let until = "2027-02-12T08:00:00Z".parse().unwrap();
    assert_eq!(
        payment.books,
        Some(Books {
            held: 12_900,
            holds_until: Some(until),
            ..Books::default()
        })
    );
    world.answer(200, order(json!({"status": "EXPIRED"})));
    let payment = payment_of(perform(&world, read_order()).await);
    assert_eq!(payment.progress, Progress::Released);
    assert_eq!(payment.decline.unwrap().code.as_deref(), Some("expired"));
    assert_eq!(payment.books, Some(Books::default()));
}

#[tokio::test]
async fn an_order_of_another_table_is_not_ours() {
    let mut call = call(read_order());
    call.table.id = "WmOodsVPmQ".to_owned();
    let world = world();
    let data = r#"{"billfold_table":"eqRZMSaNqM"}"#;
    world.answer(200, order(json!({"merchant_data": data})));
    refusal_of(world.perform_call(&call, BUDGET).await);
    world.answer(404, error("NO_SUCH_ORDER", "none"));
    refusal_of(world.perform_call(&call, BUDGET).await);
}

#[tokio::test]
async fn an_order_that_does_not_read_is_no_answer() {
    for members in [
        json!({"status": "LOST"}),
        json!({"purchase_currency": "???"}),
        json!({"expires_at": "soon"}),
        json!({"order_amount": "much"}),
    ] {
        let world = world();
        world.answer(200, order(members.clone()));
        let failure = failure_of(perform(&world, read_order()).await);
        assert!(
            matches!(failure, CallFailure::NotUnderstood(_)),
            "{members}"
        );
    }
}

#[tokio::test]
async fn an_order_is_let_go_of_once_or_twice() {
    let world = world();
    world.answer_with(204, &[], "");
    done(perform(&world, release_order()).await);
    let sent = &world.sent()[0];
    assert!(sent.target.ends_with(&format!("/orders/{ORDER}/cancel")));
    assert!(sent.header("klarna-idempotency-key").is_some());

    world.answer(404, error("NO_SUCH_ORDER", "none"));
    done(perform(&world, release_order()).await);
    for status in ["CANCELLED", "EXPIRED", "CLOSED"] {
        world.answer(403, error("CANCEL_NOT_ALLOWED", "no"));
        world.answer(200, order(json!({"status": status})));
        done(perform(&world, release_order()).await);
    }
}

#[tokio::test]
async fn what_was_captured_of_an_order_is_not_let_go_of() {
    let world = world();
    world.answer(
        403,
        error("CANCEL_NOT_ALLOWED", "Order has previous captures"),
    );
    world.answer(
        200,
        order(json!({"status": "CAPTURED", "captured_amount": 12_900})),
    );
    let (_, detail) = refusal_of(perform(&world, release_order()).await);
    assert!(detail.contains("only be refunded"), "{detail}");
    world.answer(403, error("CANCEL_NOT_ALLOWED", "no"));
    world.answer(200, order(json!({})));
    refusal_of(perform(&world, release_order()).await);
}

#[tokio::test]
async fn an_order_does_not_change() {
    let world = world();
    let request = GatewayRequest::UpdatePayment {
        payment: order_reference(),
        to: Some(new_payment()),
        options: None,
    };
    let (_, detail) = refusal_of(perform(&world, request).await);
    assert!(detail.contains("An order was placed"), "{detail}");
    assert_eq!(world.sent(), []);
}
