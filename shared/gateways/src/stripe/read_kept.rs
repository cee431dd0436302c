use domain::gateway::{GatewayAnswer, KeptThere};

use super::answers::{Customer, Reference};
use super::client::StripeClient;
use super::endpoint::Endpoint;
use super::errors::ANSWERS;
use super::make_reusable::read_method;
use super::requests::path_segment;
use crate::not_done::NotDone;
use crate::refusals::{CUSTOMER_UNKNOWN, customer_unknown, unknown};

/// A PaymentMethod that was detached is there for good, without a customer.
const DETACHED: &str = "The gateway keeps this card no more. Let the shopper enter the card again.";

/// What Stripe keeps for later, as it stands.
pub(super) async fn read_kept(
    client: &StripeClient<'_>,
    kept: &KeptThere,
) -> Result<GatewayAnswer, NotDone> {
    match kept {
        KeptThere::Source(token) => {
            let method = read_method(client, token).await?.ok_or_else(unknown)?;
            Ok(match method.customer.as_ref().map(Reference::id) {
                Some(customer) => GatewayAnswer::Reusable(method.reusable(customer)),
                None => GatewayAnswer::Lost(DETACHED.to_owned()),
            })
        }
        KeptThere::Customer(token) => {
            let id = path_segment(token)?;
            let response = client.send(Endpoint::ReadCustomer, id, None).await?;
            let customer: Option<Customer> = ANSWERS.read_found(&response)?;
            let customer = customer.ok_or_else(customer_unknown)?;
            Ok(match customer.deleted {
                true => GatewayAnswer::Lost(CUSTOMER_UNKNOWN.to_owned()),
                false => GatewayAnswer::Customer(customer.id),
            })
        }
    }
}
