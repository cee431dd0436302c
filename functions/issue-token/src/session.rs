//! Sessions of customers: a refresh token carries one on, once, and gives the next one.

use secrecy::ExposeSecret;
use std::time::Duration;

use access::{RefreshToken, SessionClaims};
use domain::{CustomerId, MarketId, Timestamp};
use serde_json::Value;
use service::Context;
use store::{ApiClient, Session, StoreError, StoredSession};

use crate::Issuing;
use crate::client::scope;
use crate::oauth::{OauthError, TokenRequest};

/// How long a refresh token is good: two weeks, as Commerce Layer's.
const REFRESH_LIFETIME: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// How long a session may be carried on: then the customer signs in anew.
const LONGEST_SESSION: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// A session that has begun or was carried on.
pub struct Opened {
    /// The customer.
    pub owner: CustomerId,
    /// What was granted.
    pub scope: String,
    /// What its access token says of it.
    pub claims: SessionClaims,
    /// What carries it on.
    pub refresh_token: RefreshToken,
}

/// Begins a session.
pub async fn begin(
    context: &Context,
    issuing: &Issuing,
    client: &ApiClient,
    owner: CustomerId,
    scope: String,
    custom_claim: Option<Value>,
) -> Result<Opened, OauthError> {
    let (now, refresh_token) = (context.now(), RefreshToken::first(issuing.random.as_ref()));
    let session = Session {
        custom_claim: custom_claim.as_ref().map(Value::to_string),
        ..of(&refresh_token, client, owner, scope, now)
    };
    let (secret, expires_at) = (refresh_token.secret().expose_secret(), expiry(now));
    let begun = context
        .store
        .begin_session(client.tenant, &session, secret, expires_at);
    begun.await.map_err(OauthError::failed)?;
    Ok(opened(session, refresh_token, custom_claim))
}

/// A session that begins now with this refresh token.
pub fn of(
    first: &RefreshToken,
    client: &ApiClient,
    owner: CustomerId,
    scope: String,
    now: Timestamp,
) -> Session {
    Session {
        id: first.session().to_owned(),
        owner,
        client_id: client.client_id.clone(),
        scope,
        custom_claim: None,
        created_at: now,
    }
}

/// From when on a refresh token that is made now is no longer good.
pub fn expiry(now: Timestamp) -> Timestamp {
    now.plus(REFRESH_LIFETIME)
}

/// Carries a session on, with the markets that its scope stands for by now. A refresh token that was
/// used before is in two hands, so that the session ends (RFC 9700, section 4.14.2); of two requests
/// at the very same time one is refused and the session lives.
pub async fn renew(
    context: &Context,
    issuing: &Issuing,
    client: &ApiClient,
    asked: &TokenRequest,
) -> Result<(Opened, Vec<MarketId>), OauthError> {
    let (store, tenant, now) = (&context.store, client.tenant, context.now());
    let refused = OauthError::invalid_refresh_token;
    let given = RefreshToken::parse(asked.require("refresh_token")?).ok_or_else(refused)?;
    let stored = store.session(tenant, given.session()).await;
    let stored = stored.map_err(OauthError::failed)?.ok_or_else(refused)?;
    if stored.session.client_id != client.client_id || now >= stored.expires_at {
        return Err(refused());
    }
    if !store.is_newest(&stored, given.secret().expose_secret()) {
        tracing::warn!("a refresh token was used again: its session ends");
        let ended = store.end_session(tenant, given.session()).await;
        ended.map_err(OauthError::failed)?;
        return Err(refused());
    }

    let (_, markets) = scope(client, Some(&stored.session.scope))?;
    let custom_claim = custom_claim(&stored)?;
    let began = stored.session.created_at;
    let signs_in = store.signs_in_since(tenant, stored.session.owner).await;
    let signs_in = signs_in.map_err(OauthError::failed)?;
    let is_over = now.since(began) >= LONGEST_SESSION;
    if is_over || signs_in.is_none_or(|since| since > began) {
        return Err(refused());
    }
    let next = given.next(issuing.random.as_ref());
    let expires_at = expiry(now);
    let renewed = store.renew_session(tenant, &stored, next.secret().expose_secret(), expires_at);
    match renewed.await {
        Ok(()) => Ok((opened(stored.session, next, custom_claim), markets)),
        Err(StoreError::Conflict) => Err(refused()),
        Err(error) => Err(OauthError::failed(error)),
    }
}

fn custom_claim(stored: &StoredSession) -> Result<Option<Value>, OauthError> {
    let text = stored.session.custom_claim.as_deref();
    let claim = text.map(serde_json::from_str).transpose();
    claim.map_err(OauthError::failed)
}

/// The session as it is answered.
pub fn opened(
    session: Session,
    refresh_token: RefreshToken,
    custom_claim: Option<Value>,
) -> Opened {
    Opened {
        owner: session.owner,
        scope: session.scope,
        claims: SessionClaims {
            sid: session.id,
            custom_claim,
        },
        refresh_token,
    }
}
