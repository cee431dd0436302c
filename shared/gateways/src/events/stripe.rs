//! Events of Stripe: `Stripe-Signature: t=…,v1=…`, over the time and the body (Stripe, "Verify webhook
//! signatures").

use std::time::Duration;

use decisions::{GatewayEvent, NotAnEvent, SentEvent};
use domain::gateway::KeptThere;
use domain::{TableMark, Timestamp};
use serde_json::Value;

use super::{is_hex_mac, text};

/// How old a signature may be, or how far ahead the sender's clock: what Stripe's own libraries allow.
const TOLERANCE: Duration = Duration::from_secs(300);

/// Whether one of the signatures is made with this secret, lately.
pub(super) fn is_signed(secret: &str, sent: SentEvent<'_>, now: Timestamp) -> bool {
    let members = sent
        .signature
        .split(',')
        .filter_map(|it| it.split_once('='));
    let members: Vec<_> = members
        .map(|(name, value)| (name.trim(), value.trim()))
        .collect();
    let Some((_, at)) = members.iter().find(|(name, _)| *name == "t") else {
        return false;
    };
    let Some(millis) = at.parse::<i64>().ok().and_then(|it| it.checked_mul(1000)) else {
        return false;
    };
    let signed_at = Timestamp::from_unix_millis(millis);
    let is_fresh = now.since(signed_at) <= TOLERANCE && signed_at.since(now) <= TOLERANCE;
    let mut signatures = members.iter().filter(|(name, _)| *name == "v1");
    is_fresh
        && signatures.any(|(_, hex)| is_hex_mac(secret, &[at.as_bytes(), b".", sent.body], hex))
}

/// What the event is about: a PaymentIntent, or what names one (a charge, a refund, a dispute); or what is kept for
/// later.
pub(super) fn read(body: &[u8]) -> Result<GatewayEvent, NotAnEvent> {
    let event: Value = serde_json::from_slice(body)
        .map_err(|error| NotAnEvent::NotUnderstood(error.to_string()))?;
    let object = "/data/object";
    let kind = text(&event, &format!("{object}/object"));
    let payment = match kind {
        Some("payment_intent") => text(&event, &format!("{object}/id")),
        _ => text(&event, &format!("{object}/payment_intent")),
    };
    let metadata = |name: &str| text(&event, &format!("{object}/metadata/{name}"));
    let made_at = event.get("created").and_then(Value::as_i64);
    Ok(GatewayEvent {
        payment: payment.map(str::to_owned),
        is_disputed: false,
        said: None,
        kept: kept(&event),
        customer: metadata("billfold_customer").and_then(|it| it.parse().ok()),
        order: metadata("billfold_order").and_then(|it| it.parse().ok()),
        table: metadata(TableMark::METADATA).map(str::to_owned),
        transaction: metadata("billfold_transaction").and_then(|it| it.parse().ok()),
        made_at: made_at.map(|it| Timestamp::from_unix_millis(it.saturating_mul(1000))),
    })
}

/// What is kept for later that may be otherwise now, or gone.
fn kept(event: &Value) -> Option<KeptThere> {
    let id = text(event, "/data/object/id")?.to_owned();
    match text(event, "/type")? {
        "payment_method.updated"
        | "payment_method.automatically_updated"
        | "payment_method.detached" => Some(KeptThere::Source(id)),
        "customer.deleted" => Some(KeptThere::Customer(id)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"id":"evt_1","object":"event","type":"payment_intent.succeeded"}"#;
    const SECRET: &str = "whsec_test_secret";

    /// Made by Stripe's own library.
    const SIGNATURE: &str =
        "t=1700000000,v1=67da5088c63e080c71bd2bb0cb5c03d85a8fc6a21ce3aaf484df809654745b92";

    fn is_taken(signature: &str, body: &[u8], secret: &str, at: i64) -> bool {
        let sent = SentEvent { signature, body };
        is_signed(secret, sent, Timestamp::from_unix_millis(at * 1000))
    }

    #[test]
    fn a_signature_is_good_for_five_minutes() {
        for (at, is_good) in [
            (1_700_000_000, true),
            (1_700_000_300, true),
            (1_700_000_301, false),
            (1_699_999_600, false),
        ] {
            assert_eq!(is_taken(SIGNATURE, BODY, SECRET, at), is_good, "{at}");
        }
    }

    #[test]
    fn what_was_not_signed_with_the_secret_is_forged() {
        let now = 1_700_000_000;
        assert!(!is_taken(SIGNATURE, BODY, "whsec_other", now));
        assert!(!is_taken(SIGNATURE, b"{}", SECRET, now));
        for signature in [
            "",
            "t=1700000000",
            "v1=67da",
            "t=x,v1=67",
            "t=1700000000,v1=zz",
        ] {
            assert!(!is_taken(signature, BODY, SECRET, now), "{signature}");
        }
        let second = SIGNATURE.replace(",v1", ",v1=00,v0=1,v1");
        assert!(is_taken(&second, BODY, SECRET, now), "one of several");
    }

    #[test]
    fn a_charge_and_a_refund_name_their_payment() {
        let event = serde_json::json!({
            "created": 1_700_000_000,
            "data": { "object": {
                "object": "refund", "id": "re_1", "payment_intent": "pi_1",
                "metadata": { "billfold_transaction": "eqRZMSaNqM", "billfold_table": "t" },
            } },
        });
        let read = read(event.to_string().as_bytes()).unwrap();
        assert_eq!(read.payment.as_deref(), Some("pi_1"));
        assert_eq!(read.transaction, Some("eqRZMSaNqM".parse().unwrap()));
        assert_eq!(read.table.as_deref(), Some("t"));
    }

    #[test]
    fn what_is_kept_for_later_is_read_where_it_may_be_otherwise() {
        let source = |id: &str| Some(KeptThere::Source(id.to_owned()));
        for (kind, kept) in [
            ("payment_method.updated", source("x_1")),
            ("payment_method.automatically_updated", source("x_1")),
            ("payment_method.detached", source("x_1")),
            (
                "customer.deleted",
                Some(KeptThere::Customer("x_1".to_owned())),
            ),
            ("payment_method.attached", None),
            ("customer.updated", None),
        ] {
            let event = serde_json::json!({
                "type": kind,
                "data": { "object": {
                    "id": "x_1", "metadata": { "billfold_customer": "eqRZMSaNqM" },
                } },
            });
            let read = read(event.to_string().as_bytes()).unwrap();
            assert_eq!(read.kept, kept, "{kind}");
            assert_eq!(read.payment, None, "{kind}");
            assert_eq!(read.customer, Some("eqRZMSaNqM".parse().unwrap()));
        }
    }
}
