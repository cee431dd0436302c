use secrecy::ExposeSecret;
use std::sync::OnceLock;
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Role;
use jsonwebtoken::jwk::{Jwk, PublicKeyUse};
use jsonwebtoken::{EncodingKey, Header};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::testing::{Counting, ISSUER, everybody, grant, listed, now, pem, signer};

const OTHER: &str = "https://auth.elsewhere.test";

fn trusting(jwk: &Jwk) -> Issuers {
    let set = json!([{"iss": ISSUER, "jwks": {"keys": [jwk]}, "speaks_for": everybody()}]);
    listed(&set.to_string()).unwrap()
}

fn rsa() -> EncodingKey {
    EncodingKey::from_rsa_pem(pem().expose_secret().as_bytes()).unwrap()
}

fn jwk() -> Jwk {
    signer().jwks().keys.remove(0)
}

/// An elliptic-curve key in PKCS#8, made once per process.
fn p256() -> EncodingKey {
    static KEY: OnceLock<Vec<u8>> = OnceLock::new();
    let der = KEY.get_or_init(|| {
        let random = SystemRandom::new();
        let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random);
        key.unwrap().as_ref().to_vec()
    });
    EncodingKey::from_ec_der(der)
}

fn with_id(mut jwk: Jwk, id: &str) -> Jwk {
    jwk.common.key_id = Some(id.to_owned());
    jwk
}

/// A guest's claims at [`now`].
fn claims() -> Value {
    let mut grant = grant();
    grant.owner = None;
    let token = signer().issue(grant, now(), &Counting::default()).unwrap();
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn header(algorithm: Algorithm, id: Option<&str>) -> Header {
    let mut header = Header::new(algorithm);
    header.kid = id.map(str::to_owned);
    header
}

fn sign(algorithm: Algorithm, id: &str, claims: &Value, key: &EncodingKey) -> String {
    jsonwebtoken::encode(&header(algorithm, Some(id)), claims, key).unwrap()
}

/// Verifies a token with `changes` in place of its claims, signed by the trusted issuer.
fn verify_changed(changes: Value) -> Result<Caller, InvalidToken> {
    let mut claims = claims();
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    let key = with_id(jwk(), "k1");
    trusting(&key).verify(&sign(Algorithm::RS512, "k1", &claims, &rsa()), now())
}

/// A token whose parts are these, and its signature the other part.
fn unsigned(header: &Value, signature: &str) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{signature}", part(header), part(&claims()))
}

#[test]
fn rs256_rs512_and_es256_are_taken() {
    let mut any_rsa = with_id(jwk(), "k1");
    any_rsa.common.key_algorithm = None;
    let ec = with_id(
        Jwk::from_encoding_key(&p256(), Algorithm::ES256).unwrap(),
        "k1",
    );
    for (algorithm, jwk, key) in [
        (Algorithm::RS256, &any_rsa, rsa()),
        (Algorithm::RS512, &any_rsa, rsa()),
        (Algorithm::ES256, &ec, p256()),
    ] {
        let token = sign(algorithm, "k1", &claims(), &key);
        let caller = trusting(jwk).verify(&token, now()).unwrap();
        assert_eq!(caller.role, Role::Guest, "{algorithm:?}");
    }
}

#[test]
fn other_algorithms_are_refused_with_a_key_that_could_check_them() {
    let mut key = with_id(jwk(), "k1");
    key.common.key_algorithm = None;
    let issuers = trusting(&key);
    for algorithm in [Algorithm::RS384, Algorithm::PS256, Algorithm::PS512] {
        let token = sign(algorithm, "k1", &claims(), &rsa());
        let result = issuers.verify(&token, now());
        assert_eq!(result, Err(InvalidToken::Algorithm), "{algorithm:?}");
    }
}

#[test]
fn a_public_key_is_no_shared_secret() {
    let issuers = trusting(&with_id(jwk(), "k1"));
    let public = serde_json::to_string(&jwk()).unwrap();
    for secret in [public.as_str(), "cl", ""] {
        let key = EncodingKey::from_secret(secret.as_bytes());
        for algorithm in [Algorithm::HS256, Algorithm::HS512] {
            let token = sign(algorithm, "k1", &claims(), &key);
            assert_eq!(issuers.verify(&token, now()), Err(InvalidToken::Algorithm));
        }
    }
}

