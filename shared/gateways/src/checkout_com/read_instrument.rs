use super::answers::Instrument;
use super::client::CheckoutComClient;
use super::endpoint::{Endpoint, is_id};
use super::errors::ANSWERS;
use crate::not_done::NotDone;

/// The stored card, where there is one of this id.
pub(super) async fn read_instrument(
    client: &CheckoutComClient<'_>,
    id: &str,
) -> Result<Option<Instrument>, NotDone> {
    if !is_id(id, "src_") {
        return Ok(None);
    }
    let response = client.send(Endpoint::ReadInstrument, id, None).await?;
    ANSWERS.read_found(&response)
}
