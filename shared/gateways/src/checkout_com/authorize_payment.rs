use domain::gateway::{GatewayAnswer, GatewayCall, NewPayment, NotedRequest};

use super::answers::PaymentAnswer;
use super::client::{CheckoutComClient, keyed};
use super::endpoint::Endpoint;
use super::errors::ANSWERS;
use super::requests;
use crate::not_done::NotDone;

/// A decline is an answer like any other. Only successes are kept under the idempotency key, so that
/// after a fault the same request is carried out, or answered as it was.
pub(super) async fn authorize_payment(
    client: &CheckoutComClient<'_>,
    new: &NewPayment,
) -> Result<GatewayAnswer, NotDone> {
    let body = requests::request_payment(client.exchange.asked, new)?;
    let response = client
        .send(Endpoint::RequestPayment, "", Some(&body))
        .await?;
    let answer: PaymentAnswer = ANSWERS.read(&response)?;
    let payment = answer.payment(client.public_key(), Some(new))?;
    Ok(GatewayAnswer::Payment(payment))
}

/// The request, as it is noted before it is sent.
pub(super) fn written(asked: &GatewayCall, new: &NewPayment) -> Option<NotedRequest> {
    let body = requests::request_payment(asked, new).ok()?;
    let endpoint = Endpoint::RequestPayment;
    Some(keyed(asked, endpoint, endpoint.template(), Some(&body)))
}
