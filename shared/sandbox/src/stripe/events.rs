//! Events (<https://docs.stripe.com/api/events>), and how they are signed
//! (<https://docs.stripe.com/webhooks#verify-manually>).

use hmac::{Hmac, KeyInit, Mac};
use http::HeaderName;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::events::Event;
use crate::ids::Ids;

/// The version in whose shape objects are told.
const API_VERSION: &str = "2026-10-28.endive";

const SIGNATURE: HeaderName = HeaderName::from_static("stripe-signature");

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// Up to three days, with a pause that grows. Stripe does not publish its own.
pub(super) const PAUSES: &[i64] = &[
    MINUTE,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    12 * HOUR,
    12 * HOUR,
    12 * HOUR,
    12 * HOUR,
];

/// Something that happened to an object.
#[derive(Clone, Debug)]
pub(super) struct Happened {
    /// `payment_intent.succeeded`
    pub(super) kind: &'static str,
    /// The object as it is now.
    pub(super) object: Value,
    /// What members of it were before, of an update.
    pub(super) previous: Option<Value>,
}

/// The request that an event follows from; none where it follows from none.
#[derive(Clone, Copy, Default)]
pub(super) struct Cause<'a> {
    pub(super) request: Option<&'a str>,
    pub(super) key: Option<&'a str>,
}

impl Happened {
    pub(super) fn new(kind: &'static str, object: Value) -> Self {
        Self {
            kind,
            object,
            previous: None,
        }
    }

    /// The event, as it is sent.
    pub(super) fn event(
        self,
        ids: &Ids,
        account: &str,
        now: i64,
        listeners: usize,
        cause: Cause<'_>,
    ) -> Event {
        let id = ids.make("evt_3", 23);
        let mut data = json!({"object": self.object});
        if let Some(previous) = self.previous {
            data["previous_attributes"] = previous;
        }
        let body = json!({
            "id": id,
            "object": "event",
            "api_version": API_VERSION,
            "created": now.div_euclid(1_000),
            "data": data,
            "livemode": false,
            "pending_webhooks": listeners,
            "request": {"id": cause.request, "idempotency_key": cause.key},
            "type": self.kind,
        });
        Event {
            id,
            kind: self.kind.to_owned(),
            account: account.to_owned(),
            at: now,
            body: body.to_string(),
        }
    }
}

/// `Stripe-Signature`: the time, and the HMAC-SHA256 of time and body under the whole secret.
pub(super) fn signature(secret: &str, body: &str, now: i64) -> Vec<(HeaderName, String)> {
    let seconds = now.div_euclid(1_000);
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return Vec::new();
    };
    mac.update(format!("{seconds}.{body}").as_bytes());
    let digest = mac.finalize().into_bytes();
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    vec![(SIGNATURE, format!("t={seconds},v1={digest}"))]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Verified with stripe-python.
    #[test]
    fn events_are_signed_as_stripe_signs_them() {
        let body = r#"{"id":"evt_1","object":"event","type":"payment_intent.succeeded"}"#;
        let signed = signature("whsec_test_secret", body, 1_700_000_000_999);
        let digest = "67da5088c63e080c71bd2bb0cb5c03d85a8fc6a21ce3aaf484df809654745b92";
        assert_eq!(signed, [(SIGNATURE, format!("t=1700000000,v1={digest}"))]);
    }
}
