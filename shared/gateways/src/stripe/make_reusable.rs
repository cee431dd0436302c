use domain::gateway::{GatewayAnswer, Reusable, ToKeep};

use super::answers::{PaymentMethod, Reference};
use super::client::StripeClient;
use super::endpoint::Endpoint;
use super::errors::{ANSWERS, is_refused, not_done};
use super::read_payment::read_intent;
use super::requests::{self, path_segment};
use super::retry::is_burnt;
use super::saving::{Saving, decide};
use crate::failure::CallFailure;
use crate::not_done::NotDone;
use crate::refusals::burnt_key;

pub(super) async fn make_reusable(
    client: &StripeClient<'_>,
    keep: &ToKeep,
) -> Result<GatewayAnswer, NotDone> {
    let (Some(payment), Some(customer_token)) = (&keep.payment, &keep.customer_token) else {
        return Err(CallFailure::NotWritable("no payment or no customer".to_owned()).into());
    };
    let intent = read_intent(client, payment).await?;
    let reusable = match decide(&intent, customer_token)? {
        Saving::Attached(method) => method.reusable(customer_token),
        Saving::Attach(method) => attach(client, &method.id, customer_token).await?,
    };
    Ok(GatewayAnswer::Reusable(reusable))
}

/// Kept is the method that Stripe answers, never the id that was sent: `pm_card_visa` becomes a
/// new one.
async fn attach(
    client: &StripeClient<'_>,
    method: &str,
    customer_token: &str,
) -> Result<Reusable, NotDone> {
    let id = path_segment(method)?;
    let form = requests::attach(customer_token);
    let response = client.send(Endpoint::AttachMethod, id, Some(&form)).await?;
    let settled = match is_burnt(&response) || is_refused(&response) {
        true => read_method(client, method).await?,
        false => Some(ANSWERS.read(&response)?),
    };
    match settled.filter(|it| is_customers(it, customer_token)) {
        Some(method) => Ok(method.reusable(customer_token)),
        None if is_burnt(&response) => Err(burnt_key().into()),
        None if response.status().is_success() => {
            let problem = "attached, and yet not the customer's";
            Err(CallFailure::NotUnderstood(problem.to_owned()).into())
        }
        None => Err(not_done(&response)),
    }
}

/// The PaymentMethod, unless there is none of that id.
pub(super) async fn read_method(
    client: &StripeClient<'_>,
    method: &str,
) -> Result<Option<PaymentMethod>, NotDone> {
    let id = path_segment(method)?;
    let response = client.send(Endpoint::ReadMethod, id, None).await?;
    ANSWERS.read_found(&response)
}

fn is_customers(method: &PaymentMethod, customer_token: &str) -> bool {
    let customer = method.customer.as_ref().map(Reference::id);
    customer == Some(customer_token)
}
