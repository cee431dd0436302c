use domain::Mode;
use outbound::TransportError;

use super::*;

fn every_request() -> Vec<GatewayRequest> {
    vec![
        create_payment(),
        reuse(TOKEN),
        read_payment(),
        update_payment(Some(new_payment())),
        make_reusable(),
        release(Some(AUTHORIZATION)),
        forget(),
        authorize(),
        authorize_saved(),
        move_money(Moving::Capture),
        move_money(Moving::Void),
        move_money(Moving::Refund),
    ]
}

#[tokio::test]
async fn what_may_go_well_next_time_is_tried_twice_more_as_it_was() {
    let cases = [
        (429, CallFailure::Throttled),
        (500, CallFailure::Unavailable(500)),
        (503, CallFailure::Unavailable(503)),
    ];
    for (status, expected) in cases {
        for request in every_request() {
            let world = world();
            for _ in 0..3 {
                world.answer(status, error("SERVICE_UNAVAILABLE", "busy"));
            }
            assert_eq!(failure_of(perform(&world, request).await), expected);
            let sent = world.sent();
            assert_eq!(sent.len(), 3);
            for again in &sent {
                assert_eq!(again.body, sent[0].body);
                assert_eq!(again.headers, sent[0].headers);
            }
            let pauses: Vec<_> = world.pauses().iter().map(Duration::as_millis).collect();
            assert_eq!(pauses, [500, 1_000]);
        }
    }
}

#[tokio::test]
async fn a_lost_connection_is_tried_again_and_a_forbidden_one_is_not() {
    for request in every_request() {
        let world = world();
        world.fail(TransportError::Broken("reset".to_owned()));
        world.fail(TransportError::NotSent("refused".to_owned()));
        world.fail(TransportError::Timeout);
        assert_eq!(
            failure_of(perform(&world, request.clone()).await),
            CallFailure::TimedOut
        );
        assert_eq!(world.left(), 0);

        let world = super::world();
        world.fail(TransportError::Forbidden("private".to_owned()));
        failure_of(perform(&world, request).await);
        assert_eq!(world.sent().len(), 1);
    }
}

#[tokio::test]
async fn refused_credentials_are_no_answer_to_the_order() {
    for request in every_request() {
        for (status, body) in [
            (401, String::new()),
            (403, String::new()),
            (403, error("MERCHANT_INACTIVE", "closed").to_string()),
        ] {
            let world = world();
            world.answer_with(status, &[], &body);
            assert_eq!(
                failure_of(perform(&world, request.clone()).await),
                CallFailure::CredentialsRefused(status)
            );
            assert_eq!(world.sent().len(), 1);
        }
    }
}

#[tokio::test]
async fn what_does_not_read_is_a_failure_whatever_its_status() {
    for request in [
        create_payment(),
        reuse(TOKEN),
        read_payment(),
        make_reusable(),
    ] {
        for status in [200, 302, 400, 404, 409] {
            let world = world();
            world.answer_with(status, &[], "<html>");
            let failure = failure_of(perform(&world, request.clone()).await);
            assert!(
                matches!(failure, CallFailure::NotUnderstood(_)),
                "{failure}"
            );
        }
    }
}

#[tokio::test]
async fn a_gateway_reaches_the_region_of_its_account_in_its_mode() {
    let cases = [
        ("EU", Mode::Test, "https://api.playground.klarna.com/"),
        ("US", Mode::Test, "https://api-na.playground.klarna.com/"),
        ("OC", Mode::Test, "https://api-oc.playground.klarna.com/"),
        ("EU", Mode::Live, "https://api.klarna.com/"),
        ("US", Mode::Live, "https://api-na.klarna.com/"),
        ("OC", Mode::Live, "https://api-oc.klarna.com/"),
    ];
    for (region, mode, base) in cases {
        let world = world();
        let keys = json!({"country_code": region, "api_key": "K1_abc", "api_secret": "hush"});
        world.credentials(keys);
        world.answer(200, session("incomplete"));
        let mut call = call(read_payment());
        call.tenant.mode = mode;
        payment_of(world.perform_call(&call, BUDGET).await);
        assert!(world.sent()[0].target.starts_with(base), "{region}");
    }
}

#[tokio::test]
async fn credentials_that_cannot_be_used_are_not_sent_nor_repeated() {
    let keys = |user: &str, password: &str| json!({"country_code": "EU", "api_key": user, "api_secret": password});
    let cases = [
        (keys("klarna_live_api_hush", "x"), Mode::Test),
        (keys("x", "klarna_live_api_hush"), Mode::Test),
        (keys("klarna_test_api_hush", "x"), Mode::Live),
        (json!({"api_key": "hush", "api_secret": "hush"}), Mode::Test),
        (
            json!({"country_code": "hush", "api_key": "a", "api_secret": "b"}),
            Mode::Test,
        ),
    ];
    for (credentials, mode) in cases {
        let world = World::default();
        world.credentials(credentials);
        let mut call = call(read_payment());
        call.tenant.mode = mode;
        let failure = failure_of(world.perform_call(&call, BUDGET).await);
        let is_unusable = matches!(failure, CallFailure::CredentialsUnusable { .. });
        assert!(is_unusable, "{failure}");
        assert!(!failure.to_string().contains("hush"), "{failure}");
        assert_eq!(world.sent(), []);
    }
}

#[tokio::test]
async fn klarna_keeps_no_customers() {
    let world = world();
    let request = GatewayRequest::CreateCustomer {
        email: None,
        replaces: None,
    };
    let failure = failure_of(perform(&world, request).await);
    assert_eq!(failure, CallFailure::NoSuchStep("create_customer"));
}
