use domain::gateway::{GatewayAnswer, GatewayRefusal};

use super::answers::Session;
use super::client::{KlarnaClient, Reference};
use super::endpoint::Endpoint;
use super::errors::ANSWERS;
use crate::not_done::NotDone;
use crate::refusals::invalid;

pub(super) async fn read_payment(
    client: &KlarnaClient<'_>,
    payment: &str,
) -> Result<GatewayAnswer, NotDone> {
    let session = Reference::of(payment).ok_or_else(unknown_session)?;
    let response = client.ask(Endpoint::ReadSession, session).await?;
    let session: Option<Session> = ANSWERS.read_found(&response)?;
    let session = session.filter(|it| it.may_be_of(&client.exchange.asked.table));
    let session = session.ok_or_else(unknown_session)?;
    Ok(GatewayAnswer::Payment(session.payment(payment)?))
}

/// The refusal to do anything with a session that Klarna does not know.
pub(super) fn unknown_session() -> GatewayRefusal {
    invalid("The payment session is not known at Klarna any more. Create a new payment source.")
}
