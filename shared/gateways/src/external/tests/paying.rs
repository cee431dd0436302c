use domain::gateway::{Books, Decline, Moved, Outcome, Payment, Progress};
use outbound::TransportError;

use super::*;

const MOVES: [(Moving, &str); 3] = [
    (Moving::Capture, "capture_url"),
    (Moving::Void, "void_url"),
    (Moving::Refund, "refund_url"),
];

fn done() -> Value {
    json!({"success": true, "data": {
        "transaction_token": "transaction-1", "amount_cents": 12_900, "metadata": {"acquirer": "b"},
    }})
}

fn pending() -> Value {
    json!({"success": false, "data": {"action_id": "action-1", "metadata": {"a": 1}}})
}

fn declined() -> Value {
    json!({"success": false, "data": {
        "transaction_token": "transaction-1", "error": {"code": "51", "message": "hush"},
    }})
}

async fn authorized(status: u16, body: &Value) -> Payment {
    let world = World::default();
    world.answer(status, body.clone());
    payment_of(perform(&world, authorize()).await)
}

async fn moved(status: u16, body: &Value) -> Moved {
    let world = World::default();
    world.answer(status, body.clone());
    moved_of(perform(&world, GatewayRequest::Move(moving(Moving::Refund))).await)
}

#[tokio::test]
async fn an_authorization_posts_the_document_signed_through_the_guard() {
    let world = World::default();
    world.answer(200, done());
    perform(&world, authorize()).await.unwrap().unwrap();
    let sent = world.sent().remove(0);
    assert_eq!(sent.target, URL.replace("token", "authorize_url"));
    assert_eq!(sent.body, document().to_string());
    assert_eq!(
        sent.header("x-commercelayer-signature"),
        Some("gKoOFx1Ad8qRFVHbd/yaxYumxv6Q6yIN1Q3+MeX7QbQ=") // by Python's hmac
    );
    assert_eq!(sent.key.map(|it| it.len()), Some(64));
    assert!(sent.is_guarded);
}

#[tokio::test]
async fn what_the_gateway_holds_is_held() {
    for status in [200, 201] {
        let payment = authorized(status, &done()).await;
        assert_eq!(payment.progress, Progress::Authorized);
        assert_eq!(payment.reference.as_deref(), Some("transaction-1"));
        assert_eq!(payment.amount, euros());
        let held = Books {
            held: 12_900,
            ..Books::default()
        };
        assert_eq!(payment.books, Some(held));
        assert_eq!(json!(payment.metadata), json!({"acquirer": "b"}));
        assert_eq!(payment.details, json!({"type": "external_payment"}));
    }
    let mut less = done();
    less["data"]["amount_cents"] = json!(9_900);
    let payment = authorized(200, &less).await;
    assert_eq!(
        (payment.amount.cents, payment.books.unwrap().held),
        (9_900, 9_900)
    );
}

#[tokio::test]
async fn all_but_success_may_be_missing_or_odd() {
    let number = "4242".repeat(4);
    for data in [
        json!(null),
        json!([]),
        json!({"transaction_token": 7, "amount_cents": "12900", "metadata": "x"}),
        json!({"transaction_token": number, "amount_cents": -1, "metadata": []}),
        json!({"transaction_token": "a\nb", "metadata": {"long": "x".repeat(33_000)}}),
    ] {
        let body = json!({"success": true, "data": data});
        let payment = authorized(200, &body).await;
        assert_eq!(payment.progress, Progress::Authorized);
        assert_eq!(
            (payment.reference, payment.amount),
            (None, euros()),
            "{body}"
        );
        assert_eq!(payment.metadata, Map::new());
        assert_eq!(moved(200, &body).await.outcome, Outcome::Succeeded);
    }
}

#[tokio::test]
async fn a_card_number_is_not_kept_with_a_transaction() {
    let number = "4242".repeat(4);
    let body = json!({"success": true, "data": {"metadata": {"card": number, "a": 1}}});
    let expected = json!({"card": null, "a": 1});
    assert_eq!(json!(authorized(200, &body).await.metadata), expected);
    assert_eq!(json!(moved(200, &body).await.metadata), expected);
}

#[tokio::test]
async fn what_the_gateway_declines_is_declined_with_its_code_and_our_words() {
    let beside = json!({"success": false, "error": {"code": "51", "message": "hush"}});
    for (status, body) in [(200, declined()), (422, declined()), (400, beside)] {
        let expected = Decline {
            code: Some("51".to_owned()),
            message: "The shop's gateway declined.".to_owned(),
        };
        let payment = authorized(status, &body).await;
        assert_eq!(payment.progress, Progress::Declined);
        assert_eq!(payment.reference, None, "nothing is to be let go of");
        assert_eq!(
            (payment.decline, payment.books),
            (Some(expected.clone()), None)
        );
        assert_eq!(
            moved(status, &body).await.outcome,
            Outcome::Failed(expected)
        );
    }
}

