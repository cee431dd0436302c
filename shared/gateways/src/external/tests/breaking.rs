use std::sync::atomic::Ordering;

use domain::catalog::Circuit;
use domain::gateway::Circuits;
use outbound::TransportError;

use super::*;

async fn failures(world: &World) -> u32 {
    let call = call(new_payment(None));
    let circuit = world.circuits().state(call.tenant, call.gateway).await;
    circuit.unwrap().failures
}

/// Saves that fail.
async fn fail(world: &World, times: u32) {
    for _ in 0..times {
        failure_of(save(world.answer_with(500, &[], "")).await);
    }
}

#[tokio::test]
async fn after_thirty_failures_in_a_row_the_gateway_is_not_asked_any_more() {
    let world = World::default();
    fail(&world, 30).await;
    for _ in 0..2 {
        assert_eq!(failure_of(save(&world).await), CallFailure::CircuitOpen);
    }
    assert_eq!(world.sent().len(), 30);
    assert_eq!(failures(&world).await, 30);
}

#[tokio::test]
async fn an_open_circuit_holds_up_nothing_that_asks_nobody() {
    let world = World::default();
    fail(&world, 30).await;
    payment_of(perform(&world, new_payment(None)).await);
    let forget = GatewayRequest::Forget {
        payment_source_token: "source-1".to_owned(),
    };
    assert_eq!(perform(&world, forget).await, Ok(Ok(GatewayAnswer::Done)));
}

#[tokio::test]
async fn a_reset_lets_the_gateway_be_asked_again() {
    let world = World::default();
    fail(&world, 30).await;
    let call = call(new_payment(None));
    world.circuits().close(call.tenant, call.gateway);
    reusable_of(save(world.answer(200, answer())).await);
}

#[tokio::test]
async fn an_answer_in_between_begins_the_count_anew() {
    for (status, body) in [(200, answer()), (422, json!({"success": false}))] {
        let world = World::default();
        fail(&world, 29).await;
        save(world.answer(status, body)).await.unwrap().ok();
        assert_eq!(failures(&world).await, 0);
        fail(&world, 29).await;
        reusable_of(save(world.answer(200, answer())).await);
    }
}

#[tokio::test]
async fn where_nothing_fails_nothing_is_written() {
    let world = World::default();
    for _ in 0..3 {
        reusable_of(save(world.answer(200, answer())).await);
    }
    assert_eq!(world.circuits().writes.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn whatever_is_no_answer_counts_once() {
    let world = World::default();
    let not_sent = || TransportError::NotSent("connection refused".to_owned());
    world.fail(not_sent()).fail(not_sent()).fail(not_sent());
    failure_of(save(&world).await);
    assert_eq!(failures(&world).await, 1, "one call, however often tried");

    failure_of(save(world.silence()).await);
    failure_of(save(world.fail(TransportError::Forbidden(String::new()))).await);
    failure_of(save(world.answer_with(200, &[], "garbage")).await);
    failure_of(save(world.answer_with(401, &[], "")).await);
    assert_eq!(failures(&world).await, 5);
}

#[tokio::test]
async fn a_request_that_comes_too_late_is_not_the_gateways_failure() {
    let world = World::default();
    let call = call(make_reusable(document()));
    let late = world.perform_call(&call, Duration::from_secs(1)).await;
    assert_eq!(failure_of(late), CallFailure::NoTimeLeft);
    assert_eq!(failures(&world).await, 0);
}

#[tokio::test]
async fn a_circuit_is_one_gateways() {
    let world = World::default();
    fail(&world, 30).await;
    let mut other = call(make_reusable(document()));
    other.gateway = "zzzzzzzzzz".parse().unwrap();
    world.answer(200, answer());
    reusable_of(world.perform_call(&other, BUDGET).await);
    assert_eq!(Circuit::OPENS_AT, 30);
}
