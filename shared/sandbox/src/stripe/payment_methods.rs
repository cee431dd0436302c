//! The endpoints below `/v1/payment_methods` and `/v1/customers/{id}/payment_methods`, and
//! `POST /v1/payment_methods/{id}/_renew`, the stand-in's own.

use serde_json::{Value, json};

use super::addresses::BILLING_DETAILS;
use super::call::Received;
use super::error::{ApiError, NamedIn};
use super::events::Happened;
use super::expand::listed_customer;
use super::fields::{ANYTHING, Field, INTEGER, METADATA, TEXT, optional, required};
use super::lists::{LIMIT, STARTING_AFTER, page};
use super::named_methods::{attach_to, from_token, resolve, token};
use super::objects::payment_method::PaymentMethod;
use super::params::Params;
use super::state::Work;
use crate::fields::Kind;

const TYPES: &[&str] = &["card"];
const REDISPLAY: &[&str] = &["always", "limited", "unspecified"];
const NOT_ATTACHED: &str =
    "The payment method you provided is not attached to a customer so detachment is impossible.";

const NOT_RENEWED: &str = "Only what is saved to a customer is renewed.";

/// Also the members of `payment_method_data`.
pub(super) const CREATE: &[Field] = &[
    optional("allow_redisplay", Kind::OneOf(REDISPLAY)),
    optional("billing_details", Kind::Object(BILLING_DETAILS)),
    optional("card", ANYTHING),
    METADATA,
    required("type", Kind::OneOf(TYPES)),
];

pub(super) const UPDATE: &[Field] = &[
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

pub(super) const RENEW: &[Field] = &[
    optional("exp_month", Kind::Whole(1, 12)),
    optional("exp_year", INTEGER),
    optional("last4", Kind::Text(4, 4)),
];

pub(super) const ATTACH: &[Field] = &[required("customer", TEXT)];

pub(super) const LIST: &[Field] = &[
    optional("customer", TEXT),
    optional("type", Kind::OneOf(TYPES)),
    LIMIT,
    STARTING_AFTER,
];

pub(super) const LIST_OF_CUSTOMER: &[Field] =
    &[optional("type", Kind::OneOf(TYPES)), LIMIT, STARTING_AFTER];

/// `POST /v1/payment_methods`, with `card[token]=tok_…`.
pub(super) fn create(work: &mut Work<'_>, call: &Received<'_>) -> Result<Value, ApiError> {
    let token = token(call.params.node("card"), "card[token]")?;
    let id = from_token(work, token, "card[token]")?;
    change(work, &id, call.params)?;
    json_of(work, &id)
}

/// `GET /v1/payment_methods/{id}`
pub(super) fn retrieve(work: &mut Work<'_>, call: &Received<'_>) -> Result<Value, ApiError> {
    let id = resolve(work, call.id, NamedIn::Path("payment_method"))?;
    json_of(work, &id)
}

/// `POST /v1/payment_methods/{id}`: only while it is attached.
pub(super) fn update(work: &mut Work<'_>, call: &Received<'_>) -> Result<Value, ApiError> {
    let id = resolve(work, call.id, NamedIn::Path("payment_method"))?;
    if work.account.payment_method_mut(&id)?.customer.is_none() {
        let message = "You must save this PaymentMethod to a customer before you can update it.";
        return Err(ApiError::invalid(message));
    }
    change(work, &id, call.params)?;
    work.happened_to_method("payment_method.updated", &id);
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

/// `POST /v1/payment_methods/{id}/_renew`: the bank has given its customer another card, of which the networks tell
/// Stripe. Without more it is good for four years longer.
pub(super) fn renew(work: &mut Work<'_>, call: &Received<'_>) -> Result<Value, ApiError> {
    let id = resolve(work, call.id, NamedIn::Path("payment_method"))?;
    let method = work.account.payment_method_mut(&id)?;
    if method.customer.is_none() {
        return Err(ApiError::invalid(NOT_RENEWED));
    }
    let params = call.params;
    let before = json!({ "card": {
        "exp_month": method.exp_month, "exp_year": method.exp_year, "last4": method.last4(),
    } });
    method.exp_month = params.integer("exp_month").unwrap_or(method.exp_month);
    method.exp_year = params.integer("exp_year").unwrap_or(method.exp_year + 4);
    if let Some(last4) = params.text("last4") {
        method.last4 = Some(last4.to_owned());
    }
    let answer = json_of(work, &id)?;
    work.events.push(Happened {
        kind: "payment_method.automatically_updated",
        object: answer.clone(),
        previous: Some(before),
    });
    Ok(answer)
}

/// `POST /v1/payment_methods/{id}/attach`
pub(super) fn attach(work: &mut Work<'_>, call: &Received<'_>) -> Result<Value, ApiError> {
    let customer = call.params.text("customer").unwrap_or_default();
    let id = resolve(work, call.id, NamedIn::Path("payment_method"))?;
    work.account
        .customer(customer, NamedIn::Parameter("customer"))?;
    attach_to(work, &id, customer)?;
    work.happened_to_method("payment_method.attached", &id);
    json_of(work, &id)
}

/// `POST /v1/payment_methods/{id}/detach`
pub(super) fn detach(work: &mut Work<'_>, call: &Received<'_>) -> Result<Value, ApiError> {
    let id = resolve(work, call.id, NamedIn::Path("payment_method"))?;
    let method = work.account.payment_method_mut(&id)?;
    let Some(owner) = method.customer.clone() else {
        return Err(ApiError::invalid(NOT_ATTACHED));
    };
    method.detach();
    if let Some(customer) = work.account.customers.get_mut(&owner) {
        customer.forget_method(&id);
    }
    let answer = json_of(work, &id)?;
    work.events.push(Happened {
        kind: "payment_method.detached",
        object: answer.clone(),
        previous: Some(json!({ "customer": owner })),
    });
    Ok(answer)
}

/// `GET /v1/payment_methods`
pub(super) fn list(work: &mut Work<'_>, call: &Received<'_>) -> Result<Value, ApiError> {
    let customer = listed_customer(call.params, work)?;
    listed(work, call, customer, "/v1/payment_methods")
}

/// `GET /v1/customers/{id}/payment_methods`
pub(super) fn list_of_customer(
    work: &mut Work<'_>,
    call: &Received<'_>,
) -> Result<Value, ApiError> {
    work.account.customer(call.id, NamedIn::Path("customer"))?;
    let url = format!("/v1/customers/{}/payment_methods", call.id);
    listed(work, call, Some(call.id), &url)
}

fn listed(
    work: &Work<'_>,
    call: &Received<'_>,
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
        .ok_or_else(|| ApiError::missing("PaymentMethod", id, NamedIn::Path("payment_method")))
}
