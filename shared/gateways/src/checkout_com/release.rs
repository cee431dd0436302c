use bytes::Bytes;
use domain::gateway::GatewayAnswer;
use http::Response;

use super::answers::{PaymentAnswer, Status};
use super::client::CheckoutComClient;
use super::endpoint::Endpoint;
use super::errors::{is_refused, not_done};
use super::read_payment::find_payment;
use super::requests;
use crate::failure::CallFailure;
use crate::not_done::NotDone;
use crate::refusals::captured;

/// The vendor keeps by itself the card of a payment that is let go of, where it was to be stored.
pub(super) async fn release(
    client: &CheckoutComClient<'_>,
    payment: &str,
) -> Result<GatewayAnswer, NotDone> {
    let Some(found) = find_payment(client, payment).await? else {
        return Ok(GatewayAnswer::Done);
    };
    let kept = found.instrument().map(str::to_owned);
    let released = kept.map_or(GatewayAnswer::Done, GatewayAnswer::Kept);
    if let Some(settled) = settled(&found) {
        return settled.map(|()| released);
    }
    let id = &found.facts.id;
    let body = requests::void(client.exchange.asked);
    let response = client.send(Endpoint::VoidPayment, id, Some(&body)).await?;
    if response.status().is_success() {
        return Ok(released);
    }
    if !is_refused(&response) {
        return Err(not_done(&response));
    }
    let settled = match find_payment(client, id).await? {
        None => Ok(()),
        Some(found) => settled(&found).unwrap_or_else(|| Err(still_held(&response))),
    };
    settled.map(|()| released)
}

/// Whether a payment needs no release, or cannot have one; none where its amount is held.
fn settled(payment: &PaymentAnswer) -> Option<Result<(), NotDone>> {
    match payment.facts.status {
        Status::Authorized if payment.facts.approved != Some(false) => None,
        Status::Pending => Some(Err(CallFailure::InProgress.into())),
        Status::Taken => Some(Err(captured().into())),
        // A card that was verified holds nothing.
        Status::Authorized
        | Status::CardVerified
        | Status::Declined
        | Status::Over
        | Status::Expired => Some(Ok(())),
    }
}

/// A void that was refused though the amount is held: no refusal here, for a refusal would end the
/// debt.
fn still_held(response: &Response<Bytes>) -> NotDone {
    match not_done(response) {
        NotDone::Refused(_) => CallFailure::Unavailable(response.status().as_u16()).into(),
        failed @ NotDone::Failed(_) => failed,
    }
}
