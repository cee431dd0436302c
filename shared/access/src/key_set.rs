use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse,
};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::Value;

use crate::{Claims, InvalidToken};

/// Why a text cannot be used as an issuer's key set.
#[derive(Debug, thiserror::Error)]
pub enum KeySetError {
    /// Not JSON, or not of the shape `{"keys": […]}`.
    #[error("a key set is {{keys}}: {0}")]
    Shape(#[from] serde_json::Error),
    /// The set has no key for RS256, RS512 or ES256 that has an id.
    #[error("the key set has no key that tokens can be checked with")]
    NoUsableKey,
}

/// An issuer's public keys (RFC 7517), those of them that have an id and are for signatures of RS256, RS512 or ES256.
#[derive(Debug, Default)]
pub struct KeySet {
    keys: Vec<Key>,
}

#[derive(Debug)]
struct Key {
    id: String,
    algorithms: &'static [Algorithm],
    public: DecodingKey,
}

/// A key set as somebody else writes it: with keys of kinds that are not known here, which are left aside
/// (RFC 7517, section 5).
#[derive(Deserialize)]
struct Published {
    keys: Vec<Value>,
}

impl KeySet {
    /// The key set that an issuer publishes; keys for other uses, of other kinds or without an id are left aside.
    ///
    /// # Errors
    /// The text is no key set, or one without a key that tokens can be checked with.
    pub fn from_json(text: &[u8]) -> Result<Self, KeySetError> {
        let published: Published = serde_json::from_slice(text)?;
        let read = |key| serde_json::from_value(key).ok();
        let keys: Vec<Jwk> = published.keys.into_iter().filter_map(read).collect();
        Self::of(&keys).ok_or(KeySetError::NoUsableKey)
    }

    /// Those of the keys that tokens can be checked with; none where there is no such key.
    pub(crate) fn of(keys: &[Jwk]) -> Option<Self> {
        let keys: Vec<Key> = keys.iter().filter_map(Key::new).collect();
        (!keys.is_empty()).then_some(Self { keys })
    }

    /// Whether there is a key of this id.
    pub fn has(&self, id: &str) -> bool {
        self.keys.iter().any(|key| key.id == id)
    }

    /// The claims of a token that one of the keys of this id signed in the name of `issuer`.
    pub(crate) fn claims(
        &self,
        bearer: &str,
        id: &str,
        algorithm: Algorithm,
        issuer: &str,
    ) -> Result<Claims, InvalidToken> {
        let mut refusal = InvalidToken::UnknownKey;
        for key in &self.keys {
            if key.id != id || !key.algorithms.contains(&algorithm) {
                continue;
            }
            match key.claims(bearer, algorithm, issuer) {
                Ok(claims) => return Ok(claims),
                Err(reason) => refusal = reason,
            }
        }
        Err(refusal)
    }
}

impl Key {
    fn new(jwk: &Jwk) -> Option<Self> {
        Some(Self {
            id: jwk.common.key_id.clone()?,
            algorithms: algorithms(jwk)?,
            public: DecodingKey::from_jwk(jwk).ok()?,
        })
    }

    fn claims(
        &self,
        bearer: &str,
        algorithm: Algorithm,
        issuer: &str,
    ) -> Result<Claims, InvalidToken> {
        let mut validation = Validation::new(algorithm);
        // The library would compare with the system's clock; `Issuers::verify` does so with the caller's.
        validation.validate_exp = false;
        validation.required_spec_claims.clear();
        validation.set_issuer(&[issuer]);

        let token =
            jsonwebtoken::decode::<Claims>(bearer, &self.public, &validation).map_err(|error| {
                match error.kind() {
                    ErrorKind::InvalidSignature => InvalidToken::Signature,
                    ErrorKind::InvalidAudience => InvalidToken::Audience,
                    _ => InvalidToken::Malformed,
                }
            })?;
        Ok(token.claims)
    }
}

/// The algorithms that tokens signed with this key may name: its own where it has one.
fn algorithms(jwk: &Jwk) -> Option<&'static [Algorithm]> {
    let common = &jwk.common;
    let for_signatures = matches!(common.public_key_use, None | Some(PublicKeyUse::Signature));
    let for_verifying = common
        .key_operations
        .as_ref()
        .is_none_or(|operations| operations.contains(&KeyOperations::Verify));
    if !for_signatures || !for_verifying {
        return None;
    }
    match (&jwk.algorithm, common.key_algorithm) {
        (AlgorithmParameters::RSA(_), None) => Some(&[Algorithm::RS256, Algorithm::RS512]),
        (AlgorithmParameters::RSA(_), Some(KeyAlgorithm::RS256)) => Some(&[Algorithm::RS256]),
        (AlgorithmParameters::RSA(_), Some(KeyAlgorithm::RS512)) => Some(&[Algorithm::RS512]),
        (AlgorithmParameters::EllipticCurve(key), None | Some(KeyAlgorithm::ES256))
            if key.curve == EllipticCurve::P256 =>
        {
            Some(&[Algorithm::ES256])
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::signer;

    #[test]
    fn keys_of_kinds_that_are_not_known_here_are_left_aside() {
        let mut set = json!(signer().jwks());
        let id = set["keys"][0]["kid"].as_str().unwrap().to_owned();
        let others = [
            json!({ "kty": "EC", "crv": "secp256k1", "x": "x", "y": "y", "kid": "k2" }),
            json!({ "kty": "of tomorrow", "kid": "k3" }),
            json!("no key"),
        ];
        set["keys"].as_array_mut().unwrap().extend(others.clone());
        let read = KeySet::from_json(set.to_string().as_bytes()).unwrap();
        assert!(read.has(&id) && !read.has("k2") && !read.has("k3"));

        let useless = json!({ "keys": others }).to_string();
        let refused = KeySet::from_json(useless.as_bytes()).unwrap_err();
        assert!(matches!(refused, KeySetError::NoUsableKey), "{refused}");
        for text in ["", "{}", "[]", "<html>", r#"{"keys": {}}"#] {
            let refused = KeySet::from_json(text.as_bytes());
            assert!(matches!(refused, Err(KeySetError::Shape(_))), "{text}");
        }
    }
}
