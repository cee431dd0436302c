use serde_json::json;

use super::*;
use crate::testing::{Log, World, assert_hides, tries};

#[tokio::test]
async fn each_try_has_a_line_and_no_line_has_a_secret() {
    let log = Log::open();
    let world = World::default();
    let number = "4242".repeat(4);
    let declined = json!({"error": {
        "type": "card_error", "code": "card_declined", "decline_code": "fraudulent",
        "message": format!("card {number} with sk_test_hush12345678 declined"),
        "payment_intent": intent("requires_payment_method"),
    }});
    world.answer_with(500, &[("Request-Id", "req_1")], "sk_test_hush12345678");
    world.answer_with(402, &[("Request-Id", "req_2")], &declined.to_string());
    refusal_of(world.perform(create_payment()).await);

    let text = log.close();
    let calls = tries(&text);
    assert_eq!(calls.len(), 2, "{text}");
    for (line, of_try) in [
        (calls[0], ["outcome=\"failed\"", "status=500", "req_1"]),
        (calls[1], ["outcome=\"refused\"", "status=402", "req_2"]),
    ] {
        let of_both = [
            "gateway=\"stripe\"",
            "step=\"create_payment\"",
            "duration_ms=0",
            "GatewayCalls=0",
        ];
        for part in of_both.into_iter().chain(of_try) {
            assert!(line.contains(part), "{line}");
        }
    }
    assert!(!text.contains("gateway failed"), "it was refused: {text}");
    assert!(text.contains("fraudulent"), "{text}");
    let key = world.sent()[0].key.clone().unwrap();
    assert_hides(
        &text,
        &["hush", &number, "pm_1", "joan@example.com", "cus_1", &key],
    );
}
