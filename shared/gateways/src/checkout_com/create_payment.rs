use domain::gateway::{GatewayAnswer, GatewayKind, NewPayment};
use serde_json::Value;

use super::client::CheckoutComClient;
use super::endpoint::Endpoint;
use super::errors::ANSWERS;
use super::read_instrument::read_instrument;
use super::{payment, requests, saving};
use crate::failure::CallFailure;
use crate::not_done::NotDone;

/// The longest session, as JSON text, that a payment source can show.
const LONGEST_SESSION: usize = 16 * 1024;

pub(super) async fn create_payment(
    client: &CheckoutComClient<'_>,
    new: &NewPayment,
) -> Result<GatewayAnswer, NotDone> {
    match new.saved.as_deref() {
        Some(saved) => take_saved(client, new, saved).await,
        None => open_session(client, new).await,
    }
}

async fn open_session(
    client: &CheckoutComClient<'_>,
    new: &NewPayment,
) -> Result<GatewayAnswer, NotDone> {
    let rules = GatewayKind::CheckoutCom.source_type().payment_rules();
    let session = rules.and_then(|it| it.session);
    let ends_at = session.map(|it| client.exchange.now().plus(it));
    let body = requests::open_session(client.exchange.asked, new, ends_at)?;
    let response = client.send(Endpoint::OpenSession, "", Some(&body)).await?;
    let session: Value = ANSWERS.read(&response)?;
    let has_id = session["id"].as_str().is_some_and(|it| !it.is_empty());
    match has_id && session.to_string().len() <= LONGEST_SESSION {
        true => {
            let opened = payment::opened(new, client.public_key(), session);
            Ok(GatewayAnswer::Payment(opened))
        }
        false => {
            let problem = "a payment session without an id, or a huge one";
            Err(CallFailure::NotUnderstood(problem.to_owned()).into())
        }
    }
}

/// No money moves, and no session is opened: the card is paid with when that is asked for.
async fn take_saved(
    client: &CheckoutComClient<'_>,
    new: &NewPayment,
    saved: &str,
) -> Result<GatewayAnswer, NotDone> {
    let instrument = read_instrument(client, saved).await?;
    let customer = new.customer_token.as_deref();
    let instrument = saving::require_own(instrument.as_ref(), customer)?;
    saving::require_valid(instrument, client.exchange.now())?;
    let reused = payment::reused(new, client.public_key(), &instrument.card);
    Ok(GatewayAnswer::Payment(reused))
}
