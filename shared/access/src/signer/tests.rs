use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Role;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::*;
use crate::testing::{Counting, ISSUER, grant, listed, now, pem, signer};
use crate::{InvalidToken, Issuers};

fn trusting(signer: &Signer) -> Issuers {
    listed(&json!([signer.as_issuer()]).to_string()).unwrap()
}

fn issue(grant: Grant) -> String {
    signer().issue(grant, now(), &Counting::default()).unwrap()
}

fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[test]
fn a_token_says_what_commerce_layers_do() {
    let token = issue(grant());
    let signer = signer();
    let kid = signer.jwks().keys[0].common.key_id.clone().unwrap();
    assert_eq!(
        part(&token, 0),
        json!({"typ": "JWT", "alg": "RS512", "kid": kid})
    );

    let mut claims = part(&token, 1);
    let rand = claims["rand"].take().as_f64().unwrap();
    assert!((0.0..1.0).contains(&rand));
    assert_eq!(
        claims,
        json!({
            "organization": {
                "id": "enWoxFMOnp", "slug": "demo", "enterprise": false, "region": "local",
            },
            "application": {
                "id": "iNXGEiPKVL", "client_id": "demo-sales-channel", "kind": "sales_channel",
                "public": true, "confidential": false,
            },
            "owner": {"id": "jqWerTyUio", "type": "Customer"},
            "market": {
                "id": ["dlQbPhNNop"], "stock_location_ids": [], "geocoder_id": null,
                "allows_external_prices": false,
            },
            "scope": "market:code:europe",
            "exp": 1_725_014_400,
            "iat": 1_725_000_000,
            "test": true,
            "rand": null,
            "iss": "https://auth.localhost",
        })
    );
}

#[test]
fn a_token_of_a_session_says_which_and_is_taken_like_any_other() {
    let session = SessionClaims {
        sid: "session".to_owned(),
        custom_claim: Some(json!({"a": [1, "b"]})),
    };
    let signer = signer();
    let issued = signer.issue_in_session(grant(), session, now(), &Counting::default());
    let token = issued.unwrap();
    let claims = part(&token, 1);
    assert_eq!(claims["sid"], "session");
    assert_eq!(claims["custom_claim"], json!({"a": [1, "b"]}));

    let issuers = trusting(&signer);
    let caller = issuers.verify(&token, now()).unwrap();
    assert_eq!(caller.role, Role::Customer("jqWerTyUio".parse().unwrap()));
    let read = issuers.authentic_claims(&token).unwrap();
    assert_eq!(read.sid.as_deref(), Some("session"));
}

#[test]
fn a_guests_token_has_no_owner_and_a_live_one_says_so() {
    let claims = part(
        &issue(Grant {
            owner: None,
            markets: Vec::new(),
            mode: Mode::Live,
            ..grant()
        }),
        1,
    );
    assert_eq!(claims["test"], false);
    assert!(claims.get("owner").is_none());
    assert!(claims.get("market").is_none());
}

#[test]
fn two_tokens_of_the_same_instant_differ() {
    let (signer, random) = (signer(), Counting::default());
    let first = signer.issue(grant(), now(), &random);
    assert_ne!(first, signer.issue(grant(), now(), &random));
}

#[test]
fn what_is_issued_is_verified_until_it_expires() {
    let signer = signer();
    let issuers = trusting(&signer);
    let token = issue(grant());

    let caller = issuers.verify(&token, now()).unwrap();
    assert_eq!(caller.role, Role::Customer("jqWerTyUio".parse().unwrap()));
    assert_eq!(caller.markets, grant().markets);
    let late = now().plus(TOKEN_LIFETIME).plus(Duration::from_secs(60));
    assert_eq!(issuers.verify(&token, late), Err(InvalidToken::Expired));
}

#[test]
fn the_key_set_is_public_and_its_id_the_thumbprint() {
    let set = serde_json::to_value(signer().jwks()).unwrap();
    let key = &set["keys"][0];
    let members: Vec<&String> = key.as_object().unwrap().keys().collect();
    assert_eq!(members.len(), 6, "{members:?}");
    assert_eq!(key["kty"], "RSA");
    assert_eq!(key["alg"], "RS512");
    assert_eq!(key["use"], "sig");
    assert_eq!(key["e"], "AQAB");
    assert_eq!(key["kid"].as_str().unwrap().len(), 43);
    assert_eq!(
        URL_SAFE_NO_PAD
            .decode(key["n"].as_str().unwrap())
            .unwrap()
            .len(),
        256
    );
}

/// The example of RFC 7638, section 3.1.
#[test]
fn the_thumbprint_is_the_rfcs() {
    let key: Jwk = serde_json::from_value(json!({
        "kty": "RSA",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
        "e": "AQAB",
        "alg": "RS256",
        "kid": "2011-04-29",
    }))
    .unwrap();
    assert_eq!(
        key.thumbprint(ThumbprintHash::SHA256).unwrap(),
        "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    );
}

#[test]
fn a_key_is_shown_nowhere_and_reads_as_the_same_key_again() {
    let (one, two) = (signer(), signer());
    assert_eq!(one.jwks(), two.jwks());
    let line = pem().expose_secret().lines().nth(3).unwrap();
    assert!(!format!("{one:?}").contains(line));
}

#[test]
fn what_is_no_rsa_key_is_refused() {
    let cut = &pem().expose_secret()[..400];
    let empty = "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n";
    for pem in ["", "a key", cut, empty] {
        let refused = Signer::from_pem(&SecretString::from(pem), ISSUER).map(|_| ());
        assert_eq!(refused, Err(KeyError::NotAKey));
    }
}
