//! The payment methods that requests name, and what may be done with them.

use serde_json::{Value, json};

use super::cards::{self, Behaviour, TestCard};
use super::error::{ApiError, NamedIn};
use super::fields::missing;
use super::objects::payment_method::PaymentMethod;
use super::params::{Metadata, Params};
use super::state::Work;

const ALREADY_ATTACHED: &str =
    "The payment method you provided has already been attached to a customer.";

const NOT_TO_BE_ATTACHED_AGAIN: &str = "This PaymentMethod was previously used without being \
     attached to a Customer or was detached from a Customer, and may not be used again.";

const NOT_TO_BE_USED_AGAIN: &str = "The provided PaymentMethod was previously used with a \
     PaymentIntent without Customer attachment, shared with a connected account without Customer \
     attachment, or was detached from a Customer. It may not be used again. To use a PaymentMethod \
     multiple times, you must attach it to a Customer first.";

const RAW_CARD_NUMBER: &str = "Sending credit card numbers directly to the Stripe API is \
     generally unsafe. We suggest you use test tokens that map to the test card you are using, see \
     https://stripe.com/docs/testing. To enable testing raw card data APIs, see \
     https://support.stripe.com/questions/enabling-access-to-raw-card-data-apis.";

/// The payment method that the request names or describes.
pub(super) fn named_method(
    work: &mut Work<'_>,
    params: Params<'_>,
) -> Result<Option<String>, ApiError> {
    if let Some(data) = params.node("payment_method_data") {
        return from_data(work, data).map(Some);
    }
    params
        .text("payment_method")
        .map(|id| resolve(work, id, NamedIn::Parameter("payment_method")))
        .transpose()
}

/// The payment method that `payment_method_data` describes, with `card[token]` like a creation.
pub(super) fn from_data(work: &mut Work<'_>, data: &Value) -> Result<String, ApiError> {
    let param = "payment_method_data[card][token]";
    let token = token(data.get("card"), param)?;
    from_token(work, token, param)
}

pub(super) fn token<'a>(card: Option<&'a Value>, param: &str) -> Result<&'a str, ApiError> {
    if card.is_some_and(|card| card.get("number").is_some()) {
        return Err(raw_card_number());
    }
    card.and_then(|card| card.get("token"))
        .and_then(Value::as_str)
        .ok_or_else(|| missing(param))
}

pub(super) fn from_token(
    work: &mut Work<'_>,
    token: &str,
    param: &str,
) -> Result<String, ApiError> {
    let card = token
        .strip_prefix("tok_")
        .and_then(cards::find)
        .ok_or_else(|| ApiError::missing("token", token, NamedIn::Parameter(param)))?;
    Ok(make(work, None, card))
}

/// The id of the payment method that a request names.
///
/// `pm_card_…` names a test card and makes a new payment method each time. Any other id that
/// nobody has is one that the shop's page made with Stripe.js at the real Stripe: it is taken as
/// a Visa under that very id. To ask for one that isn't there, use `pm_missing…`.
pub(super) fn resolve(
    work: &mut Work<'_>,
    id: &str,
    place: NamedIn<'_>,
) -> Result<String, ApiError> {
    if let Some(card) = id.strip_prefix("pm_card_").and_then(cards::find) {
        return Ok(make(work, None, card));
    }
    if work.account.payment_methods.contains_key(id) {
        return Ok(id.to_owned());
    }
    let is_elsewhere = work
        .others
        .values()
        .any(|account| account.payment_methods.contains_key(id));
    if is_elsewhere || !could_be_from_a_page(id) {
        return Err(ApiError::missing("PaymentMethod", id, place));
    }
    Ok(make(work, Some(id), cards::VISA))
}

fn could_be_from_a_page(id: &str) -> bool {
    let Some(name) = id.strip_prefix("pm_") else {
        return false;
    };
    let is_word = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let is_reserved = name.starts_with("card_") || name.starts_with("missing");
    !name.is_empty() && name.len() <= 250 && is_word && !is_reserved
}

fn make(work: &mut Work<'_>, id: Option<&str>, card: &TestCard) -> String {
    let id = match id {
        Some(id) => id.to_owned(),
        None => work.ids.make("pm_1", 23),
    };
    let method = PaymentMethod {
        id: id.clone(),
        place: work.account.next_place(),
        created: work.seconds(),
        card: card.name.to_owned(),
        last4: None,
        exp_month: 12,
        exp_year: year(work.seconds()) + 4,
        customer: None,
        is_spent: false,
        is_set_up: false,
        allow_redisplay: "unspecified".to_owned(),
        billing_details: json!({
            "address": {
                "city": null,
                "country": null,
                "line1": null,
                "line2": null,
                "postal_code": null,
                "state": null,
            },
            "email": null,
            "name": null,
            "phone": null,
            "tax_id": null,
        }),
        metadata: Metadata::new(),
    };
    work.account.payment_methods.insert(id.clone(), method);
    id
}

fn year(seconds: i64) -> i64 {
    match time::OffsetDateTime::from_unix_timestamp(seconds) {
        Ok(time) => i64::from(time.year()),
        Err(_) => 1970,
    }
}

/// Attaches by the rules of `POST /v1/payment_methods/{id}/attach`.
pub(super) fn attach_to(work: &mut Work<'_>, id: &str, customer: &str) -> Result<(), ApiError> {
    let method = work.account.payment_method_mut(id)?;
    if method.customer.is_some() {
        return Err(ApiError::invalid(ALREADY_ATTACHED));
    }
    if method.is_spent {
        return Err(ApiError::invalid(NOT_TO_BE_ATTACHED_AGAIN));
    }
    if let Behaviour::Declined(decline) = method.card().behaviour
        && decline.at_attach
    {
        return Err(ApiError::card(
            decline.code,
            decline.decline_code,
            decline.message,
        ));
    }
    method.customer = Some(customer.to_owned());
    Ok(())
}

/// Refuses a payment method that a PaymentIntent of this customer, or of none, may not use
/// (<https://docs.stripe.com/payments/payment-methods#reuse>).
pub(super) fn check_use(
    method: &PaymentMethod,
    intent_customer: Option<&str>,
) -> Result<(), ApiError> {
    let id = &method.id;
    if method.is_spent {
        return Err(ApiError::invalid(NOT_TO_BE_USED_AGAIN).param("payment_method"));
    }
    match (method.customer.as_deref(), intent_customer) {
        (Some(owner), None) => {
            let message = format!(
                "The `payment_method` parameter supplied {id} belongs to the Customer {owner}. \
                 Please include the Customer in the `customer` parameter on the PaymentIntent."
            );
            Err(ApiError::invalid(message)
                .code("parameter_missing")
                .param("source"))
        }
        (Some(owner), Some(customer)) if owner != customer => {
            let message = format!(
                "The PaymentMethod {id} does not belong to the Customer you supplied {customer}. \
                 Please use this PaymentMethod with the Customer that it belongs to instead."
            );
            Err(ApiError::invalid(message).param("payment_method"))
        }
        _ => Ok(()),
    }
}

/// The refusal of a card number: the stand-in never takes one.
pub(super) fn raw_card_number() -> ApiError {
    let mut error = ApiError::invalid(RAW_CARD_NUMBER).status(http::StatusCode::PAYMENT_REQUIRED);
    error.executed = false;
    error
}
