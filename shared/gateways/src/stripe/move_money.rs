//! Captures, voids and refunds. Each bears the transaction's id, by which it is found again: a capture in the
//! intent's metadata, since an intent is captured once; a refund in its own.

use domain::gateway::{
    Decline, GatewayAnswer, GatewayCall, GatewayRefusal, Move, Moved, Moving, NotedRequest, Outcome,
};
use serde_json::{Map, Value};

use super::amounts::UNITS;
use super::answers::{Listed, PaymentIntent, Refund, RefundStatus, Status};
use super::client::{StripeClient, keyed};
use super::declines::EXPIRED;
use super::endpoint::Endpoint;
use super::errors::{ANSWERS, is_definitive, not_done, reason};
use super::read_payment::read_intent;
use super::requests::{self, TRANSACTION, path_segment};
use super::retry::is_burnt;
use crate::failure::CallFailure;
use crate::form::Form;
use crate::moved::{failed, failed_for, unknown_yet};
use crate::not_done::NotDone;
use crate::refusals::unknown;

/// What Stripe will not do failed, unless this very transaction had done it before. A fault that it keeps is no such
/// word: Stripe may make later what was asked for, and is read again.
pub(super) async fn move_money(
    client: &StripeClient<'_>,
    asked: &Move,
) -> Result<GatewayAnswer, NotDone> {
    moved(client, asked).await.or_else(failed)
}

async fn moved(client: &StripeClient<'_>, asked: &Move) -> Result<GatewayAnswer, NotDone> {
    let (endpoint, id, form) = request(client.exchange.asked, asked)?;
    let response = client.send(endpoint, id, Some(&form)).await?;
    if response.status().is_success() {
        let moved = match asked.kind {
            Moving::Capture => captured(&ANSWERS.read(&response)?)?,
            Moving::Void => voided(&ANSWERS.read(&response)?),
            Moving::Refund => Some(refunded(&ANSWERS.read(&response)?)),
        };
        let problem = || CallFailure::NotUnderstood("done, and yet not so".to_owned());
        return Ok(GatewayAnswer::Moved(moved.ok_or_else(problem)?));
    }
    if !is_definitive(&response) && !is_burnt(&response) {
        return Err(not_done(&response));
    }
    let found = find(client, asked, None).await?;
    Ok(GatewayAnswer::Moved(found.unwrap_or_else(
        || match is_burnt(&response) {
            true => unknown_yet("stripe", client.exchange.asked),
            false => failed_for(reason(&response)),
        },
    )))
}

/// What became of a transaction; refused where Stripe has none of it.
pub(super) async fn read_moved(
    client: &StripeClient<'_>,
    asked: &Move,
    reference: Option<&str>,
) -> Result<GatewayAnswer, NotDone> {
    let found = find(client, asked, reference).await?;
    Ok(GatewayAnswer::Moved(found.ok_or_else(unknown)?))
}

/// The request, as it is noted before it is sent.
pub(super) fn written(call: &GatewayCall, asked: &Move) -> Option<NotedRequest> {
    let (endpoint, id, form) = request(call, asked).ok()?;
    Some(keyed(call, endpoint.step(), &endpoint.target(id), &form))
}

fn request<'m>(
    call: &GatewayCall,
    asked: &'m Move,
) -> Result<(Endpoint, &'m str, Form), GatewayRefusal> {
    let id = path_segment(&asked.payment)?;
    Ok(match asked.kind {
        Moving::Capture => (
            Endpoint::CapturePayment,
            id,
            requests::capture(call, asked)?,
        ),
        Moving::Void => (Endpoint::VoidPayment, id, requests::void()),
        Moving::Refund => (Endpoint::CreateRefund, "", requests::refund(call, asked)?),
    })
}