#[test]
fn an_unsigned_token_is_refused() {
    let issuers = trusting(&with_id(jwk(), "k1"));
    for name in ["none", "None", "NONE", ""] {
        let token = unsigned(&json!({"alg": name, "kid": "k1"}), "");
        assert_eq!(issuers.verify(&token, now()), Err(InvalidToken::Malformed));
    }
    let token = unsigned(&json!({"alg": "RS512", "kid": "k1"}), "");
    assert_eq!(issuers.verify(&token, now()), Err(InvalidToken::Signature));
}

#[test]
fn the_keys_own_algorithm_binds() {
    let token = sign(Algorithm::RS256, "k1", &claims(), &rsa());
    let issuers = trusting(&with_id(jwk(), "k1"));
    assert_eq!(issuers.verify(&token, now()), Err(InvalidToken::UnknownKey));
}

#[test]
fn a_key_has_to_be_named_and_known() {
    let issuers = trusting(&with_id(jwk(), "k1"));
    for id in [None, Some("k2"), Some("")] {
        let header = header(Algorithm::RS512, id);
        let token = jsonwebtoken::encode(&header, &claims(), &rsa()).unwrap();
        assert_eq!(issuers.verify(&token, now()), Err(InvalidToken::UnknownKey));
    }
}

#[test]
fn a_critical_extension_is_refused() {
    let mut header = header(Algorithm::RS512, Some("k1"));
    header.crit = Some(vec!["b64".to_owned()]);
    let token = jsonwebtoken::encode(&header, &claims(), &rsa()).unwrap();
    let issuers = trusting(&with_id(jwk(), "k1"));
    assert_eq!(issuers.verify(&token, now()), Err(InvalidToken::Malformed));
}

#[test]
fn an_issuer_signs_in_its_own_name_only() {
    let ec = Jwk::from_encoding_key(&p256(), Algorithm::ES256).unwrap();
    let list = json!([
        {"iss": ISSUER, "jwks": {"keys": [with_id(jwk(), "k1")]}, "speaks_for": everybody()},
        {"iss": OTHER, "jwks": {"keys": [with_id(ec, "k2")]}, "speaks_for": everybody()},
    ]);
    let issuers = listed(&list.to_string()).unwrap();

    let mut others = claims();
    others["iss"] = json!(OTHER);
    let own = sign(Algorithm::ES256, "k2", &others, &p256());
    assert!(issuers.verify(&own, now()).is_ok());
    let borrowed_name = sign(Algorithm::RS512, "k1", &others, &rsa());
    assert_eq!(
        issuers.verify(&borrowed_name, now()),
        Err(InvalidToken::UnknownKey)
    );
    let borrowed_id = sign(Algorithm::RS512, "k2", &others, &rsa());
    assert_eq!(
        issuers.verify(&borrowed_id, now()),
        Err(InvalidToken::UnknownKey)
    );
    others["iss"] = json!("https://auth.nobody.test");
    let nobodys = sign(Algorithm::RS512, "k1", &others, &rsa());
    assert_eq!(
        issuers.verify(&nobodys, now()),
        Err(InvalidToken::UnknownIssuer)
    );
    for name in [json!([ISSUER, OTHER]), json!(""), Value::Null] {
        assert!(verify_changed(json!({"iss": name})).is_err(), "{name}");
    }
}

#[test]
fn an_issuer_speaks_for_those_alone_that_it_is_trusted_with() {
    let result = |speaks_for: Value| {
        let issuer = json!({"iss": ISSUER, "jwks": {"keys": [with_id(jwk(), "k1")]},
            "speaks_for": speaks_for});
        let issuers = listed(&json!([issuer]).to_string()).unwrap();
        let token = sign(Algorithm::RS512, "k1", &claims(), &rsa());
        assert_eq!(
            issuers.authentic_claims(&token).map(|_| ()),
            issuers.verify(&token, now()).map(|_| ())
        );
        issuers.verify(&token, now()).map(|_| ())
    };
    let own = claims()["organization"]["id"].clone();
    let reach = |organization: &Value, mode: &str, kind: &str| json!({"organization": organization, "modes": [mode], "kinds": [kind]});
    assert_eq!(
        result(json!([reach(&own, "test", "sales_channel")])),
        Ok(())
    );
    for too_little in [
        json!([]),
        json!([reach(&json!("enOtherShp"), "test", "sales_channel")]),
        json!([reach(&own, "live", "sales_channel")]),
        json!([reach(&own, "test", "integration")]),
        json!([{"organization": own, "modes": [], "kinds": []}]),
    ] {
        assert_eq!(
            result(too_little.clone()),
            Err(InvalidToken::Reach),
            "{too_little}"
        );
    }
    let unsaid = json!([{"iss": ISSUER, "jwks": {"keys": [with_id(jwk(), "k1")]}}]);
    let issuers = listed(&unsaid.to_string()).unwrap();
    let token = sign(Algorithm::RS512, "k1", &claims(), &rsa());
    assert_eq!(issuers.verify(&token, now()), Err(InvalidToken::Reach));
}

