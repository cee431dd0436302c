//! What a shop's endpoint answers. Shops write these by hand, so what is optional may be missing, null
//! or of a wrong type; the two tokens may not.

use bytes::Bytes;
use domain::gateway::Reusable;
use gatehouse::pan::holds_card_number;
use http::{Response, StatusCode};
use outbound::redact;
use serde_json::Value;

use super::instrument::{self, is_line};
use crate::answers::{self, log_garbage};
use crate::failure::CallFailure;
use crate::not_done::NotDone;
use crate::refusals::not_reusable;

const CUSTOMER_TOKEN: &str = "customer_token";
const PAYMENT_SOURCE_TOKEN: &str = "payment_source_token";

/// Reads the answer of the `token_url`:
/// `{"success": true, "data": {"customer_token": "…", "payment_source_token": "…"}}`, or the two tokens
/// beside `success`. An answer with `"success": false` refuses; any other that is none is no answer.
pub(super) fn read(response: &Response<Bytes>) -> Result<Reusable, NotDone> {
    let status = response.status();
    let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
    if let Some(failure) = undecided(status) {
        log(response, &body);
        return Err(failure.into());
    }
    if body["success"] == false {
        log(response, &body);
        return Err(not_reusable(
            "The shop's gateway refused to keep this payment source. Let the shopper use another.",
        )
        .into());
    }
    match status {
        StatusCode::OK | StatusCode::CREATED => Ok(reusable(&body)?),
        _ => {
            log(response, &body);
            Err(CallFailure::NotUnderstood(format!("status {status}")).into())
        }
    }
}

/// What an answer comes to that decides nothing, whatever its body says.
pub(super) fn undecided(status: StatusCode) -> Option<CallFailure> {
    match status {
        // Too slow, or the same request is under way.
        StatusCode::REQUEST_TIMEOUT | StatusCode::CONFLICT | StatusCode::TOO_EARLY => {
            Some(CallFailure::Unavailable(status.as_u16()))
        }
        status if status.is_redirection() => {
            let problem = format!("status {status}; redirects are not followed");
            Some(CallFailure::NotUnderstood(problem))
        }
        _ => answers::undecided(status),
    }
}

fn reusable(body: &Value) -> Result<Reusable, CallFailure> {
    let in_data = |name: &&str| !body["data"][*name].is_null();
    let saved = match [CUSTOMER_TOKEN, PAYMENT_SOURCE_TOKEN].iter().any(in_data) {
        true => &body["data"],
        false => body,
    };
    let instrument = instrument::shown(&saved["payment_instrument"]);
    Ok(Reusable {
        customer_token: token(saved, CUSTOMER_TOKEN)?,
        payment_source_token: token(saved, PAYMENT_SOURCE_TOKEN)?,
        name: instrument::name(&instrument),
        // Among the cards of this gateway alone: the wallet knows it together with the gateway's id.
        fingerprint: instrument::line(&saved["fingerprint"]),
        expiry: instrument::expiry(&instrument),
        snapshot: instrument::snapshot(instrument),
    })
}

fn token(saved: &Value, name: &str) -> Result<String, CallFailure> {
    let problem = match saved[name].as_str() {
        Some(text) if is_line(text) && !holds_card_number(text) => return Ok(text.to_owned()),
        Some(text) if is_line(text) => "looks like a card number",
        _ => "is no text of 1 to 255 characters",
    };
    Err(CallFailure::NotUnderstood(format!("{name} {problem}")))
}

/// What the shop says of it.
pub(super) fn log(response: &Response<Bytes>, body: &Value) {
    let status = response.status().as_u16();
    let errors = [&body["data"]["error"], &body["error"]];
    match errors.into_iter().find(|it| !it.is_null()) {
        Some(error) => {
            let error = redact(&error.to_string());
            tracing::warn!(status, error, "external gateway refused");
        }
        None => log_garbage("external", response),
    }
}
