use domain::gateway::GatewayRequest;
use domain::refusal::Code;
use serde_json::{Value, json};

use super::*;
use crate::testing::World;

#[tokio::test]
async fn refusals_are_told_in_our_own_sentences() {
    let invalid = "invalid_request_error";
    let cases = [
        (
            402,
            "card_error",
            "card_declined",
            "",
            Code::PaymentDeclined,
            "declined",
        ),
        (
            402,
            "card_error",
            "expired_card",
            "",
            Code::PaymentDeclined,
            "expired",
        ),
        (
            400,
            invalid,
            "resource_missing",
            "payment_method",
            Code::ValidationError,
            "payment method is not known at the gateway",
        ),
        (
            404,
            invalid,
            "resource_missing",
            "customer",
            Code::GatewayCustomerUnknown,
            "does not know the customer",
        ),
        (
            404,
            invalid,
            "resource_missing",
            "intent",
            Code::ValidationError,
            "not known",
        ),
        (
            400,
            invalid,
            "amount_too_small",
            "amount",
            Code::ValidationError,
            "smallest",
        ),
        (
            400,
            invalid,
            "email_invalid",
            "receipt_email",
            Code::ValidationError,
            "e-mail",
        ),
        (
            400,
            invalid,
            "payment_intent_unexpected_state",
            "",
            Code::ValidationError,
            "new payment source",
        ),
        (
            400,
            invalid,
            "",
            "currency",
            Code::ValidationError,
            "currency",
        ),
        (
            400,
            invalid,
            "parameter_unknown",
            "xyz",
            Code::ValidationError,
            "options",
        ),
    ];
    for (status, kind, code, param, expected, part) in cases {
        let world = World::default();
        world.answer(status, error(kind, code, param));
        let (refused, detail) = refusal_of(world.perform(create_payment()).await);
        assert_eq!(refused, expected, "{code}");
        assert!(detail.contains(part), "{code}: {detail}");
        assert!(!detail.contains("Stripe's own words"), "{detail}");
    }
}

#[tokio::test]
async fn methods_of_other_customers_are_known_by_stripes_wording() {
    let messages = [
        "The PaymentMethod pm_1 does not belong to the Customer cus_1.",
        "The customer does not have a payment method with the ID pm_1. The payment method must be attached to the customer. It belongs to a different customer.",
        "The payment method you provided has already been attached to a customer.",
        "The provided PaymentMethod cannot be used. It belongs to the Customer cus_2.",
    ];
    for message in messages {
        let world = World::default();
        world.answer(
            400,
            json!({"error": {"type": "invalid_request_error", "message": message}}),
        );
        let (code, detail) = refusal_of(world.perform(create_payment()).await);
        assert_eq!(code, Code::PaymentSourceNotReusable, "{message}");
        assert!(!detail.contains("cus_"), "{detail}");
    }
}

#[tokio::test]
async fn what_says_nothing_about_the_payment_is_a_failure() {
    let refused = |status| CallFailure::CredentialsRefused(status);
    for status in [401, 403] {
        let world = World::default();
        world.answer(status, error("invalid_request_error", "", ""));
        let failure = failure_of(world.perform(create_payment()).await);
        assert_eq!(failure, refused(status));
    }
    let world = World::default();
    world.answer(400, error("idempotency_error", "", ""));
    let failure = failure_of(world.perform(create_payment()).await);
    assert!(failure.to_string().contains("idempotency key"), "{failure}");
}

#[tokio::test]
async fn only_a_missing_payment_is_an_answer_to_reading_it() {
    let world = World::default();
    world.answer(404, invalid("resource_missing"));
    let (code, _) = refusal_of(world.perform(read_payment()).await);
    assert_eq!(code, Code::ValidationError);

    let world = World::default();
    world.answer(400, invalid(""));
    let failure = failure_of(world.perform(read_payment()).await);
    assert!(matches!(failure, CallFailure::NotUnderstood(_)));
}

#[tokio::test]
async fn garbage_is_a_failure_whatever_its_status() {
    let bodies = [
        "",
        "<html>sk_live_hush1234567890</html>",
        "{}",
        "[1,",
        "\u{0}",
    ];
    for status in [200, 302, 400, 402, 404, 418] {
        for body in bodies {
            let world = World::default();
            world.answer_with(status, &[], body);
            let failure = failure_of(world.perform(create_payment()).await);
            assert!(
                matches!(failure, CallFailure::NotUnderstood(_)),
                "{status} {body}"
            );
            assert!(!failure.to_string().contains("hush"), "{failure}");
        }
    }
}

#[tokio::test]
async fn a_reference_that_is_none_never_becomes_another_path() {
    for payment in [
        "",
        "pi_1/cancel",
        "../customers",
        "pi_1?expand[]=customer",
        "pi 1",
        "pi_ü",
    ] {
        let world = World::default();
        let request = GatewayRequest::ReadPayment {
            payment: payment.to_owned(),
        };
        let (code, _) = refusal_of(world.perform(request).await);
        assert_eq!(code, Code::ValidationError);
        assert_eq!(world.sent(), []);
    }
}

#[tokio::test]
async fn missing_and_unreadable_credentials_are_failures_that_name_where_they_are_kept() {
    for credentials in [Value::Null, json!("sk_test_hush"), json!({"login": 7})] {
        let world = World::default();
        world.credentials(credentials);
        let failure = failure_of(world.perform(create_payment()).await);
        let text = failure.to_string();
        assert!(
            text.contains("gateways/enWoxFMOnp/test/WmOodsVPmQ"),
            "{text}"
        );
        assert!(!text.contains("hush"), "{text}");
    }
}
