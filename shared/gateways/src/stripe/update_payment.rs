use domain::gateway::{GatewayAnswer, NewPayment};
use serde_json::{Map, Value};

use super::amounts::UNITS;
use super::answers::PaymentIntent;
use super::client::StripeClient;
use super::endpoint::Endpoint;
use super::errors::ANSWERS;
use super::read_payment::{read_intent, read_payment, shown};
use super::requests::{self, path_segment};
use super::retry::is_burnt;
use crate::not_done::NotDone;
use crate::refusals::burnt_key;

pub(super) async fn update_payment(
    client: &StripeClient<'_>,
    payment: &str,
    to: Option<&NewPayment>,
    options: Option<&Map<String, Value>>,
) -> Result<GatewayAnswer, NotDone> {
    let Some(form) = requests::update_payment(to, options)? else {
        return read_payment(client, payment).await;
    };
    let id = path_segment(payment)?;
    let response = client
        .send(Endpoint::UpdatePayment, id, Some(&form))
        .await?;
    if !is_burnt(&response) {
        return shown(client, &ANSWERS.read(&response)?);
    }
    let intent = read_intent(client, payment).await?;
    match is_changed(&intent, to, options)? {
        true => shown(client, &intent),
        false => Err(burnt_key().into()),
    }
}

/// Whether the intent is as the change wants it.
fn is_changed(
    intent: &PaymentIntent,
    to: Option<&NewPayment>,
    options: Option<&Map<String, Value>>,
) -> Result<bool, NotDone> {
    let amount = UNITS.amount(intent.amount, &intent.currency)?;
    let method = match options {
        Some(options) => requests::payment_method(options)?,
        None => None,
    };
    let has_amount = to.is_none_or(|wanted| wanted.amount == amount);
    let has_method = method.is_none_or(|wanted| {
        let method = intent.payment_method.as_ref();
        method.is_some_and(|it| it.id() == wanted)
    });
    Ok(has_amount && has_method)
}
