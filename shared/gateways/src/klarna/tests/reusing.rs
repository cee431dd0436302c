use domain::gateway::Progress;

use super::*;

#[tokio::test]
async fn a_saved_source_shows_its_card_and_opens_nothing() {
    let world = world();
    world.answer(200, token("ACTIVE"));
    let payment = payment_of(perform(&world, reuse(TOKEN)).await);
    let sent = world.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].method, "GET");
    assert_eq!(
        sent[0].target,
        format!("https://api.playground.klarna.com/customer-token/v1/tokens/{TOKEN}")
    );
    assert_eq!(payment.reference, None);
    assert_eq!(payment.amount, amount(12_900, "EUR"));
    assert_eq!(payment.progress, Progress::Open);
    assert_eq!(
        Value::Object(payment.attributes),
        json!({
            "session_id": null, "client_token": null, "payment_methods": null,
            "auth_token": TOKEN, "payment_instrument": card(),
        })
    );
}

#[tokio::test]
async fn a_saved_source_that_is_of_no_use_is_not_reusable() {
    let unknown = error("TOKEN_NOT_FOUND", "Invalid customer-token ID");
    let cases = [
        (200, token("CANCELLED")),
        (200, token("CANCELED")),
        (200, token("SUSPENDED")),
        (404, unknown),
        (403, error("TOKEN_FORBIDDEN", "no")),
        (403, error("TOKEN_SUSPENDED", "no")),
    ];
    for (status, body) in cases {
        let world = world();
        world.answer(status, body);
        let (code, detail) = refusal_of(perform(&world, reuse(TOKEN)).await);
        assert_eq!(code, Code::PaymentSourceNotReusable);
        assert!(detail.contains("pay anew"), "{detail}");
    }
}

#[tokio::test]
async fn what_is_no_token_is_not_reusable_and_not_asked_for() {
    let world = world();
    let (code, _) = refusal_of(perform(&world, reuse("../sessions")).await);
    assert_eq!(code, Code::PaymentSourceNotReusable);
    assert_eq!(world.sent(), []);
}

#[tokio::test]
async fn a_token_in_a_state_that_nobody_knows_is_a_failure() {
    let world = world();
    world.answer(200, token("ASLEEP"));
    let failure = failure_of(perform(&world, reuse(TOKEN)).await);
    assert!(
        matches!(failure, CallFailure::NotUnderstood(_)),
        "{failure}"
    );
}
