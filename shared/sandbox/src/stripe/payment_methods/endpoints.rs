//! The endpoints below `/v1/payment_methods` and `/v1/customers/{id}/payment_methods`.

use serde_json::Value;

use super::super::customers::BILLING_DETAILS;
use super::super::error::{ApiError, Place};
use super::super::expand::listed_customer;
use super::super::fields::{ANYTHING, Field, INTEGER, METADATA, TEXT, missing, optional, required};
use super::super::lists::{LIMIT, STARTING_AFTER, page};
use super::super::params::Params;
use super::super::routes::Call;
use super::super::state::Work;
use super::{PaymentMethod, attach_to, cards, make, raw_card_number, resolve};
use crate::fields::Kind;

const TYPES: &[&str] = &["card"];
const REDISPLAY: &[&str] = &["always", "limited", "unspecified"];
const NOT_ATTACHED: &str =
    "The payment method you provided is not attached to a customer so detachment is impossible.";

/// Also the members of `payment_method_data`.
pub(in super::super) const CREATE: &[Field] = &[
    optional("allow_redisplay", Kind::OneOf(REDISPLAY)),
    optional("billing_details", Kind::Object(BILLING_DETAILS)),
    optional("card", ANYTHING),
    METADATA,
    required("type", Kind::OneOf(TYPES)),
];

pub(in super::super) const UPDATE: &[Field] = &[
    optional("allow_redisplay", Kind::OneOf(REDISPLAY)),
    optional("billing_details", Kind::Object(BILLING_DETAILS)),
    optional(
        "card",
        Kind::Object(&[
            optional("exp_month", INTEGER),
            optional("exp_year", INTEGER),
        ]),
    ),
    METADATA,
];

pub(in super::super) const ATTACH: &[Field] = &[required("customer", TEXT)];

pub(in super::super) const LIST: &[Field] = &[
    optional("customer", TEXT),
    optional("type", Kind::OneOf(TYPES)),
    LIMIT,
    STARTING_AFTER,
];

pub(in super::super) const LIST_OF_CUSTOMER: &[Field] =
    &[optional("type", Kind::OneOf(TYPES)), LIMIT, STARTING_AFTER];

/// `POST /v1/payment_methods`, with `card[token]=tok_…`.
pub(in super::super) fn create(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    let token = token(call.params.node("card"), "card[token]")?;
    let id = from_token(work, token, "card[token]")?;
    change(work, &id, call.params)?;
    json_of(work, &id)
}

/// The payment method that `payment_method_data` describes, with `card[token]` like a creation.
pub(in super::super) fn from_data(work: &mut Work<'_>, data: &Value) -> Result<String, ApiError> {
    let param = "payment_method_data[card][token]";
    let token = token(data.get("card"), param)?;
    from_token(work, token, param)
}

fn token<'a>(card: Option<&'a Value>, param: &str) -> Result<&'a str, ApiError> {
    if card.is_some_and(|card| card.get("number").is_some()) {
        return Err(raw_card_number());
    }
    card.and_then(|card| card.get("token"))
        .and_then(Value::as_str)
        .ok_or_else(|| missing(param))
}

fn from_token(work: &mut Work<'_>, token: &str, param: &str) -> Result<String, ApiError> {
    let card = token
        .strip_prefix("tok_")
        .and_then(cards::find)
        .ok_or_else(|| ApiError::missing("token", token, Place::Parameter(param)))?;
    Ok(make(work, None, card))
}

/// `GET /v1/payment_methods/{id}`
pub(in super::super) fn retrieve(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    let id = resolve(work, call.id, Place::Path("payment_method"))?;
    json_of(work, &id)
}

/// `POST /v1/payment_methods/{id}`: only while it is attached.
pub(in super::super) fn update(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    let id = resolve(work, call.id, Place::Path("payment_method"))?;
    if work.account.payment_method_mut(&id)?.customer.is_none() {
        let message = "You must save this PaymentMethod to a customer before you can update it.";
        return Err(ApiError::invalid(message));
    }
    change(work, &id, call.params)?;
    json_of(work, &id)
}

