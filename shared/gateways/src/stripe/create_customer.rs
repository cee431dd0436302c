use domain::gateway::GatewayAnswer;

use super::answers::Customer;
use super::client::StripeClient;
use super::endpoint::Endpoint;
use super::errors::ANSWERS;
use super::requests;
use super::retry::is_burnt;
use crate::not_done::NotDone;
use crate::refusals::burnt_key;

pub(super) async fn create_customer(
    client: &StripeClient<'_>,
    email: Option<&str>,
    replaces: Option<&str>,
) -> Result<GatewayAnswer, NotDone> {
    let asked = client.exchange.asked;
    let form = requests::create_customer(asked, email, replaces);
    let endpoint = Endpoint::CreateCustomer;
    let mut response = client
        .send_as(endpoint, "", Some(&form), endpoint.step(), 0)
        .await?;
    if is_burnt(&response) {
        // A customer is made once, whichever of their orders asks for it first, so that a burnt
        // key would stand in the way for a day. A second key, which follows the attempt; a
        // customer that the first may have made is never referred to.
        response = client
            .send_as(
                endpoint,
                "",
                Some(&form),
                "create_customer_again",
                asked.attempt,
            )
            .await?;
    }
    if is_burnt(&response) {
        return Err(burnt_key().into());
    }
    let customer: Customer = ANSWERS.read(&response)?;
    Ok(GatewayAnswer::Customer(customer.id))
}
