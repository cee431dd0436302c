//! Captures, voids and refunds: the vendor takes them on, and does them later. Each bears the transaction's
//! id as its reference and in its metadata, by which it is found again.

use domain::gateway::{
    Decline, GatewayAnswer, GatewayCall, GatewayRefusal, Move, Moved, Moving, NotedRequest, Outcome,
};
use domain::money::Amount;
use http::StatusCode;
use serde_json::{Map, Value};

use super::amounts::UNITS;
use super::answers::{Accepted, Action, Balances, PaymentAnswer, Status};
use super::client::{CheckoutComClient, keyed};
use super::declines::{self, because};
use super::endpoint::{Endpoint, segment};
use super::errors::{ANSWERS, codes, is_refused, not_done};
use super::read_payment::find_payment;
use super::requests::{self, TRANSACTION};
use crate::failure::CallFailure;
use crate::moved::{failed, failed_for};
use crate::not_done::NotDone;
use crate::refusals::unknown;

/// What the vendor will not do failed, unless this very transaction had done it before.
pub(super) async fn move_money(
    client: &CheckoutComClient<'_>,
    asked: &Move,
) -> Result<GatewayAnswer, NotDone> {
    moved(client, asked)
        .await
        .map(GatewayAnswer::Moved)
        .or_else(failed)
}

async fn moved(client: &CheckoutComClient<'_>, asked: &Move) -> Result<Moved, NotDone> {
    let (endpoint, body) = request(client.exchange.asked, asked)?;
    let id = segment(&asked.payment, &["pay_"])?;
    let response = client.send(endpoint, id, Some(&body)).await?;
    if response.status().is_success() {
        let accepted: Accepted = ANSWERS.read(&response)?;
        return Ok(pending(accepted.action_id));
    }
    let refused = not_done(&response);
    let is_of_another = matches!(refused, NotDone::Failed(CallFailure::NotUnderstood(_)))
        && response.status() == StatusCode::UNPROCESSABLE_ENTITY;
    if !is_refused(&response) || is_of_another {
        return Err(refused);
    }
    // In this order: balances that are older than the action do not tell what it released.
    let action = find_action(client, asked, None).await?;
    let payment = find_payment(client, id).await?.ok_or_else(unknown)?;
    if let Some(action) = action {
        return Ok(done(&action, asked, &payment)?);
    }
    let why = match refused {
        NotDone::Refused(refusal) => Some(Decline {
            code: codes(&response).into_iter().next(),
            message: refusal.detail,
        }),
        NotDone::Failed(_) => None,
    };
    match state(asked.kind, &payment).or(why) {
        Some(decline) => Ok(failed_for(decline)),
        // The payment would allow it: so it is the credentials that may not do it.
        None => Err(refused_for_no_reason(response.status())),
    }
}

fn refused_for_no_reason(status: StatusCode) -> NotDone {
    match status {
        StatusCode::FORBIDDEN => CallFailure::CredentialsRefused(status.as_u16()).into(),
        status => {
            CallFailure::NotUnderstood(format!("status {status} of a payment that is there")).into()
        }
    }
}

/// What became of a transaction. One that the vendor took on and does not list yet is on its way, unless the
/// payment's state says that nothing can come of it any more; one that it never took on is refused.
pub(super) async fn read_moved(
    client: &CheckoutComClient<'_>,
    asked: &Move,
    reference: Option<&str>,
) -> Result<GatewayAnswer, NotDone> {
    let action = find_action(client, asked, reference).await?;
    let payment = find_payment(client, &asked.payment)
        .await?
        .ok_or_else(unknown)?;
    let moved = match (action, reference) {
        (Some(action), _) => done(&action, asked, &payment)?,
        (None, None) => return Err(unknown().into()),
        (None, Some(reference)) if has_let_go(asked, &payment) => {
            Moved::new(Outcome::Succeeded, Some(reference.to_owned()))
        }
        (None, Some(reference)) => match has_ended(&payment) {
            Some(decline) if asked.kind != Moving::Refund => failed_for(decline),
            _ => pending(reference.to_owned()),
        },
    };
    Ok(GatewayAnswer::Moved(moved))
}

/// The request, as it is noted before it is sent.
pub(super) fn written(call: &GatewayCall, asked: &Move) -> Option<NotedRequest> {
    let (endpoint, body) = request(call, asked).ok()?;
    let id = segment(&asked.payment, &["pay_"]).ok()?;
    let target = endpoint.template().replace("{id}", id);
    Some(keyed(call, endpoint, &target, Some(&body)))
}

