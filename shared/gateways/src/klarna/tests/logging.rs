use super::*;
use crate::testing::{Log, assert_hides, tries};

#[tokio::test]
async fn each_try_has_a_line_and_no_line_has_a_secret() {
    let log = Log::open();
    let number = "4242".repeat(4);
    let world = world();
    let words = format!("card {number}, Basic aHVzaGh1c2hodXNoaHVzaA==");
    let id = |id| [("Klarna-Correlation-Id", id)];
    world.answer_with(500, &id("corr-1"), "hush");
    world.answer_with(200, &id("corr-2"), &json!({"token_id": TOKEN}).to_string());
    world.answer_with(
        403,
        &id("corr-3"),
        &error("TOKEN_FORBIDDEN", &words).to_string(),
    );
    reusable_of(perform(&world, make_reusable()).await);

    let text = log.close();
    let calls = tries(&text);
    assert_eq!(calls.len(), 3, "{text}");
    let expected = [
        ("mint_token", "500", "corr-1"),
        ("mint_token", "200", "corr-2"),
        ("read_token", "403", "corr-3"),
    ];
    for (line, (step, status, correlation_id)) in calls.iter().zip(expected) {
        for part in [
            "gateway=\"klarna\"",
            &format!("step=\"{step}\""),
            &format!("status={status}"),
            correlation_id,
        ] {
            assert!(line.contains(part), "{line}");
        }
    }
    assert!(text.contains("TOKEN_FORBIDDEN"), "{text}");
    let key = world.sent()[0]
        .header("klarna-idempotency-key")
        .unwrap()
        .to_owned();
    assert_hides(
        &text,
        &[
            "hush",
            &number,
            "aHVzaGh1",
            AUTHORIZATION,
            TOKEN,
            "joan@example.com",
            "Torstraße",
            &key,
        ],
    );
}
