//! The endpoints below `/v1/charges`, and what of a charge can be given back.

use serde_json::{Value, json};

use super::call::Received;
use super::error::{ApiError, NamedIn};
use super::fields::missing;
use super::objects::charge::Charge;
use super::objects::payment_intent::Status;
use super::state::Work;

/// `GET /v1/charges/{id}`
pub(super) fn retrieve(work: &mut Work<'_>, call: &Received<'_>) -> Result<Value, ApiError> {
    let found = work.charge_json(call.id);
    found.ok_or_else(|| ApiError::missing("charge", call.id, NamedIn::Path("charge")))
}

/// `POST /v1/charges/{id}/_dispute`, the stand-in's own: the shopper asks their bank for the money back.
pub(super) fn dispute(work: &mut Work<'_>, call: &Received<'_>) -> Result<Value, ApiError> {
    let place = NamedIn::Path("charge");
    let charge = work.account.charge(call.id, place)?.clone();
    if !charge.captured || charge.disputed {
        let message = "The charge cannot be disputed, or was before.";
        return Err(ApiError::invalid(message));
    }
    if let Some(charge) = work.account.charges.get_mut(call.id) {
        charge.disputed = true;
    }
    let object = json!({
        "id": work.ids.make("du_1", 23),
        "object": "dispute",
        "amount": charge.amount_captured,
        "balance_transactions": [],
        "charge": call.id,
        "created": work.seconds(),
        "currency": charge.currency,
        "evidence": {},
        "evidence_details": {
            "due_by": null, "has_evidence": false, "past_due": false, "submission_count": 0,
        },
        "is_charge_refundable": false,
        "livemode": false,
        "metadata": {},
        "payment_intent": charge.payment_intent,
        "reason": "fraudulent",
        "status": "needs_response",
    });
    work.happened("charge.dispute.created", object.clone());
    Ok(object)
}

/// The charge that a request for a refund is about, and how much of it is to be given back.
pub(super) fn refundable(work: &Work<'_>, call: &Received<'_>) -> Result<(String, i64), ApiError> {
    let id = named(work, call)?;
    let charge = work.account.charge(&id, NamedIn::Parameter("charge"))?;
    let amount = check(&id, charge, call.params.integer("amount"))?;
    Ok((id, amount))
}

/// The charge that a request names, or the one that took an intent's money.
fn named(work: &Work<'_>, call: &Received<'_>) -> Result<String, ApiError> {
    if let Some(charge) = call.params.text("charge") {
        return Ok(charge.to_owned());
    }
    let id = call.params.text("payment_intent");
    let id = id.ok_or_else(|| missing("payment_intent"))?;
    let place = NamedIn::Parameter("payment_intent");
    let intent = work.account.payment_intents.get(id);
    let intent = intent.ok_or_else(|| ApiError::missing("payment_intent", id, place))?;
    match &intent.latest_charge {
        Some(charge) if intent.status == Status::Succeeded => Ok(charge.clone()),
        _ => {
            let message =
                format!("This PaymentIntent ({id}) does not have a successful charge to refund.");
            Err(ApiError::invalid(message).param("payment_intent"))
        }
    }
}

/// How much is to be given back of a charge.
fn check(id: &str, charge: &Charge, asked: Option<i64>) -> Result<i64, ApiError> {
    if !charge.captured {
        let message = format!("Charge {id} has not been captured, so it cannot be refunded.");
        return Err(ApiError::invalid(message));
    }
    if charge.disputed {
        let message = format!("Charge {id} has been charged back; cannot issue a refund.");
        return Err(ApiError::invalid(message).code("refund_disputed_payment"));
    }
    let left = charge.amount_captured - charge.amount_refunded;
    if left == 0 {
        let message = format!("Charge {id} has already been refunded.");
        return Err(ApiError::invalid(message).code("charge_already_refunded"));
    }
    match asked.unwrap_or(left) {
        amount if amount < 1 => {
            let error = ApiError::parameter("amount", "Invalid positive integer");
            Err(error.code("parameter_invalid_integer"))
        }
        amount if amount > left => {
            let message = format!(
                "Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
            );
            Err(ApiError::invalid(message).param("amount"))
        }
        amount => Ok(amount),
    }
}
