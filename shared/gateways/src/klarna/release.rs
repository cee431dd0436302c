use domain::gateway::GatewayAnswer;
use http::StatusCode;

use super::client::{KlarnaClient, Reference};
use super::endpoint::Endpoint;
use super::errors::{is_error, is_missing, not_done, refusal};
use super::read_order::read_order;
use super::reference::PaymentReference;
use crate::not_done::NotDone;
use crate::refusals::{captured, invalid};

/// Lets go of a payment: cancels its order where it has one, else gives up what the shopper approved. A
/// session that nobody approves lapses by itself.
pub(super) async fn release(
    client: &KlarnaClient<'_>,
    payment: Option<&str>,
    shopper_token: Option<&str>,
) -> Result<GatewayAnswer, NotDone> {
    let order = payment.and_then(PaymentReference::of);
    match (order.and_then(PaymentReference::order), shopper_token) {
        (Some(order), _) => cancel(client, order).await,
        (None, Some(token)) => release_authorization(client, token).await,
        (None, None) => Ok(GatewayAnswer::Done),
    }
}

/// Cancels an order of which nothing was captured. One that is over has nothing to let go of.
async fn cancel(client: &KlarnaClient<'_>, order: Reference<'_>) -> Result<GatewayAnswer, NotDone> {
    let request = client.noted(Endpoint::CancelOrder, order, || Ok(None))?;
    let response = client
        .send(Endpoint::CancelOrder, Some(order), &request)
        .await?;
    if response.status().is_success() || is_missing(&response) {
        return Ok(GatewayAnswer::Done);
    }
    let (_, refusal) = refusal(&response)?;
    match read_order(client, order).await? {
        Some(order) if order.captured_amount > 0 => Err(captured().into()),
        Some(order) if order.is_open() => Err(refusal.into()),
        _ => Ok(GatewayAnswer::Done),
    }
}

/// Gives up what the shopper approved. One that Klarna does not know has expired, was released
/// before, or never was.
async fn release_authorization(
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
