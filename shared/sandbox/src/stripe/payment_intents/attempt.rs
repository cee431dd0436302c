//! The attempt that confirming makes: asking the card's bank, and what comes of it.

use serde_json::{Value, json};

use super::super::cards::{Behaviour, Decline};
use super::super::error::ApiError;
use super::super::named_methods::{attach_to, check_use};
use super::super::objects::charge::Charge;
use super::super::objects::payment_intent::{PaymentIntent, Status};
use super::super::params::Params;
use super::super::state::Work;

/// How long money is held that a shopper agreed to
/// (<https://docs.stripe.com/payments/place-a-hold-on-a-payment-method>).
const HELD_FOR_SECONDS: i64 = 7 * 24 * 60 * 60;

const AUTHENTICATION_REQUIRED: &str =
    "Your card was declined. This transaction requires authentication.";

const RETURN_URL_NEEDED: &str = "This PaymentIntent is configured to accept payment methods enabled in \
     your Dashboard. Because some of these payment methods might redirect your customer off of your \
     page, you must provide a `return_url`. If you don't want to accept redirect-based payment methods, \
     set `automatic_payment_methods[enabled]` to `true` and \
     `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment \
     Intents.";

/// The circumstances of a confirmation.
pub(super) struct Confirmation {
    is_off_session: bool,
    uses_stripe_js: bool,
    is_from_page: bool,
    return_url: Option<String>,
}

impl Confirmation {
    pub(super) fn of(work: &Work<'_>, params: Params<'_>) -> Self {
        Self {
            is_from_page: work.is_publishable,
            is_off_session: params
                .text("off_session")
                .is_some_and(|value| value != "false"),
            uses_stripe_js: params.is_true("use_stripe_sdk"),
            return_url: params.text("return_url").map(str::to_owned),
        }
    }

    /// An intent that takes whichever methods the dashboard has may send the shopper away, unless it says
    /// that it does not; off-session nobody is sent anywhere, and in a page Stripe.js knows where it is.
    fn check_return_url(&self, intent: &PaymentIntent) -> Result<(), ApiError> {
        let automatic = intent.automatic_payment_methods.as_ref();
        let may_redirect = automatic.is_some_and(|it| it["allow_redirects"] != "never");
        let is_in_page = self.is_from_page && self.uses_stripe_js;
        let is_needed = may_redirect && !is_in_page && !self.is_off_session;
        match is_needed && self.return_url.is_none() {
            true => Err(ApiError::invalid(RETURN_URL_NEEDED)),
            false => Ok(()),
        }
    }
}

/// Only cards are modelled: an intent that takes none can't be given one.
pub(super) fn check_type(intent: &PaymentIntent) -> Result<(), ApiError> {
    if intent
        .payment_method_types
        .iter()
        .any(|name| name == "card")
    {
        return Ok(());
    }
    let types = intent.payment_method_types.join(", ");
    let message = format!(
        "The PaymentMethod provided (card) is not allowed for this PaymentIntent. Please attach a \
         PaymentMethod of one of the following types: {types}."
    );
    Err(ApiError::invalid(message).param("payment_method"))
}

/// Charges the intent's payment method. A decline is an error that carries the intent, which is
/// back at its beginning.
pub(super) fn attempt(
    work: &mut Work<'_>,
    id: &str,
    confirmation: &Confirmation,
) -> Result<(), ApiError> {
    let intent = work.account.intent(id)?.clone();
    let refuse = |error: ApiError| error.payment_intent(intent.to_json());
    let Some(method_id) = intent.payment_method.clone() else {
        return Err(missing_method(&intent));
    };
    check_type(&intent).map_err(refuse)?;
    confirmation.check_return_url(&intent).map_err(refuse)?;
    let method = work.account.payment_method_mut(&method_id)?.clone();
    // Once more: since the method was put here it may have been used elsewhere or detached.
    check_use(&method, intent.customer.as_deref()).map_err(refuse)?;

    let needs_authentication = match method.card().behaviour {
        Behaviour::Declined(decline) => return Err(decline_with(work, id, &method_id, decline)?),
        Behaviour::Approved => false,
        Behaviour::Authentication => true,
        Behaviour::AuthenticationUnlessSaved => !method.is_set_up,
    };
    if !needs_authentication {
        return authorise(work, id);
    }
    if confirmation.is_off_session {
        return Err(decline_unauthenticated(work, id, &method_id)?);
    }
    let next_action = next_action(work, &intent, confirmation);
    let intent = work.account.intent_mut(id)?;
    intent.next_action = Some(next_action);
    intent.last_payment_error = None;
    intent.status = Status::RequiresAction;
    work.happened_to_intent("payment_intent.requires_action", id);
    Ok(())
}

