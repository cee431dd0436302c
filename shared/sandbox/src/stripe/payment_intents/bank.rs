//! `/v1/payment_intents/{id}/_authenticate` in the shopper's browser, where `next_action` leads.

use http::Method;
use serde_json::Value;

use super::super::state::State;
use crate::bank::{self, Question};
use crate::vendor::{Asked, Reply};

/// A shopper who comes to the bank's page, or answers there.
pub(in super::super) struct Visit {
    is_answer: bool,
    /// The page of the shop that the confirmation named.
    return_url: Option<String>,
    path: String,
}

impl Visit {
    /// None where it is no browser, or goes elsewhere.
    pub(in super::super) fn of(asked: &Asked<'_>, state: &State) -> Option<Self> {
        let ["v1", "payment_intents", id, "_authenticate"] = asked.segments()[..] else {
            return None;
        };
        let owner = state.accounts.get(state.owner_of_intent(id)?)?;
        let action = owner.intent(id).ok()?.next_action.as_ref();
        let return_url = action.and_then(|it| it.pointer("/redirect_to_url/return_url"));
        asked.is_for_a_page().then(|| Self {
            is_answer: asked.method == Method::POST,
            return_url: return_url.and_then(Value::as_str).map(str::to_owned),
            path: asked.path.to_owned(),
        })
    }

    /// The page of the question, or the way back to the shop.
    pub(in super::super) fn answer(self, intent: &Value) -> Reply {
        let text = |name: &str| intent[name].as_str().unwrap_or_default();
        if self.is_answer {
            return bank::back_to_shop(self.return_url.map(|url| returning(&url, intent)));
        }
        bank::page(&Question {
            gateway: "Stripe",
            amount: intent["amount"].as_i64().unwrap_or_default(),
            currency: text("currency"),
            action: &self.path,
            client_secret: Some(text("client_secret")),
            is_open: text("status") == "requires_action",
        })
    }
}

/// The shop's page, with what Stripe tells it
/// (<https://docs.stripe.com/payments/3d-secure/authentication-flow>).
fn returning(url: &str, intent: &Value) -> String {
    let text = |name: &str| intent[name].as_str().unwrap_or_default();
    let status = match text("status") {
        "requires_payment_method" => "failed",
        _ => "succeeded",
    };
    let told = form_urlencoded::Serializer::new(String::new())
        .append_pair("payment_intent", text("id"))
        .append_pair("payment_intent_client_secret", text("client_secret"))
        .append_pair("redirect_status", status)
        .finish();
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}{told}")
}
