//! `POST /hooks/{organization}/{mode}/{gateway}`: what gateways send by themselves. An event is a hint: the payment
//! that it names, or the saved card, is read at the gateway, and its state taken, so that neither the order of events
//! nor their number matters. A shop's own gateway, which has nothing to be read, is believed what it says. Klarna signs
//! nothing: its path has a segment more, which nobody else can guess.

use std::time::Duration;

use bytes::Bytes;
use decisions::commands::{Hear, Observe};
use decisions::{CallGateway, GatewayEvent, NotAnEvent, ReadEvent, SentEvent};
use domain::gateway::GatewayKind;
use domain::record::Record;
use domain::refusal::Code;
use domain::{GatewayId, Id, Mode, OrderId, Refusal, Tenant};
use http::header::{CONTENT_TYPE, VARY, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use routing::{Captures, Logged, Route, find, identified, no_route};
use serde_json::json;
use service::{Actor, Context, Failure, load};

/// What this function answers.
pub const ROUTES: &[Route] = &[
    Route::post("/hooks/{organization}/{mode}/{gateway}"),
    Route::post("/hooks/{organization}/{mode}/{gateway}/{secret}"),
];

/// The headers in which gateways sign.
const SIGNATURES: [&str; 3] = [STRIPE, CHECKOUT_COM, EXTERNAL];
const STRIPE: &str = "stripe-signature";
const CHECKOUT_COM: &str = "cko-signature";
const EXTERNAL: &str = "x-commercelayer-signature";

/// How long the segment is that nobody else can guess.
const SECRET_DIGITS: usize = 64;

/// The largest body, in bytes: events are a few kilobytes.
const LARGEST_BODY: usize = 256 * 1024;

/// How old an event is at most that may have overtaken the commit that makes its payment known.
const YOUNG: Duration = Duration::from_secs(15 * 60);

/// Answers a request. Nothing is read for one without a signature.
pub async fn handle(
    context: &Context,
    gateways: &dyn CallGateway,
    events: &dyn ReadEvent,
    request: Request<Bytes>,
) -> Response<Bytes> {
    let method = request.method();
    identified(context.random.as_ref(), method, async {
        let (method, path) = (method.as_str(), request.uri().path());
        let Some((route, captures)) = find(ROUTES, method, path) else {
            return no_route(method, path);
        };
        let mut response = match receive(context, gateways, events, &captures, &request).await {
            Ok(()) => routing::with_body(StatusCode::OK, json!({ "received": true }).to_string()),
            Err(failure) => service::refuse(failure),
        };
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.remove(VARY);
        headers.remove(WWW_AUTHENTICATE);
        response.extensions_mut().insert(Logged {
            route: Some(route.path),
            ..Logged::default()
        });
        response
    })
    .await
}

async fn receive(
    context: &Context,
    gateways: &dyn CallGateway,
    events: &dyn ReadEvent,
    captures: &Captures,
    request: &Request<Bytes>,
) -> Result<(), Failure> {
    let headers = request.headers();
    let is_signed = SIGNATURES.iter().any(|name| headers.contains_key(*name));
    let secret = captures.get("secret");
    let may_be_told = secret.is_some_and(|it| it.len() == SECRET_DIGITS);
    if (secret.is_none() && !is_signed) || (secret.is_some() && !may_be_told) {
        return Err(forged().into());
    }
    if request.body().len() > LARGEST_BODY {
        let detail = format!("An event has at most {LARGEST_BODY} bytes.");
        return Err(Refusal::new(Code::PayloadTooLarge, detail).into());
    }
    let (tenant, gateway) = addressed(captures).ok_or_else(Refusal::not_found)?;
    let actor = Actor::of_gateway_event(context, tenant);
    let catalog = load::catalog(&actor).await?;
    let record = catalog.gateway_or_retired(gateway);
    let record = record.ok_or_else(Refusal::not_found)?;
    let signature = match GatewayKind::of(record)? {
        GatewayKind::Klarna => secret,
        kind => signature(headers, kind).filter(|_| secret.is_none()),
    };
    let signature = signature.ok_or_else(forged)?;
    let sent = SentEvent {
        signature,
        body: request.body(),
    };
    let read = events.read_event(tenant, record, sent, context.now()).await;
    let event = match read {
        Ok(event) => event,
        Err(NotAnEvent::Unavailable(problem)) => {
            tracing::error!(%problem, "an event was not read");
            return Err(later().into());
        }
        Err(problem @ (NotAnEvent::Forged | NotAnEvent::NoSecret)) => {
            tracing::warn!(%problem, gateway = gateway.as_str(), "an event is refused");
            return Err(forged().into());
        }
        Err(NotAnEvent::NotUnderstood(problem)) => {
            tracing::error!(%problem, gateway = gateway.as_str(), "an event does not read");
            return Err(Refusal::new(Code::BadRequest, "The event does not read.").into());
        }
    };
    take(&actor, gateways, record, event).await
}

/// Has read what an event is about: a payment, or what is kept for later. What is not of this table is nothing to us.
async fn take(
    actor: &Actor<'_>,
    gateways: &dyn CallGateway,
    gateway: &Record,
    event: GatewayEvent,
) -> Result<(), Failure> {
    if let Some(kept) = event.kept.clone() {
        return match is_of_this_table(actor, &event).await? {
            true => service::observe_kept(actor, gateways, gateway, kept, event.customer).await,
            false => Ok(()),
        };
    }
    let gateway = GatewayId::new(gateway.id);
    let Some(payment) = event.payment.clone() else {
        return Ok(());
    };
    if let Some(said) = event.said {
        // The answer that names the action may not be written yet.
        let order = service::order_of_payment(actor, gateway, &payment).await?;
        let order = order.ok_or_else(not_waited_for)?;
        let hear = Hear {
            gateway,
            action: payment,
            said,
        };
        return service::hear(actor, gateways, order, hear).await;
    }
    if !is_of_this_table(actor, &event).await? {
        return Ok(());
    }
    let Some(order) = service::order_of_payment(actor, gateway, &payment).await? else {
        return unknown(actor, &event);
    };
    let observe = Observe {
        gateway,
        payment,
        is_disputed: event.is_disputed,
    };
    service::observe(actor, gateways, order, observe, event.transaction).await
}

/// A payment that says whose it is, is this table's where it says so; one that does not, where it is known here.
async fn is_of_this_table(actor: &Actor<'_>, event: &GatewayEvent) -> Result<bool, Failure> {
    let mark = actor.context.store.mark().await?;
    Ok(mark.may_own(event.table.as_deref()))
}

/// A payment that no order has claimed: its event may have come before the commit that does; later it is nobody's,
/// and whoever watches for it lets go of it.
fn unknown(actor: &Actor<'_>, event: &GatewayEvent) -> Result<(), Failure> {
    let is_ours = event.order.is_some() && event.table.is_some();
    let is_young = event.made_at.is_some_and(|it| actor.now.since(it) < YOUNG);
    let order = event.order.as_ref().map(OrderId::as_str);
    match is_ours && is_young {
        true => Err(later().into()),
        false => {
            tracing::info!(order, "an event is about a payment that is not known here");
            Ok(())
        }
    }
}

/// Whose gateway the path names.
fn addressed(captures: &Captures) -> Option<(Tenant, GatewayId)> {
    let organization: Id = captures.id("organization")?;
    let mode = Mode::named(captures.get("mode")?)?;
    let gateway = captures.id("gateway")?;
    Some((Tenant { organization, mode }, GatewayId::new(gateway)))
}

fn signature(headers: &HeaderMap, kind: GatewayKind) -> Option<&str> {
    let name = match kind {
        GatewayKind::Stripe => STRIPE,
        GatewayKind::CheckoutCom => CHECKOUT_COM,
        GatewayKind::External => EXTERNAL,
        GatewayKind::Klarna => return None,
    };
    headers.get(name)?.to_str().ok()
}

fn forged() -> Refusal {
    Refusal::new(Code::Unauthorized, "The signature is not this gateway's.")
}

/// A shop's gateway sends it again.
fn not_waited_for() -> Refusal {
    let detail =
        "No transaction has this action_id. If it was answered a moment ago, send this again.";
    Refusal::new(Code::RecordNotFound, detail)
}

/// The vendor sends it again.
fn later() -> Refusal {
    Refusal::new(
        Code::Unavailable,
        "This cannot be taken yet. Send it again.",
    )
}
