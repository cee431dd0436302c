use domain::gateway::GatewayAnswer;
use http::StatusCode;

use super::answers::Customer;
use super::client::CheckoutComClient;
use super::endpoint::{Endpoint, is_id};
use super::errors::{ANSWERS, is_unfit};
use super::requests;
use crate::failure::CallFailure;
use crate::not_done::NotDone;
use crate::refusals::invalid;

/// An e-mail has one customer at Checkout.com, so that one who is there already is taken.
pub(super) async fn create_customer(
    client: &CheckoutComClient<'_>,
    email: Option<&str>,
) -> Result<GatewayAnswer, NotDone> {
    let email = email.filter(|it| it.contains('@')).ok_or_else(|| {
        invalid(
            "Checkout.com keeps customers by their e-mail: the customer needs an e-mail address.",
        )
    })?;
    let body = requests::create_customer(client.exchange.asked, email);
    let response = client
        .send(Endpoint::CreateCustomer, "", Some(&body))
        .await?;
    let refusing = [StatusCode::UNPROCESSABLE_ENTITY, StatusCode::CONFLICT];
    let known = match refusing.contains(&response.status()) {
        true => read_customer(client, email).await?,
        false => None,
    };
    let customer = match known {
        Some(customer) => customer,
        None => ANSWERS.read(&response).map_err(about_email)?,
    };
    match is_id(&customer.id, "cus_") {
        true => Ok(GatewayAnswer::Customer(customer.id)),
        false => Err(broken("a customer without an id")),
    }
}

/// The customer of this e-mail, where there is one.
async fn read_customer(
    client: &CheckoutComClient<'_>,
    email: &str,
) -> Result<Option<Customer>, NotDone> {
    let segment: String = form_urlencoded::byte_serialize(email.as_bytes()).collect();
    let response = client.send(Endpoint::ReadCustomer, &segment, None).await?;
    if is_unfit(&response) {
        return Ok(None);
    }
    let customer: Option<Customer> = ANSWERS.read_found(&response)?;
    let has_email = |it: &Customer| {
        let known = it.email.as_deref().unwrap_or_default();
        known.to_lowercase() == email.to_lowercase()
    };
    match customer {
        Some(customer) if !has_email(&customer) => Err(broken("a customer with another e-mail")),
        customer => Ok(customer),
    }
}

/// A customer is made of an e-mail, so that a refusal is about that.
fn about_email(not_done: NotDone) -> NotDone {
    match not_done {
        NotDone::Refused(_) => {
            invalid("The gateway does not take the customer's e-mail address.").into()
        }
        failed @ NotDone::Failed(_) => failed,
    }
}

fn broken(problem: &str) -> NotDone {
    CallFailure::NotUnderstood(problem.to_owned()).into()
}
