use super::answers::CustomerToken;
use super::client::{KlarnaClient, Reference};
use super::endpoint::Endpoint;
use super::errors::{ANSWERS, is_of_no_use, not_done};
use crate::not_done::NotDone;

/// What Klarna says of a customer token, unless there is none of that id any more.
pub(super) async fn read_token(
    client: &KlarnaClient<'_>,
    token: Reference<'_>,
) -> Result<Option<CustomerToken>, NotDone> {
    let response = client.ask(Endpoint::ReadToken, token).await?;
    match is_of_no_use(&response) {
        true => Err(not_done(&response)),
        false => ANSWERS.read_found(&response),
    }
}
