//! Captures, voids and refunds, all of them synchronous. Each capture and refund has our transaction's id
//! as its reference, by which it is found again.

use domain::gateway::{
    Decline, GatewayAnswer, GatewayCall, Move, Moved, Moving, NotedRequest, Outcome,
};
use http::{Response, StatusCode};

use super::client::{KlarnaClient, Reference, keyed, target};
use super::endpoint::Endpoint;
use super::errors::{is_burnt, refusal};
use super::order::{Order, OrderStatus, Part};
use super::read_order::{read_order, unknown_order};
use super::reference::PaymentReference;
use super::{declines, requests};
use crate::failure::CallFailure;
use crate::idempotency;
use crate::moved::{failed_for, unknown_yet};
use crate::not_done::NotDone;

pub(super) async fn move_money(
    client: &KlarnaClient<'_>,
    asked: &Move,
) -> Result<GatewayAnswer, NotDone> {
    let moved = match (order_of(asked), asked.kind) {
        (None, _) => failed_for(declines::without_code("No order was placed at Klarna.")),
        (Some(order), Moving::Capture | Moving::Refund) => make(client, order, asked).await?,
        (Some(order), Moving::Void) => void(client, order, asked).await?,
    };
    Ok(GatewayAnswer::Moved(moved))
}

/// Finds what became of it. What Klarna has not, it did not do: nothing is under way there once a request
/// is answered, or was lost for longer than one takes. An order that is not known is no answer to that.
pub(super) async fn read_moved(
    client: &KlarnaClient<'_>,
    asked: &Move,
) -> Result<GatewayAnswer, NotDone> {
    let order = order_of(asked).ok_or_else(unknown_order)?;
    let order = read_order(client, order).await?.ok_or_else(unknown_order)?;
    let done = done(client.exchange.asked, asked, &order);
    let moved = done.unwrap_or_else(|| {
        failed_for(match order.status {
            OrderStatus::Expired if asked.kind != Moving::Refund => declines::expired(),
            _ => declines::without_code("Klarna has not done this."),
        })
    });
    Ok(GatewayAnswer::Moved(moved))
}

/// The request, as it is noted before it is sent. Which of two endpoints a void goes to depends on the
/// order as it is then.
pub(super) fn written(asked: &GatewayCall, moving: &Move) -> Option<NotedRequest> {
    let order = order_of(moving)?;
    let endpoint = endpoint(moving.kind);
    let body = requests::move_money(asked, moving);
    let target = target(endpoint, Some(order));
    Some(keyed(asked, endpoint.step(), &target, body.as_ref()))
}

fn order_of(asked: &Move) -> Option<Reference<'_>> {
    PaymentReference::of(&asked.payment)?.order()
}

const fn endpoint(kind: Moving) -> Endpoint {
    match kind {
        Moving::Capture => Endpoint::CaptureOrder,
        Moving::Void => Endpoint::CancelOrder,
        Moving::Refund => Endpoint::RefundOrder,
    }
}

/// Makes a capture or a refund.
async fn make(
    client: &KlarnaClient<'_>,
    order: Reference<'_>,
    asked: &Move,
) -> Result<Moved, NotDone> {
    let endpoint = endpoint(asked.kind);
    let request = client.noted(endpoint, order, || {
        Ok(requests::move_money(client.exchange.asked, asked))
    })?;
    let mut response = client.send(endpoint, Some(order), &request).await?;
    if is_burnt(&response) {
        // Klarna answers the key with this fault for a day, whether it did it or not.
        if let Some(done) = found(client, order, asked).await? {
            return Ok(done);
        }
        if !is_done_once(asked) {
            return Ok(unknown_yet("klarna", client.exchange.asked));
        }
        response = client.send_again(endpoint, order, &request).await?;
        if is_burnt(&response) {
            let done = found(client, order, asked).await?;
            return Ok(done.unwrap_or_else(|| unknown_yet("klarna", client.exchange.asked)));
        }
    }
    if response.status().is_success() {
        return match id(&response) {
            Some(id) => Ok(succeeded(Some(id))),
            None => Ok(found(client, order, asked)
                .await?
                .unwrap_or_else(|| succeeded(None))),
        };
    }
    let decline = definitive(&response)?;
    let done = found(client, order, asked).await?;
    Ok(done.unwrap_or_else(|| failed_for(decline)))
}

