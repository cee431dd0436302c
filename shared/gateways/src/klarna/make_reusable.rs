//! Making a customer token of what the shopper approved. It can be done once, within the hour that an
//! authorization lives, and before an order is placed with it.

use bytes::Bytes;
use domain::gateway::{GatewayAnswer, GatewayCall, GatewayRefusal, NotedRequest, Reusable, ToKeep};
use http::{Response, StatusCode};

use super::answers::MintedToken;
use super::client::{KlarnaClient, Reference, keyed, target};
use super::endpoint::Endpoint;
use super::errors::{ANSWERS, KlarnaError, is_burnt, is_missing};
use super::read_token::read_token;
use super::{instrument, requests};
use crate::not_done::NotDone;
use crate::refusals::{burnt_key, invalid, not_ready, not_reusable};

pub(super) async fn make_reusable(
    client: &KlarnaClient<'_>,
    keep: &ToKeep,
) -> Result<GatewayAnswer, NotDone> {
    let Some(authorization) = &keep.shopper_token else {
        return Err(not_ready(
            "The shopper has not approved this payment yet. PATCH the payment source's auth_token with what Klarna's script gave, then save it.",
        )
        .into());
    };
    let authorization = Reference::of(authorization).ok_or_else(spent)?;
    let endpoint = Endpoint::MintToken;
    let request = client.noted(endpoint, authorization, || {
        Ok(Some(requests::mint_token(keep)?))
    })?;
    let mut response = client.send(endpoint, Some(authorization), &request).await?;
    if is_burnt(&response) {
        // Klarna answers a key with its first result for a day, a fault of its own too. Another
        // key mints no second token: an authorization is consumed by its first.
        response = client.send_again(endpoint, authorization, &request).await?;
    }
    if is_burnt(&response) {
        return Err(burnt_key().into());
    }
    if let Some(refusal) = refused(&response) {
        return Err(refusal.into());
    }
    let minted: MintedToken = ANSWERS.read(&response)?;
    let reusable = described(client, minted.token_id, keep).await;
    Ok(GatewayAnswer::Reusable(reusable))
}

/// The request that mints, as it is noted before it is sent.
pub(super) fn written(asked: &GatewayCall, keep: &ToKeep) -> Option<NotedRequest> {
    let authorization = Reference::of(keep.shopper_token.as_deref()?)?;
    let body = requests::mint_token(keep).ok()?;
    let endpoint = Endpoint::MintToken;
    let target = target(endpoint, Some(authorization));
    Some(keyed(asked, endpoint.step(), &target, Some(&body)))
}

/// The token with what it stands for. That is for show, and the token is not lost where it cannot
/// be read.
async fn described(client: &KlarnaClient<'_>, token: String, keep: &ToKeep) -> Reusable {
    let read = match Reference::of(&token) {
        Some(reference) => read_token(client, reference).await,
        None => Ok(None),
    };
    match read {
        Ok(Some(read)) => read.reusable(token, keep.customer),
        Ok(None) => {
            tracing::warn!("klarna does not know the token that it has just made");
            instrument::unread(token, keep.customer)
        }
        Err(problem) => {
            tracing::warn!(?problem, "the token that klarna made was not read");
            instrument::unread(token, keep.customer)
        }
    }
}

/// What mints meet and nothing else does.
fn refused(response: &Response<Bytes>) -> Option<GatewayRefusal> {
    if is_missing(response) {
        return Some(spent());
    }
    let error = KlarnaError::of(response)?;
    match response.status() {
        StatusCode::FORBIDDEN if error.is("INVALID_OPERATION") && error.says("consumed") => {
            Some(spent())
        }
        StatusCode::FORBIDDEN if error.is("INVALID_OPERATION") => Some(not_reusable(
            "Klarna gives no token for this payment: the shopper did not agree to be charged again. That is asked for where the payment source is created with a token of the order's customer, in countries where Klarna keeps payment sources.",
        )),
        StatusCode::CONFLICT => Some(invalid(
            "The shopper approved another country or currency than the order's. Let the shopper approve the payment again, and PATCH the new auth_token.",
        )),
        _ => None,
    }
}

/// The refusal of an authorization that Klarna does not take any more.
pub(super) fn spent() -> GatewayRefusal {
    invalid(
        "The auth_token has expired, was used before or is not Klarna's. Let the shopper approve the payment again, and PATCH the new auth_token.",
    )
}
