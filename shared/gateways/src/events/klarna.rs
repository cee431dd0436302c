//! Notifications of Klarna: of an order that it has decided on later, signed by nothing, so that they come to a path
//! that nobody else can guess.

use decisions::{GatewayEvent, NotAnEvent, SentEvent};
use domain::hex;
use serde_json::Value;

use super::{is_hex_mac, mac, text};
use crate::klarna::order_reference;

/// The last segment of the path that Klarna is told: it follows from the account's secret, so that it need not be
/// kept, and is another one once that is changed.
pub(crate) fn secret(api_secret: &str, path: &str) -> String {
    hex(mac(api_secret, &[path.as_bytes()]).as_ref())
}

/// Whether what was sent came to the path that follows from this account's secret.
pub(super) fn is_told(api_secret: &str, path: &str, sent: SentEvent<'_>) -> bool {
    is_hex_mac(api_secret, &[path.as_bytes()], sent.signature)
}

/// What the event is about.
pub(super) fn read(body: &[u8]) -> Result<GatewayEvent, NotAnEvent> {
    let event: Value = serde_json::from_slice(body)
        .map_err(|error| NotAnEvent::NotUnderstood(error.to_string()))?;
    let order = text(&event, "/order_id");
    Ok(GatewayEvent {
        payment: order.map(order_reference),
        ..GatewayEvent::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_known_by_the_account_and_the_gateway() {
        let path = "/hooks/enWoxFMOnp/test/WmOodsVPmQ";
        let secret = secret("klarna_test_api_1", path);
        assert_eq!(secret.len(), 64);
        let sent = SentEvent {
            signature: &secret,
            body: b"",
        };
        assert!(is_told("klarna_test_api_1", path, sent));
        assert!(!is_told("klarna_test_api_2", path, sent));
        assert!(!is_told(
            "klarna_test_api_1",
            "/hooks/enWoxFMOnp/live/WmOodsVPmQ",
            sent
        ));
        let forged = SentEvent {
            signature: "",
            ..sent
        };
        assert!(!is_told("klarna_test_api_1", path, forged));
    }

    #[test]
    fn a_notification_names_its_order() {
        let body = br#"{"order_id":"0b1d9815-165e","event_type":"FRAUD_RISK_ACCEPTED"}"#;
        let read = read(body).unwrap();
        assert_eq!(read.payment.as_deref(), Some("orders/0b1d9815-165e"));
        assert!(super::read(b"order_id=1").is_err());
    }
}
