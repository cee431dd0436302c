use domain::gateway::GatewayAnswer;

use super::answers::Status;
use super::client::StripeClient;
use super::endpoint::Endpoint;
use super::errors::{is_missing, is_refused, not_done, still_owed};
use super::read_payment::read_intent;
use super::requests::{self, path_segment};
use super::retry::is_burnt;
use crate::failure::CallFailure;
use crate::not_done::NotDone;
use crate::refusals::captured;

pub(super) async fn release(
    client: &StripeClient<'_>,
    payment: &str,
) -> Result<GatewayAnswer, NotDone> {
    let (id, form) = (path_segment(payment)?, requests::cancel());
    let response = client
        .send(Endpoint::CancelPayment, id, Some(&form))
        .await?;
    if response.status().is_success() || is_missing(&response) {
        return Ok(GatewayAnswer::Done);
    }
    if !is_burnt(&response) && !is_refused(&response) {
        return Err(not_done(&response));
    }
    match read_intent(client, payment).await?.status {
        Status::Canceled => Ok(GatewayAnswer::Done),
        Status::Succeeded => Err(captured().into()),
        Status::Processing => Err(CallFailure::InProgress.into()),
        _ => Err(still_owed(&response)),
    }
}
