//! Placing an order: with what the shopper approved, or with a saved source, the shopper present. It is
//! not captured.

use domain::gateway::{
    Books, Decline, GatewayAnswer, GatewayCall, GatewayRefusal, NewPayment, NotedRequest, Payment,
    Progress,
};
use http::StatusCode;
use serde_json::Value;

use super::answers::{AuthorizedPaymentMethod, NewSession, PlacedOrder, Session, SessionStatus};
use super::client::{KlarnaClient, Reference, keyed, target};
use super::create_payment::basket;
use super::endpoint::Endpoint;
use super::errors::{ANSWERS, KlarnaError, is_missing, refusal};
use super::make_reusable::spent;
use super::payment::without_reference;
use super::reference::{self, PaymentReference};
use super::{declines, requests};
use crate::failure::CallFailure;
use crate::members::members;
use crate::not_done::NotDone;
use crate::refusals::{invalid, not_ready, not_reusable};

/// What an order is placed with.
enum Means<'n> {
    /// What Klarna's script gave when the shopper approved the session.
    Approval(Reference<'n>),
    /// A customer token.
    Saved(Reference<'n>),
}

impl<'n> Means<'n> {
    /// A saved source's token stands where the shopper's token does, until they have to approve a session
    /// after all.
    fn of(new: &'n NewPayment) -> Result<Self, GatewayRefusal> {
        let saved = new.saved.as_deref();
        let approval = new.shopper_token.as_deref().filter(|it| saved != Some(*it));
        match (approval, saved) {
            (Some(token), _) => Reference::of(token).map(Self::Approval).ok_or_else(spent),
            (None, Some(token)) => Reference::of(token).map(Self::Saved).ok_or_else(|| {
                not_reusable("The saved source is not Klarna's. Let the shopper pay anew.")
            }),
            (None, None) => Err(not_ready(
                "The shopper has not approved this payment yet. PATCH the payment source's auth_token with what Klarna's script gave.",
            )),
        }
    }

    const fn endpoint(&self) -> Endpoint {
        match self {
            Self::Approval(_) => Endpoint::PlaceOrder,
            Self::Saved(_) => Endpoint::PlaceTokenOrder,
        }
    }

    const fn token(&self) -> Reference<'n> {
        match self {
            Self::Approval(token) | Self::Saved(token) => *token,
        }
    }

    fn body(&self, asked: &GatewayCall, new: &NewPayment) -> Result<Value, NotDone> {
        let basket = basket(new)?;
        let body = match self {
            Self::Approval(_) => requests::place_order(asked, new, basket),
            Self::Saved(_) => requests::place_token_order(asked, new, basket),
        };
        Ok(body?)
    }
}

pub(super) async fn authorize_payment(
    client: &KlarnaClient<'_>,
    new: &NewPayment,
) -> Result<GatewayAnswer, NotDone> {
    let means = Means::of(new)?;
    let (endpoint, token) = (means.endpoint(), means.token());
    let asked = client.exchange.asked;
    let request = client.noted(endpoint, token, || Ok(Some(means.body(asked, new)?)))?;
    let response = client.send(endpoint, Some(token), &request).await?;
    let payment = if response.status().is_success() {
        let order: PlacedOrder = ANSWERS.read(&response)?;
        let payment = order.payment(new)?;
        match means {
            Means::Approval(_) => order.shown(payment),
            // What is shown of the saved source stays.
            Means::Saved(_) => payment,
        }
    } else {
        let (error, refusal) = refusal(&response)?;
        let refused = Refused {
            status: response.status(),
            is_missing: is_missing(&response),
            error,
            refusal,
        };
        match means {
            Means::Approval(_) => not_placed(client, new, refused).await?,
            Means::Saved(_) => not_placed_with_token(client, new, refused).await?,
        }
    };
    Ok(GatewayAnswer::Payment(payment))
}

/// The request, as it is noted before it is sent.
pub(super) fn written(asked: &GatewayCall, new: &NewPayment) -> Option<NotedRequest> {
    let means = Means::of(new).ok()?;
    let body = means.body(asked, new).ok()?;
    let endpoint = means.endpoint();
    let target = target(endpoint, Some(means.token()));
    Some(keyed(asked, endpoint.step(), &target, Some(&body)))
}

/// A definitive no to an order.
struct Refused {
    status: StatusCode,
    is_missing: bool,
    error: KlarnaError,
    refusal: GatewayRefusal,
}