/// The bank agrees: money is held or collected, and the card attached if that was asked for.
pub(super) fn authorise(work: &mut Work<'_>, id: &str) -> Result<(), ApiError> {
    let intent = work.account.intent(id)?.clone();
    let Some(method) = intent.payment_method.clone() else {
        return Err(missing_method(&intent));
    };
    let is_attached = work.account.payment_method_mut(&method)?.customer.is_some();
    if let Some(customer) = intent.customer.as_deref()
        && intent.saves_the_card()
        && !is_attached
    {
        attach_to(work, &method, customer)?;
        work.happened_to_method("payment_method.attached", &method);
    }
    let charged = work.account.payment_method_mut(&method)?;
    charged.charged();
    charged.is_set_up |= charged.customer.is_some() && intent.saves_the_card();
    let charge = charge(work, &intent, &method, None);
    let is_manual = intent.capture_method == "manual";
    let amount = intent.amount;
    let capture_before = work.seconds() + HELD_FOR_SECONDS;
    if let Some(charge) = work.account.charges.get_mut(&charge) {
        match is_manual {
            true => charge.capture_before = Some(capture_before),
            false => charge.capture(amount),
        }
    }
    let intent = work.account.intent_mut(id)?;
    intent.latest_charge = Some(charge.clone());
    intent.next_action = None;
    intent.last_payment_error = None;
    if is_manual {
        intent.status = Status::RequiresCapture;
        intent.amount_capturable = amount;
    } else {
        intent.status = Status::Succeeded;
        intent.amount_received = amount;
    }
    work.happened_to_charge("charge.succeeded", &charge);
    let kind = match is_manual {
        true => "payment_intent.amount_capturable_updated",
        false => "payment_intent.succeeded",
    };
    work.happened_to_intent(kind, id);
    Ok(())
}

fn missing_method(intent: &PaymentIntent) -> ApiError {
    let message = match &intent.customer {
        Some(customer) => format!(
            "You cannot confirm this PaymentIntent because it's missing a payment method. To \
             confirm the PaymentIntent with {customer}, specify a payment method attached to this \
             customer along with the customer ID."
        ),
        None => "You cannot confirm this PaymentIntent because it's missing a payment method. You \
             can either update the PaymentIntent with a payment method and then confirm it again, \
             or confirm it again directly with a payment method or ConfirmationToken."
            .to_owned(),
    };
    ApiError::unexpected_state(message, intent.to_json())
}

fn decline_with(
    work: &mut Work<'_>,
    id: &str,
    method: &str,
    decline: Decline,
) -> Result<ApiError, ApiError> {
    let intent = work.account.intent(id)?.clone();
    let charge = charge(work, &intent, method, Some(decline));
    let error = ApiError::card(decline.code, decline.decline_code, decline.message);
    failed(work, id, method, error, Some(charge))
}

/// Without the shopper nobody can answer the bank; no charge comes about.
fn decline_unauthenticated(
    work: &mut Work<'_>,
    id: &str,
    method: &str,
) -> Result<ApiError, ApiError> {
    let code = "authentication_required";
    let error = ApiError::card(code, Some(code), AUTHENTICATION_REQUIRED);
    failed(work, id, method, error, None)
}

/// Puts the intent back to its beginning, and the intent and its method on the error.
pub(super) fn failed(
    work: &mut Work<'_>,
    id: &str,
    method: &str,
    error: ApiError,
    charge: Option<String>,
) -> Result<ApiError, ApiError> {
    let method = work.payment_method_json(method).unwrap_or_default();
    let error = error.charge(charge.clone()).payment_method(method);
    let intent = work.account.intent_mut(id)?;
    intent.status = Status::RequiresPaymentMethod;
    intent.payment_method = None;
    intent.next_action = None;
    intent.latest_charge.clone_from(&charge);
    intent.last_payment_error = Some(error.object());
    let intent = intent.to_json();
    if let Some(charge) = charge {
        work.happened_to_charge("charge.failed", &charge);
    }
    work.happened("payment_intent.payment_failed", intent.clone());
    Ok(error.payment_intent(intent))
}

/// The place where the shopper answers the bank: with Stripe.js, or on a page that returns to
/// `return_url`
/// (<https://docs.stripe.com/api/payment_intents/object#payment_intent_object-next_action>).
fn next_action(work: &Work<'_>, intent: &PaymentIntent, confirmation: &Confirmation) -> Value {
    let url = format!(
        "{}/v1/payment_intents/{}/_authenticate?client_secret={}",
        work.base_url, intent.id, intent.client_secret
    );
    match &confirmation.return_url {
        Some(return_url) if !confirmation.uses_stripe_js => json!({
            "type": "redirect_to_url",
            "redirect_to_url": {"return_url": return_url, "url": url},
        }),
        _ => json!({
            "type": "use_stripe_sdk",
            "use_stripe_sdk": {
                "type": "three_d_secure_redirect",
                "stripe_js": url,
                "source": work.ids.make("src_1", 23),
            },
        }),
    }
}

/// Notes a charge of the intent; the charge's id.
fn charge(
    work: &mut Work<'_>,
    intent: &PaymentIntent,
    method: &str,
    decline: Option<Decline>,
) -> String {
    let id = work.ids.make("ch_3", 23);
    let charge = Charge::attempt((id.clone(), work.seconds()), intent, method, decline);
    work.account.charges.insert(id.clone(), charge);
    id
}
