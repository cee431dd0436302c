//! `POST /token`: makes a customer's payment source one that can be used again.

use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::ids::derived;
use crate::vendor::{Asked, Reply, Work};

use super::ledger::Ledger;
use super::{declined, included, refused, text};

struct Card {
    card_type: &'static str,
    last_digits: &'static str,
}

const CARD: Card = Card {
    card_type: "visa",
    last_digits: "4242",
};
const OTHER_CARD: Card = Card {
    card_type: "mastercard",
    last_digits: "4444",
};

pub(super) fn answer(work: &Work<'_, Ledger>, asked: &Asked<'_>) -> Reply {
    let Some(document) = &asked.body else {
        return refused(400, "INVALID_JSON", "The body must be JSON.");
    };
    let payment = &document["data"];
    let Some(source) = text(&payment["attributes"]["payment_source_token"]) else {
        let message = "data.attributes.payment_source_token must be a text.";
        return refused(422, "NO_PAYMENT_SOURCE_TOKEN", message);
    };
    let Some(customer) = included(document, "customers").and_then(|it| text(&it["id"])) else {
        let message = "included must hold the customer of the order.";
        return refused(422, "NO_CUSTOMER", message);
    };
    if source.starts_with("declined") {
        return declined();
    }

    let shop = work.account;
    let mut saved = json!({
        "customer_token": derived_token("cus", &[shop, customer]),
        "payment_source_token": derived_token("src", &[shop, customer, source]),
    });
    if source.starts_with("toplevel") {
        saved["success"] = json!(true);
        return Reply::json(200, saved);
    }
    saved["metadata"] = json!({ "external_payment_id": payment["id"] });
    if !source.starts_with("no-card") {
        let card = match source.starts_with("other-card") {
            true => OTHER_CARD,
            false => CARD,
        };
        saved["payment_instrument"] = card.instrument(work.now);
        saved["fingerprint"] = derived(&format!("{shop} {}", card.last_digits), 16).into();
    }
    Reply::json(200, json!({ "success": true, "data": saved }))
}

impl Card {
    /// It is valid until the end of the third year from `now`, in Unix milliseconds.
    fn instrument(&self, now: i64) -> Value {
        let now = OffsetDateTime::from_unix_timestamp(now.div_euclid(1_000));
        let year = now.map_or(1970, OffsetDateTime::year) + 3;
        json!({
            "issuer_type": "credit card",
            "card_type": self.card_type,
            "card_last_digits": self.last_digits,
            "card_expiry_month": "12",
            "card_expiry_year": year.to_string(),
        })
    }
}

/// The same token each time for the same parts. JSON keeps the parts apart, whatever is in them.
fn derived_token(prefix: &str, parts: &[&str]) -> String {
    format!("{prefix}_{}", derived(&json!(parts).to_string(), 24))
}