fn request(call: &GatewayCall, asked: &Move) -> Result<(Endpoint, Value), GatewayRefusal> {
    Ok(match asked.kind {
        Moving::Capture => (Endpoint::CaptureHold, requests::capture(call, asked)?),
        Moving::Void => (Endpoint::VoidHold, requests::void_hold(call, asked)),
        Moving::Refund => (Endpoint::RefundPayment, requests::refund(call, asked)?),
    })
}

/// What was done for the call's transaction, by the vendor's reference of it or by ours.
async fn find_action(
    client: &CheckoutComClient<'_>,
    asked: &Move,
    reference: Option<&str>,
) -> Result<Option<Action>, NotDone> {
    let id = segment(&asked.payment, &["pay_"])?;
    let response = client.send(Endpoint::ListActions, id, None).await?;
    let actions: Option<Vec<Action>> = ANSWERS.read_found(&response)?;
    let subject = client.exchange.asked.subject;
    let kind = match asked.kind {
        Moving::Capture => "Capture",
        Moving::Void => "Void",
        Moving::Refund => "Refund",
    };
    let is_it = |it: &Action| {
        let is_ours = it.reference.as_deref() == Some(subject.as_str())
            || it.metadata[TRANSACTION] == subject.as_str();
        it.kind == kind && (Some(it.id.as_str()) == reference || is_ours)
    };
    Ok(actions.into_iter().flatten().find(is_it))
}

/// A transaction, as its action says that it went.
fn done(action: &Action, asked: &Move, payment: &PaymentAnswer) -> Result<Moved, CallFailure> {
    let code = action.response_code.as_deref();
    let outcome = match action.approved {
        Some(true) => Outcome::Succeeded,
        Some(false) => Outcome::Failed(declines::decline(code)),
        None if code.is_some_and(|it| it.starts_with("10")) => Outcome::Succeeded,
        None => Outcome::Pending,
    };
    let is_done = outcome == Outcome::Succeeded;
    let released = match asked.kind == Moving::Capture && asked.is_last && is_done {
        true => rest(payment)?,
        false => None,
    };
    Ok(Moved {
        outcome,
        reference: Some(action.id.clone()),
        released,
        metadata: Map::new(),
    })
}

/// What the vendor let go of with the last capture.
fn rest(payment: &PaymentAnswer) -> Result<Option<Amount>, CallFailure> {
    let (Some(balances), Some(currency)) = (payment.facts.balances, &payment.facts.currency) else {
        return Ok(None);
    };
    let rest = balances.total_authorized - balances.total_captured;
    match rest > 0 && balances.available_to_capture == 0 {
        true => UNITS.amount(rest, currency).map(Some),
        false => Ok(None),
    }
}

/// Whether what was to be let go of is let go of.
fn has_let_go(asked: &Move, payment: &PaymentAnswer) -> bool {
    asked.kind == Moving::Void && payment.facts.status == Status::Over
}

fn pending(reference: String) -> Moved {
    Moved::new(Outcome::Pending, Some(reference))
}

/// Why a payment is in no state for this, where it is in none.
fn state(kind: Moving, payment: &PaymentAnswer) -> Option<Decline> {
    let is_taken = payment.facts.status == Status::Taken;
    // Nothing is known to be left only where the vendor says so.
    let has_none = |left: fn(&Balances) -> i64| {
        let balances = payment.facts.balances.as_ref();
        balances.is_some_and(|it| left(it) == 0)
    };
    if let Some(decline) = has_ended(payment) {
        return Some(decline);
    }
    match kind {
        Moving::Capture if is_taken && has_none(|it| it.available_to_capture) => Some(because(
            "captured",
            "All that was held was captured or let go of before.",
        )),
        Moving::Void if is_taken => Some(because(
            "captured",
            "Something of it was captured before, so that it can only be refunded.",
        )),
        Moving::Refund if is_taken && has_none(|it| it.available_to_refund) => Some(because(
            "refunded",
            "All that was captured was refunded before.",
        )),
        Moving::Refund if !is_taken => Some(because(
            "not_captured",
            "Nothing was captured that could be refunded.",
        )),
        _ => None,
    }
}

/// Why nothing is held of a payment, and nothing will be.
fn has_ended(payment: &PaymentAnswer) -> Option<Decline> {
    match payment.facts.status {
        Status::Expired => Some(declines::expired()),
        Status::Over => Some(because(
            "voided",
            "The payment was let go of at the gateway before.",
        )),
        Status::Declined => payment.decline(),
        _ => None,
    }
}
