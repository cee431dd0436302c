//! What is granted, and the answer that carries it.

use access::{Grant, TOKEN_LIFETIME};
use domain::Timestamp;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::Issuing;
use crate::oauth::OauthError;
use crate::session::Opened;

/// What is granted.
pub struct Granted {
    /// What the access token is to say.
    pub grant: Grant,
    /// The session that a refresh token carries on; a customer's tokens alone have one.
    pub session: Option<Opened>,
}

/// The answer that carries a token.
pub fn token_document(
    now: Timestamp,
    issuing: &Issuing,
    granted: Granted,
) -> Result<Value, OauthError> {
    let Granted { grant, session } = granted;
    let (owner, scope) = (grant.owner, grant.scope.clone());
    let (signer, random) = (issuing.signer.current(), issuing.random.as_ref());
    let (token, refresh_token) = match session {
        None => (signer.issue(grant, now, random), None),
        Some(session) => (
            signer.issue_in_session(grant, session.claims, now, random),
            Some(session.refresh_token.to_text()),
        ),
    };
    let token = token.map_err(OauthError::failed)?;
    let mut document = json!({
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": TOKEN_LIFETIME.as_secs(),
        "scope": scope,
        "created_at": now.unix_seconds(),
    });
    if let Some(refresh_token) = refresh_token {
        document["refresh_token"] = json!(refresh_token.expose_secret());
    }
    if let Some(owner) = owner {
        document["owner_id"] = json!(owner);
        document["owner_type"] = json!("customer");
    }
    Ok(document)
}
