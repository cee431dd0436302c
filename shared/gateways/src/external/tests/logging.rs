use super::*;
use crate::testing::Log;

#[tokio::test]
async fn the_log_has_the_shops_own_words_and_no_secret() {
    let log = Log::open();
    let number = "4242".repeat(4);
    let world = World::default();
    let refusal = json!({"success": false, "data": {"error": {
        "code": "CARD_DECLINED", "message": format!("no more of {number}"), "token": "hush-1",
    }}});
    refusal_of(save(world.answer(200, refusal)).await);
    failure_of(save(world.answer_with(500, &[], "token=hush-2 out of order")).await);
    reusable_of(save(world.answer(200, answer())).await);

    let text = log.close();
    let calls = text.lines().filter(|it| it.contains("gateway call"));
    assert_eq!(calls.count(), 3, "{text}");
    for part in [
        "gateway=\"external\"",
        "step=\"make_reusable\"",
        "CARD_DECLINED",
        "out of order",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let sent = world.sent().remove(0);
    let signature = sent.header("x-commercelayer-signature").unwrap();
    let key = sent.key.as_deref().unwrap();
    for secret in [
        "hush",
        &number,
        SECRET,
        signature,
        key,
        "token-of-the-shopper",
        "customer-1",
        "source-1",
        "shop.example.com",
    ] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}
