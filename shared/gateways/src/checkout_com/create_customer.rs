use domain::gateway::GatewayAnswer;
use http::StatusCode;
use serde_json::Value;

use super::answers::Customer;
use super::client::CheckoutComClient;
use super::endpoint::{Endpoint, is_id};
use super::errors::{ANSWERS, is_unfit};
use super::requests;
use crate::failure::CallFailure;
use crate::not_done::NotDone;
use crate::refusals::invalid;

/// An e-mail has one customer at Checkout.com. One who is there already is taken where our own metadata
/// says that it is this one: somebody else may have had the address before, whose cards they would find.
/// Then the customer is made under a sub-address, which leads to the same mailbox (RFC 5233).
pub(super) async fn create_customer(
    client: &CheckoutComClient<'_>,
    email: Option<&str>,
) -> Result<GatewayAnswer, NotDone> {
    let email = email.and_then(|it| Some((it, it.rsplit_once('@')?)));
    let (email, (local, domain)) = email.ok_or_else(|| {
        invalid(
            "Checkout.com keeps customers by their e-mail: the customer needs an e-mail address.",
        )
    })?;
    let subject = client.exchange.asked.subject;
    let own = format!("{local}+{subject}@{domain}");
    match made_or_found(client, email).await? {
        Some(customer) => Ok(GatewayAnswer::Customer(customer)),
        None => match made_or_found(client, &own).await? {
            Some(customer) => Ok(GatewayAnswer::Customer(customer)),
            None => Err(broken("a sub-address of another customer's")),
        },
    }
}

/// The customer of this e-mail, made now or before; none where it is another customer's.
async fn made_or_found(
    client: &CheckoutComClient<'_>,
    email: &str,
) -> Result<Option<String>, NotDone> {
    let asked = client.exchange.asked;
    let body = requests::create_customer(asked, email);
    let response = client
        .send(Endpoint::CreateCustomer, "", Some(&body))
        .await?;
    let refusing = [StatusCode::UNPROCESSABLE_ENTITY, StatusCode::CONFLICT];
    let known = match refusing.contains(&response.status()) {
        true => read_customer(client, email).await?,
        false => None,
    };
    let customer = match known {
        Some(customer) if is_ours(&customer, &body["metadata"]) => customer,
        Some(_) => return Ok(None),
        None => ANSWERS.read(&response).map_err(about_email)?,
    };
    match is_id(&customer.id, "cus_") {
        true => Ok(Some(customer.id)),
        false => Err(broken("a customer without an id")),
    }
}

/// Whether a customer bears what we say of this one.
fn is_ours(customer: &Customer, metadata: &Value) -> bool {
    let said = metadata.as_object().into_iter().flatten();
    said.into_iter()
        .all(|(name, value)| customer.metadata.get(name) == Some(value))
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
