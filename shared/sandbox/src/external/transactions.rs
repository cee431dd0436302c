//! `POST /authorize`, `/capture`, `/void` and `/refund`: money that is held, taken, let go of and given
//! back.

use serde_json::{Value, json};

use crate::vendor::{Asked, Reply, Work};

use super::ledger::{Action, Ledger, Refused};
use super::text;
use super::{declined, included, refused};

type Read = fn(&Ledger, &Value) -> Result<Action, Reply>;

/// What a transaction is and how it goes wrong on demand.
struct Endpoint {
    read: Read,
    /// The beginnings of a payment source's token at which it goes wrong.
    declined: &'static str,
    pending: &'static str,
    without_action: &'static str,
}

const AUTHORIZE: Endpoint = Endpoint {
    read: authorize,
    declined: "declined",
    pending: "pending",
    without_action: "no-action",
};

const CAPTURE: Endpoint = Endpoint {
    read: capture,
    declined: "capture-declined",
    pending: "capture-pending",
    without_action: "capture-no-action",
};

const VOID: Endpoint = Endpoint {
    read: void,
    declined: "void-declined",
    pending: "void-pending",
    without_action: "void-no-action",
};

const REFUND: Endpoint = Endpoint {
    read: refund,
    declined: "refund-declined",
    pending: "refund-pending",
    without_action: "refund-no-action",
};

/// True for the paths at which money moves. A request to them counts once for its idempotency key.
pub(super) fn moves_money(path: &str) -> bool {
    endpoint(path).is_some()
}

/// The answer, unless the path is another's.
pub(super) fn answer(work: &mut Work<'_, Ledger>, asked: &Asked<'_>) -> Option<Reply> {
    let endpoint = endpoint(asked.path)?;
    Some(carry_out(work, asked, &endpoint).unwrap_or_else(|refused| refused))
}

fn endpoint(path: &str) -> Option<Endpoint> {
    Some(match path {
        "/authorize" => AUTHORIZE,
        "/capture" => CAPTURE,
        "/void" => VOID,
        "/refund" => REFUND,
        _ => return None,
    })
}

fn carry_out(
    work: &mut Work<'_, Ledger>,
    asked: &Asked<'_>,
    endpoint: &Endpoint,
) -> Result<Reply, Reply> {
    let document = asked.body.as_ref();
    let document =
        document.ok_or_else(|| refused(400, "INVALID_JSON", "The body must be JSON."))?;
    let action = (endpoint.read)(work.state, document)?;
    let source = match &action {
        Action::Authorize { source, .. } => source.clone(),
        Action::Capture { authorization, .. } | Action::Void { authorization, .. } => {
            source_of(work.state, authorization)
        }
        Action::Refund { capture, .. } => source_of(work.state, capture),
    };
    if source.starts_with(endpoint.declined) {
        return Ok(declined());
    }
    if let Err(refused) = work.state.begin(&action) {
        return Ok(not_done(refused));
    }
    let token = work.ids.make(action.prefix(), 24);
    let is_pending = source.starts_with(endpoint.pending);
    if is_pending || source.starts_with(endpoint.without_action) {
        let action_id = work.ids.make("act_", 24);
        let body = match is_pending {
            true => json!({"success": false, "data": {"action_id": action_id}}),
            false => json!({"success": false, "data": {}}),
        };
        work.state.actions.insert(action_id, action);
        return Ok(Reply::json(202, body));
    }
    work.state.finish(&action, &token);
    Ok(Reply::json(200, done(&action, &token)))
}

/// What is answered once it is done, at once or later.
pub(super) fn done(action: &Action, token: &str) -> Value {
    json!({"success": true, "data": {
        "transaction_token": token,
        "amount_cents": action.amount(),
        "metadata": {"gateway": "reference"},
    }})
}

fn not_done(refused: Refused) -> Reply {
    let error = json!({"code": refused.code(), "message": "This cannot be done."});
    Reply::json(200, json!({"success": false, "data": {"error": error}}))
}

fn source_of(ledger: &Ledger, token: &str) -> String {
    ledger.source(token).unwrap_or_default().to_owned()
}

fn authorize(_: &Ledger, document: &Value) -> Result<Action, Reply> {
    let source =
        text(&document["data"]["attributes"]["payment_source_token"]).ok_or_else(|| {
            let message = "data.attributes.payment_source_token must be a text.";
            refused(422, "NO_PAYMENT_SOURCE_TOKEN", message)
        })?;
    let order = included(document, "orders")
        .ok_or_else(|| refused(422, "NO_ORDER", "included must hold the payment's order."))?;
    let names = ["total_amount_with_taxes_cents", "total_amount_cents"];
    Ok(Action::Authorize {
        source: source.to_owned(),
        amount: amount(&order["attributes"], &names)?,
    })
}

fn capture(_: &Ledger, document: &Value) -> Result<Action, Reply> {
    let attributes = &document["data"]["attributes"];
    Ok(Action::Capture {
        authorization: token(attributes)?,
        amount: amount(attributes, &["capture_amount_cents", "amount_cents"])?,
    })
}

/// All that is left of an authorization.
fn void(ledger: &Ledger, document: &Value) -> Result<Action, Reply> {
    let authorization = token(&document["data"]["attributes"])?;
    let held = ledger.authorizations.get(&authorization);
    let amount = held.map_or(0, |it| it.amount - it.captured);
    Ok(Action::Void {
        authorization,
        amount,
    })
}

fn refund(_: &Ledger, document: &Value) -> Result<Action, Reply> {
    let attributes = &document["data"]["attributes"];
    Ok(Action::Refund {
        capture: token(attributes)?,
        amount: amount(attributes, &["refund_amount_cents", "amount_cents"])?,
    })
}

/// The transaction token that was answered when the transaction was made.
fn token(attributes: &Value) -> Result<String, Reply> {
    let token = text(&attributes["token"]).map(str::to_owned);
    token.ok_or_else(|| {
        let message = "data.attributes.token must be the transaction_token that was answered.";
        refused(422, "NO_TRANSACTION_TOKEN", message)
    })
}

/// The first of these attributes that is there.
fn amount(attributes: &Value, names: &[&str]) -> Result<i64, Reply> {
    let given = names.iter().map(|name| &attributes[*name]);
    let amount = given.into_iter().find(|it| !it.is_null());
    let amount = amount.and_then(Value::as_i64).filter(|it| *it > 0);
    amount.ok_or_else(|| refused(422, "NO_AMOUNT", "There must be an amount above 0."))
}
