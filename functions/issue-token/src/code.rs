//! The grant `authorization_code`: a code that a customer's sign-in gave begins a session, once.

use access::{AuthorizationCode, CodeChallenge, RefreshToken};
use domain::MarketId;
use secrecy::ExposeSecret;
use service::Context;
use store::{ApiClient, StoreError, StoredCode};

use crate::Issuing;
use crate::client::scope;
use crate::oauth::{OauthError, TokenRequest};
use crate::session::{self, Opened};

/// Begins the session that the request's code stands for. A code that is used again is in two hands,
/// so that the session that it began ends (RFC 6749, section 4.1.2); of two requests at the very same
/// time one is refused, and the session may live. A code that comes with the wrong redirect URI or
/// verifier, or from another client, is refused and stays good.
pub async fn redeem(
    context: &Context,
    issuing: &Issuing,
    client: &ApiClient,
    asked: &TokenRequest,
) -> Result<(Opened, Vec<MarketId>), OauthError> {
    let (store, tenant, now) = (&context.store, client.tenant, context.now());
    let refused = OauthError::invalid_authorization_code;
    let (code, redirect_uri) = (asked.require("code")?, redirect_uri(asked)?);
    let code = AuthorizationCode::parse(code).ok_or_else(refused)?;
    let text = code.secret().expose_secret();
    let stored = store.code(tenant, text).await.map_err(OauthError::failed)?;
    let Some(StoredCode {
        authorization,
        expires_at,
    }) = stored
    else {
        return Err(refuse_used(context, client, &code).await?);
    };
    let is_clients_own = authorization.client_id == client.client_id
        && authorization.redirect_uri == redirect_uri
        && is_verified(
            authorization.challenge.as_deref(),
            asked.get("code_verifier"),
        );
    if now >= expires_at || !is_clients_own {
        return Err(refused());
    }

    let (scope, markets) = narrowed_scope(client, &authorization.scope, asked.get("scope"))?;
    let refresh_token = RefreshToken::of(code.session(), issuing.random.as_ref());
    let session = session::of(&refresh_token, client, authorization.owner, scope, now);
    let (secret, expires_at) = (refresh_token.secret().expose_secret(), session::expiry(now));
    let begun = store.begin_session_by_code(tenant, text, &session, secret, expires_at);
    match begun.await {
        Ok(()) => Ok((session::opened(session, refresh_token, None), markets)),
        Err(StoreError::Conflict) => Err(refuse_used(context, client, &code).await?),
        Err(error) => Err(OauthError::failed(error)),
    }
}

/// What the client was sent the code to. A guide of Commerce Layer's own client calls it by another
/// name.
fn redirect_uri(asked: &TokenRequest) -> Result<&str, OauthError> {
    match asked.get("redirect_uri").or(asked.get("callback_url")) {
        Some(given) => Ok(given),
        None => asked.require("redirect_uri"),
    }
}

/// Ends the session that a code began which is not there any more, if the client's own.
async fn refuse_used(
    context: &Context,
    client: &ApiClient,
    code: &AuthorizationCode,
) -> Result<OauthError, OauthError> {
    let (store, tenant, id) = (&context.store, client.tenant, code.session());
    let stored = store.session(tenant, &id).await;
    let stored = stored.map_err(OauthError::failed)?;
    if stored.is_some_and(|it| it.session.client_id == client.client_id) {
        tracing::warn!("an authorization code was used again: its session ends");
        let ended = store.end_session(tenant, &id).await;
        ended.map_err(OauthError::failed)?;
    }
    Ok(OauthError::invalid_authorization_code())
}

/// Whether the verifier meets the challenge; where there was none, there must be no verifier either:
/// somebody has left the challenge out of the request on its way (RFC 9700, section 4.8.2).
fn is_verified(challenge: Option<&str>, verifier: Option<&str>) -> bool {
    match (challenge, verifier) {
        (None, None) => true,
        (Some(challenge), Some(verifier)) => {
            CodeChallenge::parse(challenge).is_some_and(|it| it.is_met_by(verifier))
        }
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// The scope that was granted, or the part of it that is asked for now, as Commerce Layer's client
/// may. It stands for the markets that the client may have by now.
fn narrowed_scope(
    client: &ApiClient,
    granted: &str,
    asked: Option<&str>,
) -> Result<(String, Vec<MarketId>), OauthError> {
    let (granted, markets) = scope(client, Some(granted))?;
    let Some(asked) = asked.filter(|it| !it.trim().is_empty()) else {
        return Ok((granted, markets));
    };
    let (narrowed, parts) = scope(client, Some(asked))?;
    match parts.iter().all(|it| markets.contains(it)) {
        true => Ok((narrowed, parts)),
        false => Err(OauthError::invalid_scope()),
    }
}
