use domain::gateway::GatewayAnswer;

use super::client::CheckoutComClient;
use super::endpoint::{Endpoint, segment};
use super::errors::{is_missing, not_done};
use crate::not_done::NotDone;

pub(super) async fn forget(
    client: &CheckoutComClient<'_>,
    payment_source_token: &str,
) -> Result<GatewayAnswer, NotDone> {
    let id = segment(payment_source_token, &["src_"])?;
    let response = client.send(Endpoint::DeleteInstrument, id, None).await?;
    match response.status().is_success() || is_missing(&response) {
        true => Ok(GatewayAnswer::Done),
        false => Err(not_done(&response)),
    }
}
