//! What a request for another password goes by, and how it ends.

use std::time::Duration;

use domain::record::{Place, Placed, Record};
use domain::{Refusal, Timestamp, digest};
use serde_json::Value;

use super::customers::take_password;
use super::draft::Draft;
use super::{Credentials, Decision};
use crate::{Change, Input};

const TOKEN: &str = "reset_password_token";
const RESET_AT: &str = "reset_password_at";

/// How long its token is good.
const LIFE: Duration = Duration::from_secs(60 * 60);

/// A new one has a token that nobody knows yet.
pub(super) fn complete(draft: &mut Draft<'_>) {
    if draft.former.is_none() {
        let secret = draft.basis.input.secret;
        draft.record.set(TOKEN, secret);
    }
}

/// Refuses a token that is not that of this request, or is used up, or too old: alike, whoever asked for it, and
/// whether there is a customer or not.
///
/// # Errors
/// The token is not valid.
pub fn require_reset_token(reset: &Record, given: &str, now: Timestamp) -> Result<(), Refusal> {
    let is_same = |kept: &str| digest(&[kept]) == digest(&[given]);
    let is_right = reset.text(TOKEN).is_some_and(is_same);
    let is_young = now.since(reset.created_at) < LIFE;
    let has_customer = reset.related("customer").is_some();
    match is_right && is_young && has_customer && reset.get(RESET_AT).is_none() {
        true => Ok(()),
        false => {
            let detail = "_reset_password_token - is not valid: it is not that of this request, was used, or is older than an hour.";
            Err(Refusal::invalid(detail).at_attribute("_reset_password_token"))
        }
    }
}

/// The customer gets this password, and the token is used up.
pub fn reset_password(reset: &Placed, customer: &Placed, hash: &str, input: Input<'_>) -> Decision {
    let mut reset = reset.clone();
    reset.record.set(TOKEN, Value::Null);
    reset.record.set(RESET_AT, input.now.to_string());
    reset.record.updated_at = input.now;
    let mut customer = customer.record.clone();
    take_password(&mut customer, hash, input.now);
    customer.updated_at = input.now;
    Decision {
        changes: vec![
            Change::put(reset.record.clone(), reset.place),
            Change::put(customer, Place::Customer),
        ],
        credentials: Credentials::Unchanged,
        record: reset.record,
    }
}
