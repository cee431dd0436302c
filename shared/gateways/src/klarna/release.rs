use domain::gateway::GatewayAnswer;
use http::StatusCode;

use super::client::{KlarnaClient, Reference};
use super::endpoint::Endpoint;
use super::errors::{is_error, is_missing, not_done};
use crate::not_done::NotDone;
use crate::refusals::invalid;

/// Gives up what the shopper approved. One that Klarna does not know has expired, was released
/// before, or never was.
pub(super) async fn release(
    client: &KlarnaClient<'_>,
    shopper_token: &str,
) -> Result<GatewayAnswer, NotDone> {
    let Some(authorization) = Reference::of(shopper_token) else {
        return Ok(GatewayAnswer::Done);
    };
    let response = client
        .ask(Endpoint::ReleaseAuthorization, authorization)
        .await?;
    if response.status().is_success() || is_missing(&response) {
        return Ok(GatewayAnswer::Done);
    }
    match is_error(&response, StatusCode::FORBIDDEN, "INVALID_OPERATION") {
        true => Err(invalid(
            "An order was placed with this authorization at Klarna, so it can only be cancelled there.",
        )
        .into()),
        false => Err(not_done(&response)),
    }
}
