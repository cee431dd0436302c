use domain::gateway::{Payment, Progress};

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
        instrument: None,
        attributes: Map::new(),
        details: json!({"type": "external_payment"}),
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
async fn no_payment_is_known_by_a_reference() {
    let payment = "payment-1".to_owned();
    let read = perform(&World::default(), GatewayRequest::ReadPayment { payment }).await;
    assert_eq!(refusal_of(read).0, Code::ValidationError);
}
