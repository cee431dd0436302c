use domain::catalog::Circuit;
use domain::gateway::Circuits;
use outbound::TransportError;

use super::*;
use crate::failure::of_transport;

/// Commerce Layer publishes no description of what shops serve: these are checked by the tests here,
/// and against the reference gateway.
const NOT_PUBLISHED: &[Endpoint] = Endpoint::ALL;

/// What is sent to this endpoint.
async fn sent_to(endpoint: Endpoint) -> Vec<Sent> {
    let world = World::default();
    world.answer(200, answer());
    let request = match endpoint {
        Endpoint::Token => make_reusable(document()),
        Endpoint::Authorize => authorize(),
        Endpoint::Capture => GatewayRequest::Move(moving(Moving::Capture)),
        Endpoint::Void => GatewayRequest::Move(moving(Moving::Void)),
        Endpoint::Refund => GatewayRequest::Move(moving(Moving::Refund)),
    };
    perform(&world, request).await.unwrap().unwrap();
    world.sent()
}

#[tokio::test]
async fn every_endpoint_is_exercised_and_known_to_be_unpublished() {
    for endpoint in Endpoint::ALL {
        assert!(NOT_PUBLISHED.contains(endpoint), "{endpoint:?}");
        assert_eq!(sent_to(*endpoint).await.len(), 1);
    }
}

#[tokio::test]
async fn a_save_posts_the_document_signed_to_the_byte_through_the_guard() {
    let sent = sent_to(Endpoint::Token).await.remove(0);
    assert_eq!((sent.method.as_str(), sent.target.as_str()), ("POST", URL));
    assert_eq!(sent.body, document().to_string());
    for (name, value) in [
        ("content-type", "application/vnd.api+json"),
        ("accept", "application/json"),
        (
            "x-commercelayer-signature",
            "gKoOFx1Ad8qRFVHbd/yaxYumxv6Q6yIN1Q3+MeX7QbQ=", // by Python's hmac
        ),
    ] {
        assert_eq!(sent.header(name), Some(value));
    }
    assert_eq!(sent.header("authorization"), None);
    assert_eq!(sent.key.map(|it| it.len()), Some(64));
    assert!(sent.is_guarded);
    assert_eq!(sent.timeout, Duration::from_secs(5));
    assert_eq!(sent.max_body, 64 * 1024);
}

#[tokio::test]
async fn no_secret_has_to_be_kept_for_it() {
    let world = World::default();
    world.credentials(Value::Null).answer(200, answer());
    reusable_of(save(&world).await);
}

#[tokio::test]
async fn the_deadline_shortens_a_try() {
    let world = World::default();
    world.answer(200, answer());
    let call = call(make_reusable(document()));
    let budget = Duration::from_secs(5);
    reusable_of(world.perform_call(&call, budget).await);
    assert_eq!(world.sent()[0].timeout, Duration::from_secs(3));

    let late = world.perform_call(&call, Duration::from_secs(2)).await;
    assert_eq!(failure_of(late), CallFailure::NoTimeLeft);
    assert_eq!(world.sent().len(), 1);
}

#[tokio::test]
async fn a_repeat_has_the_same_key_though_the_document_tells_another_time() {
    let world = World::default();
    let mut later = document();
    later["data"]["attributes"]["updated_at"] = json!("2026-03-01T12:00:00.000Z");
    let mut for_another = make_reusable(document());
    if let GatewayRequest::MakeReusable(keep) = &mut for_another {
        keep.customer = "customerBB".parse().unwrap();
    }
    let first = call(make_reusable(document()));
    let next_attempt = GatewayCall {
        attempt: 1,
        ..first.clone()
    };
    let calls = [
        first,
        call(make_reusable(later)),
        call(for_another),
        next_attempt,
    ];
    for call in &calls {
        world.answer(200, answer());
        reusable_of(world.perform_call(call, BUDGET).await);
    }
    let keys: Vec<_> = world.sent().into_iter().map(|it| it.key).collect();
    assert_eq!(keys[0], keys[1]);
    assert_ne!(keys[0], keys[2]);
    assert_ne!(keys[0], keys[3]);
}

#[tokio::test]
async fn only_what_was_surely_not_sent_is_sent_again() {
    let not_sent = || TransportError::NotSent("connection refused".to_owned());
    let world = World::default();
    world
        .fail(not_sent())
        .fail(not_sent())
        .answer(200, answer());
    reusable_of(save(&world).await);
    let sent = world.sent();
    assert_eq!(sent.len(), 3);
    assert!(sent.iter().all(|it| *it == sent[0]));
    assert_eq!(world.pauses(), [250, 500].map(Duration::from_millis));

    for error in [
        TransportError::Timeout,
        TransportError::Broken("reset".to_owned()),
        TransportError::TooLarge { limit: 65_536 },
        TransportError::Forbidden("The URL must start with https://.".to_owned()),
    ] {
        let world = World::default();
        let expected = of_transport(error.clone());
        assert_eq!(failure_of(save(world.fail(error)).await), expected);
        assert_eq!(world.sent().len(), 1);
    }
}

#[tokio::test]
async fn what_cannot_be_asked_is_not_sent_and_no_fault_of_the_gateways() {
    let without_document = {
        let mut request = make_reusable(document());
        if let GatewayRequest::MakeReusable(keep) = &mut request {
            keep.document = None;
        }
        call(request)
    };
    let of = |attributes| {
        let request = make_reusable(document());
        call_to(GatewayKind::External, settings(attributes), request)
    };
    let cases = [
        (without_document, "document"),
        (of(json!({ "token_url": URL })), "shared_secret"),
        (
            of(json!({ "token_url": URL, "shared_secret": "" })),
            "shared_secret",
        ),
        (of(json!({ "shared_secret": SECRET })), "token_url"),
        (
            of(json!({ "token_url": "not a url", "shared_secret": SECRET })),
            "cannot be written",
        ),
    ];
    for (call, part) in cases {
        let world = World::default();
        let failure = failure_of(world.perform_call(&call, BUDGET).await);
        assert!(failure.to_string().contains(part), "{failure}");
        assert!(!failure.to_string().contains(SECRET), "{failure}");
        assert!(world.sent().is_empty());
        let state = world.circuits().state(call.tenant, call.gateway).await;
        assert_eq!(state, Ok(Circuit::default()));
    }
}
