use domain::gateway::GatewayAnswer;

use super::client::StripeClient;
use super::endpoint::Endpoint;
use super::errors::{is_missing, is_refused, not_done, still_owed};
use super::make_reusable::read_method;
use super::requests::path_segment;
use super::retry::is_burnt;
use crate::form::Form;
use crate::not_done::NotDone;

pub(super) async fn forget(
    client: &StripeClient<'_>,
    payment_source_token: &str,
) -> Result<GatewayAnswer, NotDone> {
    let method = path_segment(payment_source_token)?;
    let form = Form::new();
    let response = client
        .send(Endpoint::DetachMethod, method, Some(&form))
        .await?;
    if response.status().is_success() || is_missing(&response) {
        return Ok(GatewayAnswer::Done);
    }
    if !is_burnt(&response) && !is_refused(&response) {
        return Err(not_done(&response));
    }
    match read_method(client, method).await? {
        Some(method) if method.customer.is_some() => Err(still_owed(&response)),
        _ => Ok(GatewayAnswer::Done),
    }
}
