//! PaymentMethods (<https://docs.stripe.com/api/payment_methods>): cards only.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::cards::{self, Behaviour, TestCard};
use super::error::{ApiError, Place};
use super::params::Metadata;
use super::state::Work;

mod endpoints;

pub(super) use endpoints::{
    ATTACH, CREATE, LIST, LIST_OF_CUSTOMER, UPDATE, attach, create, detach, from_data, list,
    list_of_customer, retrieve, update,
};

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

/// A card that was entered once.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct PaymentMethod {
    pub(super) id: String,
    pub(super) place: u64,
    created: i64,
    /// The name of its [`TestCard`].
    card: String,
    exp_month: i64,
    exp_year: i64,
    pub(super) customer: Option<String>,
    /// Used once without a customer, or detached: never to be used again.
    is_spent: bool,
    allow_redisplay: String,
    billing_details: Value,
    metadata: Metadata,
}

impl PaymentMethod {
    pub(super) fn card(&self) -> &'static TestCard {
        cards::find(&self.card).unwrap_or(cards::VISA)
    }

    pub(super) fn expiry(&self) -> (i64, i64) {
        (self.exp_month, self.exp_year)
    }

    pub(super) fn billing_details(&self) -> &Value {
        &self.billing_details
    }

    /// Final: a detached payment method can be neither used nor attached again
    /// (<https://docs.stripe.com/api/payment_methods/detach>).
    pub(super) fn detach(&mut self) {
        self.customer = None;
        self.is_spent = true;
    }

    /// Was charged: without a customer it was for this once.
    pub(super) fn charged(&mut self) {
        self.is_spent = self.customer.is_none();
    }

    pub(super) fn to_json(&self, account_id: &str) -> Value {
        let card = self.card();
        json!({
            "id": self.id,
            "object": "payment_method",
            "allow_redisplay": self.allow_redisplay,
            "billing_details": self.billing_details,
            "card": {
                "brand": card.brand,
                "checks": {
                    "address_line1_check": null,
                    "address_postal_code_check": null,
                    "cvc_check": "pass",
                },
                "country": "US",
                "display_brand": card.brand,
                "exp_month": self.exp_month,
                "exp_year": self.exp_year,
                "fingerprint": card.fingerprint(account_id),
                "funding": card.funding,
                "generated_from": null,
                "last4": card.last4,
                "networks": {"available": [card.brand], "preferred": null},
                "regulated_status": "unregulated",
                "three_d_secure_usage": {"supported": true},
                "wallet": null,
            },
            "created": self.created,
            "customer": self.customer,
            "customer_account": null,
            "livemode": false,
            "metadata": self.metadata,
            "type": "card",
        })
    }
}

/// The id of the payment method that a request names.
///
/// `pm_card_…` names a test card and makes a new payment method each time. Any other id that
/// nobody has is one that the shop's page made with Stripe.js at the real Stripe: it is taken as
/// a Visa under that very id. To ask for one that isn't there, use `pm_missing…`.
pub(super) fn resolve(work: &mut Work<'_>, id: &str, place: Place<'_>) -> Result<String, ApiError> {
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
        exp_month: 12,
        exp_year: year(work.seconds()) + 4,
        customer: None,
        is_spent: false,
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

/// Whether a PaymentIntent of this customer, or of none, may use the payment method
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
