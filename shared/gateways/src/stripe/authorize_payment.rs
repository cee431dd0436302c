use domain::gateway::{GatewayAnswer, GatewayCall, GatewayRefusal, NewPayment, NotedRequest};

use super::amounts::UNITS;
use super::answers::{PaymentIntent, Status};
use super::client::{StripeClient, keyed};
use super::declines;
use super::endpoint::Endpoint;
use super::errors::{ANSWERS, StripeError, is_declined, is_refused, not_done};
use super::read_payment::{read_intent, shown};
use super::requests::{self, path_segment, return_url};
use super::retry::is_burnt;
use crate::failure::CallFailure;
use crate::not_done::NotDone;
use crate::refusals::{burnt_key, invalid};

/// Confirms the intent that was opened, the shopper present. It is read first: what the shopper's browser
/// confirmed is taken as it stands, and a bank that asks the shopper already is not asked again. A decline is
/// an answer: the intent is open again, and says why.
pub(super) async fn authorize_payment(
    client: &StripeClient<'_>,
    new: &NewPayment,
) -> Result<GatewayAnswer, NotDone> {
    let id = path_segment(opened(new)?)?;
    let intent = read_intent(client, id).await?;
    if !can_be_confirmed(&intent, new) {
        return shown(client, &intent);
    }
    require_as_ordered(&intent, new)?;
    let form = requests::confirm(new);
    let response = client
        .send(Endpoint::ConfirmPayment, id, Some(&form))
        .await?;
    if response.status().is_success() {
        return shown(client, &ANSWERS.read(&response)?);
    }
    let refused = not_done(&response);
    if !is_declined(&response) && !is_refused(&response) && !is_burnt(&response) {
        return Err(refused);
    }
    let before = intent.status;
    let intent = read_intent(client, id).await?;
    if is_declined(&response) {
        let mut payment = intent.payment(client.publishable_key())?;
        if payment.decline.is_none() && intent.status == Status::RequiresPaymentMethod {
            let error = StripeError::of(&response).unwrap_or_default();
            payment.decline = Some(declines::decline(&error));
            payment.failed = true;
        }
        return Ok(GatewayAnswer::Payment(payment));
    }
    match (intent.status == before, is_burnt(&response)) {
        (false, _) => shown(client, &intent),
        (true, true) => Err(burnt_key().into()),
        (true, false) => Err(refused),
    }
}

/// The request, as it is noted before it is sent.
pub(super) fn written(asked: &GatewayCall, new: &NewPayment) -> Option<NotedRequest> {
    let id = path_segment(opened(new).ok()?).ok()?;
    let endpoint = Endpoint::ConfirmPayment;
    let (step, target) = (endpoint.step(), endpoint.target(id));
    Some(keyed(asked, step, &target, &requests::confirm(new)))
}

fn opened(new: &NewPayment) -> Result<&str, CallFailure> {
    let opened = new.payment.as_deref();
    opened.ok_or_else(|| CallFailure::NotWritable("no payment to confirm".to_owned()))
}

/// Whether confirming would bring something on: not where money is held or the intent has ended, not where
/// the bank waits for the shopper, not without something to pay with.
fn can_be_confirmed(intent: &PaymentIntent, new: &NewPayment) -> bool {
    let method = intent.payment_method.as_ref().map(|it| it.id());
    let saved = new.saved.as_deref();
    match intent.status {
        Status::RequiresPaymentMethod | Status::RequiresConfirmation => {
            method.is_some() || saved.is_some()
        }
        Status::RequiresAction => saved.is_some() && saved != method,
        Status::Processing | Status::RequiresCapture | Status::Canceled | Status::Succeeded => {
            false
        }
    }
}

/// Refuses an intent that is not what the shopper agreed to, or that nobody would come back from.
fn require_as_ordered(intent: &PaymentIntent, new: &NewPayment) -> Result<(), NotDone> {
    if UNITS.amount(intent.amount, &intent.currency)? != new.amount {
        return Err(invalid(
            "The payment at the gateway is of another amount than the order. Update the payment source first.",
        ).into());
    }
    if intent.capture_method.as_deref() != Some("manual") {
        return Err(invalid(
            "The payment at the gateway would be captured at once. Give one with capture_method manual.",
        ).into());
    }
    Ok(require_way_back(intent, new)?)
}

/// A card needs no page to come back to, and what is saved was entered before.
fn require_way_back(intent: &PaymentIntent, new: &NewPayment) -> Result<(), GatewayRefusal> {
    let method = intent.payment_method.as_ref();
    let may_redirect = method
        .and_then(|it| it.expanded())
        .is_some_and(|it| it.kind != "card");
    match may_redirect && new.saved.is_none() && return_url(new).is_none() {
        true => Err(invalid(
            "return_url - can't be blank: with this payment method the shopper leaves the shop and has to come back.",
        )),
        false => Ok(()),
    }
}