/// Whether Klarna does it once, under whichever key: all that is held is not there to be captured a second time. A
/// part of it, and a refund, might be made twice.
fn is_done_once(asked: &Move) -> bool {
    asked.kind == Moving::Capture && asked.is_last
}

/// Cancels the order, or what is left of it after captures.
async fn void(
    client: &KlarnaClient<'_>,
    order: Reference<'_>,
    asked: &Move,
) -> Result<Moved, NotDone> {
    let Some(read) = read_order(client, order).await? else {
        return Ok(failed_for(declines::no_such_order()));
    };
    if let Some(done) = done(client.exchange.asked, asked, &read) {
        return Ok(done);
    }
    if read.status == OrderStatus::Expired {
        return Ok(failed_for(declines::expired()));
    }
    let cancel = client.noted(Endpoint::CancelOrder, order, || Ok(None))?;
    let (endpoint, request) = match read.captured_amount {
        0 => (Endpoint::CancelOrder, cancel),
        _ => {
            let endpoint = Endpoint::ReleaseRemaining;
            let key = idempotency::of_step(&cancel.key, endpoint.step()).to_string();
            (endpoint, NotedRequest { key, body: None })
        }
    };
    let mut response = client.send(endpoint, Some(order), &request).await?;
    if is_burnt(&response) {
        response = client.send_again(endpoint, order, &request).await?;
    }
    if response.status().is_success() {
        return Ok(succeeded(Some(asked.payment.clone())));
    }
    let decline = definitive(&response)?;
    let done = found(client, order, asked).await?;
    Ok(done.unwrap_or_else(|| failed_for(decline)))
}

/// Why Klarna does it never.
///
/// # Errors
/// It may do it yet.
fn definitive(response: &Response<bytes::Bytes>) -> Result<Decline, CallFailure> {
    if response.status() == StatusCode::CONFLICT {
        return Err(CallFailure::Unavailable(StatusCode::CONFLICT.as_u16()));
    }
    let (error, _) = refusal(response)?;
    Ok(declines::decline(&error))
}

/// This very transaction, where Klarna has done it.
async fn found(
    client: &KlarnaClient<'_>,
    order: Reference<'_>,
    asked: &Move,
) -> Result<Option<Moved>, NotDone> {
    let order = read_order(client, order).await?;
    Ok(order.and_then(|it| done(client.exchange.asked, asked, &it)))
}

fn done(call: &GatewayCall, asked: &Move, order: &Order) -> Option<Moved> {
    let of_ours = |parts: &[Part]| {
        let is_ours = |part: &&Part| part.reference.as_deref() == Some(call.subject.as_str());
        parts
            .iter()
            .find(is_ours)
            .map(|part| succeeded(part.id.clone()))
    };
    match asked.kind {
        Moving::Capture => of_ours(&order.captures),
        Moving::Refund => of_ours(&order.refunds),
        Moving::Void => order
            .is_let_go_of()
            .then(|| succeeded(Some(asked.payment.clone()))),
    }
}

/// Klarna's id of what it made.
fn id(response: &Response<bytes::Bytes>) -> Option<String> {
    let headers = response.headers();
    let id = ["capture-id", "refund-id"]
        .iter()
        .find_map(|name| headers.get(*name)?.to_str().ok())?;
    Reference::of(id).map(|_| id.to_owned())
}

fn succeeded(reference: Option<String>) -> Moved {
    Moved::new(Outcome::Succeeded, reference)
}
