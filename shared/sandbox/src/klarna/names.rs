//! Ids as Klarna makes them, and what the names of authorization tokens mean here.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use crate::idempotency::hash;
use crate::ids::Ids;
use crate::test_values::{Paying, TestValue};

/// A random UUID.
pub(super) fn uuid(ids: &Ids) -> String {
    let digits = hash(&ids.make("", 32));
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    format!(
        "{}-{}-4{}-a{}-{}",
        part(0, 8),
        part(8, 12),
        part(12, 15),
        part(15, 18),
        part(18, 30)
    )
}

/// A token for the page: a JWT that nobody verifies.
pub(super) fn client_token(ids: &Ids, session_id: &str, country: &str) -> String {
    let header = json!({"alg": "RS256", "kid": "sandbox"});
    let payload = json!({
        "session_id": session_id,
        "purchase_country": country,
        "environment": "playground",
        "session_type": "PAYMENTS",
        "design": "klarna",
    });
    let signature = ids.make("", 32) + &ids.make("", 32);
    [header.to_string(), payload.to_string(), signature]
        .map(|part| URL_SAFE_NO_PAD.encode(part))
        .join(".")
}

/// True for a text that can be an authorization token that nobody has seen.
pub(super) fn may_be_authorization_token(text: &str) -> bool {
    let is_short = (1..=255).contains(&text.len());
    is_short
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// An authorization that has passed its 60 minutes.
pub(super) fn is_expired(authorization_token: &str) -> bool {
    authorization_token.starts_with("expired-")
}

/// An authorization whose order or customer token Klarna refuses.
pub(super) fn is_rejected(authorization_token: &str) -> bool {
    authorization_token.starts_with("rejected-")
}

/// An authorization for whose orders, and those of its customer token, Klarna takes hours to decide.
pub(super) fn is_pending(authorization_token: &str) -> bool {
    authorization_token.starts_with("pending-")
}

/// The beginnings of authorization tokens.
pub(super) fn test_values() -> Vec<TestValue> {
    use Paying::{Approved, Asks, Declined, Otherwise};

    [
        ("", Approved, "approved; saved, a Visa 1234"),
        ("invoice-", Approved, "approved; saved, pays by invoice"),
        ("direct-debit-", Approved, "approved; saved, a bank account"),
        ("step-up-", Asks, "approved; saved, Klarna asks next time"),
        ("rejected-", Declined, "Klarna rejects the order"),
        ("pending-", Otherwise, "Klarna takes hours to decide"),
        (
            "suspended-",
            Otherwise,
            "approved; refused once it is saved",
        ),
        (
            "unavailable-",
            Otherwise,
            "approved; saved, unavailable the next time",
        ),
        (
            "expired-",
            Otherwise,
            "an agreement that is too old: refused",
        ),
    ]
    .map(|(value, paying, words)| TestValue::beginning(value, paying, words))
    .into()
}

/// The URL through which Klarna would send the shopper, to remember the browser.
pub(super) fn redirect_url(ids: &Ids, base_url: &str) -> String {
    format!("{base_url}/v1/sessions/{}/redirect", uuid(ids))
}
