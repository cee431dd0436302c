use domain::gateway::{GatewayAnswer, ToKeep};

use super::client::CheckoutComClient;
use super::read_instrument::read_instrument;
use super::read_payment::find_payment;
use super::saving;
use crate::failure::CallFailure;
use crate::not_done::NotDone;

pub(super) async fn make_reusable(
    client: &CheckoutComClient<'_>,
    keep: &ToKeep,
) -> Result<GatewayAnswer, NotDone> {
    let payment = keep.payment.as_ref().ok_or_else(saving::not_authorized)?;
    let customer = keep.customer_token.as_ref().ok_or_else(saving::of_guest)?;
    let found = find_payment(client, payment).await?;
    let found = found.ok_or_else(saving::not_stored)?;
    let id = saving::kept(&found, customer)?;
    let instrument = read_instrument(client, id).await?;
    saving::require_own(instrument.as_ref(), Some(customer))?;
    let card = found.facts.source.as_ref().ok_or_else(|| {
        CallFailure::NotUnderstood("an approved payment without a source".to_owned())
    })?;
    Ok(GatewayAnswer::Reusable(card.reusable(customer, id)))
}
