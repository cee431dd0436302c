use domain::gateway::{GatewayAnswer, NewPayment};

use super::client::StripeClient;
use super::endpoint::Endpoint;
use super::errors::ANSWERS;
use super::read_payment::shown;
use super::requests;
use super::retry::is_burnt;
use crate::not_done::NotDone;
use crate::refusals::burnt_key;

pub(super) async fn create_payment(
    client: &StripeClient<'_>,
    payment: &NewPayment,
) -> Result<GatewayAnswer, NotDone> {
    let form = requests::create_payment(client.exchange.asked, payment)?;
    let response = client
        .send(Endpoint::CreatePayment, "", Some(&form))
        .await?;
    if is_burnt(&response) {
        return Err(burnt_key().into());
    }
    shown(client, &ANSWERS.read(&response)?)
}
