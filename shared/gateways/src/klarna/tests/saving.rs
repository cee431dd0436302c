use domain::gateway::{Expiry, Reusable};
use outbound::TransportError;

use super::*;
use crate::testing::Sent;

fn minted() -> Value {
    json!({"token_id": TOKEN, "redirect_url": "https://credit.klarna.com/v1/sessions/x/redirect"})
}

#[tokio::test]
async fn a_token_is_minted_of_the_authorization_and_then_read() {
    let world = world();
    world.answer(200, minted());
    world.answer(200, token("ACTIVE"));
    let reusable = reusable_of(perform(&world, make_reusable()).await);

    let [mint, read] = [0, 1].map(|place| world.sent()[place].clone());
    assert_eq!(mint.method, "POST");
    assert_eq!(
        mint.target,
        format!(
            "https://api.playground.klarna.com/payments/v1/authorizations/{AUTHORIZATION}/customer-token"
        )
    );
    assert_eq!(
        mint.json(),
        json!({
            "description": "Saved for later orders", "intended_use": "SUBSCRIPTION",
            "locale": "de-DE", "purchase_country": "DE", "purchase_currency": "EUR",
        })
    );
    assert_eq!(read.method, "GET");
    assert_eq!(
        read.target,
        format!("https://api.playground.klarna.com/customer-token/v1/tokens/{TOKEN}")
    );
    assert_eq!(
        reusable,
        Reusable {
            customer_token: "customerAA".to_owned(),
            payment_source_token: TOKEN.to_owned(),
            name: "XXXX-XXXX-XXXX-1234".to_owned(),
            fingerprint: None,
            expiry: Some(Expiry {
                year: 2030,
                month: 12
            }),
            snapshot: json!({"payment_instrument": card()})
                .as_object()
                .unwrap()
                .clone(),
        }
    );
}

#[tokio::test]
async fn the_same_mint_has_the_same_uuid_as_its_key_and_another_has_another() {
    let mut next_attempt = call(make_reusable());
    next_attempt.attempt = 1;
    let calls = [call(make_reusable()), call(make_reusable()), next_attempt];
    let mut keys = Vec::new();
    for call in calls {
        let world = world();
        world.answer(200, minted());
        world.answer(200, token("ACTIVE"));
        reusable_of(world.perform_call(&call, BUDGET).await);
        let key = world.sent()[0]
            .header("klarna-idempotency-key")
            .unwrap()
            .to_owned();
        let parts: Vec<_> = key.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12], "{key}");
        assert_eq!(world.sent()[1].header("klarna-idempotency-key"), None);
        keys.push(key);
    }
    assert_eq!(keys[0], keys[1]);
    assert_ne!(keys[0], keys[2]);
}

#[tokio::test]
async fn a_fault_that_klarna_keeps_under_the_key_is_asked_past_with_a_second_one() {
    let fault = || error("INTERNAL_SERVER_ERROR", "a fault");
    let keys = |world: &World| -> Vec<_> {
        let sent = world.sent().into_iter().take(4);
        let key = |sent: &Sent| sent.header("klarna-idempotency-key").map(str::to_owned);
        sent.map(|it| key(&it).unwrap()).collect()
    };
    let mut both = Vec::new();
    for _ in 0..2 {
        let world = world();
        world.answer(500, fault());
        world.answer(500, fault());
        world.answer(500, fault());
        world.answer(200, minted());
        world.answer(200, token("ACTIVE"));
        reusable_of(perform(&world, make_reusable()).await);
        both.push(keys(&world));
    }
    assert_eq!(both[0], both[1]);
    assert_eq!(both[0][0], both[0][2]);
    assert_ne!(both[0][2], both[0][3]);
}

#[tokio::test]
async fn a_source_that_the_shopper_has_not_approved_is_not_ready() {
    let world = world();
    let keep = ToKeep {
        shopper_token: None,
        ..to_keep()
    };
    let (code, detail) = refusal_of(perform(&world, GatewayRequest::MakeReusable(keep)).await);
    assert_eq!(code, Code::PaymentSourceNotReady);
    assert!(detail.contains("auth_token"), "{detail}");
    assert_eq!(world.sent(), []);
}

#[tokio::test]
async fn what_is_no_authorization_token_is_refused_without_asking() {
    let world = world();
    let keep = ToKeep {
        shopper_token: Some("../../sessions".to_owned()),
        ..to_keep()
    };
    refusal_of(perform(&world, GatewayRequest::MakeReusable(keep)).await);
    assert_eq!(world.sent(), []);
}

#[tokio::test]
async fn a_mint_needs_the_buyers_country() {
    for buyer in [None, Some(Buyer::default())] {
        let world = world();
        let keep = ToKeep { buyer, ..to_keep() };
        let request = GatewayRequest::MakeReusable(keep);
        let (_, detail) = refusal_of(perform(&world, request).await);
        assert!(detail.contains("billing address"), "{detail}");
        assert_eq!(world.sent(), []);
    }
}

#[tokio::test]
async fn what_klarna_mints_nothing_of_is_refused_with_what_to_do() {
    let again = "approve the payment again";
    let cases = [
        (
            403,
            error(
                "INVALID_OPERATION",
                "Not allowed to create customer token for intent buy",
            ),
            Code::PaymentSourceNotReusable,
            "gives no token for this payment",
        ),
        (
            403,
            error("INVALID_OPERATION", "Authorization token already consumed"),
            Code::ValidationError,
            again,
        ),
        (
            404,
            error("NOT_FOUND", "Invalid authorization token"),
            Code::ValidationError,
            again,
        ),
        (
            409,
            error("BAD_VALUE", "Not matching fields: [purchase_currency]"),
            Code::ValidationError,
            again,
        ),
        (
            403,
            error("REJECTED", "The purchase was rejected"),
            Code::PaymentDeclined,
            "declined",
        ),
        (
            400,
            tokens_refused(),
            Code::ValidationError,
            "new payment source",
        ),
    ];
    for (status, body, expected, part) in cases {
        let world = world();
        world.answer(status, body);
        let (code, detail) = refusal_of(perform(&world, make_reusable()).await);
        assert_eq!(code, expected, "{detail}");
        assert!(detail.contains(part), "{detail}");
        assert_eq!(world.sent().len(), 1);
    }
}

#[tokio::test]
async fn a_minted_token_is_kept_though_it_cannot_be_read() {
    let unread: [fn(&World); 5] = [
        |world| {
            world.answer(404, error("TOKEN_NOT_FOUND", "not yet"));
        },
        |world| {
            world.answer(403, error("TOKEN_FORBIDDEN", "no"));
        },
        |world| {
            world.answer(200, json!("garbage"));
        },
        |world| {
            world.fail(TransportError::TooLarge { limit: 1 });
        },
        |world| {
            world.silence().silence().silence();
        },
    ];
    for unread in unread {
        let world = world();
        world.answer(200, minted());
        unread(&world);
        let reusable = reusable_of(perform(&world, make_reusable()).await);
        assert_eq!(reusable.payment_source_token, TOKEN);
        assert_eq!(reusable.name, "Klarna");
        assert_eq!(reusable.expiry, None);
        assert_eq!(
            reusable.snapshot["payment_instrument"],
            json!({"issuer_type": "klarna"})
        );
    }
}