/// The transaction as Stripe has it; none where it has none.
async fn find(
    client: &StripeClient<'_>,
    asked: &Move,
    reference: Option<&str>,
) -> Result<Option<Moved>, NotDone> {
    if asked.kind == Moving::Refund {
        let refund = find_refund(client, asked, reference).await?;
        return Ok(refund.as_ref().map(refunded));
    }
    let intent = read_intent(client, &asked.payment).await?;
    match asked.kind {
        Moving::Capture if intent.status == Status::Canceled => {
            Ok(Some(failed_for(ended(&intent))))
        }
        Moving::Capture if is_of(&intent.metadata, client) => captured(&intent),
        Moving::Void => Ok(voided(&intent)),
        _ => Ok(None),
    }
}

async fn find_refund(
    client: &StripeClient<'_>,
    asked: &Move,
    reference: Option<&str>,
) -> Result<Option<Refund>, NotDone> {
    if let Some(reference) = reference {
        let id = path_segment(reference)?;
        let response = client.send(Endpoint::ReadRefund, id, None).await?;
        return ANSWERS.read_found(&response);
    }
    let id = path_segment(&asked.payment)?;
    let response = client.send(Endpoint::ListRefunds, id, None).await?;
    let refunds: Listed<Refund> = ANSWERS.read(&response)?;
    let mut all = refunds.data.into_iter();
    match all.find(|it| is_of(&it.metadata, client)) {
        None if refunds.has_more => {
            let problem = "more refunds of a payment than are listed at a time";
            Err(CallFailure::NotUnderstood(problem.to_owned()).into())
        }
        found => Ok(found),
    }
}

/// Whether these metadata name the call's transaction.
fn is_of(metadata: &Map<String, Value>, client: &StripeClient<'_>) -> bool {
    let named = metadata.get(TRANSACTION).and_then(Value::as_str);
    named == Some(client.exchange.asked.subject.as_str())
}

/// A capture; none where nothing was captured.
fn captured(intent: &PaymentIntent) -> Result<Option<Moved>, NotDone> {
    let outcome = match intent.status {
        Status::Processing => Outcome::Pending,
        Status::Succeeded => Outcome::Succeeded,
        Status::RequiresCapture if intent.amount_received > 0 => Outcome::Succeeded,
        _ => return Ok(None),
    };
    let rest = intent.amount - intent.amount_received;
    let released = match intent.status == Status::Succeeded && rest > 0 {
        true => Some(UNITS.amount(rest, &intent.currency)?),
        false => None,
    };
    Ok(Some(Moved {
        outcome,
        reference: Some(intent.id.clone()),
        released,
        metadata: Map::new(),
    }))
}

/// A void; none where the intent was not canceled. Whoever canceled it, what was held is let go of, unless
/// it had run out before.
fn voided(intent: &PaymentIntent) -> Option<Moved> {
    match intent.status {
        Status::Canceled if intent.has_expired() => Some(failed_for(ended(intent))),
        Status::Canceled => Some(Moved::new(Outcome::Succeeded, Some(intent.id.clone()))),
        _ => None,
    }
}

/// Why nothing is held of a canceled intent.
fn ended(intent: &PaymentIntent) -> Decline {
    let (code, message) = match intent.has_expired() {
        true => ("expired", EXPIRED),
        false => (
            "canceled",
            "The payment was canceled at the gateway before.",
        ),
    };
    Decline {
        code: Some(code.to_owned()),
        message: message.to_owned(),
    }
}

fn refunded(refund: &Refund) -> Moved {
    let outcome = match refund.status {
        RefundStatus::Succeeded => Outcome::Succeeded,
        RefundStatus::Pending | RefundStatus::RequiresAction => Outcome::Pending,
        RefundStatus::Failed | RefundStatus::Canceled => Outcome::Failed(Decline {
            code: refund.failure_reason.clone().or(Some("failed".to_owned())),
            message: "The refund failed: the money is back in the shop's balance at the gateway. Pay the shopper back in another way.".to_owned(),
        }),
    };
    Moved::new(outcome, Some(refund.id.clone()))
}
