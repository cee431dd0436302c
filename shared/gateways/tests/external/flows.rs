use bytes::Bytes;
use domain::gateway::Expiry;
use domain::refusal::Code;
use gateways::CallFailure;
use serde_json::json;

use crate::shop::Shop;
use crate::shop_parts::performed::{failure_of, refusal_of, reusable_of};

#[tokio::test]
async fn a_signed_save_gets_tokens_and_card() {
    let shop = Shop::open();
    let reusable = reusable_of(shop.save("token-of-the-shopper").await);
    assert!(reusable.customer_token.starts_with("cus_"));
    assert!(reusable.payment_source_token.starts_with("src_"));
    assert_eq!(reusable.name, "XXXX-XXXX-XXXX-4242");
    assert!(reusable.fingerprint.is_some());
    let expiry = Expiry {
        year: 2030,
        month: 12,
    };
    assert_eq!(reusable.expiry, Some(expiry));
    let expected = json!({
        "issuer_type": "credit card",
        "card_type": "visa",
        "card_last_digits": "4242",
        "card_expiry_month": "12",
        "card_expiry_year": "2030",
    });
    assert_eq!(reusable.snapshot["payment_instrument"], expected);
    assert_eq!(reusable.snapshot.len(), 2);
}

#[tokio::test]
async fn tokens_beside_success_and_tokens_without_a_card_are_taken_too() {
    for token in ["toplevel-1", "no-card-1"] {
        let shop = Shop::open();
        let reusable = reusable_of(shop.save(token).await);
        assert!(reusable.payment_source_token.starts_with("src_"));
        assert_eq!(reusable.name, "External payment");
        assert_eq!(json!(reusable.snapshot), json!({"options": {}}));
    }
}

#[tokio::test]
async fn another_card_has_another_name_and_fingerprint() {
    let shop = Shop::open();
    let first = reusable_of(shop.save("token-of-the-shopper").await);
    let same = reusable_of(shop.save("token-of-another-day").await);
    let other = reusable_of(shop.save("other-card-1").await);
    assert_eq!(same.fingerprint, first.fingerprint);
    assert_ne!(same.payment_source_token, first.payment_source_token);
    assert_eq!(other.name, "XXXX-XXXX-XXXX-4444");
    assert_ne!(other.fingerprint, first.fingerprint);
}

#[tokio::test]
async fn a_card_that_the_shop_declines_is_not_kept() {
    let shop = Shop::open();
    let (code, detail) = refusal_of(shop.save("declined-1").await);
    assert_eq!(code, Code::PaymentSourceNotReusable);
    assert!(!detail.contains("declined"), "our sentence: {detail}");
    assert_eq!(shop.circuit().await.failures, 0);
}

#[tokio::test]
async fn a_wrong_secret_is_not_taken_for_a_refusal() {
    let shop = Shop::open().signing_with("yesterdays-shared-secret");
    let failure = failure_of(shop.save("token-of-the-shopper").await);
    assert_eq!(failure, CallFailure::CredentialsRefused(401));
    assert_eq!(shop.requests(), 1);
}

#[tokio::test]
async fn a_request_that_is_tampered_with_is_refused_by_the_gateway() {
    let shop = Shop::with(|request| {
        let body = String::from_utf8(request.body().to_vec()).unwrap();
        *request.body_mut() = Bytes::from(body.replace("12900", "00129"));
    });
    let failure = failure_of(shop.save("token-of-the-shopper").await);
    assert_eq!(failure, CallFailure::CredentialsRefused(401));

    let unsigned = Shop::with(|request| {
        request.headers_mut().remove("x-commercelayer-signature");
    });
    let failure = failure_of(unsigned.save("token-of-the-shopper").await);
    assert_eq!(failure, CallFailure::CredentialsRefused(401));
}
