use domain::gateway::GatewayAnswer;

use super::answers::PaymentIntent;
use super::client::StripeClient;
use super::endpoint::Endpoint;
use super::errors::{ANSWERS, not_done};
use super::requests::path_segment;
use crate::not_done::NotDone;
use crate::refusals::unknown;

pub(super) async fn read_payment(
    client: &StripeClient<'_>,
    payment: &str,
) -> Result<GatewayAnswer, NotDone> {
    shown(client, &read_intent(client, payment).await?)
}

/// The PaymentIntent as Stripe has it; one that another table's mark is on is not known here.
pub(super) async fn read_intent(
    client: &StripeClient<'_>,
    payment: &str,
) -> Result<PaymentIntent, NotDone> {
    let id = path_segment(payment)?;
    let response = client.send(Endpoint::ReadPayment, id, None).await?;
    let found: Option<PaymentIntent> = ANSWERS.read_found(&response)?;
    let found = found.ok_or_else(|| not_done(&response))?;
    match found.may_be_of(&client.exchange.asked.table) {
        true => Ok(found),
        false => Err(unknown().into()),
    }
}

/// The answer that shows this PaymentIntent.
pub(super) fn shown(
    client: &StripeClient<'_>,
    intent: &PaymentIntent,
) -> Result<GatewayAnswer, NotDone> {
    let payment = intent.payment(client.publishable_key())?;
    Ok(GatewayAnswer::Payment(payment))
}
