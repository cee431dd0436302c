use super::*;

#[tokio::test]
async fn an_authorization_is_released_once_or_twice() {
    let gone = error("NOT_FOUND", "Invalid authorization token").to_string();
    for (status, body) in [(204, ""), (404, gone.as_str())] {
        let world = world();
        world.answer_with(status, &[], body);
        done(perform(&world, release(Some(AUTHORIZATION))).await);
        let sent = &world.sent()[0];
        assert_eq!(sent.method, "DELETE");
        assert_eq!(
            sent.target,
            format!("https://api.playground.klarna.com/payments/v1/authorizations/{AUTHORIZATION}")
        );
        assert_eq!(sent.body, "");
    }
}

#[tokio::test]
async fn a_session_that_nobody_approved_lapses_by_itself() {
    let world = world();
    done(perform(&world, release(None)).await);
    done(perform(&world, release(Some("no token/of Klarna's"))).await);
    assert_eq!(world.sent(), []);
}

#[tokio::test]
async fn an_authorization_with_an_order_is_left_to_the_order() {
    let world = world();
    world.answer(
        403,
        error("INVALID_OPERATION", "Authorization token already consumed"),
    );
    let (code, detail) = refusal_of(perform(&world, release(Some(AUTHORIZATION))).await);
    assert_eq!(code, Code::ValidationError);
    assert!(detail.contains("cancelled there"), "{detail}");
}

#[tokio::test]
async fn a_release_that_somebody_elses_404_answers_is_still_owed() {
    let world = world();
    world.answer_with(404, &[], "<h1>Not Found</h1>");
    let failure = failure_of(perform(&world, release(Some(AUTHORIZATION))).await);
    assert!(
        matches!(failure, CallFailure::NotUnderstood(_)),
        "{failure}"
    );
}

#[tokio::test]
async fn a_token_is_cancelled_once_or_twice() {
    let cases = [
        (202, String::new()),
        (403, error("TOKEN_CANCELLED", "gone").to_string()),
        (403, error("TOKEN_CANCELED", "gone").to_string()),
        (404, error("TOKEN_NOT_FOUND", "gone").to_string()),
    ];
    for (status, body) in cases {
        let world = world();
        world.answer_with(status, &[], &body);
        done(perform(&world, forget()).await);
        let sent = &world.sent()[0];
        assert_eq!(sent.method, "PATCH");
        assert_eq!(
            sent.target,
            format!("https://api.playground.klarna.com/customer-token/v1/tokens/{TOKEN}/status")
        );
        assert_eq!(sent.json(), json!({"status": "CANCELLED"}));
    }
}

#[tokio::test]
async fn a_token_of_somebody_else_is_not_counted_as_cancelled() {
    let world = world();
    world.answer(403, error("TOKEN_FORBIDDEN", "no"));
    let (code, _) = refusal_of(perform(&world, forget()).await);
    assert_eq!(code, Code::PaymentSourceNotReusable);
}

#[tokio::test]
async fn what_is_no_token_needs_no_forgetting() {
    let world = world();
    let request = GatewayRequest::Forget {
        payment_source_token: "a/b".to_owned(),
    };
    done(perform(&world, request).await);
    assert_eq!(world.sent(), []);
}
