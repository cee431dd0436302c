//! Customers (<https://docs.stripe.com/api/customers>).

use serde_json::Value;

use super::addresses::{ADDRESS, SHIPPING};
use super::call::Received;
use super::error::{ApiError, NamedIn};
use super::fields::{Field, METADATA, TEXT, optional, unsettable};
use super::lists::{LIMIT, STARTING_AFTER, page};
use super::named_methods::{attach_to, resolve};
use super::objects::customer::Customer;
use super::params::Metadata;
use super::state::Work;
use crate::fields::Kind;

pub(super) const UPDATE: &[Field] = &[
    unsettable("address", Kind::Object(ADDRESS)),
    unsettable("description", TEXT),
    unsettable("email", Kind::Text(0, 512)),
    optional(
        "invoice_settings",
        Kind::Object(&[unsettable("default_payment_method", TEXT)]),
    ),
    METADATA,
    unsettable("name", Kind::Text(0, 256)),
    unsettable("phone", Kind::Text(0, 20)),
    unsettable("shipping", Kind::Object(SHIPPING)),
];

pub(super) const CREATE: &[Field] = &[
    unsettable("address", Kind::Object(ADDRESS)),
    unsettable("description", TEXT),
    unsettable("email", Kind::Text(0, 512)),
    optional(
        "invoice_settings",
        Kind::Object(&[unsettable("default_payment_method", TEXT)]),
    ),
    METADATA,
    unsettable("name", Kind::Text(0, 256)),
    optional("payment_method", TEXT),
    unsettable("phone", Kind::Text(0, 20)),
    unsettable("shipping", Kind::Object(SHIPPING)),
];

pub(super) const LIST: &[Field] = &[optional("email", Kind::Text(0, 512)), LIMIT, STARTING_AFTER];

/// `POST /v1/customers`
pub(super) fn create(work: &mut Work<'_>, call: &Received<'_>) -> Result<Value, ApiError> {
    let mut customer = Customer {
        id: work.ids.make("cus_", 14),
        place: work.account.next_place(),
        created: work.seconds(),
        deleted: false,
        email: None,
        name: None,
        phone: None,
        description: None,
        address: None,
        shipping: None,
        default_payment_method: None,
        metadata: Metadata::new(),
    };
    customer.change(call.params)?;
    let id = customer.id.clone();
    work.account.customers.insert(id.clone(), customer);
    let made = attach_first(work, call, &id).and_then(|()| default_method(work, call, &id));
    if let Err(error) = made {
        work.account.customers.remove(&id);
        return Err(error);
    }
    json_of(work, &id)
}

/// The payment method that a new customer comes with.
fn attach_first(work: &mut Work<'_>, call: &Received<'_>, customer: &str) -> Result<(), ApiError> {
    let Some(method) = call.params.text("payment_method") else {
        return Ok(());
    };
    let place = NamedIn::Parameter("payment_method");
    let method = resolve(work, method, place)?;
    attach_to(work, &method, customer)
}

/// `invoice_settings[default_payment_method]`: it must be the customer's.
fn default_method(
    work: &mut Work<'_>,
    call: &Received<'_>,
    customer: &str,
) -> Result<(), ApiError> {
    let given = call
        .params
        .node("invoice_settings")
        .and_then(|settings| settings.get("default_payment_method"))
        .and_then(Value::as_str);
    let Some(id) = given else {
        return Ok(());
    };
    let is_theirs = work
        .account
        .payment_methods
        .get(id)
        .is_some_and(|method| method.customer.as_deref() == Some(customer));
    if !id.is_empty() && !is_theirs {
        let message = format!(
            "The customer does not have a payment method with the ID {id}. The payment method \
             must be attached to the customer."
        );
        let error = ApiError::invalid(message).code("resource_missing");
        return Err(error.param("invoice_settings[default_payment_method]"));
    }
    if let Some(customer) = work.account.customers.get_mut(customer) {
        customer.default_payment_method = Some(id.to_owned()).filter(|id| !id.is_empty());
    }
    Ok(())
}

/// `GET /v1/customers/{id}`: a deleted customer is still shown, as deleted.
pub(super) fn retrieve(work: &mut Work<'_>, call: &Received<'_>) -> Result<Value, ApiError> {
    json_of(work, call.id)
}

/// `POST /v1/customers/{id}`
pub(super) fn update(work: &mut Work<'_>, call: &Received<'_>) -> Result<Value, ApiError> {
    let mut changed = work.account.customer(call.id, NamedIn::Path("id"))?.clone();
    changed.change(call.params)?;
    default_method(work, call, call.id)?;
    if let Some(customer) = work.account.customers.get_mut(call.id) {
        changed
            .default_payment_method
            .clone_from(&customer.default_payment_method);
        *customer = changed;
    }
    json_of(work, call.id)
}

/// `DELETE /v1/customers/{id}`: its payment methods are detached for good.
pub(super) fn delete(work: &mut Work<'_>, call: &Received<'_>) -> Result<Value, ApiError> {
    let customer = work.account.customer(call.id, NamedIn::Path("id"))?;
    let as_it_was = customer.to_json();
    let methods = work.account.payment_methods.values_mut();
    let mut detached = Vec::new();
    for method in methods.filter(|it| it.customer.as_deref() == Some(call.id)) {
        method.detach();
        detached.push(method.id.clone());
    }
    if let Some(customer) = work.account.customers.get_mut(call.id) {
        customer.deleted = true;
    }
    for method in detached {
        work.happened_to_method("payment_method.detached", &method);
    }
    work.happened("customer.deleted", as_it_was);
    json_of(work, call.id)
}

/// `GET /v1/customers`
pub(super) fn list(work: &mut Work<'_>, call: &Received<'_>) -> Result<Value, ApiError> {
    let email = call.params.text("email");
    let mut customers: Vec<&Customer> = work
        .account
        .customers
        .values()
        .filter(|customer| !customer.deleted)
        .filter(|customer| email.is_none() || customer.email.as_deref() == email)
        .collect();
    customers.sort_by_key(|customer| std::cmp::Reverse(customer.place));
    page(
        "/v1/customers",
        call.params,
        &customers,
        "customer",
        |customer| &customer.id,
        Customer::to_json,
    )
}

fn json_of(work: &Work<'_>, id: &str) -> Result<Value, ApiError> {
    work.account
        .customers
        .get(id)
        .map(Customer::to_json)
        .ok_or_else(|| ApiError::missing("customer", id, NamedIn::Path("id")))
}