#[tokio::test]
async fn what_the_gateway_decides_later_waits_for_its_action() {
    let payment = authorized(202, &pending()).await;
    assert_eq!(payment.progress, Progress::Authorized);
    assert!(payment.is_undecided());
    assert_eq!(payment.reference.as_deref(), Some("action-1"));
    let moved = moved(202, &pending()).await;
    assert_eq!(moved.outcome, Outcome::Pending);
    assert_eq!(moved.reference.as_deref(), Some("action-1"));
    assert_eq!(json!(moved.metadata), json!({"a": 1}));
}

#[tokio::test]
async fn what_says_neither_yes_nor_no_is_a_failure() {
    let number = "4242".repeat(4);
    for (status, body) in [
        (202, done()),
        (202, json!({"data": {"action_id": ""}})),
        (202, json!({"data": {"action_id": number}})),
        (200, json!({"data": {"transaction_token": "t"}})),
        (200, json!({"success": "true"})),
        (204, json!({"success": true})),
        (404, json!({})),
        (302, done()),
    ] {
        for request in [authorize(), GatewayRequest::Move(moving(Moving::Capture))] {
            let world = World::default();
            world.answer(status, body.clone());
            let failure = failure_of(perform(&world, request).await);
            assert!(
                matches!(failure, CallFailure::NotUnderstood(_)),
                "{status} {body}: {failure}"
            );
        }
    }
    for status in [408, 409, 500, 503] {
        let world = World::default();
        world.answer(status, declined());
        let failure = failure_of(perform(&world, authorize()).await);
        assert_eq!(failure, CallFailure::Unavailable(status));
    }
}

#[tokio::test]
async fn captures_voids_and_refunds_go_to_their_own_urls() {
    for (kind, setting) in MOVES {
        let world = World::default();
        world.answer(200, done());
        let moved = moved_of(perform(&world, GatewayRequest::Move(moving(kind))).await);
        assert_eq!(moved.outcome, Outcome::Succeeded);
        assert_eq!(moved.reference.as_deref(), Some("transaction-1"));
        let sent = world.sent().remove(0);
        assert_eq!(sent.target, URL.replace("token", setting));
        assert_eq!(sent.body, moving(kind).document.unwrap().to_string());
    }
}

#[tokio::test]
async fn a_noted_step_is_repeated_to_the_byte_and_needs_no_document_any_more() {
    let mut requests = vec![authorize()];
    requests.extend(MOVES.map(|(kind, _)| GatewayRequest::Move(moving(kind))));
    for request in requests {
        let mut call = call(request);
        call.noted = crate::external::written(&call);
        let noted = call.noted.clone().unwrap();
        match &mut call.request {
            GatewayRequest::AuthorizePayment(new) => new.document = None,
            GatewayRequest::Move(asked) => asked.document = Some(json!({"later": true})),
            other => panic!("{other:?}"),
        }
        let world = World::default();
        world.answer(200, done());
        world.perform_call(&call, BUDGET).await.unwrap().unwrap();
        let sent = world.sent().remove(0);
        assert_eq!(sent.key, Some(noted.key));
        assert_eq!(Some(sent.body), noted.body);
    }
}

#[tokio::test]
async fn money_that_may_have_moved_is_not_asked_for_again_at_once() {
    for request in [authorize(), GatewayRequest::Move(moving(Moving::Refund))] {
        for error in [
            TransportError::Timeout,
            TransportError::Broken("reset".to_owned()),
        ] {
            let world = World::default();
            world.fail(error);
            failure_of(perform(&world, request.clone()).await);
            assert_eq!(world.sent().len(), 1);
        }
    }
}

#[tokio::test]
async fn failures_of_all_endpoints_open_the_circuit() {
    let world = World::default();
    let requests = [authorize(), GatewayRequest::Move(moving(Moving::Void))];
    for request in requests.iter().cycle().take(30) {
        world.answer(500, json!({}));
        failure_of(perform(&world, request.clone()).await);
    }
    for request in requests {
        let failure = failure_of(perform(&world, request).await);
        assert_eq!(failure, CallFailure::CircuitOpen);
    }
    assert_eq!(world.sent().len(), 30);
}

#[tokio::test]
async fn a_gateway_without_the_url_is_not_asked() {
    let mut call = call(authorize());
    call.settings = settings(json!({"shared_secret": SECRET}));
    let world = World::default();
    let failure = failure_of(world.perform_call(&call, BUDGET).await);
    assert!(failure.to_string().contains("authorize_url"), "{failure}");
    assert_eq!(crate::external::written(&call), None);
    assert_eq!(world.sent(), []);
}
