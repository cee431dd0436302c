use domain::gateway::{GatewayAnswer, GatewayRefusal};

use super::answers::Session;
use super::client::{KlarnaClient, Reference};
use super::endpoint::Endpoint;
use super::errors::ANSWERS;
use super::read_order::{read_order, unknown_order};
use super::reference::PaymentReference;
use crate::not_done::NotDone;
use crate::refusals::invalid;

pub(super) async fn read_payment(
    client: &KlarnaClient<'_>,
    payment: &str,
) -> Result<GatewayAnswer, NotDone> {
    match PaymentReference::of(payment).ok_or_else(unknown_session)? {
        PaymentReference::Session(session) => read_session(client, session, payment).await,
        PaymentReference::Order(order) => {
            let order = read_order(client, order).await?.ok_or_else(unknown_order)?;
            Ok(GatewayAnswer::Payment(order.payment(payment)?))
        }
    }
}

async fn read_session(
    client: &KlarnaClient<'_>,
    session: Reference<'_>,
    payment: &str,
) -> Result<GatewayAnswer, NotDone> {
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
