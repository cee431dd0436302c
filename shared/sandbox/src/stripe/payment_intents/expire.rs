//! Holds that run out: at their time, or by `POST /v1/payment_intents/{id}/_expire`, the stand-in's own.

use serde_json::Value;

use super::super::call::Received;
use super::super::error::ApiError;
use super::super::objects::payment_intent::Status;
use super::super::state::Work;

/// Lets what is held of an intent run out before its time.
pub(in super::super) fn expire(
    work: &mut Work<'_>,
    call: &Received<'_>,
) -> Result<Value, ApiError> {
    let intent = work.account.intent(call.id)?;
    if intent.status != Status::RequiresCapture {
        let message = "Nothing is held of this PaymentIntent that could run out.";
        return Err(ApiError::unexpected_state(message, intent.to_json()));
    }
    run_out(work, call.id);
    Ok(work.account.intent(call.id)?.to_json())
}

/// Lets run out what was held for its time.
pub(in super::super) fn expire_due(work: &mut Work<'_>) {
    let now = work.seconds();
    let charges = &work.account.charges;
    let ends = |charge: &Option<String>| charges.get(charge.as_ref()?)?.capture_before;
    let intents = work.account.payment_intents.values();
    let over = intents
        .filter(|it| it.status == Status::RequiresCapture)
        .filter(|it| ends(&it.latest_charge).is_some_and(|ends| ends <= now));
    let over: Vec<String> = over.map(|it| it.id.clone()).collect();
    for id in over {
        run_out(work, &id);
    }
}

fn run_out(work: &mut Work<'_>, id: &str) {
    let now = work.seconds();
    let Some(intent) = work.account.payment_intents.get_mut(id) else {
        return;
    };
    intent.status = Status::Canceled;
    intent.amount_capturable = 0;
    intent.canceled_at = Some(now);
    intent.cancellation_reason = Some("expired".to_owned());
    let charge = intent.latest_charge.clone().unwrap_or_default();
    work.happened_to_charge("charge.expired", &charge);
    work.happened_to_intent("payment_intent.canceled", id);
}