fn change(work: &mut Work<'_>, id: &str, params: Params<'_>) -> Result<(), ApiError> {
    let mut method = work.account.payment_method_mut(id)?.clone();
    params.merge_metadata(&mut method.metadata)?;
    if let Some(redisplay) = params.text("allow_redisplay") {
        redisplay.clone_into(&mut method.allow_redisplay);
    }
    if let Some(details) = params.node("billing_details") {
        merge(&mut method.billing_details, details);
    }
    let expiry = |name: &str| {
        let text = params.node("card")?.get(name)?.as_str()?;
        text.parse::<i64>().ok()
    };
    if let Some(month) = expiry("exp_month") {
        if !(1..=12).contains(&month) {
            let message = "Your card's expiration month is invalid.";
            let error = ApiError::card("invalid_expiry_month", None, message);
            return Err(error.param("exp_month"));
        }
        method.exp_month = month;
    }
    if let Some(year) = expiry("exp_year") {
        method.exp_year = year;
    }
    *work.account.payment_method_mut(id)? = method;
    Ok(())
}

/// Writes the given members over those that are there, at every depth; an empty one unsets.
fn merge(object: &mut Value, node: &Value) {
    match node {
        Value::String(text) if text.is_empty() => clear(object),
        Value::Object(members) => {
            for (name, member) in members {
                if let Some(value) = object.get_mut(name) {
                    merge(value, member);
                }
            }
        }
        text => *object = text.clone(),
    }
}

fn clear(value: &mut Value) {
    match value {
        Value::Object(members) => members.values_mut().for_each(clear),
        other => *other = Value::Null,
    }
}

/// `POST /v1/payment_methods/{id}/attach`
pub(in super::super) fn attach(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    let customer = call.params.text("customer").unwrap_or_default();
    let id = resolve(work, call.id, Place::Path("payment_method"))?;
    work.account
        .customer(customer, Place::Parameter("customer"))?;
    attach_to(work, &id, customer)?;
    json_of(work, &id)
}

/// `POST /v1/payment_methods/{id}/detach`
pub(in super::super) fn detach(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    let id = resolve(work, call.id, Place::Path("payment_method"))?;
    let method = work.account.payment_method_mut(&id)?;
    let Some(customer) = method.customer.clone() else {
        return Err(ApiError::invalid(NOT_ATTACHED));
    };
    method.detach();
    if let Some(customer) = work.account.customers.get_mut(&customer) {
        customer.forget_method(&id);
    }
    json_of(work, &id)
}

/// `GET /v1/payment_methods`
pub(in super::super) fn list(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    let customer = listed_customer(call.params, work)?;
    listed(work, call, customer, "/v1/payment_methods")
}

/// `GET /v1/customers/{id}/payment_methods`
pub(in super::super) fn list_of_customer(
    work: &mut Work<'_>,
    call: &Call<'_>,
) -> Result<Value, ApiError> {
    work.account.customer(call.id, Place::Path("customer"))?;
    let url = format!("/v1/customers/{}/payment_methods", call.id);
    listed(work, call, Some(call.id), &url)
}

fn listed(
    work: &Work<'_>,
    call: &Call<'_>,
    customer: Option<&str>,
    url: &str,
) -> Result<Value, ApiError> {
    let mut methods: Vec<&PaymentMethod> = work
        .account
        .payment_methods
        .values()
        .filter(|method| customer.is_none() || method.customer.as_deref() == customer)
        .collect();
    methods.sort_by_key(|method| std::cmp::Reverse(method.place));
    page(
        url,
        call.params,
        &methods,
        "PaymentMethod",
        |method| &method.id,
        |method| method.to_json(work.account_id),
    )
}

fn json_of(work: &Work<'_>, id: &str) -> Result<Value, ApiError> {
    work.payment_method_json(id)
        .ok_or_else(|| ApiError::missing("PaymentMethod", id, Place::Path("payment_method")))
}
