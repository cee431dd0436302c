//! `/customers` (<https://api-reference.checkout.com/#tag/Customers>).

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use crate::ids::Ids;
use crate::vendor::{Asked, Reply};

use super::error::Refusal;
use super::fields::{self, ANY_OBJECT, CUSTOMER_ID, EMAIL, FLAT, checked};
use super::objects::customer::Customer;
use super::objects::payment::Payment;
use super::spelling::{new_id, without_nulls};
use super::state::{Account, Work};
use crate::fields::{Field, Kind, optional, required};

const CUSTOMER: &[Field] = &[
    required("email", EMAIL),
    optional("name", fields::text(255)),
    optional("phone", ANY_OBJECT),
    optional("metadata", FLAT),
];

/// The customer of a payment or a payment session.
pub(super) const REFERENCE: &[Field] = &[
    optional("id", CUSTOMER_ID),
    optional("email", EMAIL),
    optional("name", fields::text(255)),
    optional("phone", ANY_OBJECT),
    optional("tax_number", fields::text(255)),
    optional("default", Kind::Flag),
];

/// `POST /customers`
pub(super) fn create(work: &mut Work<'_>, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let members = checked(asked.body.as_ref(), asked.raw, CUSTOMER)?;
    let ids = work.ids;
    let account = work.state.account(work.account);
    let email = text(members, "email").unwrap_or_default();
    if find(account, email).is_some() {
        return Err(Refusal::invalid("customer_email_already_exists"));
    }
    let id = store(account, ids, email, members);
    Ok(Reply::json(201, json!({ "id": id })))
}

/// `GET /customers/{id or email}`
pub(super) fn read(work: &mut Work<'_>, identifier: &str) -> Result<Reply, Refusal> {
    let account = work.state.account(work.account);
    let customer = find(account, identifier).ok_or(Refusal::NotFound)?;
    let instruments: Vec<Value> = account
        .instruments
        .values()
        .filter(|instrument| instrument.customer.as_deref() == Some(&customer.id))
        .map(|instrument| instrument.to_json(None))
        .collect();
    let body = json!({
        "id": customer.id,
        "email": customer.email,
        "default": customer.default,
        "name": customer.name,
        "phone": customer.phone,
        "metadata": customer.metadata,
        "instruments": instruments,
    });
    Ok(Reply::json(200, without_nulls(body)))
}

/// The customer that a payment names, if it is there: an id must be, an e-mail may be new.
pub(super) fn known(
    account: &Account,
    reference: &Map<String, Value>,
) -> Result<Option<String>, Refusal> {
    match (text(reference, "id"), text(reference, "email")) {
        (Some(id), _) if account.customers.contains_key(id) => Ok(Some(id.to_owned())),
        (Some(_), _) => Err(Refusal::invalid("customer_not_found")),
        (None, Some(email)) => Ok(find(account, email).map(|customer| customer.id.clone())),
        (None, None) => Err(Refusal::invalid("customer_email_required")),
    }
}

/// The customer that a payment names, made where the e-mail is new. `None` if it names none.
pub(super) fn named(
    account: &mut Account,
    ids: &Ids,
    reference: Option<&Value>,
) -> Result<Option<String>, Refusal> {
    let Some(reference) = reference.and_then(Value::as_object) else {
        return Ok(None);
    };
    if let Some(id) = known(account, reference)? {
        return Ok(Some(id));
    }
    let email = text(reference, "email").unwrap_or_default();
    Ok(Some(store(account, ids, email, reference)))
}

/// The customer as payments and instruments show it.
pub(super) fn summary(account: &Account, id: &str) -> Option<Value> {
    let customer = account.customers.get(id)?;
    Some(without_nulls(json!({
        "id": customer.id,
        "email": customer.email,
        "name": customer.name,
    })))
}

/// The customer of a payment as the payment shows it, gone or not.
pub(super) fn of_payment(account: &Account, payment: &Payment) -> Option<Value> {
    let id = payment.customer.as_deref()?;
    Some(summary(account, id).unwrap_or_else(|| json!({ "id": id })))
}

/// True for the instrument that is charged where a payment names the customer alone.
pub(super) fn is_default(account: &Account, id: &str, instrument: &str) -> bool {
    account
        .customers
        .get(id)
        .is_some_and(|customer| customer.default.as_deref() == Some(instrument))
}

/// The first instrument of a customer is the default one.
pub(super) fn link(account: &mut Account, id: &str, instrument: &str) {
    if let Some(customer) = account.customers.get_mut(id) {
        customer
            .default
            .get_or_insert_with(|| instrument.to_owned());
    }
}

/// The instrument is gone.
pub(super) fn unlink(account: &mut Account, id: &str, instrument: &str) {
    if let Some(customer) = account.customers.get_mut(id)
        && customer.default.as_deref() == Some(instrument)
    {
        customer.default = None;
    }
}

/// By id, or by e-mail address, in which a path may have escaped the `@`.
fn find<'a>(account: &'a Account, identifier: &str) -> Option<&'a Customer> {
    let identifier = percent_decode_str(identifier).decode_utf8().ok()?;
    account.customers.get(&*identifier).or_else(|| {
        account
            .customers
            .values()
            .find(|customer| customer.email.eq_ignore_ascii_case(&identifier))
    })
}

fn store(account: &mut Account, ids: &Ids, email: &str, members: &Map<String, Value>) -> String {
    let member = |name: &str| members.get(name).filter(|value| !value.is_null()).cloned();
    let id = new_id(ids, "cus_");
    let customer = Customer {
        id: id.clone(),
        email: email.to_owned(),
        name: member("name"),
        phone: member("phone"),
        metadata: member("metadata"),
        default: None,
    };
    account.customers.insert(id.clone(), customer);
    id
}

fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    members.get(name)?.as_str()
}
