use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde_json::json;

use crate::caller::{SECRET, document, gateway, post, read, request, send, signature};

/// Made with `openssl dgst -sha256 -hmac reference-shared-secret -binary | base64`.
const OPENSSLS: (&str, &str) = (
    r#"{"data":{"type":"external_payments"}}"#,
    "eMZNLvziXxZMkcPWopoyDxt9bKztYdCL6PMfg/EpskI=",
);

#[tokio::test]
async fn a_signature_of_another_make_is_taken() {
    let (body, signed) = OPENSSLS;
    let request = request(Method::POST, "/token", body, Some(signed));
    let (status, answer) = read(&send(&gateway(SECRET), request).await.unwrap());
    assert_eq!(status, 422);
    assert_eq!(answer["error"]["code"], "NO_PAYMENT_SOURCE_TOKEN");
}

#[tokio::test]
async fn no_signature_or_a_wrong_one_is_401() {
    let body = document("DXWkhvJpnq", "tok_1").to_string();
    let right = signature(&body, SECRET);
    let of_another_secret = signature(&body, "another-secret");
    let cut = &right[..right.len() - 4];
    let bytes = STANDARD.decode(&right).unwrap();
    let in_hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    for signed in [
        None,
        Some(""),
        Some("not base64!"),
        Some(in_hex.as_str()),
        Some(cut),
        Some(of_another_secret.as_str()),
    ] {
        let request = request(Method::POST, "/token", &body, signed);
        let (status, answer) = read(&send(&gateway(SECRET), request).await.unwrap());
        assert_eq!(status, 401, "{signed:?}");
        assert_eq!(
            answer,
            json!({"success": false, "error": {
                "code": "INVALID_SIGNATURE",
                "message": "X-CommerceLayer-Signature is not the signature of this body.",
            }})
        );
    }
}

#[tokio::test]
async fn a_body_with_one_more_space_is_401() {
    let body = document("DXWkhvJpnq", "tok_1").to_string();
    let signed = signature(&body, SECRET);
    let tampered = body.replacen(':', ": ", 1);
    let request = request(Method::POST, "/token", &tampered, Some(&signed));
    let (status, _) = read(&send(&gateway(SECRET), request).await.unwrap());
    assert_eq!(status, 401);
    assert_eq!(post(&gateway(SECRET), &tampered).await.0, 200);
}

#[tokio::test]
async fn what_is_not_signed_does_not_learn_which_endpoints_there_are() {
    for (method, path, status) in [
        (Method::GET, "/token", 405),
        (Method::GET, "/authorize", 405),
        (Method::POST, "/nothing", 404),
    ] {
        let gateway = gateway(SECRET);
        let unsigned = request(method.clone(), path, "", None);
        assert_eq!(read(&send(&gateway, unsigned).await.unwrap()).0, 401);
        let signed = request(method, path, "", Some(&signature("", SECRET)));
        assert_eq!(read(&send(&gateway, signed).await.unwrap()).0, status);
    }
}
