use super::*;

#[tokio::test]
async fn refusals_are_told_in_our_own_sentences() {
    let invalid = Code::ValidationError;
    let cases = [
        ("token_expired", invalid, "enter the card again"),
        ("token_used", invalid, "used before"),
        ("token_invalid", invalid, "not known"),
        ("source_token_invalid", invalid, "not known"),
        (
            "source_id_not_found",
            Code::PaymentSourceNotReusable,
            "enter the card again",
        ),
        (
            "source_id_customer_mismatch",
            Code::PaymentSourceNotReusable,
            "customer's",
        ),
        (
            "card_not_found",
            Code::PaymentSourceNotReusable,
            "not known",
        ),
        ("card_expired", Code::PaymentDeclined, "expired"),
        ("card_disabled", Code::PaymentDeclined, "cannot be used"),
        (
            "customer_not_found",
            Code::GatewayCustomerUnknown,
            "does not know the customer",
        ),
        ("customer_email_invalid", invalid, "e-mail"),
        ("amount_invalid", invalid, "amount"),
        ("currency_invalid", invalid, "currency"),
        ("success_url_invalid", invalid, "success_url"),
        ("billing_address_country_invalid", invalid, "country"),
        ("something_new", invalid, "does not take this payment"),
    ];
    for (error_code, expected, part) in cases {
        let world = world();
        world.answer(422, error(&["whatever", error_code]));
        let (code, detail) = refusal_of(perform(&world, authorize(with_token())).await);
        assert_eq!(code, expected, "{error_code}");
        assert!(detail.contains(part), "{error_code}: {detail}");
        assert!(
            !detail.contains(error_code) || error_code == part,
            "{detail}"
        );
    }
}

#[tokio::test]
async fn what_says_nothing_about_the_payment_is_a_failure() {
    for status in [401, 403] {
        let world = world();
        world.answer_with(status, &[OWN], "");
        let failure = failure_of(perform(&world, authorize(with_token())).await);
        assert_eq!(failure, CallFailure::CredentialsRefused(status));
    }
    let malformed = json!({"request_id": "1", "error_type": "request_malformed"});
    let cases = [
        (400, malformed, "400"),
        (422, error(&["idempotency_key_reused"]), "idempotency key"),
        (
            422,
            error(&["processing_channel_id_required"]),
            "processing_channel_id",
        ),
    ];
    for (status, answer, part) in cases {
        let world = world();
        world.answer(status, answer);
        let failure = failure_of(perform(&world, authorize(with_token())).await);
        assert!(
            matches!(failure, CallFailure::NotUnderstood(_)),
            "{failure}"
        );
        assert!(failure.to_string().contains(part), "{failure}");
    }
}

#[tokio::test]
async fn garbage_is_a_failure_whatever_its_status() {
    let bodies = [
        "",
        "<html>sk_sbox_hush1234567890</html>",
        "{}",
        "[1,",
        "\u{0}",
    ];
    for request in [create(new_payment()), authorize(with_token())] {
        for status in [200, 302, 400, 404, 418, 422] {
            for body in bodies {
                let world = world();
                world.answer_with(status, &[], body);
                let failure = failure_of(perform(&world, request.clone()).await);
                assert!(
                    matches!(failure, CallFailure::NotUnderstood(_)),
                    "{status} {body}"
                );
                assert!(!failure.to_string().contains("hush"), "{failure}");
            }
        }
    }
}

#[tokio::test]
async fn an_endless_session_is_not_kept() {
    let world = world();
    let mut session = session();
    session["padding"] = json!("x".repeat(40_000));
    world.answer(201, session);
    let failure = failure_of(perform(&world, create(new_payment())).await);
    assert!(matches!(failure, CallFailure::NotUnderstood(_)));
}

#[tokio::test]
async fn missing_and_unreadable_credentials_are_failures_that_repeat_nothing() {
    for credentials in [Value::Null, json!("sk_sbox_hush"), json!({"secret_key": 7})] {
        let world = world();
        world.credentials(credentials);
        let failure = failure_of(perform(&world, create(new_payment())).await);
        let text = failure.to_string();
        assert!(
            text.contains("gateways/enWoxFMOnp/test/WmOodsVPmQ"),
            "{text}"
        );
        assert!(!text.contains("hush"), "{text}");
    }
}
