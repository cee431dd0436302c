//! Who asks, and what they may do: access tokens read and issued, refresh tokens and authorization
//! codes made, passwords and client secrets compared, and the one table of which role may do what.

mod assertion;
mod authorization_code;
mod bearer;
mod claims;
mod client_secret;
mod code_challenge;
mod issuers;
mod key_set;
mod password;
mod permissions;
mod published_keys;
mod refresh_token;
mod signer;
#[cfg(test)]
mod testing;

pub use assertion::{Assertion, read_assertion};
pub use authorization_code::AuthorizationCode;
pub use bearer::from_authorization_header;
pub use claims::{ApplicationClaim, Claims, MarketClaim, OrganizationClaim, OwnerClaim};
pub use client_secret::{client_secret_matches, digest_client_secret, generate_client_secret};
pub use code_challenge::CodeChallenge;
pub use issuers::{Issuers, IssuersError, NamedKey};
pub use key_set::{KeySet, KeySetError};
pub use password::{PasswordError, hash_password, verify_password};
pub use permissions::{Action, PERMISSIONS, permits};
pub use published_keys::{JwksUri, NoJwksUri, PublishedKeys};
pub use refresh_token::RefreshToken;
pub use signer::{Grant, KeyError, SessionClaims, Signer, TOKEN_LIFETIME, generate_key};

/// Why a token opens nothing. The texts are for the log and hold nothing of the token; the caller
/// only learns that it is invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidToken {
    /// There is no token, or not as `Authorization: Bearer …`.
    #[error("no bearer token")]
    Missing,
    /// Not a JSON Web Token with these claims: a claim is missing or has another type.
    #[error("not a token with the claims expected")]
    Malformed,
    /// Signed in a way that is not taken: only RS256, RS512 and ES256 are.
    #[error("algorithm not taken")]
    Algorithm,
    /// The issuer has no key of this id for this algorithm, or its keys are not there yet; the token names no key.
    #[error("unknown key")]
    UnknownKey,
    /// The signature is not the key's.
    #[error("wrong signature")]
    Signature,
    /// In the name of an issuer that is not trusted.
    #[error("unknown issuer")]
    UnknownIssuer,
    /// Of an issuer that does not speak for this organization, mode or kind of application.
    #[error("its issuer does not speak for this organization, mode or kind of application")]
    Reach,
    /// Meant for somebody else: it names an audience.
    #[error("meant for another audience")]
    Audience,
    /// Past its `exp`.
    #[error("expired")]
    Expired,
    /// Before its `nbf` or `iat`.
    #[error("not valid yet")]
    NotYetValid,
    /// Of an application that is neither a sales channel nor an integration.
    #[error("kind of application not taken")]
    ApplicationKind,
    /// Owned by somebody that this kind of application cannot speak for.
    #[error("kind of owner not taken")]
    Owner,
}