#[test]
fn two_issuers_may_have_keys_of_one_id() {
    let mut ec = Jwk::from_encoding_key(&p256(), Algorithm::ES256).unwrap();
    ec.common.key_id = Some("k1".to_owned());
    let list = json!([
        {"iss": OTHER, "jwks": {"keys": [ec]}, "speaks_for": everybody()},
        {"iss": ISSUER, "jwks": {"keys": [with_id(jwk(), "k1")]}, "speaks_for": everybody()},
    ]);
    let issuers = listed(&list.to_string()).unwrap();
    let token = sign(Algorithm::RS512, "k1", &claims(), &rsa());
    assert!(issuers.verify(&token, now()).is_ok());
}

#[test]
fn a_token_ends_at_its_expiry_give_or_take_half_a_minute() {
    let seconds = now().unix_seconds();
    for (exp, result) in [
        (seconds + 1, Ok(())),
        (seconds - 29, Ok(())),
        (seconds - 30, Err(InvalidToken::Expired)),
        (seconds - 3_600, Err(InvalidToken::Expired)),
        (0, Err(InvalidToken::Expired)),
        (i64::MIN, Err(InvalidToken::Expired)),
    ] {
        assert_eq!(
            verify_changed(json!({"exp": exp})).map(drop),
            result,
            "{exp}"
        );
    }
}

#[test]
fn a_token_of_the_future_is_not_valid_yet() {
    let seconds = now().unix_seconds();
    for claim in ["iat", "nbf"] {
        assert!(verify_changed(json!({claim: seconds + 30})).is_ok());
        let future = verify_changed(json!({claim: seconds + 31}));
        assert_eq!(future, Err(InvalidToken::NotYetValid), "{claim}");
    }
}

#[test]
fn the_time_is_the_callers_and_not_the_systems() {
    let token = sign(Algorithm::RS512, "k1", &claims(), &rsa());
    let issuers = trusting(&with_id(jwk(), "k1"));
    assert!(issuers.verify(&token, now()).is_ok());
    let later = now().plus(Duration::from_secs(5 * 60 * 60));
    assert_eq!(issuers.verify(&token, later), Err(InvalidToken::Expired));
}

#[test]
fn a_token_for_another_audience_is_refused() {
    for audience in [json!("another-api"), json!(["another-api"])] {
        let result = verify_changed(json!({"aud": audience}));
        assert_eq!(result, Err(InvalidToken::Audience), "{audience}");
    }
}

#[test]
fn a_changed_token_is_refused() {
    let token = sign(Algorithm::RS512, "k1", &claims(), &rsa());
    let issuers = trusting(&with_id(jwk(), "k1"));
    let parts: Vec<&str> = token.split('.').collect();
    let mut other = claims();
    other["test"] = json!(false);
    let other = URL_SAFE_NO_PAD.encode(other.to_string());

    let changed = format!("{}.{other}.{}", parts[0], parts[2]);
    assert_eq!(
        issuers.verify(&changed, now()),
        Err(InvalidToken::Signature)
    );
    for broken in [
        "",
        "a",
        "a.b",
        "a.b.c",
        "a.b.c.d",
        &token[1..],
        &format!("{token}="),
    ] {
        assert!(issuers.verify(broken, now()).is_err(), "{broken}");
    }
    let long = format!("{token}{}", "A".repeat(MAX_LENGTH));
    assert_eq!(issuers.verify(&long, now()), Err(InvalidToken::Malformed));
}

#[test]
fn a_list_of_issuers_is_used_as_it_is_or_not_at_all() {
    let good = with_id(jwk(), "k1");
    let mut encrypting = good.clone();
    encrypting.common.public_key_use = Some(PublicKeyUse::Encryption);
    let mut nameless = good.clone();
    nameless.common.key_id = None;
    let secret = json!({"kty": "oct", "k": "Y2w", "kid": "k1", "alg": "HS512"});
    for key in [json!(encrypting), json!(nameless), secret] {
        let list = json!([{"iss": ISSUER, "jwks": {"keys": [key]}}]);
        let refused = listed(&list.to_string()).unwrap_err();
        assert!(matches!(refused, IssuersError::NoUsableKey(_)), "{refused}");

        let beside = json!([{"iss": ISSUER, "jwks": {"keys": [key, good]}}]);
        assert!(listed(&beside.to_string()).is_ok());
    }

    let issuer = json!({"iss": ISSUER, "jwks": {"keys": [good]}});
    let twice = listed(&json!([issuer, issuer]).to_string());
    assert!(matches!(twice, Err(IssuersError::Twice(_))));
    for speaks_for in [
        json!("*"),
        json!([{"organization": "*"}]),
        json!([{"organization": "*", "modes": ["test"], "kinds": ["webapp"]}]),
        json!([{"organization": "*", "modes": ["test"], "kinds": [], "roles": []}]),
    ] {
        let list = json!([{"iss": ISSUER, "jwks": {"keys": [good]}, "speaks_for": speaks_for}]);
        assert!(listed(&list.to_string()).is_err(), "{speaks_for}");
    }
    for text in ["", "{}", "[{}]", r#"[{"jwks":{"keys":[]}}]"#] {
        assert!(matches!(listed(text), Err(IssuersError::Shape(_))));
    }
}

