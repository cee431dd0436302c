use super::*;
use crate::testing::{Log, assert_hides, tries};

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
    assert_eq!(tries(&text).len(), 3, "{text}");
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
    assert_hides(
        &text,
        &[
            "hush",
            &number,
            SECRET,
            signature,
            key,
            "token-of-the-shopper",
            "customer-1",
            "source-1",
            "shop.example.com",
        ],
    );
}