async fn not_placed(
    client: &KlarnaClient<'_>,
    new: &NewPayment,
    refused: Refused,
) -> Result<Payment, NotDone> {
    let Refused { status, error, .. } = &refused;
    if error.is(declines::REJECTED) {
        return Ok(declined(new, declines::rejected()));
    }
    let is_consumed = *status == StatusCode::FORBIDDEN && error.is("INVALID_OPERATION");
    if refused.is_missing || is_consumed {
        require_no_order(client, new).await?;
        return Err(spent().into());
    }
    match *status {
        StatusCode::CONFLICT if error.says("already completed") => Err(ordered_before().into()),
        StatusCode::CONFLICT => Err(invalid(
            "The order is not what the shopper approved any more. PATCH the payment source with _update, let the shopper approve the payment again, and PATCH the new auth_token.",
        )
        .into()),
        _ => Err(refused.refusal.into()),
    }
}

/// The authorization of an order ends an hour after it was given. An order that was placed with it is
/// there all the same, and its session says so.
async fn require_no_order(client: &KlarnaClient<'_>, new: &NewPayment) -> Result<(), NotDone> {
    let session = new.payment.as_deref().and_then(PaymentReference::of);
    let Some(session) = session.and_then(PaymentReference::session) else {
        return Ok(());
    };
    let response = client.ask(Endpoint::ReadSession, session).await?;
    let session: Option<Session> = ANSWERS.read_found(&response)?;
    match session {
        Some(session) if session.status == Some(SessionStatus::Complete) => {
            Err(ordered_before().into())
        }
        _ => Ok(()),
    }
}

/// Money may be held for an order whose answer never arrived, so that this is no refusal.
fn ordered_before() -> CallFailure {
    CallFailure::NotUnderstood("an order was placed with this session, and is not known".to_owned())
}

/// The shopper is there: what a saved source does not pay, they may, in a session of its own
/// (docs.klarna.com, "step-up" and "recover token charge failure").
async fn not_placed_with_token(
    client: &KlarnaClient<'_>,
    new: &NewPayment,
    refused: Refused,
) -> Result<Payment, NotDone> {
    let Refused { error, .. } = &refused;
    let step_up = error.step_up_id.as_deref();
    if error.is(declines::REJECTED) && step_up.is_none() {
        return Ok(declined(new, declines::rejected()));
    }
    let is_of_token = refused.status == StatusCode::FORBIDDEN || refused.is_missing;
    if step_up.is_none() && !is_of_token {
        return Err(refused.refusal.into());
    }
    let decline = step_up.is_none().then(|| declines::decline(error));
    match (open_session(client, new, step_up).await, decline) {
        (Ok(session), decline) => Ok(Payment {
            failed: decline.is_some(),
            decline,
            ..session
        }),
        (Err(NotDone::Refused(_)), Some(decline)) => Ok(declined(new, decline)),
        (Err(not_done), _) => Err(not_done),
    }
}

/// The session in which the shopper goes on. What is shown of the saved source stays.
async fn open_session(
    client: &KlarnaClient<'_>,
    new: &NewPayment,
    step_up: Option<&str>,
) -> Result<Payment, NotDone> {
    let body = requests::recover(client, new, basket(new)?, step_up)?;
    let response = client.tell(Endpoint::CreateSession, None, &body).await?;
    let session: NewSession = ANSWERS.read(&response)?;
    let mut payment = session.payment(new);
    payment.attributes.remove("payment_instrument");
    Ok(payment)
}

fn declined(new: &NewPayment, decline: Decline) -> Payment {
    Payment {
        progress: Progress::Declined,
        decline: Some(decline),
        ..without_reference(new.amount)
    }
}

impl PlacedOrder {
    /// The payment with how the shopper pays Klarna.
    fn shown(&self, payment: Payment) -> Payment {
        let method = self.authorized_payment_method.as_ref();
        let shown = method.map(AuthorizedPaymentMethod::payment_instrument);
        Payment {
            attributes: members([("payment_instrument", shown)]),
            ..payment
        }
    }

    /// The payment of the order that was placed for `new`. Until Klarna has decided on it, nothing of it can
    /// be captured.
    ///
    /// # Errors
    /// It has no id that could be asked for.
    fn payment(&self, new: &NewPayment) -> Result<Payment, CallFailure> {
        Reference::of(&self.order_id)
            .ok_or_else(|| CallFailure::NotUnderstood("an order without an id".to_owned()))?;
        let amount = new.amount;
        let (progress, held) = match self.fraud_status.as_deref() {
            Some("ACCEPTED") => (Progress::Authorized, amount.cents),
            Some(declines::REJECTED) => (Progress::Declined, 0),
            _ => (Progress::Authorized, 0),
        };
        Ok(Payment {
            reference: Some(reference::of_order(&self.order_id)),
            progress,
            decline: (progress == Progress::Declined).then(declines::rejected),
            books: Some(Books {
                held,
                ..Books::default()
            }),
            ..without_reference(amount)
        })
    }
}
