use std::time::Duration;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::{CustomerId, MarketId, Mode, Random, Timestamp};
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::{ApplicationClaim, Claims, MarketClaim, OrganizationClaim, OwnerClaim};

/// How long an access token is valid: 4 hours, as Commerce Layer's.
pub const TOKEN_LIFETIME: Duration = Duration::from_secs(4 * 60 * 60);

/// Why there is no key or no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The text is not the PEM of an RSA private key of at least 2,048 bits.
    #[error("not the PEM of an RSA private key of at least 2048 bits")]
    NotAKey,
    /// The cryptographic library refused, for want of memory or randomness.
    #[error("the cryptographic library failed")]
    Failed,
}

/// A new RSA key of 2,048 bits, as the PEM of its PKCS#8 form. Takes some 100 ms.
///
/// # Errors
/// The library failed.
pub fn generate_key() -> Result<SecretString, KeyError> {
    let key = KeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError::Failed)?;
    let der: Pkcs8V1Der<'_> = key.as_der().map_err(|_| KeyError::Failed)?;
    let base64 = STANDARD.encode(der.as_ref());

    let mut pem = String::from("-----BEGIN PRIVATE KEY-----\n");
    let mut rest = base64.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        pem.push_str(line);
        pem.push('\n');
        rest = after;
    }
    pem.push_str("-----END PRIVATE KEY-----\n");
    Ok(SecretString::from(pem))
}

/// What an access token is to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Whose records it opens.
    pub organization: OrganizationClaim,
    /// Whether the token is for test or live records.
    pub mode: Mode,
    /// The application that asked for it.
    pub application: ApplicationClaim,
    /// The customer on whose behalf it asked.
    pub owner: Option<CustomerId>,
    /// The markets that it is held to; empty means all.
    pub markets: Vec<MarketId>,
    /// The scope that was asked for, `market:code:europe`.
    pub scope: String,
}

/// What an access token says of the session that it is issued in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionClaims {
    /// The session's id, the same from one refresh token to the next.
    pub sid: String,
    /// What an assertion had its tokens carry.
    pub custom_claim: Option<Value>,
}

/// Issues access tokens.
#[derive(Debug)]
pub struct Signer {
    issuer: String,
    private: EncodingKey,
    header: Header,
    public: Vec<Jwk>,
}

impl Signer {
    /// Signs in the name of `issuer` with the last of the RSA keys of `pem` (PKCS#8, or PKCS#1), one after
    /// another; the others are shown, since they have signed or are to sign. A key's id is its thumbprint
    /// (RFC 7638), so the same key has the same id wherever it is read.
    ///
    /// # Errors
    /// [`KeyError::NotAKey`].
    pub fn from_pem(pem: &SecretString, issuer: impl Into<String>) -> Result<Self, KeyError> {
        let keys: Result<Vec<_>, _> = blocks(pem.expose_secret()).map(key_pair).collect();
        let keys = keys?;
        let public = keys.iter().map(|(_, public)| public.clone()).collect();
        let (private, newest) = keys.into_iter().next_back().ok_or(KeyError::NotAKey)?;
        let mut header = Header::new(Algorithm::RS512);
        header.kid = newest.common.key_id;
        Ok(Self {
            issuer: issuer.into(),
            private,
            header,
            public,
        })
    }

    /// The name that it signs in.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The public keys as a set, for `/.well-known/jwks.json`: `{keys: [{kty, n, e, kid, alg:
    /// "RS512", use: "sig"}]}`.
    pub fn jwks(&self) -> JwkSet {
        JwkSet {
            keys: self.public.clone(),
        }
    }

    /// This signer as an issuer that is trusted as a deployment trusts its own: for every organization, both
    /// modes, both kinds of application; an entry of what [`crate::Issuers::from_json`] reads.
    pub fn as_issuer(&self) -> Value {
        json!({
            "iss": self.issuer,
            "jwks": self.jwks(),
            "speaks_for": [{
                "organization": "*",
                "modes": ["test", "live"],
                "kinds": ["sales_channel", "integration"],
            }],
        })
    }

    /// An access token for `grant`, valid for [`TOKEN_LIFETIME`] from `now` on.
    ///
    /// # Errors
    /// [`KeyError::Failed`].
    pub fn issue(
        &self,
        grant: Grant,
        now: Timestamp,
        random: &dyn Random,
    ) -> Result<String, KeyError> {
        self.sign(grant, None, now, random)
    }

    /// An access token as [`Self::issue`] makes it, for a session that refresh tokens carry on.
    ///
    /// # Errors
    /// [`KeyError::Failed`].
    pub fn issue_in_session(
        &self,
        grant: Grant,
        session: SessionClaims,
        now: Timestamp,
        random: &dyn Random,
    ) -> Result<String, KeyError> {
        self.sign(grant, Some(session), now, random)
    }

    fn sign(
        &self,
        grant: Grant,
        session: Option<SessionClaims>,
        now: Timestamp,
        random: &dyn Random,
    ) -> Result<String, KeyError> {
        let (sid, custom_claim) = match session {
            Some(session) => (Some(session.sid), session.custom_claim),
            None => (None, None),
        };
        let claims = Claims {
            organization: grant.organization,
            application: grant.application,
            owner: grant.owner.map(|id| OwnerClaim {
                id: id.to_string(),
                kind: "Customer".to_owned(),
            }),
            market: (!grant.markets.is_empty()).then(|| MarketClaim {
                id: grant.markets,
                ..MarketClaim::default()
            }),
            custom_claim,
            sid,
            scope: grant.scope,
            exp: now.plus(TOKEN_LIFETIME).unix_seconds(),
            iat: Some(now.unix_seconds()),
            nbf: None,
            test: grant.mode == Mode::Test,
            rand: fraction(random),
            iss: self.issuer.clone(),
        };
        jsonwebtoken::encode(&self.header, &claims, &self.private).map_err(|_| KeyError::Failed)
    }
}

/// The keys of a PEM text, one after another.
fn blocks(pem: &str) -> impl Iterator<Item = SecretString> {
    const BEGINNING: &str = "-----BEGIN ";
    let blocks = pem.split(BEGINNING).skip(1);
    blocks.map(|rest| SecretString::from([BEGINNING, rest].concat()))
}

fn key_pair(pem: SecretString) -> Result<(EncodingKey, Jwk), KeyError> {
    let private =
        EncodingKey::from_rsa_pem(pem.expose_secret().as_bytes()).map_err(|_| KeyError::NotAKey)?;
    let mut public =
        Jwk::from_encoding_key(&private, Algorithm::RS512).map_err(|_| KeyError::NotAKey)?;
    let id = public
        .thumbprint(ThumbprintHash::SHA256)
        .map_err(|_| KeyError::Failed)?;
    public.common.public_key_use = Some(PublicKeyUse::Signature);
    public.common.key_id = Some(id);
    Ok((private, public))
}

/// A random number from 0 up to 1, of the 53 bits that an `f64` tells apart.
fn fraction(random: &dyn Random) -> f64 {
    let mut bytes = [0; 8];
    random.fill(&mut bytes);
    let bits = u64::from_be_bytes(bytes) >> 11;
    bits as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests;
