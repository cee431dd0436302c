//! What a shop's endpoint says of money: `{"success": true, "data": {"transaction_token": "…",
//! "amount_cents": 12900, "metadata": {…}}}`; with `"success": false` it declines, with 202 and
//! `data.action_id` it decides later (Commerce Layer, "external payment gateways"). All but `success` may be
//! missing, or of a wrong type.

use bytes::Bytes;
use domain::gateway::{Decline, Moved, Outcome};
use domain::resource::FREE_FORM_LIMIT;
use gatehouse::pan::holds_card_number;
use http::{Response, StatusCode};
use serde_json::{Map, Value};

use super::answers::{log, undecided};
use super::instrument::line;
use crate::failure::CallFailure;

/// What came of a request that moves money.
#[derive(Debug, PartialEq)]
pub(super) enum Told {
    /// It is done.
    Done(Transaction),
    /// The gateway will say, by this `action_id`.
    Pending(String, Transaction),
    /// The gateway will not.
    Declined(Decline, Transaction),
}

/// What a gateway says of a transaction.
#[derive(Debug, PartialEq)]
pub(super) struct Transaction {
    /// Its `transaction_token`.
    pub token: Option<String>,
    /// How much it is of, in minor units.
    pub cents: Option<i64>,
    /// What is to be kept with it.
    pub metadata: Map<String, Value>,
}

/// Reads an answer.
///
/// # Errors
/// It is none, or promises one that nobody could tell from others: a 202 without an `action_id`.
pub(super) fn read(response: &Response<Bytes>) -> Result<Told, CallFailure> {
    let status = response.status();
    let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
    if let Some(failure) = undecided(status) {
        log(response, &body);
        return Err(failure);
    }
    let transaction = Transaction::of(&body["data"]);
    match (status, body["success"].as_bool()) {
        (StatusCode::ACCEPTED, _) => match line(&body["data"]["action_id"]) {
            Some(action) if !holds_card_number(&action) => Ok(Told::Pending(action, transaction)),
            _ => Err(not_understood(response, &body, "202 without an action_id")),
        },
        (_, Some(false)) => {
            log(response, &body);
            Ok(Told::Declined(decline(&body), transaction))
        }
        (StatusCode::OK | StatusCode::CREATED, Some(true)) => Ok(Told::Done(transaction)),
        _ => {
            let problem = format!("status {status} without success");
            Err(not_understood(response, &body, &problem))
        }
    }
}

/// What the gateway says later, by itself: of which action, what became of it, and of how much it is.
///
/// # Errors
/// It says neither yes nor no, or not of what.
pub(crate) fn said(document: &Value) -> Result<(String, Moved, Option<i64>), &'static str> {
    let action = line(&document["data"]["action_id"]);
    let action = action.ok_or("there is no data.action_id")?;
    let transaction = Transaction::of(&document["data"]);
    let outcome = match document["success"].as_bool() {
        Some(true) => Outcome::Succeeded,
        Some(false) => Outcome::Failed(decline(document)),
        None => return Err("success is neither true nor false"),
    };
    let moved = Moved {
        outcome,
        reference: transaction.token,
        released: None,
        metadata: transaction.metadata,
    };
    Ok((action, moved, transaction.cents))
}

fn not_understood(response: &Response<Bytes>, body: &Value, problem: &str) -> CallFailure {
    log(response, body);
    CallFailure::NotUnderstood(problem.to_owned())
}

impl Transaction {
    fn of(data: &Value) -> Self {
        let token = line(&data["transaction_token"]);
        Self {
            token: token.filter(|it| !holds_card_number(it)),
            cents: data["amount_cents"].as_i64().filter(|it| *it > 0),
            metadata: metadata(&data["metadata"]),
        }
    }
}

/// As much as a record takes; more is left out rather than refused, since what was asked has been done.
fn metadata(given: &Value) -> Map<String, Value> {
    let fits = given.to_string().len() <= FREE_FORM_LIMIT;
    if !fits {
        tracing::warn!("external gateway gave more metadata than is kept");
    }
    given
        .as_object()
        .filter(|_| fits)
        .cloned()
        .unwrap_or_default()
}

/// The gateway's code, and our own sentence: its text is for the log.
fn decline(body: &Value) -> Decline {
    let errors = [&body["data"]["error"], &body["error"]];
    let code = errors.into_iter().find_map(|it| line(&it["code"]));
    Decline {
        code: code.filter(|it| !holds_card_number(it)),
        message: "The shop's gateway declined.".to_owned(),
    }
}
