//! Ending a session (RFC 7009), by its refresh token or by an access token of it. An access token
//! itself stays good until it expires: functions look none up.

use access::{Claims, RefreshToken};
use domain::Mode;
use service::Context;
use store::ApiClient;

use crate::Issuing;
use crate::client::authenticate_client;
use crate::oauth::{OauthError, TokenRequest};

/// Ends the session that the request's token is of. A token that is of none, or of one that is gone,
/// is no error (RFC 7009, section 2.2).
pub async fn revoke(
    context: &Context,
    issuing: &Issuing,
    asked: &TokenRequest,
) -> Result<(), OauthError> {
    if asked.get("client_id").is_none() {
        return Err(OauthError::unauthorized_client());
    }
    let client = authenticate_client(context, asked).await;
    let client = client.map_err(|error| match error.status {
        401 => OauthError::unauthorized_client(),
        _ => error,
    })?;
    let token = asked.require("token")?;
    let session = match RefreshToken::parse(token) {
        // Its secret need not be the newest: whoever was given one of the session's may end it.
        Some(refresh_token) => refresh_token.session().to_owned(),
        None => match context.issuers_for(token).await.authentic_claims(token) {
            Ok(claims) if !is_clients(&claims, issuing, &client) => {
                return Err(OauthError::unauthorized_client());
            }
            Ok(Claims { sid: Some(sid), .. }) => sid,
            Ok(_) | Err(_) => return Ok(()),
        },
    };

    let (store, tenant) = (&context.store, client.tenant);
    let stored = store.session(tenant, &session).await;
    match stored.map_err(OauthError::failed)? {
        None => Ok(()),
        Some(stored) if stored.session.client_id != client.client_id => {
            Err(OauthError::unauthorized_client())
        }
        Some(_) => {
            let ended = store.end_session(tenant, &session).await;
            ended.map_err(OauthError::failed)
        }
    }
}

/// Whether the access token was issued here, to this client.
fn is_clients(claims: &Claims, issuing: &Issuing, client: &ApiClient) -> bool {
    let tenant = client.tenant;
    claims.iss == issuing.signer.current().issuer()
        && claims.application.client_id == client.client_id
        && claims.organization.id == tenant.organization
        && claims.test == (tenant.mode == Mode::Test)
}
