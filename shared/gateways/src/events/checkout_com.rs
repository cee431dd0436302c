//! Events of Checkout.com: `Cko-Signature`, over the body.

use decisions::{GatewayEvent, NotAnEvent, SentEvent};
use domain::TableMark;
use serde_json::Value;

use super::{is_hex_mac, text};

/// Whether the signature is made with this secret.
pub(super) fn is_signed(secret: &str, sent: SentEvent<'_>) -> bool {
    is_hex_mac(secret, &[sent.body], sent.signature.trim())
}

/// What the event is about. Values of metadata are texts in events.
pub(super) fn read(body: &[u8]) -> Result<GatewayEvent, NotAnEvent> {
    let event: Value = serde_json::from_slice(body)
        .map_err(|error| NotAnEvent::NotUnderstood(error.to_string()))?;
    let is_dispute = text(&event, "/type").is_some_and(|it| it.starts_with("dispute_"));
    let about = match is_dispute {
        true => text(&event, "/data/payment_id"),
        false => text(&event, "/data/id"),
    };
    let payment = about.filter(|it| it.starts_with("pay_"));
    let reference = text(&event, "/data/reference");
    let metadata = |name: &str| text(&event, &format!("/data/metadata/{name}"));
    // What is done to a payment bears the transaction's id as its reference, a payment its order's.
    let order = metadata("billfold_order").or(reference);
    Ok(GatewayEvent {
        payment: payment.map(str::to_owned),
        is_disputed: is_dispute && !text(&event, "/type").is_some_and(is_over),
        said: None,
        kept: None,
        customer: None,
        order: order.and_then(|it| it.parse().ok()),
        table: metadata(TableMark::METADATA).map(str::to_owned),
        transaction: metadata("billfold_transaction")
            .or(reference)
            .and_then(|it| it.parse().ok()),
        made_at: text(&event, "/created_on").and_then(|it| it.parse().ok()),
    })
}

/// Whether this is how a dispute ends without the shop's doing.
fn is_over(kind: &str) -> bool {
    matches!(
        kind,
        "dispute_canceled" | "dispute_resolved" | "dispute_won"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_is_signed_to_the_byte() {
        let body = br#"{"type":"payment_approved"}"#;
        // printf '{"type":"payment_approved"}' | openssl dgst -sha256 -hmac secret
        let signature = "e362e2489b2f8265e12027ec11aed9fa0802e24dd05c11c33efb48df556dbe1b";
        let sent = |body| SentEvent { signature, body };
        assert!(is_signed("secret", sent(body)));
        assert!(!is_signed("other", sent(body)));
        assert!(!is_signed("secret", sent(b"{}")));
    }

    #[test]
    fn a_dispute_names_its_payment_until_it_is_over() {
        for (kind, is_disputed) in [
            ("dispute_received", true),
            ("dispute_evidence_required", true),
            ("dispute_lost", true),
            ("dispute_won", false),
            ("dispute_canceled", false),
        ] {
            let event = serde_json::json!({
                "id": "evt_1", "type": kind, "created_on": "2026-11-29T10:00:00Z",
                "data": { "id": "dsp_1", "payment_id": "pay_1", "payment_reference": "eqRZMSaNqM" },
            });
            let read = read(event.to_string().as_bytes()).unwrap();
            assert_eq!(read.payment.as_deref(), Some("pay_1"));
            assert_eq!(read.is_disputed, is_disputed, "{kind}");
        }
    }

    #[test]
    fn an_event_names_its_payment_and_order() {
        let event = serde_json::json!({
            "id": "evt_1", "type": "payment_approved", "created_on": "2026-11-29T10:00:00Z",
            "data": { "id": "pay_1", "reference": "eqRZMSaNqM", "metadata": { "billfold_table": "t" } },
        });
        let read = read(event.to_string().as_bytes()).unwrap();
        assert_eq!(read.payment.as_deref(), Some("pay_1"));
        assert_eq!(read.order, Some("eqRZMSaNqM".parse().unwrap()));
        assert!(read.made_at.is_some());
    }
}
