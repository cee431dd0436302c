//! What a shop's own gateway says by itself: what became of an action that it took on with 202, signed as it is asked
//! (Commerce Layer, "external payment gateways"). There is nowhere to read it, so that it is taken as it is said.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use decisions::commands::Said;
use decisions::{GatewayEvent, NotAnEvent, SentEvent};
use serde_json::Value;

use super::is_mac;
use crate::external::said;

/// Whether the body is signed with the gateway's secret.
pub(super) fn is_signed(secret: &str, sent: SentEvent<'_>) -> bool {
    let signature = STANDARD.decode(sent.signature.trim());
    signature.is_ok_and(|it| is_mac(secret, &[sent.body], &it))
}

/// What was said, and of which action.
pub(super) fn read(body: &[u8]) -> Result<GatewayEvent, NotAnEvent> {
    let not_understood = |problem: &str| NotAnEvent::NotUnderstood(problem.to_owned());
    let document: Value =
        serde_json::from_slice(body).map_err(|error| not_understood(&error.to_string()))?;
    let (action, moved, cents) = said(&document).map_err(not_understood)?;
    Ok(GatewayEvent {
        payment: Some(action),
        said: Some(Said { moved, cents }),
        ..GatewayEvent::default()
    })
}

#[cfg(test)]
mod tests {
    use domain::gateway::Outcome;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_body_is_signed_to_the_byte() {
        let body = br#"{"data":{"id":"xYZkjABcde","type":"authorizations"}}"#;
        let signature = "n1BPhkelJ1XesSIgkxA6UcV7rQoPcbqZmQEPezZ2s44=";
        let sent = |body| SentEvent { signature, body };
        assert!(is_signed("shared_secret_1", sent(body)));
        assert!(!is_signed("shared_secret_2", sent(body)));
        assert!(!is_signed("shared_secret_1", sent(b"{}")));
        let unsigned = SentEvent {
            signature: "n1BP",
            body,
        };
        assert!(!is_signed("shared_secret_1", unsigned));
    }

    #[test]
    fn what_is_said_is_of_an_action_and_comes_to_a_yes_or_a_no() {
        let told = |document: Value| read(document.to_string().as_bytes());
        let yes = json!({ "success": true, "data": {
            "action_id": "act_1", "transaction_token": "cap_1", "amount_cents": 500,
        } });
        let yes = told(yes).unwrap();
        assert_eq!(yes.payment.as_deref(), Some("act_1"));
        let said = yes.said.unwrap();
        assert_eq!(said.moved.outcome, Outcome::Succeeded);
        assert_eq!(said.moved.reference.as_deref(), Some("cap_1"));
        assert_eq!(said.cents, Some(500));
        let no = json!({ "success": false, "data": {
            "action_id": "act_1", "error": { "code": "CARD_DECLINED", "message": "No." },
        } });
        let Outcome::Failed(decline) = told(no).unwrap().said.unwrap().moved.outcome else {
            panic!("it was declined");
        };
        assert_eq!(decline.code.as_deref(), Some("CARD_DECLINED"));
        for document in [
            json!({}),
            json!({ "success": true, "data": {} }),
            json!({ "data": { "action_id": "act_1" } }),
            json!({ "success": "yes", "data": { "action_id": "act_1" } }),
        ] {
            assert!(told(document.clone()).is_err(), "{document}");
        }
    }
}