#[test]
fn who_trusts_nobody_refuses_everybody() {
    let issuers = listed("[]").unwrap();
    let token = sign(Algorithm::RS512, "k1", &claims(), &rsa());
    assert_eq!(
        issuers.verify(&token, now()),
        Err(InvalidToken::UnknownIssuer)
    );
}

#[test]
fn an_issuer_lists_its_keys_or_says_where_they_are_and_not_both() {
    let (keys, uri) = (
        json!({"keys": [with_id(jwk(), "k1")]}),
        "https://a.test/keys",
    );
    let read = |issuer: Value| Issuers::from_json(&json!([issuer]).to_string(), publishing(&[]));
    for issuer in [
        json!({"iss": ISSUER}),
        json!({"iss": ISSUER, "jwks": keys, "jwks_uri": uri}),
    ] {
        let refused = read(issuer).unwrap_err();
        assert!(matches!(&refused, IssuersError::Keys(it) if it == ISSUER));
        assert!(refused.to_string().contains("either jwks"), "{refused}");
    }
    assert!(read(json!({"iss": ISSUER, "jwks_uri": uri})).is_ok());
    let refused = read(json!({"iss": ISSUER, "jwks_uri": "http://a.test/keys"})).unwrap_err();
    assert!(refused.to_string().contains("https"), "{refused}");
}

/// Keys that an issuer publishes, all of which are known.
#[derive(Debug)]
struct Known(Arc<KeySet>);

impl PublishedKeys for Known {
    fn known(&self) -> Arc<KeySet> {
        Arc::clone(&self.0)
    }

    fn look_up<'a>(&'a self, _: &'a str) -> domain::BoxFuture<'a, ()> {
        Box::pin(async {})
    }
}

/// Has these keys at any URL.
fn publishing(keys: &[Jwk]) -> impl Fn(JwksUri) -> Arc<dyn PublishedKeys> + use<> {
    let keys = Arc::new(KeySet::of(keys).unwrap_or_default());
    move |_| Arc::new(Known(Arc::clone(&keys)))
}

#[test]
fn an_issuers_published_keys_are_as_good_as_listed_ones() {
    let list = json!([
        {"iss": ISSUER, "jwks_uri": "https://a.test/keys", "speaks_for": everybody()},
    ]);
    let issuers = |keys: &[Jwk]| Issuers::from_json(&list.to_string(), publishing(keys)).unwrap();
    let token = sign(Algorithm::RS512, "k1", &claims(), &rsa());
    let published = issuers(&[with_id(jwk(), "k1")]);
    assert!(published.verify(&token, now()).is_ok());
    let unread = issuers(&[]);
    assert_eq!(unread.verify(&token, now()), Err(InvalidToken::UnknownKey));
    assert!(
        !unread.lack(&NamedKey::of(&token).unwrap()),
        "the configuration lacks nothing"
    );
}

proptest! {
    #[test]
    fn no_text_is_taken_for_a_token(text in ".*", token in "[\\w-]*\\.[\\w-]*\\.[\\w-]*") {
        let issuers = trusting(&with_id(jwk(), "k1"));
        prop_assert!(issuers.verify(&text, now()).is_err());
        prop_assert!(issuers.verify(&token, now()).is_err());
    }

    #[test]
    fn no_single_byte_may_change(at in 0_usize..2_000, byte in "[A-Za-z0-9_.-]") {
        let token = sign(Algorithm::RS512, "k1", &claims(), &rsa());
        let at = at % token.len();
        prop_assume!(token[at..=at] != byte);
        let mut changed = token;
        changed.replace_range(at..=at, &byte);
        prop_assert!(trusting(&with_id(jwk(), "k1")).verify(&changed, now()).is_err());
    }
}
