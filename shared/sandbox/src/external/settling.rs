//! Deciding on what was answered with 202.

use serde_json::{Value, json};

use crate::state_file::StateFileError;

use super::ledger::Ledger;
use super::{External, refused, signature, transactions};
use crate::vendor::Reply;

/// How the gateway decides on an action.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// The money moves.
    Succeeded,
    /// It does not.
    Declined,
}

impl External {
    /// Tells the shop at this URL, the `webhook_endpoint_url` of the gateway's record, what `POST
    /// /actions/{action_id}/_decide` decides.
    ///
    /// # Errors
    /// It could not be kept in the state file.
    pub fn send_decisions_to(&self, url: String) -> Result<(), StateFileError> {
        self.change(|ledger, _| ledger.hook = Some(url))
    }

    /// The ids of the actions that are not decided on yet.
    pub fn actions(&self) -> Vec<String> {
        self.look(|ledger| ledger.actions.keys().cloned().collect())
    }

    /// Decides on an action. What is to be told of it waits in the outbox, signed with the shared secret, to
    /// be posted to `url`, the `webhook_endpoint_url` of the gateway's record, by
    /// [`deliver_callbacks`](crate::Sandbox::deliver_callbacks). False where there is no such action, or it
    /// is decided on.
    ///
    /// # Errors
    /// It is decided, and could not be kept in the state file.
    pub fn settle(
        &self,
        action_id: &str,
        verdict: Verdict,
        url: &str,
    ) -> Result<bool, StateFileError> {
        let secret = &self.vendor().shared_secret;
        self.change(|ledger, _| settle(ledger, action_id, verdict, url, secret))
    }
}

/// `POST /actions/{action_id}/_decide`, with `{"success": true}` or false.
pub(super) fn decide(ledger: &mut Ledger, id: &str, body: Option<&Value>, secret: &str) -> Reply {
    let success = body.and_then(|it| it.get("success")?.as_bool());
    let verdict = match success {
        Some(true) => Verdict::Succeeded,
        Some(false) => Verdict::Declined,
        None => return refused(422, "INVALID", "success has to be true or false."),
    };
    let url = ledger.hook.clone().unwrap_or_default();
    match settle(ledger, id, verdict, &url, secret) {
        true => Reply::json(200, json!({ "success": true })),
        false => refused(404, "NOT_FOUND", "No such action waits to be decided."),
    }
}

fn settle(
    ledger: &mut Ledger,
    action_id: &str,
    verdict: Verdict,
    url: &str,
    shared_secret: &str,
) -> bool {
    let Some(action) = ledger.actions.remove(action_id) else {
        return false;
    };
    let token = crate::ids::derived(action_id, 24);
    let token = format!("{}{token}", action.prefix());
    let mut told = match verdict {
        Verdict::Succeeded => {
            ledger.finish(&action, &token);
            transactions::done(&action, &token)
        }
        Verdict::Declined => {
            ledger.undo(&action);
            let error = json!({"code": "CARD_DECLINED", "message": "The card was declined."});
            json!({"success": false, "data": {"transaction_token": token, "error": error}})
        }
    };
    told["data"]["action_id"] = json!(action_id);
    if url.is_empty() {
        return true;
    }
    let body = told.to_string();
    let signed = signature::of(body.as_bytes(), shared_secret);
    let headers = signed.map(|it| (signature::HEADER.to_owned(), it));
    ledger
        .callbacks
        .add(url.to_owned(), headers.into_iter().collect(), body);
    true
}
