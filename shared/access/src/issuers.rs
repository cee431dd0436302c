mod speaks_for;

use std::sync::Arc;

use domain::{Caller, Id, Timestamp};
use jsonwebtoken::dangerous::insecure_decode;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, TokenData};
use serde::Deserialize;

use crate::{Claims, InvalidToken, JwksUri, KeySet, PublishedKeys};
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
    /// Not JSON, or not of the shape `[{"iss": "…", "jwks": {"keys": […]}, "speaks_for": […]}]`; a `jwks_uri` that is
    /// no https URL.
    #[error("issuers are a list of {{iss, jwks or jwks_uri, speaks_for}}: {0}")]
    Shape(#[from] serde_json::Error),
    /// The issuer has both a key set and the URL of one, or neither.
    #[error("issuer {0} has either jwks, its keys, or jwks_uri, where they are")]
    Keys(String),
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
}

#[derive(Debug)]
struct Issuer {
    name: String,
    keys: Keys,
    speaks_for: Vec<SpeaksFor>,
}

/// Where an issuer's keys are from.
#[derive(Debug)]
enum Keys {
    /// The configuration lists them.
    Listed(Arc<KeySet>),
    /// The issuer publishes them.
    Published(Arc<dyn PublishedKeys>),
}

#[derive(Deserialize)]
struct Configured {
    iss: String,
    jwks: Option<JwkSet>,
    jwks_uri: Option<JwksUri>,
    #[serde(default)]
    speaks_for: Vec<SpeaksFor>,
}

/// What a token says of who signed it, before anything of it is proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedKey {
    issuer: String,
    key: String,
}

#[derive(Deserialize)]
struct NamedIssuer {
    iss: String,
}

impl NamedKey {
    /// The key that the token `bearer` names; nothing where the token does not read.
    pub fn of(bearer: &str) -> Option<Self> {
        if bearer.len() > MAX_LENGTH {
            return None;
        }
        let read = insecure_decode::<NamedIssuer>(bearer).ok()?;
        Some(Self {
            issuer: read.claims.iss,
            key: read.header.kid?,
        })
    }
}

impl Issuers {
    /// The issuers of a JSON list of `{iss, jwks, speaks_for}`, or `{iss, jwks_uri, speaks_for}`: the key set inline
    /// (RFC 7517) or the https URL of one, and a list of `{organization, modes, kinds}`, an organization's id or `*`,
    /// of `test` and `live`, and of `sales_channel` and `integration`. `published` has the keys of a URL. An empty list
    /// trusts nobody, and an issuer that speaks for nobody is trusted with nothing.
    ///
    /// # Errors
    /// The text cannot be used as it is; nothing of it is left out silently but keys for other uses.
    pub fn from_json(
        text: &str,
        published: impl Fn(JwksUri) -> Arc<dyn PublishedKeys>,
    ) -> Result<Self, IssuersError> {
        let configured: Vec<Configured> = serde_json::from_str(text)?;
        let mut issuers = Self::default();
        for issuer in configured {
            issuers.trust(issuer, &published)?;
        }
        Ok(issuers)
    }

    /// Takes the tokens of an issuer as well.
    fn trust(
        &mut self,
        issuer: Configured,
        published: impl Fn(JwksUri) -> Arc<dyn PublishedKeys>,
    ) -> Result<(), IssuersError> {
        let name = issuer.iss;
        if self.of_name(&name).is_some() {
            return Err(IssuersError::Twice(name));
        }
        let keys = match (issuer.jwks, issuer.jwks_uri) {
            (Some(jwks), None) => match KeySet::of(&jwks.keys) {
                Some(keys) => Keys::Listed(Arc::new(keys)),
                None => return Err(IssuersError::NoUsableKey(name)),
            },
            (None, Some(uri)) => Keys::Published(published(uri)),
            _ => return Err(IssuersError::Keys(name)),
        };
        self.issuers.push(Issuer {
            name,
            keys,
            speaks_for: issuer.speaks_for,
        });
        Ok(())
    }

    fn of_name(&self, name: &str) -> Option<&Issuer> {
        self.issuers.iter().find(|it| it.name == name)
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

    /// Whether this configuration does not know the issuer that a token names, or the key: one that was added
    /// meanwhile. The keys that an issuer publishes are not the configuration's.
    pub fn lack(&self, named: &NamedKey) -> bool {
        match self.of_name(&named.issuer).map(|it| &it.keys) {
            None => true,
            Some(Keys::Listed(keys)) => !keys.has(&named.key),
            Some(Keys::Published(_)) => false,
        }
    }

    /// Has the issuer's published keys read that a token names, where they are old or lack the token's. Those of
    /// other issuers are not waited for.
    pub async fn look_up(&self, named: &NamedKey) {
        let issuer = self.of_name(&named.issuer);
        if let Some(Keys::Published(keys)) = issuer.map(|it| &it.keys) {
            keys.look_up(&named.key).await;
        }
    }

    fn signed_claims(&self, bearer: &str) -> Result<Claims, InvalidToken> {
        if bearer.len() > MAX_LENGTH {
            return Err(InvalidToken::Malformed);
        }
        let read = insecure_decode::<NamedIssuer>(bearer);
        let TokenData { header, claims } = read.map_err(|_| InvalidToken::Malformed)?;
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

        // An issuer is held to its own keys: none can sign in another's name, or have others' tokens checked with
        // keys of its own.
        let issuer = self.of_name(&claims.iss);
        let issuer = issuer.ok_or(InvalidToken::UnknownIssuer)?;
        let keys = issuer.keys.known();
        keys.claims(bearer, &id, header.alg, &issuer.name)
    }

    fn check_reach(&self, claims: &Claims) -> Result<(), InvalidToken> {
        let issuer = self.of_name(&claims.iss);
        match issuer.is_some_and(|it| it.speaks_for.iter().any(|it| it.covers(claims))) {
            true => Ok(()),
            false => Err(InvalidToken::Reach),
        }
    }
}

impl Keys {
    fn known(&self) -> Arc<KeySet> {
        match self {
            Self::Listed(keys) => Arc::clone(keys),
            Self::Published(keys) => keys.known(),
        }
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
