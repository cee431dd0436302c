//! Events (<https://www.checkout.com/docs/developer-resources/webhooks>), and how they are signed.
//!
//! What is spelled otherwise than in the API is so at Checkout.com: `last_4`, the address's members.

use hmac::{Hmac, KeyInit, Mac};
use http::HeaderName;
use serde_json::{Map, Value, json};
use sha2::Sha256;

use crate::events::Event;
use crate::ids::Ids;

use super::objects::payment::{Action, ActionKind, Payment, Status};
use super::spelling::{new_id, without_nulls, written};

const SIGNATURE: HeaderName = HeaderName::from_static("cko-signature");

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// <https://www.checkout.com/docs/workflows>
pub(super) const PAUSES: &[i64] = &[
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    4 * HOUR,
    12 * HOUR,
    12 * HOUR,
];

/// Whom events are about, and when.
#[derive(Clone, Copy)]
pub(super) struct Teller<'a> {
    pub(super) ids: &'a Ids,
    pub(super) account: &'a str,
    /// Unix milliseconds.
    pub(super) now: i64,
}

impl Teller<'_> {
    /// What happened to a payment since it had `told` actions; that it waits for the shopper, of one
    /// that nothing has happened to.
    pub(super) fn since(self, payment: &Payment, told: usize) -> Vec<Event> {
        if payment.status == Status::Pending {
            return vec![self.event("payment_pending", payment, None)];
        }
        let new = payment.actions.iter().skip(told);
        new.map(|it| self.event(kind(it), payment, Some(it)))
            .collect()
    }

    /// The hold of a payment, or what was left of it, ended.
    pub(super) fn expired(self, payment: &Payment) -> Event {
        self.event("payment_expired", payment, None)
    }

    /// The shopper asked their bank for what was captured.
    pub(super) fn disputed(self, payment: &Payment) -> Event {
        let data = json!({
            "id": new_id(self.ids, "dsp_"),
            "category": "fraudulent",
            "amount": payment.refundable(),
            "currency": payment.currency,
            "reason_code": "10.4",
            "payment_id": payment.id,
            "payment_reference": payment.given("reference"),
            "payment_method": "VISA",
            "date": written(self.now),
        });
        self.event_of("dispute_received", payment, without_nulls(data))
    }

    fn event(self, kind: &str, payment: &Payment, action: Option<&Action>) -> Event {
        self.event_of(kind, payment, data(payment, action))
    }

    fn event_of(self, kind: &str, payment: &Payment, data: Value) -> Event {
        let id = new_id(self.ids, "evt_");
        let body = json!({
            "id": id,
            "type": kind,
            "version": "1.0.41",
            "created_on": written(self.now),
            "data": data,
            "_links": {
                "self": {"href": format!("https://api.sandbox.checkout.com/workflows/events/{id}")},
                "subject": {
                    "href": format!("https://api.sandbox.checkout.com/workflows/events/subject/{}", payment.id),
                },
                "payment": {"href": format!("https://api.sandbox.checkout.com/payments/{}", payment.id)},
            },
        });
        Event {
            id,
            kind: kind.to_owned(),
            account: self.account.to_owned(),
            at: self.now,
            body: body.to_string(),
        }
    }
}

fn kind(action: &Action) -> &'static str {
    match (action.kind, action.decline.is_none()) {
        (ActionKind::Authorization, true) => "payment_approved",
        (ActionKind::Authorization, false) => "payment_declined",
        (ActionKind::CardVerification, true) => "card_verified",
        (ActionKind::CardVerification, false) => "card_verification_declined",
        (ActionKind::Capture, true) => "payment_captured",
        (ActionKind::Capture, false) => "payment_capture_declined",
        (ActionKind::Void, true) => "payment_voided",
        (ActionKind::Void, false) => "payment_void_declined",
        (ActionKind::Refund, true) => "payment_refunded",
        (ActionKind::Refund, false) => "payment_refund_declined",
    }
}

fn data(payment: &Payment, action: Option<&Action>) -> Value {
    let reference = action.and_then(|it| it.reference.as_ref());
    let metadata = action.and_then(|it| it.metadata.as_ref());
    without_nulls(json!({
        "id": payment.id,
        "action_id": action.map(|it| &it.id),
        "reference": reference.or(payment.given("reference")),
        "amount": action.map_or(payment.amount, |it| it.amount),
        "currency": payment.currency,
        "payment_type": payment.given("payment_type").unwrap_or(&json!("Regular")),
        "processed_on": action.map(|it| written(it.at)),
        "response_code": action.map(Action::response_code),
        "response_summary": action.map(Action::response_summary),
        "balances": payment.balances(),
        "source": source(payment),
        "customer": payment.customer.as_ref().map(|it| json!({ "id": it })),
        "metadata": texts(metadata.or(payment.given("metadata"))),
    }))
}

fn source(payment: &Payment) -> Value {
    let mut source = payment.source_json();
    if let Some(members) = source.as_object_mut() {
        if let Some(last4) = members.shift_remove("last4") {
            members.insert("last_4".to_owned(), last4);
        }
        members.shift_remove("billing_address");
        members.shift_remove("phone");
    }
    source
}

/// Metadata in events: its values are texts.
fn texts(metadata: Option<&Value>) -> Value {
    let members = metadata.and_then(Value::as_object).into_iter().flatten();
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let members: Map<_, _> = members
        .map(|(name, value)| (name.clone(), text(value).into()))
        .collect();
    Value::Object(members)
}

/// `Cko-Signature`: the HMAC-SHA256 of the body under the endpoint's key.
pub(super) fn signature(secret: &str, body: &str) -> Vec<(HeaderName, String)> {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return Vec::new();
    };
    mac.update(body.as_bytes());
    let digest = mac.finalize().into_bytes();
    let digest = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    vec![(SIGNATURE, digest)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_signed_as_checkout_com_signs_them() {
        let body = r#"{"id":"evt_az5sblvku4ge3dwpztvyizgcau","type":"payment_approved","created_on":"2024-01-01T00:00:00Z","data":{"id":"pay_1"}}"#;
        let digest = "c60edad3a800d421eb5b1a8231fea3069d4a3ea9cf33c7898a6b57b4f338427e";
        assert_eq!(signature("cko_key", body), [(SIGNATURE, digest.to_owned())]);
    }
}
