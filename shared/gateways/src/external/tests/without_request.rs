use domain::gateway::{Outcome, Payment, Progress};

use super::*;

#[tokio::test]
async fn a_payment_is_opened_without_asking_anybody() {
    let world = World::default();
    let opened = payment_of(perform(&world, new_payment(None)).await);
    let expected = Payment {
        reference: None,
        order: None,
        amount: euros(),
        customer_token: None,
        progress: Progress::Open,
        failed: false,
        decline: None,
        books: None,
        instrument: None,
        attributes: Map::new(),
        details: json!({"type": "external_payment"}),
        metadata: Map::new(),
    };
    assert_eq!(opened, expected);

    let again = payment_of(perform(&world, new_payment(Some("source-1"))).await);
    let attributes = object(json!({"payment_source_token": "source-1"}));
    assert_eq!(
        again,
        Payment {
            attributes,
            ..expected
        }
    );
    assert!(world.sent().is_empty());
}

#[tokio::test]
async fn letting_go_and_forgetting_are_done_without_asking_anybody() {
    let world = World::default();
    let release = GatewayRequest::Release {
        payment: None,
        shopper_token: Some("token-of-the-shopper".to_owned()),
    };
    let forget = GatewayRequest::Forget {
        payment_source_token: "source-1".to_owned(),
    };
    for request in [release, forget] {
        assert_eq!(perform(&world, request).await, Ok(Ok(GatewayAnswer::Done)));
    }
    assert!(world.sent().is_empty());
}

#[tokio::test]
async fn what_an_authorization_holds_cannot_be_asked_and_is_not_taken_for_gone() {
    let read = |payment: &str| GatewayRequest::ReadPayment {
        payment: payment.to_owned(),
    };
    let world = World::default();
    let failure = failure_of(perform(&world, read("transaction-1")).await);
    assert_eq!(failure, CallFailure::NoSuchStep("read_payment"));
    let refused = perform(&world, read("")).await;
    assert_eq!(refusal_of(refused).0, Code::ValidationError);
    assert!(world.sent().is_empty());
}

#[tokio::test]
async fn what_an_authorization_holds_is_not_let_go_of_without_the_gateway() {
    let release = GatewayRequest::Release {
        payment: Some("transaction-1".to_owned()),
        shopper_token: None,
    };
    let world = World::default();
    let (_, detail) = refusal_of(perform(&world, release).await);
    assert!(detail.contains("voiding"), "{detail}");
    assert!(world.sent().is_empty());
}

#[tokio::test]
async fn what_became_of_a_transaction_is_for_the_gateway_to_say() {
    let request = GatewayRequest::ReadMoved {
        asked: moving(Moving::Refund),
        reference: Some("action-1".to_owned()),
    };
    let moved = moved_of(perform(&World::default(), request).await);
    assert_eq!(moved.outcome, Outcome::Pending);
    assert_eq!(moved.reference.as_deref(), Some("action-1"));
}
