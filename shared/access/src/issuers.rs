use domain::{Caller, Timestamp};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, KeyOperations, PublicKeyUse,
};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

use crate::{Claims, InvalidToken};

/// How far issuers' and clients' clocks may be off, in seconds. Where NTP runs they agree within
/// one; a machine that just woke up may be off by several. A client renews a token only once it has
/// expired by the client's own clock, so refusing it a moment earlier leaves an error that nobody
/// handles. Half of the minute that is common, since a stolen token lives that much longer.
pub(crate) const LEEWAY: i64 = 30;

/// The longest token that is looked at, in bytes. Commerce Layer's have some 1,200.
pub(crate) const MAX_LENGTH: usize = 8_192;

/// Why a configuration of issuers cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IssuersError {
    /// Not JSON, or not of the shape `[{"iss": "…", "jwks": {"keys": […]}}]`.
    #[error("issuers are a list of {{iss, jwks}}: {0}")]
    Shape(#[from] serde_json::Error),
    /// The issuer is there already: which of the two key sets is meant is unclear.
    #[error("issuer {0} is listed twice")]
    Twice(String),
    /// The issuer has no key for RS256, RS512 or ES256 that has an id.
    #[error("issuer {0} has no key that tokens can be checked with")]
    NoUsableKey(String),
}

/// The issuers whose tokens are taken, with their keys.
#[derive(Debug, Default)]
pub struct Issuers {
    keys: Vec<Key>,
}

#[derive(Debug)]
struct Key {
    issuer: String,
    id: String,
    algorithms: &'static [Algorithm],
    public: DecodingKey,
}

#[derive(Deserialize)]
struct Configured {
    iss: String,
    jwks: JwkSet,
}

impl Issuers {
    /// The issuers of a JSON list of `{iss, jwks}`, the key sets inline (RFC 7517). An empty list
    /// trusts nobody.
    ///
    /// # Errors
    /// The text cannot be used as it is; nothing of it is left out silently but keys for other uses.
    pub fn from_json(text: &str) -> Result<Self, IssuersError> {
        let configured: Vec<Configured> = serde_json::from_str(text)?;
        let mut issuers = Self::default();
        for issuer in configured {
            issuers.trust(&issuer.iss, &issuer.jwks)?;
        }
        Ok(issuers)
    }

    /// Takes the tokens of `issuer` as well, signed with any key of `keys` that has an id and is for
    /// signatures of RS256, RS512 or ES256; others are left aside.
    ///
    /// # Errors
    /// The issuer is there already, or no key is left.
    pub fn trust(&mut self, issuer: &str, keys: &JwkSet) -> Result<(), IssuersError> {
        if self.keys.iter().any(|key| key.issuer == issuer) {
            return Err(IssuersError::Twice(issuer.to_owned()));
        }
        let known = self.keys.len();
        let usable = keys.keys.iter().filter_map(|jwk| Key::new(issuer, jwk));
        self.keys.extend(usable);
        if self.keys.len() == known {
            return Err(IssuersError::NoUsableKey(issuer.to_owned()));
        }
        Ok(())
    }

    /// Who asks with the token `bearer` at the time `now`.
    ///
    /// # Errors
    /// The token is not one that a trusted issuer signed in its own name, is outside its time (give
    /// or take 30 s), or is not for an application and owner that are known here.
    pub fn verify(&self, bearer: &str, now: Timestamp) -> Result<Caller, InvalidToken> {
        let claims = self.authentic_claims(bearer)?;
        check_time(&claims, now)?;
        claims.caller()
    }

    /// The claims of the token `bearer`, be it expired or not valid yet: what a token says that is to
    /// be revoked.
    ///
    /// # Errors
    /// The token is not one that a trusted issuer signed in its own name.
    pub fn authentic_claims(&self, bearer: &str) -> Result<Claims, InvalidToken> {
        if bearer.len() > MAX_LENGTH {
            return Err(InvalidToken::Malformed);
        }
        let header = jsonwebtoken::decode_header(bearer).map_err(|_| InvalidToken::Malformed)?;
        // An extension that the issuer declares critical has to be understood (RFC 7515, 4.1.11).
        if header.crit.is_some() {
            return Err(InvalidToken::Malformed);
        }
        if !matches!(
            header.alg,
            Algorithm::RS256 | Algorithm::RS512 | Algorithm::ES256
        ) {
            return Err(InvalidToken::Algorithm);
        }
        let id = header.kid.ok_or(InvalidToken::UnknownKey)?;

        // Two issuers may have keys of the same id: the one that verifies decides.
        let mut refusal = InvalidToken::UnknownKey;
        for key in &self.keys {
            if key.id != id || !key.algorithms.contains(&header.alg) {
                continue;
            }
            match key.claims(bearer, header.alg) {
                Ok(claims) => return Ok(claims),
                Err(reason) => refusal = reason,
            }
        }
        Err(refusal)
    }
}

impl Key {
    fn new(issuer: &str, jwk: &Jwk) -> Option<Self> {
        Some(Self {
            issuer: issuer.to_owned(),
            id: jwk.common.key_id.clone()?,
            algorithms: algorithms(jwk)?,
            public: DecodingKey::from_jwk(jwk).ok()?,
        })
    }

    /// The claims of a token that this key signed in its issuer's name.
    fn claims(&self, bearer: &str, algorithm: Algorithm) -> Result<Claims, InvalidToken> {
        let mut validation = Validation::new(algorithm);
        // The library would compare with the system's clock; `check_time` does so with the caller's.
        validation.validate_exp = false;
        validation.required_spec_claims.clear();

        let token =
            jsonwebtoken::decode::<Claims>(bearer, &self.public, &validation).map_err(|error| {
                match error.kind() {
                    ErrorKind::InvalidSignature => InvalidToken::Signature,
                    ErrorKind::InvalidAudience => InvalidToken::Audience,
                    _ => InvalidToken::Malformed,
                }
            })?;
        if token.claims.iss == self.issuer {
            Ok(token.claims)
        } else {
            Err(InvalidToken::Issuer)
        }
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

fn check_time(claims: &Claims, now: Timestamp) -> Result<(), InvalidToken> {
    let now = now.unix_seconds();
    if now >= claims.exp.saturating_add(LEEWAY) {
        return Err(InvalidToken::Expired);
    }
    let begins = [claims.iat, claims.nbf].into_iter().flatten().max();
    if begins.is_some_and(|begins| begins > now.saturating_add(LEEWAY)) {
        return Err(InvalidToken::NotYetValid);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
