mod speaks_for;

use domain::{Caller, Id, Timestamp};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, KeyOperations, PublicKeyUse,
};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

use crate::{Claims, InvalidToken};
use speaks_for::SpeaksFor;

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
    /// Not JSON, or not of the shape `[{"iss": "…", "jwks": {"keys": […]}, "speaks_for": […]}]`.
    #[error("issuers are a list of {{iss, jwks, speaks_for}}: {0}")]
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
    issuers: Vec<Issuer>,
    keys: Vec<Key>,
}

#[derive(Debug)]
struct Issuer {
    name: String,
    speaks_for: Vec<SpeaksFor>,
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
    #[serde(default)]
    speaks_for: Vec<SpeaksFor>,
}

impl Issuers {
    /// The issuers of a JSON list of `{iss, jwks, speaks_for}`: the key set inline (RFC 7517), and a list
    /// of `{organization, modes, kinds}`, an organization's id or `*`, of `test` and `live`, and of
    /// `sales_channel` and `integration`. An empty list trusts nobody, and an issuer that speaks for
    /// nobody is trusted with nothing.
    ///
    /// # Errors
    /// The text cannot be used as it is; nothing of it is left out silently but keys for other uses.
    pub fn from_json(text: &str) -> Result<Self, IssuersError> {
        let configured: Vec<Configured> = serde_json::from_str(text)?;
        let mut issuers = Self::default();
        for issuer in configured {
            issuers.trust(issuer)?;
        }
        Ok(issuers)
    }

    /// Takes the tokens of an issuer as well, signed with any of its keys that has an id and is for
    /// signatures of RS256, RS512 or ES256; others are left aside.
    fn trust(&mut self, issuer: Configured) -> Result<(), IssuersError> {
        let Configured {
            iss,
            jwks,
            speaks_for,
        } = issuer;
        if self.issuers.iter().any(|it| it.name == iss) {
            return Err(IssuersError::Twice(iss));
        }
        let known = self.keys.len();
        let usable = jwks.keys.iter().filter_map(|jwk| Key::new(&iss, jwk));
        self.keys.extend(usable);
        if self.keys.len() == known {
            return Err(IssuersError::NoUsableKey(iss));
        }
        let name = iss;
        self.issuers.push(Issuer { name, speaks_for });
        Ok(())
    }

    /// Who asks with the token `bearer` at the time `now`.
    ///
    /// # Errors
    /// The token is not one that a trusted issuer signed in its own name, is outside its time (give
    /// or take 30 s), is for an organization, mode or kind of application that its issuer does not speak
    /// for, or is not for an application and owner that are known here.
    pub fn verify(&self, bearer: &str, now: Timestamp) -> Result<Caller, InvalidToken> {
        let claims = self.signed_claims(bearer)?;
        check_time(&claims, now)?;
        let caller = claims.caller(mark(bearer))?;
        self.check_reach(&claims)?;
        Ok(caller)
    }

    /// The claims of the token `bearer`, be it expired or not valid yet: what a token says that is to
    /// be revoked.
    ///
    /// # Errors
    /// The token is not one that a trusted issuer signed in its own name, for whom it speaks.
    pub fn authentic_claims(&self, bearer: &str) -> Result<Claims, InvalidToken> {
        let claims = self.signed_claims(bearer)?;
        self.check_reach(&claims)?;
        Ok(claims)
    }

    /// Whether the token names a key that none of the issuers has: one that an issuer may have made
    /// meanwhile.
    pub fn lack_key_of(&self, bearer: &str) -> bool {
        if bearer.len() > MAX_LENGTH {
            return false;
        }
        let header = jsonwebtoken::decode_header(bearer).ok();
        let id = header.and_then(|it| it.kid);
        id.is_some_and(|id| self.keys.iter().all(|key| key.id != id))
    }

    fn signed_claims(&self, bearer: &str) -> Result<Claims, InvalidToken> {
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

    fn check_reach(&self, claims: &Claims) -> Result<(), InvalidToken> {
        let issuer = self.issuers.iter().find(|it| it.name == claims.iss);
        match issuer.is_some_and(|it| it.speaks_for.iter().any(|it| it.covers(claims))) {
            true => Ok(()),
            false => Err(InvalidToken::Reach),
        }
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

/// The mark of a token: of what its issuer signed. The signature may be written in several ways, that may not.
fn mark(bearer: &str) -> Id {
    let signed = bearer.rsplit_once('.').map_or(bearer, |(signed, _)| signed);
    Id::derived(&["token", signed])
}

#[cfg(test)]
mod tests;
