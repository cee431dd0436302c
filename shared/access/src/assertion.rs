use domain::{CustomerId, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::Value;

use crate::issuers::{LEEWAY, MAX_LENGTH};
use crate::{InvalidToken, OwnerClaim};

/// What Commerce Layer's assertions are signed with: no secret, so that the signature proves nothing.
/// Whoever takes an assertion has to ask for the client's own secret besides.
const KEY: &[u8] = b"cl";

/// The longest custom claim, in bytes of JSON: it goes into every token of the session.
const LONGEST_CUSTOM_CLAIM: usize = 2_048;

/// What the assertion of a `jwt-bearer` grant says (RFC 7523).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assertion {
    /// The customer for whom a token is asked.
    pub customer: CustomerId,
    /// What the token is to carry as `custom_claim`.
    pub custom_claim: Option<Value>,
}

#[derive(Deserialize)]
struct Payload {
    #[serde(rename = "https://commercelayer.io/claims")]
    claims: AssertedClaims,
    exp: Option<f64>,
    nbf: Option<f64>,
}

#[derive(Deserialize)]
struct AssertedClaims {
    owner: OwnerClaim,
    custom_claim: Option<Value>,
}

/// Reads an assertion as Commerce Layer's clients make it: HS512 with the literal key `cl`, the claim
/// `https://commercelayer.io/claims` `{owner: {type: "Customer", id}, custom_claim}`. `exp` and `nbf`
/// count where they are there, give or take 30 s.
///
/// # Errors
/// The text is no such assertion, is outside its time, has an owner who is no customer, or a custom
/// claim of more than 2 KiB.
pub fn read_assertion(text: &str, now: Timestamp) -> Result<Assertion, InvalidToken> {
    if text.len() > MAX_LENGTH {
        return Err(InvalidToken::Malformed);
    }
    let mut validation = Validation::new(Algorithm::HS512);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let key = DecodingKey::from_secret(KEY);
    let token = jsonwebtoken::decode::<Payload>(text, &key, &validation)
        .map_err(|_| InvalidToken::Malformed)?;

    let Payload { claims, exp, nbf } = token.claims;
    let (now, leeway) = (now.unix_seconds() as f64, LEEWAY as f64);
    if exp.is_some_and(|exp| now >= exp + leeway) {
        return Err(InvalidToken::Expired);
    }
    if nbf.is_some_and(|nbf| nbf > now + leeway) {
        return Err(InvalidToken::NotYetValid);
    }
    let custom_claim = claims.custom_claim;
    if custom_claim
        .as_ref()
        .is_some_and(|it| it.to_string().len() > LONGEST_CUSTOM_CLAIM)
    {
        return Err(InvalidToken::Malformed);
    }
    match claims.owner.kind.as_str() {
        "Customer" => Ok(Assertion {
            customer: claims
                .owner
                .id
                .parse()
                .map_err(|_| InvalidToken::Malformed)?,
            custom_claim,
        }),
        _ => Err(InvalidToken::Owner),
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{EncodingKey, Header};
    use serde_json::json;

    use super::*;
    use crate::testing::now;

    fn signed(payload: &Value, algorithm: Algorithm, key: &str) -> String {
        let key = EncodingKey::from_secret(key.as_bytes());
        jsonwebtoken::encode(&Header::new(algorithm), payload, &key).unwrap()
    }

    fn read(payload: &Value) -> Result<Assertion, InvalidToken> {
        read_assertion(&signed(payload, Algorithm::HS512, "cl"), now())
    }

    fn payload(claims: Value) -> Value {
        json!({ "https://commercelayer.io/claims": claims, "iat": now().unix_seconds() })
    }

    fn owner() -> Value {
        json!({ "type": "Customer", "id": "jqWerTyUio" })
    }

    #[test]
    fn an_assertion_names_the_customer_and_what_the_token_carries() {
        let custom = json!({ "a": { "b": "c" } });
        let claims = json!({ "owner": owner(), "custom_claim": custom });
        let assertion = read(&payload(claims)).unwrap();
        assert_eq!(assertion.customer.as_str(), "jqWerTyUio");
        assert_eq!(assertion.custom_claim, Some(custom));
        let without = read(&payload(json!({ "owner": owner() }))).unwrap();
        assert_eq!(without.custom_claim, None);
    }

    #[test]
    fn another_key_or_algorithm_is_refused() {
        let payload = payload(json!({ "owner": owner() }));
        for (algorithm, key) in [
            (Algorithm::HS512, "lc"),
            (Algorithm::HS256, "cl"),
            (Algorithm::HS384, "cl"),
        ] {
            let text = signed(&payload, algorithm, key);
            let read = read_assertion(&text, now());
            assert_eq!(read, Err(InvalidToken::Malformed), "{algorithm:?} {key}");
        }
        // {"alg":"none"}
        let text = signed(&payload, Algorithm::HS512, "cl");
        let body = text.split('.').nth(1).unwrap();
        let unsigned = format!("eyJhbGciOiJub25lIn0.{body}.");
        assert!(read_assertion(&unsigned, now()).is_err());
    }

    #[test]
    fn an_owner_who_is_no_customer_is_refused() {
        for (owner, reason) in [
            (
                json!({"type": "User", "id": "jqWerTyUio"}),
                InvalidToken::Owner,
            ),
            (
                json!({"type": "Customer", "id": "no id"}),
                InvalidToken::Malformed,
            ),
            (json!({"type": "Customer"}), InvalidToken::Malformed),
            (Value::Null, InvalidToken::Malformed),
        ] {
            let read = read(&payload(json!({ "owner": owner })));
            assert_eq!(read, Err(reason), "{owner}");
        }
        assert_eq!(read(&json!({})), Err(InvalidToken::Malformed));
    }

    #[test]
    fn its_time_counts_where_it_says_one() {
        let at = |name: &str, seconds: i64| {
            let mut payload = payload(json!({ "owner": owner() }));
            payload[name] = json!(now().unix_seconds() + seconds);
            read(&payload).map(|_| ())
        };
        assert_eq!(at("exp", -29), Ok(()));
        assert_eq!(at("exp", -30), Err(InvalidToken::Expired));
        assert_eq!(at("nbf", 30), Ok(()));
        assert_eq!(at("nbf", 31), Err(InvalidToken::NotYetValid));
        let mut meant_for_us = payload(json!({ "owner": owner() }));
        meant_for_us["aud"] = json!("https://auth.localhost");
        assert!(read(&meant_for_us).is_ok());
    }

    #[test]
    fn a_custom_claim_has_2_kib() {
        // The quotation marks count.
        let of_length = |length: usize| {
            let claims = json!({ "owner": owner(), "custom_claim": "x".repeat(length - 2) });
            read(&payload(claims)).is_ok()
        };
        assert!(of_length(2_048));
        assert!(!of_length(2_049));
    }
}
