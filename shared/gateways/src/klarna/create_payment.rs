use domain::basket::Basket;
use domain::gateway::{GatewayAnswer, NewPayment};

use super::answers::{NewSession, TokenStatus};
use super::client::{KlarnaClient, Reference};
use super::endpoint::Endpoint;
use super::errors::{ANSWERS, refuses_tokens};
use super::read_token::read_token;
use super::requests::{self, Intent};
use crate::failure::CallFailure;
use crate::not_done::NotDone;
use crate::refusals::not_reusable;

pub(super) async fn create_payment(
    client: &KlarnaClient<'_>,
    payment: &NewPayment,
) -> Result<GatewayAnswer, NotDone> {
    match payment.saved.as_deref() {
        Some(token) => reuse(client, payment, token).await,
        None => open_session(client, payment).await,
    }
}

/// Where Klarna makes no customer tokens, a customer pays as a guest does: what they pay with is not
/// kept.
async fn open_session(
    client: &KlarnaClient<'_>,
    payment: &NewPayment,
) -> Result<GatewayAnswer, NotDone> {
    let basket = basket(payment)?;
    let intent = Intent::of(payment);
    let session = requests::create_session(client, payment, basket, intent)?;
    let mut response = client.tell(Endpoint::CreateSession, None, &session).await?;
    if intent == Intent::BuyAndTokenize && refuses_tokens(&response) {
        let session = requests::create_session(client, payment, basket, Intent::Buy)?;
        response = client.tell(Endpoint::CreateSession, None, &session).await?;
    }
    let session: NewSession = ANSWERS.read(&response)?;
    Ok(GatewayAnswer::Payment(session.payment(payment)))
}

async fn reuse(
    client: &KlarnaClient<'_>,
    payment: &NewPayment,
    token: &str,
) -> Result<GatewayAnswer, NotDone> {
    let known = match Reference::of(token) {
        Some(reference) => read_token(client, reference).await?,
        None => None,
    };
    match known {
        Some(known) if known.status == TokenStatus::Active => {
            Ok(GatewayAnswer::Payment(known.payment(payment, token)))
        }
        Some(known) if known.status == TokenStatus::Suspended => Err(not_reusable(
            "Klarna has suspended the saved source for now. Let the shopper pay anew.",
        )
        .into()),
        _ => Err(not_reusable(
            "The saved source was cancelled at Klarna, which is final. Let the shopper pay anew.",
        )
        .into()),
    }
}

/// The order's basket, which each session is opened and changed with.
pub(super) fn basket(payment: &NewPayment) -> Result<&Basket, CallFailure> {
    let basket = payment.basket.as_ref();
    basket.ok_or_else(|| CallFailure::NotWritable("asked without the order's basket".to_owned()))
}
