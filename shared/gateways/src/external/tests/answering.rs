use domain::gateway::{Expiry, Reusable};

use super::*;

#[tokio::test]
async fn tokens_and_card_are_kept_and_nothing_else() {
    for status in [200, 201] {
        let reusable = reusable_of(saved(status, &answer().to_string()).await);
        let expected = Reusable {
            customer_token: "customer-1".to_owned(),
            payment_source_token: "source-1".to_owned(),
            name: "XXXX-XXXX-XXXX-4242".to_owned(),
            fingerprint: Some("print-1".to_owned()),
            expiry: Some(Expiry {
                year: 2030,
                month: 12,
            }),
            snapshot: object(json!({
                "payment_instrument": answer()["data"]["payment_instrument"],
                "options": {},
            })),
        };
        assert_eq!(reusable, expected);
    }
}

#[tokio::test]
async fn tokens_alone_are_enough_in_either_place() {
    let tokens = json!({"customer_token": "customer-1", "payment_source_token": "source-1"});
    let mut beside = tokens.clone();
    beside["success"] = json!(true);
    let mut beside_nothing = beside.clone();
    beside_nothing["data"] = json!([]);
    let mut with_oddities = tokens.clone();
    with_oddities["payment_instrument"] = json!([]);
    with_oddities["fingerprint"] = json!(7);
    for body in [
        json!({"success": true, "data": tokens}),
        json!({ "data": with_oddities }),
        beside,
        beside_nothing,
        tokens,
    ] {
        let reusable = reusable_of(saved(200, &body.to_string()).await);
        assert_eq!(reusable.customer_token, "customer-1");
        assert_eq!(reusable.payment_source_token, "source-1");
        assert_eq!(reusable.name, "External payment");
        assert_eq!((reusable.fingerprint, reusable.expiry), (None, None));
    }
}

#[tokio::test]
async fn tokens_that_cannot_be_are_no_answer() {
    let longest = "x".repeat(255);
    let fits = with_token(&json!(longest));
    assert_eq!(
        reusable_of(saved(200, &fits).await).payment_source_token,
        longest
    );
    let number = "4242".repeat(4);
    for token in [
        json!(null),
        json!(""),
        json!(7),
        json!({"id": "source-1"}),
        json!("x".repeat(256)),
        json!("source\n1"),
        json!("source\u{0}"),
        json!(number),
    ] {
        let failure = failure_of(saved(200, &with_token(&token)).await);
        assert!(
            matches!(&failure, CallFailure::NotUnderstood(text) if text.contains("payment_source_token")),
            "{token}: {failure}"
        );
        assert!(!failure.to_string().contains(&number));
    }
    let mut without_customer = answer();
    without_customer["data"]["customer_token"] = Value::Null;
    let failure = failure_of(saved(200, &without_customer.to_string()).await);
    assert!(failure.to_string().contains("customer_token"), "{failure}");
}

fn with_token(token: &Value) -> String {
    let mut answer = answer();
    answer["data"]["payment_source_token"] = token.clone();
    answer.to_string()
}

#[tokio::test]
async fn a_refusal_is_told_in_our_words_wherever_the_shop_puts_its_own() {
    let error = json!({"code": "CARD_DECLINED", "message": "the shop's own words"});
    for (status, body) in [
        (200, json!({"success": false, "data": {"error": error}})),
        (200, json!({"success": false, "error": error})),
        (200, json!({"success": false})),
        (202, json!({"success": false, "data": []})),
        (
            400,
            json!({"success": false, "error": "the shop's own words"}),
        ),
        (402, json!({"success": false, "data": {"error": error}})),
        (404, json!({"success": false, "error": error})),
        (422, json!({"success": false, "data": answer()["data"]})),
    ] {
        let (code, detail) = refusal_of(saved(status, &body.to_string()).await);
        assert_eq!(code, Code::PaymentSourceNotReusable, "{status} {body}");
        assert!(detail.starts_with("The shop's gateway refused"), "{detail}");
        assert!(!detail.contains("own words"), "{detail}");
    }
}

#[tokio::test]
async fn a_status_that_decides_nothing_is_no_refusal_whatever_the_body_says() {
    use CallFailure::{CredentialsRefused, NotUnderstood, Throttled, Unavailable};

    let says_no = json!({"success": false, "error": {"code": "NO"}}).to_string();
    let redirect = |status| NotUnderstood(format!("status {status}; redirects are not followed"));
    for (status, expected) in [
        (301, redirect("301 Moved Permanently")),
        (302, redirect("302 Found")),
        (307, redirect("307 Temporary Redirect")),
        (401, CredentialsRefused(401)),
        (403, CredentialsRefused(403)),
        (408, Unavailable(408)),
        (409, Unavailable(409)),
        (425, Unavailable(425)),
        (429, Throttled),
        (500, Unavailable(500)),
        (503, Unavailable(503)),
    ] {
        assert_eq!(failure_of(saved(status, &says_no).await), expected);
        assert_eq!(failure_of(saved(status, "").await), expected);
    }
}

#[tokio::test]
async fn what_is_no_answer_of_a_gateways_is_none() {
    let says_yes = answer().to_string();
    for (status, body) in [
        (200, ""),
        (200, "OK"),
        (200, "<html>"),
        (200, "[]"),
        (200, "null"),
        (200, "{}"),
        (200, r#"{"success": true}"#),
        (200, r#"{"success": "false"}"#),
        (200, &says_yes[..says_yes.len() - 1]),
        (202, &says_yes),
        (204, ""),
        (400, "Bad Request"),
        (404, "{}"),
        (422, &says_yes),
    ] {
        let failure = failure_of(saved(status, body).await);
        assert!(
            matches!(failure, CallFailure::NotUnderstood(_)),
            "{status} {body}: {failure}"
        );
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let world = World::default();
    world.answer_with(302, &[("Location", "https://elsewhere.example/")], "");
    failure_of(save(&world).await);
    assert_eq!(world.sent().len(), 1);
}
