use domain::gateway::GatewayAnswer;

use super::client::{KlarnaClient, Reference};
use super::endpoint::Endpoint;
use super::errors::{KlarnaError, is_missing, not_done};
use super::requests;
use crate::not_done::NotDone;

pub(super) async fn forget(
    client: &KlarnaClient<'_>,
    payment_source_token: &str,
) -> Result<GatewayAnswer, NotDone> {
    let Some(token) = Reference::of(payment_source_token) else {
        return Ok(GatewayAnswer::Done);
    };
    let body = requests::cancel_token();
    let response = client
        .tell(Endpoint::CancelToken, Some(token), &body)
        .await?;
    if response.status().is_success() || is_missing(&response) {
        return Ok(GatewayAnswer::Done);
    }
    let error = KlarnaError::of(&response);
    // Klarna spells it both ways.
    match error.is_some_and(|it| it.is("TOKEN_CANCELLED") || it.is("TOKEN_CANCELED")) {
        true => Ok(GatewayAnswer::Done),
        false => Err(not_done(&response)),
    }
}
