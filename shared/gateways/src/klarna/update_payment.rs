use domain::gateway::{GatewayAnswer, GatewayRefusal, NewPayment};
use http::StatusCode;

use super::client::KlarnaClient;
use super::create_payment::basket;
use super::endpoint::Endpoint;
use super::errors::{is_error, is_missing, not_done};
use super::read_payment::{read_payment, unknown_session};
use super::reference::PaymentReference;
use super::requests;
use crate::not_done::NotDone;
use crate::refusals::invalid;

/// Klarna hears of the order alone, and of no options.
pub(super) async fn update_payment(
    client: &KlarnaClient<'_>,
    payment: &str,
    to: Option<&NewPayment>,
) -> Result<GatewayAnswer, NotDone> {
    let Some(to) = to else {
        return read_payment(client, payment).await;
    };
    let session = match PaymentReference::of(payment).ok_or_else(unknown_session)? {
        PaymentReference::Session(session) => session,
        PaymentReference::Order(_) => return Err(ordered().into()),
    };
    let body = requests::update_session(to, basket(to)?)?;
    let response = client
        .tell(Endpoint::UpdateSession, Some(session), &body)
        .await?;
    if is_error(&response, StatusCode::NOT_FOUND, "SESSION_COMPLETED") {
        return Err(ordered().into());
    }
    if is_missing(&response) {
        return Err(unknown_session().into());
    }
    if !response.status().is_success() {
        return Err(not_done(&response));
    }
    read_payment(client, payment).await
}

fn ordered() -> GatewayRefusal {
    invalid("An order was placed with this payment at Klarna, so it cannot change any more.")
}
