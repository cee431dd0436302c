use super::*;
use crate::testing::{Log, assert_hides, tries};

#[tokio::test]
async fn each_try_has_a_line_and_no_line_has_a_secret() {
    let log = Log::open();
    let world = world();
    let number = "4242".repeat(4);
    let refused = error(&["token_used", &format!("card {number} sk_sbox_hush12345678")]);
    world.answer_with(502, &[OWN], "sk_sbox_hush12345678");
    world.answer_with(422, &[OWN], &refused.to_string());
    refusal_of(perform(&world, authorize(with_token())).await);

    let text = log.close();
    let calls = tries(&text);
    assert_eq!(calls.len(), 2, "{text}");
    for (line, status) in [(calls[0], "502"), (calls[1], "422")] {
        for part in [
            "gateway=\"checkout_com\"",
            "step=\"authorize_payment\"",
            "0HL80RJLS76I7",
            &format!("status={status}"),
        ] {
            assert!(line.contains(part), "{line}");
        }
    }
    assert!(text.contains("token_used"), "{text}");
    let key = world.sent()[0]
        .header("cko-idempotency-key")
        .unwrap()
        .to_owned();
    assert_hides(
        &text,
        &["hush", &number, TOKEN, CUSTOMER, "shop.test", &key],
    );
}
