use outbound::TransportError;

use super::*;
use crate::testing::Sent;

fn keys(sent: &[Sent]) -> Vec<&str> {
    let key = |it| Sent::header(it, "cko-idempotency-key");
    sent.iter().filter_map(key).collect()
}

#[tokio::test]
async fn a_fault_is_tried_again_with_the_same_key_and_body() {
    let world = world();
    world.answer_with(502, &[OWN], "");
    world.answer(429, error(&["duplicate_request_detected"]));
    world.answer(201, payment("Authorized"));
    payment_of(perform(&world, authorize(with_token())).await);
    let sent = world.sent();
    let keys = keys(&sent);
    assert_eq!(keys.len(), 3);
    assert!(keys.iter().all(|key| *key == keys[0]));
    assert!(sent.iter().all(|it| it.body == sent[0].body));
}

#[tokio::test]
async fn a_third_fault_leaves_the_outcome_unknown_and_the_next_call_has_the_same_key() {
    let cases = [
        (429, CallFailure::Throttled),
        (500, CallFailure::Unavailable(500)),
        (502, CallFailure::Unavailable(502)),
        (409, CallFailure::Unavailable(409)),
    ];
    for (status, expected) in cases {
        let world = world();
        for _ in 0..3 {
            world.answer_with(status, &[OWN], "");
        }
        let failure = failure_of(perform(&world, authorize(with_token())).await);
        assert_eq!(failure, expected);
        world.answer(201, payment("Authorized"));
        payment_of(perform(&world, authorize(with_token())).await);
        let sent = world.sent();
        let keys = keys(&sent);
        assert_eq!(keys.len(), 4);
        assert_eq!(keys[0], keys[3]);
    }
}

#[tokio::test]
async fn lost_answers_are_asked_for_again_and_forbidden_hosts_are_not() {
    let world = world();
    world.fail(TransportError::Broken("closed".to_owned()));
    world.answer(201, payment("Authorized"));
    payment_of(perform(&world, authorize(with_token())).await);
    assert_eq!(world.sent().len(), 2);

    let forbidden = super::world();
    forbidden.fail(TransportError::Forbidden("10.0.0.1".to_owned()));
    failure_of(perform(&forbidden, authorize(with_token())).await);
    assert_eq!(forbidden.sent().len(), 1);
}

#[tokio::test]
async fn silence_ends_with_the_deadline() {
    let world = world();
    world.silence();
    world.silence();
    let failure = failure_of(perform(&world, authorize(with_token())).await);
    assert_eq!(failure, CallFailure::TimedOut);
    assert_eq!(world.left(), 0);
}

#[tokio::test]
async fn a_body_over_the_cap_is_a_failure_at_once() {
    let world = world();
    world.fail(TransportError::TooLarge { limit: 1 });
    let failure = failure_of(perform(&world, authorize(with_token())).await);
    assert!(matches!(failure, CallFailure::NotUnderstood(_)));
    assert_eq!(world.sent().len(), 1);
}
